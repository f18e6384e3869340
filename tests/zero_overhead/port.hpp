// SPDX-License-Identifier: BSL-1.0
/// @file
/// The device of the three drivers that are compared.
#pragma once

#include <kctx/api/slab.hpp>
#include <kctx/lock/spinlock.hpp>

using namespace kctx;

struct port_lock : spinlock_t {};

struct port {
    port_lock lock;
    unsigned queued;
    unsigned long bytes;
    void *head;
    void *spare;
};

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The environment behind the calls, for programs in userspace.
#pragma once

#include <kctx/host/memory.hpp>
#include <kctx/host/mutex.hpp>
#include <kctx/host/rcu.hpp>
#include <kctx/host/spinlock.hpp>
#include <kctx/host/wait.hpp>

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The language of kctx: contexts, sections, GFP sets, and the calls that every driver makes. As in
/// the kernel, the rest comes by subject, `#include <kctx/api/workqueue.hpp>`, or <kctx/all.hpp>.
/// The functions behind the calls are only declared: one file of the program includes
/// <kctx/host.hpp>, which defines them.
#pragma once

#include <kctx/api/delay.hpp>
#include <kctx/api/kmalloc.hpp>
#include <kctx/api/printk.hpp>
#include <kctx/lock/mutex.hpp>
#include <kctx/lock/spinlock.hpp>

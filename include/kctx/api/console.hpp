// SPDX-License-Identifier: BSL-1.0
/// @file
/// The lock of the consoles. Printing needs no lock: printk.hpp.
/// @par Kernel source
/// include/linux/console.h, kernel/printk/printk.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

KCTX_CALL(sleeps, void, console_lock, (), (), "is a semaphore", KCTX_DO_LATER,
          "kernel/printk/printk.c console_lock()")
KCTX_CALL(sleeps, void, console_unlock, (), (), "prints what has come meanwhile", KCTX_GIVE_BACK,
          "kernel/printk/printk.c console_unlock()")

} // namespace kctx

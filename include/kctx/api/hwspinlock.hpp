// SPDX-License-Identifier: BSL-1.0
/// @file
/// Locks that processors share in hardware. These forms leave it to the caller to be in an atomic
/// section of his own.
/// @par Kernel source
/// include/linux/hwspinlock.h, drivers/hwspinlock/hwspinlock_core.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A lock; the environment's.
struct hwspinlock;

/// Takes the lock: 0 or -ETIMEDOUT.
KCTX_CALL(spins, int, hwspin_lock_timeout_in_atomic, (hwspinlock * lock, unsigned int msecs),
          (lock, msecs), "spins until another processor gives the lock back", KCTX_DO_IN_IRQ_WORK,
          "include/linux/hwspinlock.h hwspin_lock_timeout_in_atomic()")
KCTX_CALL(spins, void, hwspin_unlock_in_atomic, (hwspinlock * lock), (lock), "gives the lock back",
          KCTX_DO_IN_IRQ_WORK, "include/linux/hwspinlock.h hwspin_unlock_in_atomic()")

} // namespace kctx

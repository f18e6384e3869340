// SPDX-License-Identifier: BSL-1.0
/// @file
/// Locks that processors share in hardware.
/// @par Kernel source
/// include/linux/hwspinlock.h, drivers/hwspinlock/hwspinlock_core.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A lock; the environment's.
struct hwspinlock;

/// Takes the lock with preemption off until hwspin_unlock(): 0 or -ETIMEDOUT. The section is the
/// caller's to name: `KCTX_PREEMPT_DISABLE(ctx) { if (!hwspin_lock_timeout(ctx, l, 10)) ... }`.
KCTX_CALL(spins, int, hwspin_lock_timeout, (hwspinlock * lock, unsigned int msecs), (lock, msecs),
          "spins until another processor gives the lock back", KCTX_DO_IN_IRQ_WORK,
          "include/linux/hwspinlock.h hwspin_lock_timeout()")
KCTX_CALL(spins, void, hwspin_unlock, (hwspinlock * lock), (lock), "gives the lock back",
          KCTX_DO_IN_IRQ_WORK, "include/linux/hwspinlock.h hwspin_unlock()")
/// hwspin_lock_timeout() that leaves preemption alone.
KCTX_CALL(spins, int, hwspin_lock_timeout_in_atomic, (hwspinlock * lock, unsigned int msecs),
          (lock, msecs), "spins until another processor gives the lock back", KCTX_DO_IN_IRQ_WORK,
          "include/linux/hwspinlock.h hwspin_lock_timeout_in_atomic()")
KCTX_CALL(spins, void, hwspin_unlock_in_atomic, (hwspinlock * lock), (lock), "gives the lock back",
          KCTX_DO_IN_IRQ_WORK, "include/linux/hwspinlock.h hwspin_unlock_in_atomic()")

} // namespace kctx

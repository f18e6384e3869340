// SPDX-License-Identifier: BSL-1.0
/// @file
/// Taking a spinning lock if it is free. A trylock waits for nobody: lockdep exempts it, and
/// PREEMPT_RT's does not sleep, so it may be used under a raw lock and in a hard irq too.
/// @par Kernel source
/// include/linux/spinlock.h, include/linux/rwlock.h, kernel/locking/spinlock_rt.c (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/rwlock.hpp>

namespace kctx {

/// Takes the raw_spinlock_t if it is free; legal in every context.
KCTX_FREE_LOCK_TRY(raw_spinlock_t, RawSpinLocked, raw_spin_trylock, "does not wait",
                   "kernel/locking/spinlock.c _raw_spin_trylock()")
/// Takes the spinlock_t if it is free. PREEMPT_RT guards it with a raw lock.
KCTX_RULED_LOCK_TRY(tries_rt_lock, spinlock_t, SpinLocked, spin_trylock, "does not wait",
                    "irq_work_queue() it", "kernel/locking/spinlock_rt.c rt_spin_trylock()")
/// Takes the rwlock_t for reading if no writer holds it. PREEMPT_RT guards it with a raw lock.
KCTX_RULED_LOCK_TRY(tries_rt_lock, rwlock_t, ReadLocked, read_trylock, "does not wait",
                    "irq_work_queue() it", "kernel/locking/spinlock_rt.c rt_read_trylock()")
/// Takes the rwlock_t for writing if nobody holds it. PREEMPT_RT guards it with a raw lock.
KCTX_RULED_LOCK_TRY(tries_rt_lock, rwlock_t, WriteLocked, write_trylock, "does not wait",
                    "irq_work_queue() it", "kernel/locking/spinlock_rt.c rt_write_trylock()")
template <> inline constexpr bool detail::recursive<call::read_trylock> = true;

} // namespace kctx

// The block forms take an else: `KCTX_SPIN_TRYLOCK(ctx, l) { holds it } else { does not }`.
#define KCTX_RAW_SPIN_TRYLOCK(ctx, lock) KCTX_TRY_SECTION(ctx, raw_spin_trylock, &(lock))
#define KCTX_SPIN_TRYLOCK(ctx, lock) KCTX_TRY_SECTION(ctx, spin_trylock, &(lock))
#define KCTX_READ_TRYLOCK(ctx, lock) KCTX_TRY_SECTION(ctx, read_trylock, &(lock))
#define KCTX_WRITE_TRYLOCK(ctx, lock) KCTX_TRY_SECTION(ctx, write_trylock, &(lock))

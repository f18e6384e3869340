// SPDX-License-Identifier: BSL-1.0
/// @file
/// struct rw_semaphore: many readers or one writer, which may all sleep.
/// @par Kernel source
/// include/linux/rwsem.h, kernel/locking/rwsem.c; PREEMPT_RT: kernel/locking/rwbase_rt.c (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/irq_state.hpp>
#include <kctx/lock/section_calls.hpp>

namespace kctx {

/// Storage of an rw_semaphore, not held; the environment gives it meaning.
struct KCTX_CAPABILITY("rw_semaphore") rw_semaphore {
    unsigned value = 0; ///< the environment's word
    unsigned owner = 0; ///< the environment's: who writes
};
/// Makes @p sem an rw_semaphore that nobody holds.
inline void init_rwsem(rw_semaphore *sem) noexcept { *sem = {}; }
/// `static DECLARE_RWSEM(sem);`
#define DECLARE_RWSEM(name) ::kctx::rw_semaphore name

#define KCTX_RWSEM_WHY "waits for its holders"
#define KCTX_RWSEM_FIX "read_lock() of a rwlock_t, or do it in a work item"

/// RwsemReadLocked: an rw_semaphore is held for reading.
KCTX_LOCK_PAIR(sleeps, rw_semaphore, RwsemReadLocked, hold_nothing, down_read, up_read,
               KCTX_RWSEM_WHY, KCTX_RWSEM_FIX, "kernel/locking/rwsem.c down_read()")
/// RwsemWriteLocked: an rw_semaphore is held for writing.
KCTX_LOCK_PAIR(sleeps, rw_semaphore, RwsemWriteLocked, hold_nothing, down_write, up_write,
               KCTX_RWSEM_WHY, KCTX_RWSEM_FIX, "kernel/locking/rwsem.c down_write()")
/// As down_read(), unless a fatal signal comes first (the kernel's -EINTR).
KCTX_LOCK_TRY(sleeps, rw_semaphore, RwsemReadLocked, down_read_killable, KCTX_RWSEM_WHY,
              KCTX_RWSEM_FIX, "kernel/locking/rwsem.c down_read_killable()")
/// As down_read(), unless a signal comes first (the kernel's -EINTR).
KCTX_LOCK_TRY(sleeps, rw_semaphore, RwsemReadLocked, down_read_interruptible, KCTX_RWSEM_WHY,
              KCTX_RWSEM_FIX, "kernel/locking/rwsem.c down_read_interruptible()")
/// As down_write(), unless a fatal signal comes first (the kernel's -EINTR).
KCTX_LOCK_TRY(sleeps, rw_semaphore, RwsemWriteLocked, down_write_killable, KCTX_RWSEM_WHY,
              KCTX_RWSEM_FIX, "kernel/locking/rwsem.c down_write_killable()")
/// Takes it for reading if no writer holds it; legal in every context.
KCTX_FREE_LOCK_TRY(rw_semaphore, RwsemReadLocked, down_read_trylock, "counts a reader",
                   "kernel/locking/rwsem.c down_read_trylock()")
/// Takes it for writing if nobody holds it; waits for nobody.
KCTX_RULED_LOCK_TRY(tries_rt_lock, rw_semaphore, RwsemWriteLocked, down_write_trylock,
                    "takes it if nobody holds it", "irq_work_queue() it",
                    "kernel/locking/rwsem.c down_write_trylock()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// downgrade_write(): the writer becomes a reader.
void downgrade_write(rw_semaphore *sem) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
/// Makes of the writer a reader, without letting another writer in between.
/// @par Kernel source
/// kernel/locking/rwsem.c downgrade_write()
template <class L, class C>
[[nodiscard]] KCTX_ALWAYS_INLINE RwsemReadLocked<L, C>
downgrade_write(RwsemWriteLocked<L, C>, L *sem) noexcept KCTX_EFFECT_spin
{
    env::downgrade_write(sem);
    return detail::mint::make<RwsemReadLocked<L, C>>();
}
KCTX_NOT_HELD(down_write, downgrade_write)

} // namespace kctx

#define KCTX_DOWN_READ(ctx, sem) KCTX_SECTION(ctx, down_read(ctx, &(sem)), &(sem))
#define KCTX_DOWN_WRITE(ctx, sem) KCTX_SECTION(ctx, down_write(ctx, &(sem)), &(sem))
#define KCTX_DOWN_READ_INTERRUPTIBLE(ctx, sem)                                                     \
    KCTX_TRY_SECTION(ctx, down_read_interruptible, &(sem))
#define KCTX_DOWN_READ_KILLABLE(ctx, sem) KCTX_TRY_SECTION(ctx, down_read_killable, &(sem))
#define KCTX_DOWN_WRITE_KILLABLE(ctx, sem) KCTX_TRY_SECTION(ctx, down_write_killable, &(sem))
#define KCTX_DOWN_READ_TRYLOCK(ctx, sem) KCTX_TRY_SECTION(ctx, down_read_trylock, &(sem))
#define KCTX_DOWN_WRITE_TRYLOCK(ctx, sem) KCTX_TRY_SECTION(ctx, down_write_trylock, &(sem))

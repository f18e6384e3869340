// SPDX-License-Identifier: BSL-1.0
/// @file
/// percpu_rw_semaphore: readers that cost next to nothing, and a writer that waits for all of them;
/// and the one that holds CPUs where they are.
/// @par Kernel source
/// include/linux/percpu-rwsem.h, kernel/locking/percpu-rwsem.c, kernel/cpu.c (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/scope_calls.hpp>

namespace kctx {

/// Storage of a percpu_rw_semaphore, not held; the environment gives it meaning.
struct KCTX_CAPABILITY("percpu_rw_semaphore") percpu_rw_semaphore {
    unsigned value = 0; ///< the environment's word
    unsigned owner = 0; ///< the environment's: who writes
};

#define KCTX_PERCPU_RWSEM_WHY "waits while a writer is there"
#define KCTX_PERCPU_RWSEM_FIX "rcu_read_lock() for data that RCU frees, or do it in a work item"

/// PercpuRwsemReadLocked: it is held for reading.
KCTX_LOCK_PAIR(sleeps, percpu_rw_semaphore, PercpuRwsemReadLocked, hold_nothing, percpu_down_read,
               percpu_up_read, KCTX_PERCPU_RWSEM_WHY, KCTX_PERCPU_RWSEM_FIX,
               "include/linux/percpu-rwsem.h percpu_down_read()")
/// PercpuRwsemWriteLocked: it is held for writing.
KCTX_LOCK_PAIR(sleeps, percpu_rw_semaphore, PercpuRwsemWriteLocked, hold_nothing, percpu_down_write,
               percpu_up_write, "waits for all readers", "do it in a work item",
               "kernel/locking/percpu-rwsem.c percpu_down_write()")
/// Prepares @p sem, which allocates its counters: 0 or -errno.
KCTX_CALL(sleeps, int, percpu_init_rwsem, (percpu_rw_semaphore * sem), (sem),
          "allocates the counters of the CPUs", "prepare it at probe time",
          "kernel/locking/percpu-rwsem.c __percpu_init_rwsem()")
/// Gives back what percpu_init_rwsem() took (free_percpu()).
KCTX_CALL(locks, void, percpu_free_rwsem, (percpu_rw_semaphore * sem), (sem), "gives memory back",
          "do it at remove time",
          "kernel/locking/percpu-rwsem.c "
          "percpu_free_rwsem()")
/// Takes it for reading if no writer is there; legal in every context.
KCTX_FREE_LOCK_TRY(percpu_rw_semaphore, PercpuRwsemReadLocked, percpu_down_read_trylock,
                   "counts a reader", "include/linux/percpu-rwsem.h percpu_down_read_trylock()")

/// CpusReadLocked: no CPU comes or goes.
KCTX_LEVEL_SCOPE_PAIR(sleeps, CpusReadLocked, hold_nothing, cpus_read_lock, cpus_read_unlock,
                      "waits while a CPU comes or goes", "do it in a work item",
                      "kernel/cpu.c cpus_read_lock()")

} // namespace kctx

#define KCTX_PERCPU_DOWN_READ(ctx, sem)                                                            \
    KCTX_SECTION(ctx, percpu_down_read(ctx, &(sem)), &(sem))
#define KCTX_PERCPU_DOWN_WRITE(ctx, sem)                                                           \
    KCTX_SECTION(ctx, percpu_down_write(ctx, &(sem)), &(sem))
#define KCTX_PERCPU_DOWN_READ_TRYLOCK(ctx, sem)                                                    \
    KCTX_TRY_SECTION(ctx, percpu_down_read_trylock, &(sem))
#define KCTX_CPUS_READ_LOCK(ctx) KCTX_SECTION(ctx, cpus_read_lock(ctx))

// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: cpus_read_lock
// EXPECT context: SpinLockedIrqsave<map_lock, kctx::ProcessCtx>
// EXPECT fix: work item
#include <kctx/kctx.hpp>
#include <kctx/lock/percpu_rwsem.hpp>

using namespace kctx;

struct map_lock : spinlock_t {};

void rebuild([[maybe_unused]] ProcessCtx ctx, map_lock *lock, int &generation)
{
#ifdef FIXED
    KCTX_CPUS_READ_LOCK(ctx) {
        KCTX_SPIN_LOCK_IRQSAVE(ctx, *lock) {
            generation++;
        }
    }
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, *lock) {
        KCTX_CPUS_READ_LOCK(ctx) { // <-- error
            generation++;
        }
    }
#endif
}

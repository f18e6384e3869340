// SPDX-License-Identifier: BSL-1.0
// On PREEMPT_RT a spinlock_t makes a reader, elsewhere it does not.
// EXPECT slug: rcu-outside-reader
// EXPECT call: rcu_dereference
// EXPECT context: SpinLocked<kctx::spinlock_t, kctx::WorkCtx>
// EXPECT fix: around the use of the pointer
#ifdef FIXED
#define KCTX_PREEMPT_RT 1
#endif
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

int first([[maybe_unused]] WorkCtx ctx, spinlock_t *lock, int *const &list)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
        return *rcu_dereference(ctx, list); // <-- error
    }
    return 0;
}

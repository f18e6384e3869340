// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: read_lock_irqsave
// EXPECT context: SmpCallCtx
// EXPECT fix: raw_spinlock_t
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

#ifdef FIXED
struct state_lock : raw_spinlock_t {};
#else
struct state_lock : rwlock_t {};
#endif

int read_state([[maybe_unused]] SmpCallCtx ctx, state_lock *lock, const int *state)
{
#ifdef FIXED
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
#else
    KCTX_READ_LOCK_IRQSAVE(ctx, *lock) { // <-- error
#endif
        return *state;
    }
    return 0;
}

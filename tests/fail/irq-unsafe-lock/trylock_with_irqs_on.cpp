// SPDX-License-Identifier: BSL-1.0
// A trylock does not wait, but the interrupt that finds the lock held does.
// EXPECT slug: irq-unsafe-lock
// EXPECT call: raw_spin_trylock
// EXPECT context: kctx::KthreadCtx
// EXPECT fix: _irqsave() form
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct fifo_lock : raw_spinlock_t, used_in<HrtimerCtx<hard>> {};

#ifdef FIXED
bool drain(KthreadCtx ctx, fifo_lock &lock, int &level)
{
    KCTX_LOCAL_IRQ_SAVE(ctx) {
        KCTX_RAW_SPIN_TRYLOCK(ctx, lock) {
            level = 0;
            return true;
        }
    }
    return false;
}
#else
bool drain(KthreadCtx ctx, fifo_lock &lock, int &level)
{
    KCTX_RAW_SPIN_TRYLOCK(ctx, lock) { // <-- error
        level = 0;
        return true;
    }
    return false;
}
#endif

// SPDX-License-Identifier: BSL-1.0
// BUG: gpio, mlxbf2: a mutex is taken with a spinlock held
// CONTEXT: spin_lock
// CHAIN: mlxbf2_gpio_direction_output > mlxbf2_gpio_lock_acquire > mutex_lock
// SOURCE: Fixes bc0ae0e737f5, https://lore.kernel.org/r/20200521015713.2206065-1-axel.lin@ingics.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock
// EXPECT context: SpinLocked<.*gc_lock, kctx::ProcessCtx>
// EXPECT fix: spin_lock_irqsave()
#include <kctx/api/io.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct gc_lock : spinlock_t {};
struct arm_gpio_lock : mutex {};
struct mlxbf2_gpio {
    gc_lock lock;
    arm_gpio_lock shared;
    iomem *base;
};

void mlxbf2_gpio_direction_output(ProcessCtx ctx, mlxbf2_gpio *gs)
{
#ifdef FIXED
    KCTX_MUTEX_LOCK(ctx, gs->shared) {
        KCTX_SPIN_LOCK(ctx, gs->lock) {
#else
    KCTX_SPIN_LOCK(ctx, gs->lock) {
        KCTX_MUTEX_LOCK(ctx, gs->shared) { // <-- error
#endif
            writel(1, gs->base);
        }
    }
}

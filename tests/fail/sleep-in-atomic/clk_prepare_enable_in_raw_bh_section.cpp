// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: clk_prepare_enable
// EXPECT context: RawSpinLockedBh<gate_lock, kctx::KthreadCtx>
// EXPECT fix: clk_prepare() at probe time
#include <kctx/api/clk.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

struct gate_lock : raw_spinlock_t {};

int gate_on([[maybe_unused]] KthreadCtx ctx, gate_lock *lock, clk *bus, int &users)
{
    KCTX_RAW_SPIN_LOCK_BH(ctx, *lock) {
        users++;
#ifndef FIXED
        return clk_prepare_enable(ctx, bus); // <-- error
#endif
    }
    return clk_prepare_enable(ctx, bus);
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: irqs-off
// EXPECT call: smp_call_function_single
// EXPECT context: SpinLockedIrq<kctx::spinlock_t, kctx::ProcessCtx>
// EXPECT fix: smp_call_function_single_async
#include <kctx/api/smp.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

static void drain(SmpCallCtx, void *) {}

int drain_all([[maybe_unused]] ProcessCtx ctx, spinlock_t *lock, int &cpu)
{
    KCTX_SPIN_LOCK_IRQ(ctx, *lock) {
        cpu++;
#ifndef FIXED
        return smp_call_function_single(ctx, cpu, handler<drain>, nullptr, 1); // <-- error
#endif
    }
    return smp_call_function_single(ctx, cpu, handler<drain>, nullptr, 1);
}

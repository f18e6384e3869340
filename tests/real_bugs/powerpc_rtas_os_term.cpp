// SPDX-License-Identifier: BSL-1.0
// BUG: powerpc, rtas: a panicking kernel asks the firmware again after a delay that sleeps
// CONTEXT: panic notifier, interrupts off
// CHAIN: panic > pseries_panic > rtas_os_term > rtas_busy_delay > msleep
// SOURCE: 6c606e57eecc, https://lore.kernel.org/r/20221227203626.1214890-1-sashal@kernel.org
// EXPECT slug: sleep-in-atomic
// EXPECT call: msleep
// EXPECT context: IrqsDisabled<kctx::ProcessCtx>
// EXPECT fix: udelay()
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

template <context C> bool rtas_busy_delay([[maybe_unused]] C ctx, int status)
{
    if (status == 0)
        return false;
#ifdef FIXED
    mdelay(1);
#else
    msleep(ctx, 1); // <-- error
#endif
    return true;
}

template <context C> void rtas_os_term(C ctx, const int *status)
{
    while (rtas_busy_delay(ctx, *status))
        pr_emerg("ibm,os-term is busy\n");
}

void panic(ProcessCtx ctx, const int *status)
{
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        rtas_os_term(ctx, status);
    }
}

// SPDX-License-Identifier: BSL-1.0
// BUG: i2c, i2c-pnx: the interrupt handler waits for the callback of its timeout's timer
// CONTEXT: hard irq
// CHAIN: i2c_pnx_interrupt > i2c_pnx_master_xmit > del_timer_sync
// SOURCE: https://lore.kernel.org/r/20240627150046.258795-13-piotr.wojtaszczyk@timesys.com
// EXPECT slug: timer-sync-in-hardirq
// EXPECT call: del_timer_sync
// EXPECT context: IrqCtx
// EXPECT fix: timer_delete()
#include <kctx/api/completion.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct i2c_pnx {
    timer_list timeout;
    completion done;
};

irqreturn_t i2c_pnx_interrupt(IrqCtx ctx, int, void *data)
{
    auto *bus = static_cast<i2c_pnx *>(data);
#ifndef FIXED
    del_timer_sync(ctx, &bus->timeout); // <-- error
#endif
    complete(ctx, &bus->done);
    return IRQ_HANDLED;
}

int i2c_pnx_xfer(ProcessCtx ctx, i2c_pnx *bus)
{
#ifdef FIXED
    return wait_for_completion_timeout(ctx, &bus->done, msecs_to_jiffies(10)) == 0 ? -EIO : 0;
#else
    mod_timer(ctx, &bus->timeout, jiffies + msecs_to_jiffies(10));
    wait_for_completion(ctx, &bus->done);
    return 0;
#endif
}

int probe(ProcessCtx ctx, i2c_pnx *bus, unsigned int irq)
{
    return request_irq(ctx, irq, handler<i2c_pnx_interrupt>, IRQF_TRIGGER_NONE, "pnx", bus);
}

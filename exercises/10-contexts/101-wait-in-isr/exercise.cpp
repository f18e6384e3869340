// SPDX-License-Identifier: BSL-1.0
// The interrupt handler of an I2C controller resets it when its bus is stuck.
#include <kctx/api/delay.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct controller {
    bool stuck;
    unsigned resets;
};

static void controller_reset([[maybe_unused]] IrqCtx ctx, controller *c)
{
    c->resets++;
    // [[solve]]
    udelay(100);
    // [[stub]]
    msleep(ctx, 1); // TODO 1: 100 us are enough for the controller, and a handler must not sleep
    // [[wrong range]]
    usleep_range(ctx, 100, 200);
    // [[wrong flexible]]
    fsleep(ctx, 100);
    // [[wrong none]]
    // [[end]]
    c->stuck = false;
}

irqreturn_t controller_isr(IrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<controller *>(dev);
    if (!c->stuck)
        return IRQ_NONE;
    controller_reset(ctx, c);
    return IRQ_HANDLED;
}

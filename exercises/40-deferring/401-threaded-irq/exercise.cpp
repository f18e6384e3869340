// SPDX-License-Identifier: BSL-1.0
// A touch screen on I2C. Its interrupt says that there is something to read; reading takes a
// transfer on the bus, and that sleeps.
#include <kctx/api/i2c.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct touch {
    const i2c_client *client;
    int last;
};

// [[solve]]
irqreturn_t touch_thread(ThreadedIrqCtx ctx, int, void *dev)
{
    auto *t = static_cast<touch *>(dev);
    t->last = i2c_smbus_read_byte_data(ctx, t->client, 0x10);
    return IRQ_HANDLED;
}

int touch_probe(ProcessCtx ctx, unsigned int irq, touch *t)
{
    return request_threaded_irq(ctx, irq, nullptr, handler<touch_thread>,
                                IRQF_TRIGGER_LOW | IRQF_ONESHOT, "touch", t);
}
// [[stub]]
irqreturn_t touch_isr(IrqCtx ctx, int, void *dev)
{
    auto *t = static_cast<touch *>(dev);
    t->last = i2c_smbus_read_byte_data(ctx, t->client, 0x10); // TODO 1: in a thread
    return IRQ_HANDLED;
}

int touch_probe(ProcessCtx ctx, unsigned int irq, touch *t)
{
    return request_irq(ctx, irq, handler<touch_isr>, IRQF_TRIGGER_LOW, "touch", t);
}
// [[wrong no-oneshot]]
irqreturn_t touch_thread(ThreadedIrqCtx ctx, int, void *dev)
{
    auto *t = static_cast<touch *>(dev);
    t->last = i2c_smbus_read_byte_data(ctx, t->client, 0x10);
    return IRQ_HANDLED;
}

int touch_probe(ProcessCtx ctx, unsigned int irq, touch *t)
{
    return request_threaded_irq(ctx, irq, nullptr, handler<touch_thread>, IRQF_TRIGGER_LOW,
                                "touch", t);
}
// [[wrong thread-as-handler]]
irqreturn_t touch_thread(ThreadedIrqCtx ctx, int, void *dev)
{
    auto *t = static_cast<touch *>(dev);
    t->last = i2c_smbus_read_byte_data(ctx, t->client, 0x10);
    return IRQ_HANDLED;
}

int touch_probe(ProcessCtx ctx, unsigned int irq, touch *t)
{
    return request_irq(ctx, irq, handler<touch_thread>, IRQF_TRIGGER_LOW, "touch", t);
}
// [[end]]

// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: i2c_transfer
// EXPECT context: IrqCtx
// EXPECT fix: request_threaded_irq
#include <kctx/api/i2c.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct sensor {
    i2c_adapter *bus;
    i2c_msg read;
};

#ifdef FIXED
static irqreturn_t sensor_isr(ThreadedIrqCtx ctx, int, void *dev)
#else
static irqreturn_t sensor_isr(IrqCtx ctx, int, void *dev)
#endif
{
    sensor *s = static_cast<sensor *>(dev);
    return i2c_transfer(ctx, s->bus, &s->read, 1) == 1 ? IRQ_HANDLED : IRQ_NONE; // <-- error
}

int sensor_probe(ProcessCtx ctx, sensor *s)
{
#ifdef FIXED
    constexpr auto isr = handler<sensor_isr>;
    return request_threaded_irq(ctx, 17, nullptr, isr, IRQF_ONESHOT, "sensor", s);
#else
    return request_irq(ctx, 17, handler<sensor_isr>, IRQF_TRIGGER_RISING, "sensor", s);
#endif
}

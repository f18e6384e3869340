// SPDX-License-Identifier: BSL-1.0
// Clocks, regulators, lines and runtime power management: what is prepared where one may sleep, and
// switched where one may not.
#include <kctx/api/clk.hpp>
#include <kctx/api/gpio.hpp>
#include <kctx/api/i2c.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/leds.hpp>
#include <kctx/api/pm.hpp>
#include <kctx/api/pwm.hpp>
#include <kctx/api/regmap.hpp>
#include <kctx/api/regulator.hpp>
#include <kctx/api/reset.hpp>
#include <kctx/api/spi.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace board {
struct lock : spinlock_t {};
struct chip {
    device *dev;
    clk *bus;
    regulator *supply;
    reset_control *reset;
    gpio_desc *enable;
    gpio_desc *expander_line;
    regmap *map;
    led_classdev *led;
    pwm_device *pwm;
    lock guard;
    iomem *base;
    work_struct set;
    spi_device *spi;
    spi_message message;
};

// idiom: prepared at probe time, enabled in an interrupt -- drivers/tty/serial/imx.c, imx_uart_console_write
irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<chip *>(dev);
    if (clk_enable(ctx, c->bus) != 0)
        return IRQ_NONE;
    writel(0, c->base);
    clk_disable(ctx, c->bus);
    return IRQ_HANDLED;
}

// idiom: probe: supply, clock, reset, and back again if one fails -- drivers/usb/dwc3/dwc3-of-simple.c, dwc3_of_simple_probe
int probe(ProcessCtx ctx, chip *c, unsigned int irq)
{
    int error = regulator_enable(ctx, c->supply);
    if (error != 0)
        return error;
    error = clk_prepare(ctx, c->bus);
    if (error != 0)
        goto disable_supply;
    error = reset_control_deassert(ctx, c->reset);
    if (error != 0)
        goto unprepare;
    usleep_range(ctx, 100, 200);
    error = request_irq(ctx, irq, handler<isr>, IRQF_SHARED, "chip", c);
    if (error == 0)
        return 0;
    reset_control_assert(ctx, c->reset);
unprepare:
    clk_unprepare(ctx, c->bus);
disable_supply:
    regulator_disable(ctx, c->supply);
    return error;
}

// idiom: a line of a memory-mapped chip is set under a spinlock -- drivers/spi/spi-gpio.c, spi_gpio_chipselect
void pulse(TimerCtx ctx, chip *c)
{
    KCTX_SPIN_LOCK(ctx, c->guard) {
        gpiod_set_value(ctx, c->enable, 1);
        udelay(2);
        gpiod_set_value(ctx, c->enable, 0);
    }
}

// idiom: a line behind a bus is set where one may sleep -- drivers/leds/leds-gpio.c, gpio_led_set_blocking
int set_expander(ProcessCtx ctx, chip *c)
{
    gpiod_set_value_cansleep(ctx, c->expander_line, 1);
    return gpiod_direction_output(ctx, c->enable, 0);
}

// idiom: a line that may be of either kind: set in the thread of the irq -- drivers/extcon/extcon-usb-gpio.c, usb_irq_handler
irqreturn_t thread(ThreadedIrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<chip *>(dev);
    return gpiod_get_value_cansleep(ctx, c->expander_line) != 0 ? IRQ_HANDLED : IRQ_NONE;
}
int setup_thread(ProcessCtx ctx, chip *c)
{
    return request_threaded_irq(ctx, 19, nullptr, handler<thread>,
                                IRQF_ONESHOT | IRQF_TRIGGER_FALLING | IRQF_TRIGGER_RISING, "line",
                                c);
}

// idiom: a register map behind a bus is changed in a work item that a timer queues -- drivers/power/supply/bq27xxx_battery.c, bq27xxx_battery_poll
void set(WorkCtx ctx, work_struct *work)
{
    chip *c = container_of(work, chip, set);
    regmap_update_bits(ctx, c->map, 1, 1, 1);
}
void on_timer(TimerCtx ctx, chip *c) { schedule_work(ctx, &c->set); }
void setup_work(chip *c) { INIT_WORK(&c->set, handler<set>); }

// idiom: a system call resumes the device and is done with it -- drivers/i2c/busses/i2c-omap.c, omap_i2c_xfer_common
int transfer(SyscallCtx ctx, chip *c)
{
    const int error = pm_runtime_get_sync(ctx, c->dev);
    if (error >= 0)
        writel(1, c->base);
    pm_runtime_put_autosuspend(ctx, c->dev);
    return error < 0 ? error : 0;
}

// idiom: an interrupt asks for a resume, and does not wait for it -- drivers/usb/core/hcd.c, usb_hcd_resume_root_hub
irqreturn_t wakeup(IrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<chip *>(dev);
    pm_wakeup_event(ctx, c->dev, 0);
    pm_request_resume(ctx, c->dev);
    return IRQ_HANDLED;
}
int setup_wakeup(ProcessCtx ctx, chip *c)
{
    return request_irq(ctx, 20, handler<wakeup>, IRQF_NO_SUSPEND | IRQF_SHARED, "wakeup", c);
}

// idiom: under a spinlock a use begins and ends without waiting -- drivers/mmc/host/sdhci.c, sdhci_runtime_pm_bus_on
void use(TimerCtx ctx, chip *c)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c->guard) {
        pm_runtime_get(ctx, c->dev);
        pm_runtime_put(ctx, c->dev);
    }
}

// idiom: a LED is lit from a timer, its driver decides who does it -- drivers/leds/led-core.c, led_timer_function
void blink(TimerCtx ctx, chip *c) { led_set_brightness(ctx, c->led, LED_FULL); }

// idiom: a PWM whose chip needs no bus, in an interrupt -- drivers/media/rc/pwm-ir-tx.c, pwm_ir_timer
void carrier(TimerCtx ctx, chip *c)
{
    const pwm_state state{1000, 500, true};
    pwm_apply_atomic(ctx, c->pwm, &state);
}

// idiom: a message that is sent without waiting, by an interrupt -- drivers/input/touchscreen/ads7846.c, ads7846_read_state
void sent(IrqCtx, void *context) { *static_cast<bool *>(context) = true; }
irqreturn_t send(IrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<chip *>(dev);
    c->message.complete = handler<sent>;
    return spi_async(ctx, c->spi, &c->message) == 0 ? IRQ_HANDLED : IRQ_NONE;
}
int setup_send(ProcessCtx ctx, chip *c)
{
    return request_irq(ctx, 21, handler<send>, IRQF_TRIGGER_HIGH, "send", c);
}

// idiom: suspend: no more interrupts, then the clock, then the supply -- drivers/mmc/host/dw_mmc.c, dw_mci_runtime_suspend
void suspend(ProcessCtx ctx, chip *c, unsigned int irq)
{
    disable_irq(ctx, irq);
    KCTX_SPIN_LOCK_IRQ(ctx, c->guard) {
        writel(0, c->base);
    }
    clk_unprepare(ctx, c->bus);
    regulator_disable(ctx, c->supply);
}
} // namespace board

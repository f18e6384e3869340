// SPDX-License-Identifier: BSL-1.0
// What the document did: the interrupt does not pull the trigger of the light any more. Here a work
// item shows the icon in its place; the trigger keeps its fault, for the next one to find.
#define KCTX_KERNEL_VERSION KCTX_VERSION(2, 6, 32)
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

enum led_brightness { LED_OFF = 0, LED_FULL = 255 };

// The display: a work item sends its picture out, and no icon may change meanwhile.
struct lcd {
    delayed_work deferred_work;
    unsigned char icons[64];
    unsigned char *screen;
};

static void fb_deferred_io_work(WorkCtx, work_struct *work)
{
    const lcd *display = container_of(to_delayed_work(work), lcd, deferred_work);
    __builtin_memcpy(display->screen, display->icons, sizeof display->icons);
}

static void fb_deferred_io_fsync_delay(context auto ctx, lcd *display)
{
    cancel_delayed_work_sync(ctx, &display->deferred_work);
}

static void new8110_lcd_icon_control(context auto ctx, lcd *display, unsigned icon, bool on)
{
    fb_deferred_io_fsync_delay(ctx, display);
    display->icons[icon] = on;
    schedule_delayed_work(ctx, &display->deferred_work, 1);
}

// The driver of an LED that is an icon of the display.
static void lcd_icon_set(context auto ctx, lcd *display, led_brightness value)
{
    new8110_lcd_icon_control(ctx, display, 0, value != LED_OFF);
}

void lcd_probe(lcd *display)
{
    INIT_DELAYED_WORK(&display->deferred_work, handler<fb_deferred_io_work>);
}

struct card_slot {
    lcd *display;
    work_struct icon_work;
    bool inserted;
};

static void card_icon_work(WorkCtx ctx, work_struct *work)
{
    card_slot *slot = container_of(work, card_slot, icon_work);
    lcd_icon_set(ctx, slot->display,
                 __atomic_load_n(&slot->inserted, __ATOMIC_RELAXED) ? LED_FULL : LED_OFF);
}

static void card_insert_interrupt(IrqCtx ctx, card_slot *slot)
{
    __atomic_store_n(&slot->inserted, !slot->inserted, __ATOMIC_RELAXED);
    schedule_work(ctx, &slot->icon_work);
}

static irqreturn_t cardslot_iso7816_uart_interrupt(IrqCtx ctx, int, void *dev)
{
    card_insert_interrupt(ctx, static_cast<card_slot *>(dev));
    return IRQ_HANDLED;
}

int cardslot_probe(ProcessCtx ctx, unsigned int irq, card_slot *slot)
{
    INIT_WORK(&slot->icon_work, handler<card_icon_work>);
    return request_irq(ctx, irq, handler<cardslot_iso7816_uart_interrupt>, IRQF_TRIGGER_HIGH,
                       "iccard", slot);
}

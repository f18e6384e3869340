// SPDX-License-Identifier: BSL-1.0
// The light is an icon, and changing an icon waits: so the driver of the light leaves that to a
// work item, and whoever pulls the trigger, in whatever context, need not know.
#define KCTX_KERNEL_VERSION KCTX_VERSION(2, 6, 32)
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

enum led_brightness { LED_OFF = 0, LED_FULL = 255 };

// The display: a work item sends its picture out, and no icon may change meanwhile.
struct lcd {
    delayed_work deferred_work;
    work_struct icon_work;
    bool card_icon; // what the icon is to show
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

static void lcd_icon_work(WorkCtx ctx, work_struct *work)
{
    lcd *display = container_of(work, lcd, icon_work);
    new8110_lcd_icon_control(ctx, display, 0,
                             __atomic_load_n(&display->card_icon, __ATOMIC_RELAXED));
}

// The driver of an LED that is an icon of the display. It is called with the trigger's lock held,
// from any context, and so it must not sleep.
static void lcd_icon_set(context auto ctx, lcd *display, led_brightness value)
{
    __atomic_store_n(&display->card_icon, value != LED_OFF, __ATOMIC_RELAXED);
    schedule_work(ctx, &display->icon_work);
}

void lcd_probe(lcd *display)
{
    INIT_DELAYED_WORK(&display->deferred_work, handler<fb_deferred_io_work>);
    INIT_WORK(&display->icon_work, handler<lcd_icon_work>);
}

struct leddev_list_lock : rwlock_t {};

struct led_trigger {
    leddev_list_lock lock;
    lcd *display;
};

static void led_trigger_event(context auto ctx, led_trigger *trigger, led_brightness value)
{
    KCTX_READ_LOCK(ctx, trigger->lock) {
        lcd_icon_set(ctx, trigger->display, value);
    }
}

struct card_slot {
    led_trigger *card_insert_led_trigger;
    bool inserted;
};

static void card_insert_interrupt(IrqCtx ctx, card_slot *slot)
{
    slot->inserted = !slot->inserted;
    led_trigger_event(ctx, slot->card_insert_led_trigger, slot->inserted ? LED_FULL : LED_OFF);
}

static irqreturn_t cardslot_iso7816_uart_interrupt(IrqCtx ctx, int, void *dev)
{
    card_insert_interrupt(ctx, static_cast<card_slot *>(dev));
    return IRQ_HANDLED;
}

int cardslot_probe(ProcessCtx ctx, unsigned int irq, card_slot *slot)
{
    return request_irq(ctx, irq, handler<cardslot_iso7816_uart_interrupt>, IRQF_TRIGGER_HIGH,
                       "iccard", slot);
}

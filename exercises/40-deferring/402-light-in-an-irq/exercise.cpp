// SPDX-License-Identifier: BSL-1.0
// The card slot's interrupt tells a LED trigger that the card is gone. The light is an icon of the
// display, and to change one the driver of the display waits until its last picture is out.
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

struct display {
    delayed_work deferred; // sends the picture
    work_struct icon_work;
    int wanted;
    int shown; // on the glass
};

// Sleeps until the picture is out. It is all right as it is.
static void display_set_icon(context auto ctx, display *d, int value)
{
    cancel_delayed_work_sync(ctx, &d->deferred); // TODO 2: nothing is wrong here
    d->shown = value;
}

void icon_work(WorkCtx ctx, work_struct *work)
{
    display *d = container_of(work, display, icon_work);
    display_set_icon(ctx, d, d->wanted);
}

void picture_out(WorkCtx, work_struct *) {}

inline void display_init(display *d)
{
    INIT_DELAYED_WORK(&d->deferred, handler<picture_out>);
    INIT_WORK(&d->icon_work, handler<icon_work>);
}

// The LED's brightness_set(): called by triggers, from anywhere, with their lock held.
void lcd_icon_set(context auto ctx, display *d, int value)
{
    // [[solve]]
    d->wanted = value;
    schedule_work(ctx, &d->icon_work);
    // [[stub]]
    display_set_icon(ctx, d, value); // TODO 1: who calls this?
    // [[wrong no-sync]]
    cancel_delayed_work(ctx, &d->deferred);
    d->shown = value;
    // [[wrong flush]]
    d->wanted = value;
    schedule_work(ctx, &d->icon_work);
    flush_work(ctx, &d->icon_work);
    // [[wrong forgets-value]]
    schedule_work(ctx, &d->icon_work);
    (void)value;
    // [[end]]
}

struct leddev_list_lock : rwlock_t {};

struct led_trigger {
    leddev_list_lock lock;
    display *light;
};

void led_trigger_event(IrqCtx ctx, led_trigger *t, int value)
{
    KCTX_READ_LOCK_IRQSAVE(ctx, t->lock) {
        lcd_icon_set(ctx, t->light, value);
    }
}

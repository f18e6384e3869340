// SPDX-License-Identifier: BSL-1.0
// Plain functions, no token anywhere. The registration knows that the handler must not wait, and
// clang follows its calls down to the one that does; what it says is the same for every function,
// so there is no kctx text in it.
// EXPECT chain: card_isr led_trigger_event lcd_icon_set icon_control console_flush cancel_delayed_work_sync
// COMPILERS: clang++-22
// FLAGS: -DKCTX_PLAIN_CALLS
#include <kctx/api/interrupt.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct lcd {
    delayed_work deferred;
    int icons;
};

static void console_flush(lcd *l)
{
#ifdef FIXED
    cancel_delayed_work(&l->deferred);
#else
    cancel_delayed_work_sync(&l->deferred); // <-- error
#endif
}

static void icon_control(lcd *l, int icon)
{
    l->icons |= 1 << icon;
    console_flush(l);
}

static void lcd_icon_set(lcd *l) { icon_control(l, 3); }

static void led_trigger_event(lcd *l) { lcd_icon_set(l); }

static irqreturn_t card_isr(int, void *dev)
{
    led_trigger_event(static_cast<lcd *>(dev));
    return IRQ_HANDLED;
}

int card_probe(lcd *l) { return request_irq(42, handler<card_isr>, IRQF_SHARED, "card", l); }

// SPDX-License-Identifier: BSL-1.0
// BUG: input, hid-steam: a report of the device cancels a delayed work and waits for it
// CONTEXT: hard irq, the completion function of a URB
// CHAIN: steam_raw_event > steam_do_deck_input_event > cancel_delayed_work_sync
// SOURCE: https://lore.kernel.org/r/20250205035529.1022143-3-vi@endrift.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: cancel_delayed_work_sync
// EXPECT context: IrqCtx
// EXPECT fix: cancel_delayed_work()
#include <kctx/api/usb.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct steam_device {
    delayed_work mode_switch;
};

template <context C> void steam_do_deck_input_event(C ctx, steam_device *steam, u8 pressed)
{
    if (pressed == 0)
#ifdef FIXED
        cancel_delayed_work(ctx, &steam->mode_switch);
#else
        cancel_delayed_work_sync(ctx, &steam->mode_switch); // <-- error
#endif
}

void steam_raw_event(IrqCtx ctx, urb *u)
{
    steam_do_deck_input_event(ctx, static_cast<steam_device *>(u->context),
                              *static_cast<u8 *>(u->transfer_buffer));
}

void start(steam_device *steam, usb_device *dev, urb *u, u8 *report)
{
    usb_fill_bulk_urb(u, dev, usb_rcvintpipe(dev, 1), report, 64, handler<steam_raw_event>, steam);
}

// SPDX-License-Identifier: BSL-1.0
// A call that allocates by the way.
// EXPECT slug: gfp-may-sleep
// EXPECT call: usb_submit_urb
// EXPECT context: BhWorkCtx.*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/usb.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

int resubmit(BhWorkCtx ctx, urb *u)
{
#ifdef FIXED
    return usb_submit_urb(ctx, u, GFP_ATOMIC);
#else
    return usb_submit_urb(ctx, u, GFP_KERNEL); // <-- error
#endif
}

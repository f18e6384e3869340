// SPDX-License-Identifier: BSL-1.0
// BUG: usb, dwc3: cancelling asynchronous I/O waits for the end of a transfer
// CONTEXT: RCU callback
// CHAIN: rcu_do_batch > free_ioctx_users > ffs_aio_cancel > usb_ep_dequeue > wait_event
// SOURCE: 4.19.43, fec9095bdef4, https://lore.kernel.org/r/20190628182413.33225-1-john.stultz@linaro.org
// EXPECT slug: sleep-in-atomic
// EXPECT call: wait_event
// EXPECT context: RcuCallbackCtx
// EXPECT fix: work item
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct dwc3_ep {
    rcu_head rcu;
    wait_queue_head_t end_transfer;
    bool busy = true;
};

template <context C> void dwc3_gadget_ep_dequeue([[maybe_unused]] C ctx, dwc3_ep *ep)
{
#ifdef FIXED
    ep->busy = false; // the interrupt that ends the transfer gives the request back
#else
    wait_event(ctx, ep->end_transfer, !ep->busy); // <-- error
#endif
}

void free_ioctx_users(RcuCallbackCtx ctx, rcu_head *head)
{
    dwc3_gadget_ep_dequeue(ctx, reinterpret_cast<dwc3_ep *>(head));
}

void cancel(ProcessCtx ctx, dwc3_ep *ep) { call_rcu(ctx, &ep->rcu, free_ioctx_users); }

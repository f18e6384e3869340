// SPDX-License-Identifier: BSL-1.0
// BUG: network, netrom: a heartbeat's frame is routed, which allocates a node with GFP_KERNEL
// CONTEXT: softirq, a timer
// CHAIN: nr_heartbeat_expiry > nr_write_internal > nr_transmit_buffer > nr_route_frame > nr_add_node > kmemdup
// SOURCE: Fixes 1da177e4c3f4, https://lore.kernel.org/r/20220726032420.5516-1-duoming@zju.edu.cn
// EXPECT slug: gfp-may-sleep
// EXPECT call: kmemdup
// EXPECT context: TimerCtx.*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/kernel.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct nr_sock {
    timer_list timer;
    char digipeat[8];
    void *node;
};

template <context C> int nr_add_node(C ctx, nr_sock *nr)
{
#ifdef FIXED
    nr->node = KCTX_TRY(kmemdup(ctx, nr->digipeat, 8, GFP_ATOMIC), return -ENOMEM);
#else
    nr->node = KCTX_TRY(kmemdup(ctx, nr->digipeat, 8, GFP_KERNEL), return -ENOMEM); // <-- error
#endif
    return 0;
}

template <context C> int nr_route_frame(C ctx, nr_sock *nr) { return nr_add_node(ctx, nr); }

template <context C> void nr_transmit_buffer(C ctx, nr_sock *nr)
{
    if (nr_route_frame(ctx, nr) != 0)
        pr_warn("netrom: no route\n");
}

void nr_heartbeat_expiry(TimerCtx ctx, timer_list *timer)
{
    nr_transmit_buffer(ctx, container_of(timer, nr_sock, timer));
    mod_timer(ctx, timer, jiffies + 5);
}

void nr_init_timers(nr_sock *nr) { timer_setup(&nr->timer, handler<nr_heartbeat_expiry>, 0); }

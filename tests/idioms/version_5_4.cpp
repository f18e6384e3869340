// SPDX-License-Identifier: BSL-1.0
// Flags as 5.4 has them, and what changes with the version.
// FLAGS: -DKCTX_KERNEL_VERSION=KCTX_VERSION(5,4,0)
#include <kctx/api/net.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

// idiom: __GFP_ATOMIC, which 6.3 took away -- mm/page_alloc.c, gfp_to_alloc_flags
void *reserve(SoftirqCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 64, __GFP_HIGH | __GFP_ATOMIC | __GFP_KSWAPD_RECLAIM),
                    return nullptr);
}

// idiom: an allocation that tries hard, and may fail: __GFP_RETRY_MAYFAIL -- drivers/vhost/vhost.c, vhost_dev_alloc_iovecs
page *hard(SyscallCtx ctx)
{
    return KCTX_TRY(alloc_pages(ctx, GFP_KERNEL | __GFP_RETRY_MAYFAIL, 4), return nullptr);
}

// idiom: #if over the version, as out-of-tree drivers do -- include/linux/timer.h, del_timer_sync
void stop(ProcessCtx ctx, timer_list *timer)
{
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 2, 0)
    timer_delete_sync(ctx, timer);
#else
    del_timer_sync(ctx, timer);
#endif
}

// idiom: napi_enable() took no mutex yet, so a timer may call it -- drivers/net/virtio_net.c, virtnet_napi_enable
void resume(TimerCtx ctx, napi_struct *napi) { napi_enable(ctx, napi); }

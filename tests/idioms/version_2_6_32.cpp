// SPDX-License-Identifier: BSL-1.0
// Flags and functions as 2.6.32 has them.
// FLAGS: -DKCTX_KERNEL_VERSION=KCTX_VERSION(2,6,32)
#include <kctx/api/page.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

// idiom: before 4.4 the flag that waits was __GFP_WAIT -- mm/page_alloc.c, __alloc_pages_slowpath
void *with_wait(WorkCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 64, __GFP_WAIT | __GFP_IO), return nullptr);
}

// idiom: and GFP_ATOMIC was __GFP_HIGH alone -- mm/page_alloc.c, gfp_to_alloc_flags
void *atomic(TimerCtx ctx) { return KCTX_TRY(kmalloc(ctx, 64, __GFP_HIGH), return nullptr); }

// idiom: a cold page, which later kernels do not know -- include/linux/pagemap.h, page_cache_alloc_cold
page *cold(WorkCtx ctx)
{
    return KCTX_TRY(alloc_pages(ctx, GFP_KERNEL | __GFP_COLD, 0), return nullptr);
}

// idiom: timers are deleted by their old names -- include/linux/timer.h, del_timer_sync
void stop(ProcessCtx ctx, timer_list *timer)
{
    if (del_timer(ctx, timer) == 0)
        del_timer_sync(ctx, timer);
}

// idiom: an allocation that tries hard: __GFP_REPEAT -- net/core/sock.c, sock_alloc_send_pskb
page *hard(SyscallCtx ctx)
{
    return KCTX_TRY(alloc_pages(ctx, GFP_KERNEL | __GFP_REPEAT, 4), return nullptr);
}

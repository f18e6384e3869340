// SPDX-License-Identifier: BSL-1.0
// The timer allocates what can be had at once; and each flag of the document that still exists,
// where it belongs.
#include <kctx/api/kernel.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct sampler {
    timer_list timer;
    void *samples;
    unsigned long missed;
};

// The timer fires again, so that a failure does no harm: no warning for it.
static void sample(TimerCtx ctx, timer_list *timer)
{
    sampler *s = container_of(timer, sampler, timer);
    if (!s->samples)
        s->samples = KCTX_TRY(kmalloc(ctx, 512, GFP_ATOMIC | __GFP_NOWARN), ++s->missed; return);
}

void sampler_start(ProcessCtx ctx, sampler *s)
{
    timer_setup(&s->timer, handler<sample>, 0);
    mod_timer(ctx, &s->timer, jiffies + msecs_to_jiffies(100));
}

// For a driver in process context.
void *table_alloc(ProcessCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), return nullptr);
}
// For an old device, which reaches the lowest memory only: on x86 the first 16 MB.
void *isa_ring_alloc(ProcessCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL | __GFP_DMA), return nullptr);
}
// To be mapped into a process: the kernel must reach it as well, or must not.
page *user_page_alloc(SyscallCtx ctx)
{
    return KCTX_TRY(alloc_page(ctx, GFP_USER), return nullptr);
}
page *anonymous_page_alloc(SyscallCtx ctx)
{
    return KCTX_TRY(alloc_page(ctx, GFP_HIGHUSER), return nullptr);
}
// Of the kernel, which maps it when it needs it.
page *page_cache_alloc(ProcessCtx ctx)
{
    return KCTX_TRY(alloc_page(ctx, GFP_KERNEL | __GFP_HIGHMEM), return nullptr);
}
// To write pages out, which is what reclaim waits for: without I/O.
void *disk_request_alloc(WorkCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 512, GFP_NOIO), return nullptr);
}
// The same from the reserve.
void *swap_request_alloc(WorkCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 512, GFP_NOIO | __GFP_HIGH), return nullptr);
}
// With locks of the file system held, which reclaim would take: without the file system.
void *directory_alloc(SyscallCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 512, GFP_NOFS), return nullptr);
}
// The document advises against it, and rightly: it waits for as long as it takes.
void *journal_alloc(SyscallCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 64, GFP_NOFS | __GFP_NOFAIL), return nullptr);
}
// Large: worth an effort, or only worth having if it is there for the taking.
void *hash_table_alloc(ProcessCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 1 << 20, GFP_KERNEL | __GFP_RETRY_MAYFAIL), return nullptr);
}
void *read_ahead_alloc(ProcessCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 1 << 20, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN),
                    return nullptr);
}

// SPDX-License-Identifier: BSL-1.0
// BUG: mm, kasan: a CPU is told to empty its quarantine and frees the objects on the spot
// CONTEXT: interrupt from another CPU, on PREEMPT_RT
// CHAIN: kmem_cache_shrink > kasan_quarantine_remove_cache > on_each_cpu > per_cpu_remove_cache > kmem_cache_free
// SOURCE: 5.17.1-rt16, https://lore.kernel.org/r/20220401091006.2100058-1-qiang1.zhang@intel.com
// EXPECT slug: alloc-in-raw-section
// EXPECT call: kmem_cache_free
// EXPECT context: SmpCallCtx
// EXPECT fix: after the raw section
#include <kctx/api/slab.hpp>
#include <kctx/api/smp.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct quarantine {
    kmem_cache *cache;
    void *object;
    work_struct remove;
};

#ifdef FIXED
void per_cpu_remove_cache(WorkCtx ctx, work_struct *work)
{
    auto *q = reinterpret_cast<quarantine *>(work);
#else
void per_cpu_remove_cache(SmpCallCtx ctx, void *info)
{
    auto *q = static_cast<quarantine *>(info);
#endif
    kmem_cache_free(ctx, q->cache, q->object); // <-- error
}

void kasan_quarantine_remove_cache(ProcessCtx ctx, quarantine *q)
{
#ifdef FIXED
    INIT_WORK(&q->remove, handler<per_cpu_remove_cache>);
    schedule_work(ctx, &q->remove);
    flush_work(ctx, &q->remove);
#else
    on_each_cpu(ctx, handler<per_cpu_remove_cache>, q, 1);
#endif
}

// SPDX-License-Identifier: BSL-1.0
// BUG: android, binder_alloc: kcalloc() became kvcalloc(), and now the free sleeps
// CONTEXT: spin_lock
// CHAIN: binder_deferred_func > binder_alloc_deferred_release > kvfree > vfree
// SOURCE: Fixes 36c55ce, https://github.com/ctrliq/kernel-src-tree/commit/2c10a20f5e84ab777d29ed921d4c78d66de6d0fb
// EXPECT slug: sleep-in-atomic
// EXPECT call: kvfree
// EXPECT context: SpinLocked<.*alloc_lock, kctx::WorkCtx>
// EXPECT fix: after the section
#include <kctx/api/kernel.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct alloc_lock : spinlock_t {};
struct binder_alloc {
    alloc_lock lock;
    vmalloc_ptr<void> pages;
    work_struct deferred;
};

void binder_deferred_func(WorkCtx ctx, work_struct *work)
{
    binder_alloc *alloc = container_of(work, binder_alloc, deferred);
#ifdef FIXED
    vmalloc_ptr<void> pages;
    KCTX_SPIN_LOCK(ctx, alloc->lock) {
        pages = alloc->pages;
        alloc->pages = nullptr;
    }
    kvfree(ctx, pages);
#else
    KCTX_SPIN_LOCK(ctx, alloc->lock) {
        kvfree(ctx, alloc->pages); // <-- error
        alloc->pages = nullptr;
    }
#endif
}

void open(binder_alloc *alloc) { INIT_WORK(&alloc->deferred, handler<binder_deferred_func>); }

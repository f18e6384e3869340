// SPDX-License-Identifier: BSL-1.0
// BUG: rcu: kvfree_call_rcu() takes a page for its batch under its raw lock
// CONTEXT: raw_spin_lock_irqsave, on PREEMPT_RT
// CHAIN: rpc_async_release > kvfree_call_rcu > add_ptr_to_bulk_krc_lock > __get_free_page
// SOURCE: 5.10-rc4, https://lore.kernel.org/r/CALF+zOntimx8nyiAUyN5Y58T9_-PztLpUU2vpYgOzQkcK7C09w@mail.gmail.com
// EXPECT slug: alloc-in-raw-section
// EXPECT call: __get_free_page
// EXPECT context: RawSpinLockedIrqsave<.*krc_lock, kctx::WorkCtx>
// EXPECT fix: allocate before the raw section
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct krc_lock : raw_spinlock_t {};
struct kfree_rcu_cpu {
    krc_lock lock;
    unsigned long batch = 0;
};

void kvfree_call_rcu(WorkCtx ctx, kfree_rcu_cpu *krcp)
{
#ifdef FIXED
    const unsigned long page = KCTX_TRY(__get_free_page(ctx, GFP_KERNEL | __GFP_NOWARN), return);
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, krcp->lock) {
        krcp->batch = page;
    }
#else
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, krcp->lock) {
        krcp->batch = KCTX_TRY(__get_free_page(ctx, GFP_NOWAIT), return); // <-- error
    }
#endif
}

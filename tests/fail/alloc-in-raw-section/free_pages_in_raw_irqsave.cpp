// SPDX-License-Identifier: BSL-1.0
// The pair form.
// EXPECT slug: alloc-in-raw-section
// EXPECT call: free_pages
// EXPECT context: RawSpinLockedIrqsave<ring_lock, kctx::WorkCtx>
// EXPECT fix: after the raw section
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct ring_lock : raw_spinlock_t {};

void ring_stop(WorkCtx ctx, ring_lock *lock, unsigned long &buffer)
{
    const unsigned long old = buffer;
    unsigned long flags = 0;
    auto held = raw_spin_lock_irqsave(ctx, lock, flags);
    buffer = 0;
#ifdef FIXED
    ctx = raw_spin_unlock_irqrestore(held, lock, flags);
    free_pages(ctx, old, 2);
#else
    free_pages(held, old, 2); // <-- error
    raw_spin_unlock_irqrestore(held, lock, flags);
#endif
}

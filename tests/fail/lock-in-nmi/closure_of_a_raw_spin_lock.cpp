// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-in-nmi
// EXPECT call: with
// EXPECT context: RawSpinLocked.*NmiCtx
// EXPECT fix: irq_work_queue
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>

using namespace kctx;

struct ring {
    raw_spinlock_t lock;
    int samples;
};

#ifdef FIXED
void sample(IrqWorkCtx ctx, ring &r)
#else
void sample(NmiCtx ctx, ring &r)
#endif
{
    with<RawSpinLocked>(ctx, &r.lock, [](auto, ring &self) { self.samples++; }, r); // <-- error
}

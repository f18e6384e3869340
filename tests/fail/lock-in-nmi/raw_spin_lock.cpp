// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-in-nmi
// EXPECT call: raw_spin_lock
// EXPECT context: NmiCtx
// EXPECT fix: irq_work_queue
#include <kctx/api/irq_work.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct log_lock : raw_spinlock_t {};

struct profile {
    log_lock lock;
    irq_work report;
    int samples;
};

void profile_nmi([[maybe_unused]] NmiCtx ctx, profile *p)
{
#ifdef FIXED
    irq_work_queue(&p->report);
#else
    KCTX_RAW_SPIN_LOCK(ctx, p->lock) { // <-- error
        p->samples++;
    }
#endif
}

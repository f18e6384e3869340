// SPDX-License-Identifier: BSL-1.0
// A reader of a seqlock_t waits for its writer on PREEMPT_RT; one of a seqcount_t spins.
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: read_seqbegin
// EXPECT context: HardIrqCtx
// EXPECT fix: seqcount_t
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/seqlock.hpp>

using namespace kctx;

struct position {
    seqlock_t lock;
    seqcount_t count;
    int x;
};

irqreturn_t sample_isr([[maybe_unused]] HardIrqCtx ctx, int, position *p)
{
#ifdef FIXED
    const unsigned start = read_seqcount_begin(&p->count);
    return p->x != 0 && !read_seqcount_retry(&p->count, start) ? IRQ_HANDLED : IRQ_NONE;
#else
    const unsigned start = read_seqbegin(ctx, &p->lock); // <-- error
    return p->x != 0 && !read_seqretry(&p->lock, start) ? IRQ_HANDLED : IRQ_NONE;
#endif
}

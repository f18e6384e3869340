// SPDX-License-Identifier: BSL-1.0
// The closure form.
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: with
// EXPECT context: SpinLocked.*PreemptDisabled.*KthreadCtx
// EXPECT fix: raw_spinlock_t
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

struct stats {
    spinlock_t lock;
    raw_spinlock_t raw;
    int rounds;
};

void round_done([[maybe_unused]] KthreadCtx ctx, stats &s)
{
    KCTX_PREEMPT_DISABLE(ctx) {
#ifdef FIXED
        with<RawSpinLocked>(ctx, &s.raw, [](auto, stats &self) { self.rounds++; }, s);
#else
        with<SpinLocked>(ctx, &s.lock, [](auto, stats &self) { self.rounds++; }, s); // <-- error
#endif
    }
}

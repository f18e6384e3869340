// SPDX-License-Identifier: BSL-1.0
// The closure form.
// EXPECT slug: sleep-in-atomic
// EXPECT call: with
// EXPECT context: MutexLocked.*IrqCtx
// EXPECT fix: work item
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>

using namespace kctx;

struct card {
    mutex config;
    spinlock_t lock;
    int events;
};

void card_event(IrqCtx ctx, card &c)
{
#ifdef FIXED
    with<SpinLocked>(ctx, &c.lock, [](auto, card &self) { self.events++; }, c);
#else
    with<MutexLocked>(ctx, &c.config, [](auto, card &self) { self.events++; }, c); // <-- error
#endif
}

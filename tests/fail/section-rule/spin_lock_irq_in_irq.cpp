// SPDX-License-Identifier: BSL-1.0
// The closure form does not know the section's own rule; the pair form does.
// EXPECT slug: section-rule
// EXPECT call: with
// EXPECT context: SpinLockedIrq.*IrqCtx
// EXPECT fix: call what enters the section by itself
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

struct port {
    spinlock_t lock;
    int events;
};

void port_event(IrqCtx ctx, port &p)
{
#ifdef FIXED
    with<SpinLockedIrqsave>(ctx, &p.lock, [](auto, port &self) { self.events++; }, p);
#else
    with<SpinLockedIrq>(ctx, &p.lock, [](auto, port &self) { self.events++; }, p); // <-- error
#endif
}

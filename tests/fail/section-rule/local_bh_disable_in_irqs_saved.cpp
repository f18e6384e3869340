// SPDX-License-Identifier: BSL-1.0
// A section without a lock.
// EXPECT slug: section-rule
// EXPECT call: with
// EXPECT context: BhDisabled.*IrqsSaved.*ProcessCtx
// EXPECT fix: call what enters the section by itself
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/closure.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

void count([[maybe_unused]] ProcessCtx ctx, int &n)
{
    KCTX_LOCAL_IRQ_SAVE(ctx) {
#ifdef FIXED
        n++;
#else
        with<BhDisabled>(ctx, [](auto, int &i) { i++; }, n); // <-- error
#endif
    }
}

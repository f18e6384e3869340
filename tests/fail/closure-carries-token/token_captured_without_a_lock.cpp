// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: closure-carries-token
// EXPECT call: with
// EXPECT context: PreemptDisabled.*WorkCtx
// EXPECT fix: a lambda without captures
// UNCHECKED: rejected
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

void settle(WorkCtx ctx, int &rounds)
{
#ifdef FIXED
    with<PreemptDisabled>(ctx, [](auto, int &n) { n++; }, rounds);
#else
    const auto body = [ctx](auto, int &n) {
        msleep(ctx, 1);
        n++;
    };
    with<PreemptDisabled>(ctx, body, rounds); // <-- error
#endif
}

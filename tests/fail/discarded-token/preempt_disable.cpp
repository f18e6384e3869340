// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: discarded-token
// EXPECT call: preempt_disable
// EXPECT context: none, the section is left open whatever is around it
// EXPECT fix: auto in = preempt_disable
// UNCHECKED: rejected
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

void count(kctx::SyscallCtx ctx, int &n)
{
#ifdef FIXED
    auto in = preempt_disable(ctx);
    n++;
    preempt_enable(in);
#else
    preempt_disable(ctx); // <-- error
    n++;
#endif
}

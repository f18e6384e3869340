// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: cpu-may-change
// EXPECT call: __this_cpu_inc
// EXPECT context: ProcessCtx
// EXPECT fix: preempt_disable
#include <kctx/api/percpu.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

per_cpu<unsigned> packets;

void count([[maybe_unused]] ProcessCtx ctx)
{
#ifdef FIXED
    this_cpu_inc(packets);
#else
    __this_cpu_inc(ctx, packets); // <-- error
#endif
}

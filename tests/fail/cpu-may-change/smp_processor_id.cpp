// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: cpu-may-change
// EXPECT call: smp_processor_id
// EXPECT context: ProcessCtx
// EXPECT fix: preempt_disable
#include <kctx/api/percpu.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

void account([[maybe_unused]] ProcessCtx ctx, int *per_cpu_counts)
{
#ifdef FIXED
    KCTX_PREEMPT_DISABLE(ctx) {
        per_cpu_counts[smp_processor_id(ctx)]++;
    }
#else
    per_cpu_counts[smp_processor_id(ctx)]++; // <-- error
#endif
}

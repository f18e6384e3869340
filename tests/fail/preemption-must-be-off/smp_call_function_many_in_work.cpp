// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: preemption-must-be-off
// EXPECT call: smp_call_function_many
// EXPECT context: WorkCtx
// EXPECT fix: smp_call_function
#include <kctx/api/smp.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

void flush(SmpCallCtx, void *) {}

void flush_all(WorkCtx ctx, const void *cpus)
{
#ifdef FIXED
    static_cast<void>(cpus);
    smp_call_function(ctx, handler<flush>, nullptr, true);
#else
    smp_call_function_many(ctx, cpus, handler<flush>, nullptr, true); // <-- error
#endif
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: handler-context
// EXPECT call: smp_call_function_single
// EXPECT context: in SmpCallCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/smp.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static void flush(SmpCallCtx, void *) {}
#else
static void flush(ProcessCtx, void *) {}
#endif

int flush_on(ProcessCtx ctx, int cpu)
{
    return smp_call_function_single(ctx, cpu, handler<flush>, nullptr, 1); // <-- error
}

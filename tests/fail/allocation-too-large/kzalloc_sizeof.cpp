// SPDX-License-Identifier: BSL-1.0
// clang knows a constant expression from a number that comes at run time.
// EXPECT slug: allocation-too-large
// EXPECT call: kzalloc
// EXPECT context: WorkCtx
// EXPECT fix: vmalloc
// COMPILERS: clang++-*
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct trace {
    u64 events[1 << 20];
};

trace *start(WorkCtx ctx, [[maybe_unused]] size_t events)
{
#ifdef FIXED
    return KCTX_TRY(kzalloc(ctx, events * sizeof(u64), GFP_KERNEL), return nullptr);
#else
    return KCTX_TRY(kzalloc(ctx, sizeof(trace), GFP_KERNEL), return nullptr); // <-- error
#endif
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: vmalloc
// EXPECT context: SoftirqCtx
// EXPECT fix: allocate in process context
#include <kctx/api/kernel.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct trace {
    vmalloc_ptr<char> lines;
    unsigned long used;
};

#ifdef FIXED
int trace_start(ProcessCtx ctx, trace *t)
#else
int trace_start(SoftirqCtx ctx, trace *t)
#endif
{
    t->lines = KCTX_TRY(vmalloc(ctx, 1 << 20), return -ENOMEM); // <-- error
    return 0;
}

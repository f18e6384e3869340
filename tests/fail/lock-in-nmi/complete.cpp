// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: lock-in-nmi
// EXPECT call: complete
// EXPECT context: NmiCtx
// EXPECT fix: complete in the irq_work
#include <kctx/api/completion.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
void alarm(IrqWorkCtx ctx, completion *seen)
#else
void alarm(NmiCtx ctx, completion *seen)
#endif
{
    complete(ctx, seen); // <-- error
}

// SPDX-License-Identifier: BSL-1.0
// Only handlers, entry points and sections hand out tokens: their constructors are private, which
// the compilers say in their own words.
// EXPECT text: IrqCtx.* private|private.* 'kctx::IrqCtx'
// UNCHECKED: rejected
#include <kctx/core/context.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

int *next_buffer([[maybe_unused]] ProcessCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, 64, GFP_KERNEL), return nullptr);
#else
    IrqCtx irq; // <-- error
    return KCTX_TRY(kmalloc(irq, 64, GFP_ATOMIC), return nullptr);
#endif
}

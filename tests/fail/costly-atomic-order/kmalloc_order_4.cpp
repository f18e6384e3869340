// SPDX-License-Identifier: BSL-1.0
// The 64 KiB of a command buffer that may not wait: order 4.
// EXPECT slug: costly-atomic-order
// EXPECT call: kmalloc
// EXPECT context: WorkCtx
// EXPECT fix: GFP_KERNEL if it may sleep here
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

u8 *command_buffer(WorkCtx ctx)
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(ctx, size_c<64 * 1024>, GFP_KERNEL), return nullptr);
#else
    return KCTX_TRY(kmalloc(ctx, size_c<64 * 1024>, GFP_ATOMIC), return nullptr); // <-- error
#endif
}

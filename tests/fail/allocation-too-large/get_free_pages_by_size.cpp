// SPDX-License-Identifier: BSL-1.0
// The order of a known size is known; by the name of the limit in older kernels.
// EXPECT slug: allocation-too-large
// EXPECT call: __get_free_pages
// EXPECT context: IrqCtx
// EXPECT fix: smaller
// FLAGS: -DKCTX_KERNEL_VERSION=KCTX_VERSION(5,4,0)
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

bool on_overrun(IrqCtx ctx, unsigned long *spare)
{
#ifdef FIXED
    *spare = KCTX_TRY(__get_free_pages(ctx, GFP_ATOMIC, get_order(size_c<32768>)), return false);
#else
    *spare = KCTX_TRY(__get_free_pages(ctx, GFP_ATOMIC, get_order(size_c<1 << 25>)), // <-- error
                      return false);
#endif
    return true;
}

// SPDX-License-Identifier: BSL-1.0
// A log that grew in the slab until it was larger than its largest cache.
// EXPECT slug: allocation-too-large
// EXPECT call: krealloc
// EXPECT context: ProcessCtx
// EXPECT fix: vmalloc
#include <kctx/api/slab.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

bool grow(ProcessCtx ctx, [[maybe_unused]] char **log, [[maybe_unused]] vmalloc_ptr<void> *larger)
{
#ifdef FIXED
    *larger = KCTX_TRY(vmalloc(ctx, size_c<16 << 20>), return false);
#else
    *log = KCTX_TRY(krealloc(ctx, *log, size_c<16 << 20>, GFP_KERNEL), return false); // <-- error
#endif
    return true;
}

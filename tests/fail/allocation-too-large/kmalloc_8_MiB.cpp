// SPDX-License-Identifier: BSL-1.0
// A size that every compiler knows.
// EXPECT slug: allocation-too-large
// EXPECT call: kmalloc
// EXPECT context: ProcessCtx
// EXPECT fix: vmalloc
#include <kctx/api/slab.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct picture {
    u8 pixels[8 << 20];
};

bool take(ProcessCtx ctx, [[maybe_unused]] picture **one,
          [[maybe_unused]] vmalloc_ptr<picture> *two)
{
#ifdef FIXED
    *two = KCTX_TRY(vmalloc(ctx, size_c<sizeof(picture)>), return false);
#else
    *one = KCTX_TRY(kmalloc(ctx, size_c<sizeof(picture)>, GFP_KERNEL), return false); // <-- error
#endif
    return true;
}

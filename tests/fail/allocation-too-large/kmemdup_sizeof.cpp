// SPDX-License-Identifier: BSL-1.0
// A copy of a firmware image that is larger than the largest cache.
// EXPECT slug: allocation-too-large
// EXPECT call: kmemdup
// EXPECT context: ProcessCtx
// EXPECT fix: vmalloc
#include <kctx/api/slab.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct firmware_image {
    u8 bytes[8 << 20];
};

bool copy(ProcessCtx ctx, [[maybe_unused]] const firmware_image *from,
          [[maybe_unused]] firmware_image **to, [[maybe_unused]] vmalloc_ptr<firmware_image> *far)
{
#ifdef FIXED
    *far = KCTX_TRY(vmalloc(ctx, size_c<sizeof(firmware_image)>), return false);
#else
    *to = KCTX_TRY(kmemdup(ctx, from, size_c<sizeof(firmware_image)>, GFP_KERNEL), // <-- error
                   return false);
#endif
    return true;
}

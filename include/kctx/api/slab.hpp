// SPDX-License-Identifier: BSL-1.0
/// @file
/// The slab allocator: kmalloc and its family.
/// @par Kernel source
/// include/linux/slab.h, mm/slub.c, mm/slab_common.c (6.12).
#pragma once

#include <kctx/gfp/allocation.hpp>

namespace kctx {

using size_t = decltype(sizeof 0);

#define KCTX_SLAB_FIX                                                                              \
    "GFP_ATOMIC (it can fail), or allocate before the atomic section, or in a work item"

/// @p size bytes, physically contiguous.
KCTX_ALLOCATION(slab, void, kmalloc, (size_t size), (), (size), (), KCTX_SLAB_FIX,
                "mm/slub.c __kmalloc_noprof()")
/// @p size bytes, zeroed.
KCTX_ALLOCATION(slab, void, kzalloc, (size_t size), (), (size), (), KCTX_SLAB_FIX,
                "include/linux/slab.h kzalloc_noprof()")
/// Frees what kmalloc() and its family returned; NULL is fine.
KCTX_CALL(allocates, void, kfree, (const void *object), (object), "gives the object back",
          "keep it, and free it after the raw section", "mm/slub.c kfree()")

} // namespace kctx

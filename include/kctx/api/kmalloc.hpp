// SPDX-License-Identifier: BSL-1.0
/// @file
/// kmalloc() and kfree(); the rest of their family is in slab.hpp.
/// @par Kernel source
/// include/linux/slab.h, mm/slub.c (6.12).
#pragma once

#include <kctx/api/types.hpp>
#include <kctx/gfp/allocation.hpp>

namespace kctx {

#define KCTX_SLAB_FIX                                                                              \
    "GFP_ATOMIC (it can fail), or allocate before the atomic section, or in a work item"
#define KCTX_FREE_WHY "gives the memory back"
#define KCTX_FREE_FIX "keep it, and free it after the raw section"

/// @p size bytes, physically contiguous.
KCTX_ALLOCATION(slab, void, kmalloc, (size_t size), (), (size), (), KCTX_SLAB_FIX,
                "mm/slub.c __kmalloc_noprof()")
/// @p size bytes, zeroed.
KCTX_ALLOCATION(slab, void, kzalloc, (size_t size), (), (size), (), KCTX_SLAB_FIX,
                "include/linux/slab.h kzalloc_noprof()")
/// Frees what kmalloc() and its family returned; NULL is fine.
KCTX_CALL(allocates, void, kfree, (const void *object), (object), KCTX_FREE_WHY, KCTX_FREE_FIX,
          "mm/slub.c kfree()")

} // namespace kctx

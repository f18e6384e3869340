// SPDX-License-Identifier: BSL-1.0
/// @file
/// Pools of memory that keep a reserve.
/// @par Kernel source
/// include/linux/mempool.h, mm/mempool.c (6.12).
#pragma once

#include <kctx/api/slab.hpp>

namespace kctx {

/// A pool of elements of which some are always left; the environment's.
struct mempool_t;
using mempool_alloc_t = void *(gfp_t flags, void *pool_data); ///< makes an element, or returns NULL
using mempool_free_t = void(void *element, void *pool_data);  ///< takes an element back

#define KCTX_MEMPOOL_WHY "allocates the reserve with GFP_KERNEL"
#define KCTX_MEMPOOL_FIX "create the pool in process context, at probe time"

/// A pool of at least @p min_nr elements, allocated and freed by these functions.
KCTX_MEMORY_CALL(sleeps, mempool_t, mempool_create,
                 (int min_nr, mempool_alloc_t *alloc, mempool_free_t *free, void *pool_data),
                 (min_nr, alloc, free, pool_data), KCTX_MEMPOOL_WHY, KCTX_MEMPOOL_FIX,
                 "mm/mempool.c mempool_create_node_noprof()")
/// A pool of kmalloc() memory of @p size bytes each.
KCTX_MEMORY_CALL(sleeps, mempool_t, mempool_create_kmalloc_pool, (int min_nr, size_t size),
                 (min_nr, size), KCTX_MEMPOOL_WHY, KCTX_MEMPOOL_FIX,
                 "include/linux/mempool.h mempool_create_kmalloc_pool()")
/// A pool of objects of a slab cache.
KCTX_MEMORY_CALL(sleeps, mempool_t, mempool_create_slab_pool, (int min_nr, kmem_cache *cache),
                 (min_nr, cache), KCTX_MEMPOOL_WHY, KCTX_MEMPOOL_FIX,
                 "include/linux/mempool.h mempool_create_slab_pool()")
/// Frees the pool and its reserve.
KCTX_CALL(sleeps, void, mempool_destroy, (mempool_t * pool), (pool),
          "frees through the pool's own function", "destroy the pool in process context",
          "mm/mempool.c mempool_destroy()")
/// An element; one that may wait for reclaim waits for one to come back.
KCTX_ALLOCATION(slab, void, mempool_alloc, (mempool_t * pool), (), (pool), (), KCTX_SLAB_FIX,
                "mm/mempool.c mempool_alloc_noprof()")
/// Gives an element back.
KCTX_CALL(allocates, void, mempool_free, (void *element, mempool_t *pool), (element, pool),
          KCTX_FREE_WHY, KCTX_FREE_FIX, "mm/mempool.c mempool_free()")

} // namespace kctx

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The slab allocator: kmalloc and its family, caches of objects. kvmalloc is in vmalloc.hpp.
/// @par Kernel source
/// include/linux/slab.h, mm/slub.c, mm/slab_common.c, mm/util.c (6.12).
#pragma once

#include <kctx/api/kmalloc.hpp>
#include <kctx/gfp/order.hpp>

namespace kctx {

/// @p n objects of @p size bytes each; NULL if the product overflows.
KCTX_ALLOCATION(slab, void, kmalloc_array, (size_t n, size_t size), (), (n, size), (),
                KCTX_SLAB_FIX, "include/linux/slab.h kmalloc_array_noprof()")
/// @p n objects of @p size bytes each, zeroed; NULL if the product overflows.
KCTX_ALLOCATION(slab, void, kcalloc, (size_t n, size_t size), (), (n, size), (), KCTX_SLAB_FIX,
                "include/linux/slab.h kcalloc")
/// @p object with @p size bytes from now on; if that fails, NULL, and the object stays.
KCTX_ALLOCATION(slab, void, krealloc, (const void *object, size_t size), (), (object, size), (),
                KCTX_SLAB_FIX, "mm/slub.c krealloc_noprof()")
/// A copy of @p size bytes from @p source.
KCTX_ALLOCATION(slab, void, kmemdup, (const void *source, size_t size), (), (source, size), (),
                KCTX_SLAB_FIX, "mm/util.c kmemdup_noprof()")
KCTX_LIMIT_SIZE(kmalloc, (C, size_t size, G), (C, detail::size_constant<N>, G))
KCTX_LIMIT_SIZE(kzalloc, (C, size_t size, G), (C, detail::size_constant<N>, G))
KCTX_LIMIT_SIZE(krealloc, (C, const void *, size_t size, G),
                (C, const void *, detail::size_constant<N>, G))
KCTX_LIMIT_SIZE(kmemdup, (C, const void *, size_t size, G),
                (C, const void *, detail::size_constant<N>, G))
/// A copy of a string.
KCTX_ALLOCATION(slab, char, kstrdup, (const char *text), (), (text), (), KCTX_SLAB_FIX,
                "mm/util.c kstrdup()")
/// A copy of at most @p max characters of a string.
KCTX_ALLOCATION(slab, char, kstrndup, (const char *text, size_t max), (), (text, max), (),
                KCTX_SLAB_FIX, "mm/util.c kstrndup()")
/// kfree() after wiping the memory.
KCTX_CALL(allocates, void, kfree_sensitive, (const void *object), (object), KCTX_FREE_WHY,
          KCTX_FREE_FIX, "mm/slab_common.c kfree_sensitive()")

/// A cache of objects of one size; the environment's.
struct kmem_cache;

/// A new cache of objects of @p size bytes, aligned to @p align; @p ctor prepares each.
KCTX_MEMORY_CALL(sleeps, kmem_cache, kmem_cache_create,
                 (const char *name, unsigned int size, unsigned int align, unsigned long flags,
                  void (*ctor)(void *)),
                 (name, size, align, flags, ctor), "takes slab_mutex and allocates",
                 "create the cache in process context, at probe time",
                 "mm/slab_common.c __kmem_cache_create_args()")
/// Destroys a cache that has no objects left.
KCTX_CALL(sleeps, void, kmem_cache_destroy, (kmem_cache * cache), (cache),
          "takes slab_mutex and waits for RCU", "destroy the cache in process context",
          "mm/slab_common.c kmem_cache_destroy()")
/// An object of the cache.
KCTX_ALLOCATION(slab, void, kmem_cache_alloc, (kmem_cache * cache), (), (cache), (), KCTX_SLAB_FIX,
                "mm/slub.c kmem_cache_alloc_noprof()")
/// An object of the cache, zeroed.
KCTX_ALLOCATION(slab, void, kmem_cache_zalloc, (kmem_cache * cache), (), (cache), (), KCTX_SLAB_FIX,
                "include/linux/slab.h kmem_cache_zalloc")
/// Gives an object back to its cache.
KCTX_CALL(allocates, void, kmem_cache_free, (kmem_cache * cache, void *object), (cache, object),
          KCTX_FREE_WHY, KCTX_FREE_FIX, "mm/slub.c kmem_cache_free()")

} // namespace kctx

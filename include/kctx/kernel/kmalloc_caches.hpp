// SPDX-License-Identifier: BSL-1.0
/// @file
/// kmalloc() over SLUB by version: size classes, their names, what goes to the page allocator
/// instead, and the largest request (include/linux/slab.h; mm/slab_common.c: kmalloc_info[],
/// kmalloc_index(); mm/slub.c: calculate_order()). For pages of 4 kB. No standard header.
#pragma once

#include <kctx/config.hpp>

namespace kctx::kernel {

inline constexpr unsigned kmalloc_page_shift = 12; ///< pages of 4 kB: their size is 1 << 12 bytes

/// Larger ones are whole pages: KMALLOC_MAX_CACHE_SIZE, two pages in every version read.
inline constexpr unsigned long kmalloc_max_cache_size = 2ul << kmalloc_page_shift;

/// KMALLOC_MAX_SIZE in bytes. From 3.10 to 4.9 the constant said 8 MB, a block that the page
/// allocator does not have: such a request warned there.
constexpr unsigned long kmalloc_max_size(unsigned version_code)
{
    const bool one_too_many =
        version_code >= KCTX_VERSION(3, 10, 0) && version_code < KCTX_VERSION(4, 10, 0);
    return 1ul << (one_too_many ? 23 : 22);
}

/// get_order(): the smallest order that holds so many bytes.
constexpr unsigned order_of_size(unsigned long size)
{
    unsigned order = 0;
    while (order < 51 && size > 1ul << (kmalloc_page_shift + order))
        ++order;
    return order;
}

/// The size of the objects that serve a request of so many bytes, which is no more than
/// kmalloc_max_cache_size.
/// @param min_size KMALLOC_MIN_SIZE: 8; 128 on arm64 up to 6.4 (ARCH_DMA_MINALIGN)
constexpr unsigned kmalloc_class(unsigned long size, unsigned min_size = 8)
{
    if (size <= min_size)
        return min_size;
    if (min_size <= 32 && size > 64 && size <= 96)
        return 96;
    if (min_size <= 64 && size > 128 && size <= 192)
        return 192;
    unsigned object = min_size;
    while (object < size)
        object *= 2;
    return object;
}

/// How a cache is named: kmalloc-1k since 5.0, kmalloc-1024 before.
constexpr bool kmalloc_names_in_k(unsigned version_code)
{
    return version_code >= KCTX_VERSION(5, 0, 0);
}

/// kmalloc-rcl-* for __GFP_RECLAIMABLE: since 4.20. dma-kmalloc-* for __GFP_DMA: always.
constexpr bool kmalloc_has_reclaimable(unsigned version_code)
{
    return version_code >= KCTX_VERSION(4, 20, 0);
}

/// kmalloc-cg-* for __GFP_ACCOUNT: since 5.14.
constexpr bool kmalloc_has_accounted(unsigned version_code)
{
    return version_code >= KCTX_VERSION(5, 14, 0);
}

/// kmalloc() of whole pages asks for a compound page: __GFP_COMP is in the mode of its failures
/// (kmalloc_order(), ___kmalloc_large_node()).
inline constexpr bool kmalloc_large_is_compound = true;

/// slub_max_order: no slab is larger by choice.
inline constexpr unsigned slub_max_order = 3;

namespace detail {

/// slab_order(): the first order from min_objects on that wastes at most a fraction of the slab.
constexpr unsigned slab_order(unsigned size, unsigned min_objects, unsigned max_order,
                              unsigned fraction)
{
    unsigned order = order_of_size(static_cast<unsigned long>(min_objects) * size);
    for (; order <= max_order; ++order) {
        const unsigned long slab = 1ul << (kmalloc_page_shift + order);
        if (slab % size <= slab / fraction)
            break;
    }
    return order;
}

constexpr unsigned fls(unsigned x)
{
    unsigned n = 0;
    for (; x != 0; x >>= 1)
        ++n;
    return n;
}

} // namespace detail

/// calculate_order(): the order of a slab of objects of this size.
/// @param cpus nr_cpu_ids
constexpr unsigned slub_order(unsigned version_code, unsigned size, unsigned cpus)
{
    unsigned min_objects = 4 * (detail::fls(cpus) + 1);
    const unsigned most =
        static_cast<unsigned>((1ul << (kmalloc_page_shift + slub_max_order)) / size);
    min_objects = min_objects < most ? min_objects : most;
    if (version_code >= KCTX_VERSION(6, 8, 0)) {
        // Since 6.8 the waste alone is relaxed, not the number of objects.
        min_objects = min_objects > 1 ? min_objects : 1;
        for (unsigned fraction = 16; fraction > 1; fraction /= 2) {
            const unsigned order = detail::slab_order(size, min_objects, slub_max_order, fraction);
            if (order <= slub_max_order)
                return order;
        }
        return order_of_size(size);
    }
    for (; min_objects > 1; --min_objects) {
        for (unsigned fraction = 16; fraction >= 4; fraction /= 2) {
            const unsigned order = detail::slab_order(size, min_objects, slub_max_order, fraction);
            if (order <= slub_max_order)
                return order;
        }
    }
    const unsigned order = detail::slab_order(size, 1, slub_max_order, 1);
    return order <= slub_max_order ? order : detail::slab_order(size, 1, 10, 1);
}

} // namespace kctx::kernel

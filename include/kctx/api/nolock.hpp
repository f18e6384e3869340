// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory for contexts that no lock may be taken in: where the allocators' own locks are busy, it
/// fails. Of 6.18 and later.
/// @par Kernel source
/// include/linux/slab.h, mm/slub.c, include/linux/gfp.h, mm/page_alloc.c (6.18).
#pragma once

#include <kctx/api/page.hpp>

#if KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 18, 0)
namespace kctx {

/// The flags that these calls take: __GFP_ACCOUNT, __GFP_ZERO, or `gfp<>{}` for none.
struct nolock_flags {
    unsigned value; ///< the mask in bits
    template <gfp_set G>
        requires((detail::gfp_bits<G> & ~(detail::gfp_bits<flag::__GFP_ACCOUNT> |
                                          detail::gfp_bits<flag::__GFP_ZERO>)) == 0)
    constexpr nolock_flags(G) noexcept : value(detail::gfp_bits<G>)
    {}
};

/// @p size bytes; legal in every context. On PREEMPT_RT always NULL in a hard irq and in an NMI.
KCTX_MEMORY_CALL(anywhere, void, kmalloc_nolock, (size_t size, nolock_flags flags, int node),
                 (size, flags, node), "fails where it would have to wait", KCTX_NO_FIX,
                 "mm/slub.c kmalloc_nolock_noprof()")
/// Frees what kmalloc_nolock() returned; legal in every context.
KCTX_CALL(anywhere, void, kfree_nolock, (const void *object), (object),
          "leaves to others what it would have to wait for", KCTX_NO_FIX,
          "mm/slub.c kfree_nolock()")
/// 2^order pages, of an order that CPUs keep lists of; legal in every context. On PREEMPT_RT always
/// NULL in a hard irq and in an NMI.
KCTX_MEMORY_CALL(anywhere, page, alloc_pages_nolock,
                 (nolock_flags flags, int node, unsigned int order), (flags, node, order),
                 "fails where it would have to wait", KCTX_NO_FIX,
                 "mm/page_alloc.c alloc_pages_nolock_noprof()")

} // namespace kctx
#endif

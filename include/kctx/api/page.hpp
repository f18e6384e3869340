// SPDX-License-Identifier: BSL-1.0
/// @file
/// Whole pages: the page allocator's own calls.
/// @par Kernel source
/// include/linux/gfp.h, mm/page_alloc.c (6.12).
#pragma once

#include <kctx/api/types.hpp>
#include <kctx/gfp/order.hpp>

namespace kctx {

/// The kernel's record of a page; the environment's.
struct page;

/// What __get_free_pages() returns to be checked: an address as an unsigned long.
struct lowmem_address;
namespace detail {
template <> struct checked_form<lowmem_address> {
    static unsigned long of(lowmem_address *p) noexcept
    {
        return reinterpret_cast<unsigned long>(p);
    }
};
} // namespace detail

#define KCTX_PAGE_FIX                                                                              \
    "GFP_ATOMIC (it can fail, the more so the higher the order), or allocate before the atomic "   \
    "section"
#define KCTX_PAGE_FREE_WHY "takes the zone's lock"
#define KCTX_PAGE_FREE_FIX "keep the pages, and free them after the raw section"

/// 2^order pages in a row.
KCTX_ALLOCATION(page, page, alloc_pages, (), (unsigned int order), (), (order), KCTX_PAGE_FIX,
                "mm/page_alloc.c __alloc_pages_noprof()")
/// One page.
KCTX_ALLOCATION(page, page, alloc_page, (), (), (), (), KCTX_PAGE_FIX,
                "include/linux/gfp.h alloc_page()")
/// The address of 2^order pages in a row.
KCTX_ALLOCATION(lowmem, lowmem_address, __get_free_pages, (), (unsigned int order), (), (order),
                KCTX_PAGE_FIX, "mm/page_alloc.c get_free_pages_noprof()")
/// The address of one page.
KCTX_ALLOCATION(lowmem, lowmem_address, __get_free_page, (), (), (), (), KCTX_PAGE_FIX,
                "include/linux/gfp.h __get_free_page()")
/// The address of one page, zeroed.
KCTX_ALLOCATION(lowmem, lowmem_address, get_zeroed_page, (), (), (), (), KCTX_PAGE_FIX,
                "mm/page_alloc.c get_zeroed_page_noprof()")
/// @p size bytes in whole pages, without the rest of the power of two.
KCTX_ALLOCATION(lowmem, void, alloc_pages_exact, (size_t size), (), (size), (), KCTX_PAGE_FIX,
                "mm/page_alloc.c alloc_pages_exact_noprof()")
KCTX_LIMIT_ORDER(alloc_pages, (C, G, unsigned int order), (C, G, detail::order_constant<N>))
KCTX_LIMIT_ORDER(__get_free_pages, (C, G, unsigned int order), (C, G, detail::order_constant<N>))
KCTX_LIMIT_SIZE(alloc_pages_exact, (C, size_t size, G), (C, detail::size_constant<N>, G))

KCTX_CALL(allocates, void, __free_pages, (page * pages, unsigned int order), (pages, order),
          KCTX_PAGE_FREE_WHY, KCTX_PAGE_FREE_FIX, "mm/page_alloc.c __free_pages()")
KCTX_CALL(allocates, void, __free_page, (page * p), (p), KCTX_PAGE_FREE_WHY, KCTX_PAGE_FREE_FIX,
          "include/linux/gfp.h __free_page()")
KCTX_CALL(allocates, void, free_pages, (unsigned long address, unsigned int order),
          (address, order), KCTX_PAGE_FREE_WHY, KCTX_PAGE_FREE_FIX, "mm/page_alloc.c free_pages()")
KCTX_CALL(allocates, void, free_page, (unsigned long address), (address), KCTX_PAGE_FREE_WHY,
          KCTX_PAGE_FREE_FIX, "include/linux/gfp.h free_page()")
KCTX_CALL(allocates, void, free_pages_exact, (void *memory, size_t size), (memory, size),
          KCTX_PAGE_FREE_WHY, KCTX_PAGE_FREE_FIX, "mm/page_alloc.c free_pages_exact()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// The address of a page of lowmem; legal in every context.
void *page_address(const page *p) noexcept KCTX_EFFECT_spin;
/// The page at an address of lowmem; legal in every context.
page *virt_to_page(const void *address) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::page_address;
using env::virt_to_page;
KCTX_LEGAL_ANYWHERE(page_address, "computes an address", "include/linux/mm.h page_address()")
KCTX_LEGAL_ANYWHERE(virt_to_page, "computes an address",
                    "include/asm-generic/memory_model.h virt_to_page()")

} // namespace kctx

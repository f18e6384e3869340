// SPDX-License-Identifier: BSL-1.0
/// @file
/// What happens when no zone is above its low watermark (mm/page_alloc.c:
/// __alloc_pages_slowpath()).
#pragma once

#include <kctx/mm/page_allocator.hpp>

namespace kctx::mm {

inline page_result page_allocator::slow_path(const request_class &list, unsigned gfp,
                                             unsigned order, unsigned type,
                                             const alloc_context &who)
{
    if (who.nocma) // since 5.15 in alloc_pages() already
        gfp &= ~masks_.movable;
    unsigned flags = kernel::alloc_flags_slow(core_.rules, masks_, gfp, order, who);
    if ((flags & kernel::ALLOC_KSWAPD) != 0) {
        for (int i = list.top; i >= 0; --i)
            wake_kswapd(core_.zones[static_cast<std::size_t>(i)], order);
    }
    const auto attempt = [&] { return from_freelist(list, order, type, flags, gfp); };
    page_index p = attempt();
    if (p != no_page)
        return page_result(core_.map.pfn(p));
    if (const unsigned reserves = kernel::alloc_flags_reserves(core_.rules, masks_, gfp, who)) {
        flags = (flags & kernel::ALLOC_CMA) | reserves;
        p = attempt();
        if (p != no_page)
            return page_result(core_.map.pfn(p));
    }
    if ((gfp & masks_.direct_reclaim) == 0 || who.memalloc)
        return fail(alloc_failure::no_pages, gfp, order, flags);
    return fail(alloc_failure::needs_reclaim, gfp, order, flags);
}

} // namespace kctx::mm

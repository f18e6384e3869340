// SPDX-License-Identifier: BSL-1.0
/// @file
/// What happens when no zone is above its low watermark: kswapd is woken, reserves are touched,
/// memory is compacted and reclaimed, or the request fails (mm/page_alloc.c:
/// __alloc_pages_slowpath(), __alloc_pages_direct_reclaim(), should_reclaim_retry(),
/// unreserve_highatomic_pageblock()).
///
/// What can be migrated and reclaimed is what the user of the model has said: set_movable(),
/// set_reclaimable(). Reclaim takes 32 pages at a time, the oldest first. Compaction moves movable
/// pages from the low end of a zone to free pages at its high end, until a block is large enough.
#pragma once

#include <kctx/mm/page_allocator.hpp>

namespace kctx::mm {

inline page_result page_allocator::slow_path(const request_class &list, unsigned gfp,
                                             unsigned order, unsigned type,
                                             const alloc_context &who)
{
    constexpr unsigned costly_order = 3, max_reclaim_retries = 16;
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

    const unsigned reserves = kernel::alloc_flags_reserves(core_.rules, masks_, gfp, who);
    const bool waits = (gfp & masks_.direct_reclaim) != 0;
    const bool compacts = core_.rules.compaction && order > 0;
    const bool first =
        compacts && core_.rules.compaction_first && (order > costly_order || type != movable);
    if (waits && first && reserves == 0) {
        if (stop_before_reclaim_)
            return fail(alloc_failure::needs_reclaim, gfp, order, flags);
        p = compact(list, gfp, order, type) ? attempt() : no_page;
        if (p != no_page)
            return page_result(core_.map.pfn(p));
    }
    for (unsigned without_progress = 0, tries = 0;; ++tries) {
        if (reserves != 0)
            flags = (flags & kernel::ALLOC_CMA) | reserves;
        if (reserves != 0 || tries != 0) { // else nothing has changed since the last attempt
            p = attempt();
            if (p != no_page)
                return page_result(core_.map.pfn(p));
        }
        if (!waits || who.memalloc)
            return fail(alloc_failure::no_pages, gfp, order, flags);
        if (stop_before_reclaim_)
            return fail(alloc_failure::needs_reclaim, gfp, order, flags);

        if (core_.events != nullptr)
            core_.events->direct_reclaim(order, gfp);
        const unsigned long progress = reclaim(32);
        p = progress != 0 ? attempt() : no_page;
        if (p == no_page && progress != 0) {
            unreserve_highatomic(list, type, false);
            drain_all_pages();
            p = attempt();
        }
        if (p == no_page && compacts && compact(list, gfp, order, type))
            p = attempt();
        if (p != no_page)
            return page_result(core_.map.pfn(p));

        const bool nofail = (gfp & masks_.nofail) != 0;
        const bool may_fail = (gfp & masks_.retry_mayfail) != 0;
        if ((gfp & masks_.noretry) != 0 || (order > costly_order && !may_fail)) {
            if (nofail && progress != 0)
                continue;
            return fail(nofail ? alloc_failure::loops_forever : alloc_failure::no_pages, gfp, order,
                        flags);
        }
        without_progress = progress != 0 && order <= costly_order ? 0 : without_progress + 1;
        if (progress != 0 && without_progress <= max_reclaim_retries)
            continue;
        if (unreserve_highatomic(list, type, true))
            continue;
        const bool killed = order <= costly_order && !may_fail && core_.events != nullptr &&
                            core_.events->oom_kill(order, gfp);
        if (killed)
            continue;
        return fail(nofail ? alloc_failure::loops_forever : alloc_failure::no_pages, gfp, order,
                    flags);
    }
}

/// What has been migrated is reclaimable where it is now.
inline void page_allocator::follow_moved()
{
    if (moved_.empty())
        return;
    std::unordered_map<std::uint64_t, std::size_t> place;
    for (std::size_t i = 0; i < reclaimable_.size(); ++i)
        place[reclaimable_[i]] = i;
    for (const auto &[from, to] : moved_) {
        const auto found = place.find(from);
        if (found == place.end())
            continue;
        reclaimable_[found->second] = to;
        place[to] = found->second;
        place.erase(from);
    }
    moved_.clear();
}

/// Frees the oldest reclaimable pages: how many it could.
inline unsigned long page_allocator::reclaim(unsigned long pages)
{
    follow_moved();
    unsigned long freed = 0;
    while (freed < pages && !reclaimable_.empty()) {
        const std::uint64_t pfn = reclaimable_.front();
        reclaimable_.pop_front();
        if (!core_.map.tag[core_.map.index(pfn)].is_movable())
            continue; // freed since
        if (core_.events != nullptr)
            core_.events->reclaimed(pfn);
        free_pages(pfn, 0);
        ++freed;
    }
    return freed;
}

/// kswapd: reclaims until each zone is above its high mark, or nothing is left; then the boosts end
/// (mm/vmscan.c: balance_pgdat()).
inline void page_allocator::run_kswapd()
{
    const auto below = [this] {
        for (const zone &z : core_.zones) {
            if (z.free.exact() <= z.mark(kernel::ALLOC_WMARK_HIGH))
                return true;
        }
        return false;
    };
    while (below() && reclaim(32) != 0) {
    }
    kswapd_sleeps();
}

/// A HIGHATOMIC pageblock with free pages goes back to the type of the request; the last one only
/// by force.
inline bool page_allocator::unreserve_highatomic(const request_class &list, unsigned type,
                                                 bool force)
{
    const long pageblock = core_.map.pageblock_pages();
    for (int i = list.top; core_.rules.highatomic && i >= 0; --i) {
        zone &z = core_.zones[static_cast<std::size_t>(i)];
        if (z.reserved_highatomic == 0 || (!force && z.reserved_highatomic <= pageblock))
            continue;
        free_lists lists(core_, z);
        for (unsigned o = 0; o < core_.orders; ++o) {
            const page_index p = lists.first(o, highatomic);
            if (p == no_page)
                continue;
            z.reserved_highatomic -= std::min(pageblock, z.reserved_highatomic);
            z.set_quick();
            core_.map.set_block_type(p, type);
            if (lists.move_pageblock(p, type).free != 0)
                return true;
        }
    }
    return false;
}

/// Direct compaction of the zones that the request may use (mm/compaction.c: compact_zone()): true
/// if one has a block for it now.
inline bool page_allocator::compact(const request_class &list, unsigned gfp, unsigned order,
                                    unsigned type)
{
    if (core_.events != nullptr)
        core_.events->direct_compaction(order, gfp);
    drain_all_pages();
    for (int i = list.top; i >= 0; --i) {
        zone &z = core_.zones[static_cast<std::size_t>(i)];
        const long gap = 2L << order; // compaction_suitable()
        if (z.free.exact() - (type == movable ? 0 : z.free_cma.exact()) <= z.wmark.low + gap)
            continue;
        if (compact_zone(z, order, type))
            return true;
    }
    return false;
}

inline void page_allocator::compact_memory()
{
    drain_all_pages();
    for (zone &z : core_.zones)
        compact_zone(z, core_.orders, movable); // an order that is never there: to the end
}

inline bool page_allocator::compact_zone(zone &z, unsigned order, unsigned type)
{
    free_lists lists(core_, z);
    lists.touch_all(z.begin, z.end);
    const auto done = [&] {
        const unsigned found =
            unsigned{z.nonempty[type]} | (type == movable ? z.nonempty[cma] : 0u);
        return found >> order != 0;
    };
    page_index target = z.end; // free pages are taken below this
    for (page_index p = z.begin; p < target && !done(); ++p) {
        const unsigned block = core_.map.block_type(p);
        if (!core_.map.tag[p].is_movable() || (block != movable && block != cma))
            continue;
        page_index to = no_page;
        while (to == no_page && --target > p) {
            const page_tag t = core_.map.tag[target];
            const unsigned there = core_.map.block_type(target);
            if (t.is_free() && (there == movable || there == cma))
                to = target;
        }
        if (to == no_page)
            return false;
        const page_tag t = core_.map.tag[to];
        lists.remove(to);
        lists.count(-(1L << t.order()), t.type());
        page_index last = to + (page_index{1} << t.order()) - 1;
        target = last; // the rest of the block is the next target
        for (unsigned o = t.order(); o-- > 0;) {
            const page_index half = to;
            lists.free_block(half, o, core_.map.block_type(half));
            to += page_index{1} << o;
        }
        move_page(p, to);
    }
    return done();
}

/// The contents of a movable page go to a page that was taken for them; its own is free then.
inline void page_allocator::move_page(page_index from, page_index to)
{
    core_.map.tag[to] = page_tag::in_use(true);
    core_.map.tag[from] = {};
    if (!reclaimable_.empty())
        moved_.emplace_back(core_.map.pfn(from), core_.map.pfn(to));
    if (core_.events != nullptr)
        core_.events->migrated(core_.map.pfn(from), core_.map.pfn(to));
    zone &z = *zone_at(core_.map.pfn(from));
    free_lists(core_, z).free_block(from, 0, core_.map.block_type(from));
}

} // namespace kctx::mm

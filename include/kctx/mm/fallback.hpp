// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which block a request gets when its own lists have none: the types robbed, whole pageblocks
/// that change their type, the watermark boost (mm/page_alloc.c: __rmqueue(), __rmqueue_fallback(),
/// steal_suitable_fallback(), since late 6.12 __rmqueue_claim(), __rmqueue_steal()).
#pragma once

#include <kctx/mm/free_lists.hpp>

namespace kctx::mm {

/// Takes blocks of a zone's lists by the version's rules. Not counted: the caller does.
class block_choice
{
public:
    block_choice(allocator_core &core, zone &z) : core_(core), z_(z), lists_(core, z) {}

    /// __rmqueue(): a page of the order for a type, from wherever the rules find one.
    page_index take(unsigned order, unsigned type, unsigned alloc_flags)
    {
        return take(order, type, alloc_flags,
                    core_.rules.cma_by_flag ? (alloc_flags & kernel::ALLOC_CMA) != 0
                                            : type == movable);
    }

    /// The same, @p may_cma told.
    [[gnu::always_inline]] inline page_index take(unsigned order, unsigned type,
                                                  unsigned alloc_flags, bool may_cma)
    {
        if (core_.rules.cma_first_over_half && may_cma && z_.free_cma.global > z_.free.global / 2) {
            const page_index p = lists_.take_smallest(order, cma);
            if (p != no_page)
                return p;
        }
        page_index p = lists_.take_smallest(order, type);
        if (p == no_page) [[unlikely]]
            p = take_elsewhere(core_, z_, order, type, alloc_flags, may_cma);
        return p;
    }

private:
    struct candidate {
        unsigned type = migrate_types; ///< migrate_types: none
        bool whole = false;            ///< the request may take the whole pageblock
    };

    /// Static: so the object of a request that finds a block on its own lists need not be in
    /// memory.
    [[gnu::noinline]] static page_index take_elsewhere(allocator_core &core, zone &z,
                                                       unsigned order, unsigned type,
                                                       unsigned alloc_flags, bool may_cma)
    {
        return block_choice(core, z).search(order, type, alloc_flags, may_cma);
    }

    page_index search(unsigned order, unsigned type, unsigned alloc_flags, bool may_cma)
    {
        for (;;) {
            if (may_cma) {
                const page_index p = lists_.take_smallest(order, cma);
                if (p != no_page)
                    return p;
            }
            page_index p = no_page;
            switch (core_.rules.steal) {
            case kernel::steal_rule::move_and_retry:
                if (!move_fallback(order, type, alloc_flags))
                    return no_page;
                p = lists_.take_smallest(order, type);
                break;
            case kernel::steal_rule::take_page:
                p = take_fallback(order, type, alloc_flags);
                if (p == no_page && core_.rules.reserve_type)
                    p = lists_.take_smallest(order, highatomic);
                return p;
            case kernel::steal_rule::claim_or_steal:
                p = claim(order, type, alloc_flags);
                if (p == no_page && (alloc_flags & kernel::ALLOC_NOFRAGMENT) == 0)
                    p = steal(order, type);
                return p;
            }
            if (p != no_page)
                return p;
        }
    }

    /// find_suitable_fallback(): the first fallback type with a block of this order.
    candidate find(unsigned order, unsigned type) const
    {
        const auto [first, second] = kernel::fallbacks_of(static_cast<migratetype>(type));
        for (const migratetype f : {first, second}) {
            const auto t = static_cast<unsigned>(f);
            if ((z_.nonempty[t] >> order & 1) != 0)
                return {t, may_take_whole(order, type)};
        }
        return {};
    }

    /// can_steal_fallback(): may the request take the pageblock, not only the block?
    bool may_take_whole(unsigned order, unsigned type) const
    {
        return order >= core_.map.pageblock_order / 2 || type == reclaimable ||
               (type == unmovable && core_.rules.steal_for_unmovable) || core_.mobility_disabled;
    }

    unsigned lowest_order(unsigned order, unsigned alloc_flags) const
    {
        const unsigned pageblock = core_.map.pageblock_order;
        const bool keep_apart = (alloc_flags & kernel::ALLOC_NOFRAGMENT) != 0 &&
                                (order < pageblock || !core_.rules.nofragment_small_only);
        return keep_apart ? pageblock : order;
    }

    /// 4.14 ... 6.6: the largest block of another type moves, alone or with its pageblock, to the
    /// lists of this one. A MOVABLE request that may not take whole pageblocks moves the smallest.
    bool move_fallback(unsigned order, unsigned type, unsigned alloc_flags)
    {
        const unsigned lowest = lowest_order(order, alloc_flags);
        for (unsigned o = core_.orders; o-- > lowest;) {
            candidate c = find(o, type);
            if (c.type == migrate_types)
                continue;
            if (!c.whole && type == movable && o > order) {
                for (o = order; (c = find(o, type)).type == migrate_types; ++o) {
                }
            }
            const page_index p = lists_.first(o, c.type);
            const unsigned block_type = core_.map.block_type(p);
            if (block_type == highatomic ||
                !take_over(p, o, type, block_type, c.whole, alloc_flags))
                lists_.move(p, type);
            report(p, order, o, type, c.type);
            return true;
        }
        return false;
    }

    /// Tries to take the pageblock of a block: true if its free blocks are on the request's lists
    /// now. The pageblock's type follows if half of it is free or holds compatible pages.
    bool take_over(page_index p, unsigned order, unsigned type, unsigned block_type, bool whole,
                   unsigned alloc_flags)
    {
        if (order >= core_.map.pageblock_order) {
            core_.map.set_block_types(p, order, type);
            return false;
        }
        boost(alloc_flags);
        if (!whole)
            return false;
        const free_lists::block_content found = lists_.move_pageblock(p, type);
        if (found.free == 0)
            return false;
        if (compatible(found, type, block_type))
            core_.map.set_block_type(p, type);
        return true;
    }

    bool compatible(const free_lists::block_content &found, unsigned type,
                    unsigned block_type) const
    {
        const long pages = core_.map.pageblock_pages();
        long alike = 0;
        if (core_.rules.count_alike) {
            if (type == movable)
                alike = found.movable;
            else if (block_type == movable)
                alike = pages - (found.free + found.movable);
        }
        return found.free + alike >= pages / 2 || core_.mobility_disabled;
    }

    /// To 4.13: pageblock moved, page handed out of the block found. Early 6.12: the same, but what
    /// is not claimed stays on the lists of its own type.
    page_index take_fallback(unsigned order, unsigned type, unsigned alloc_flags)
    {
        const unsigned lowest = lowest_order(order, alloc_flags);
        for (unsigned o = core_.orders; o-- > lowest;) {
            candidate c = find(o, type);
            if (c.type == migrate_types)
                continue;
            if (core_.rules.list_is_block_type && !c.whole && type == movable && o > order) {
                for (o = order; (c = find(o, type)).type == migrate_types; ++o) {
                }
            }
            const page_index p = lists_.first(o, c.type);
            const page_index taken = core_.rules.list_is_block_type
                                         ? claim_block(p, order, o, type, c, true, alloc_flags)
                                         : take_block(p, order, o, type, c);
            report(p, order, o, type, c.type);
            return taken;
        }
        return no_page;
    }

    page_index take_block(page_index p, unsigned order, unsigned found_order, unsigned type,
                          candidate c)
    {
        unsigned rest_type = c.type;
        if (c.whole) {
            const free_lists::block_content found = lists_.move_pageblock(p, type);
            if (compatible(found, type, core_.map.block_type(p)))
                core_.map.set_block_type(p, type);
            rest_type = type;
        }
        lists_.remove(p);
        if (found_order >= core_.map.pageblock_order)
            core_.map.set_block_types(p, found_order, type);
        lists_.expand(p, order, found_order, rest_type);
        return p;
    }

    /// try_to_claim_block() (6.12): claims the pageblock and takes the page from its blocks; else,
    /// if allowed, takes the page of the block found alone.
    page_index claim_block(page_index p, unsigned order, unsigned found_order, unsigned type,
                           candidate c, bool or_page, unsigned alloc_flags)
    {
        const unsigned block_type = core_.map.block_type(p);
        if (found_order >= core_.map.pageblock_order) {
            lists_.remove(p);
            core_.map.set_block_types(p, found_order, type);
            lists_.expand(p, order, found_order, type);
            return p;
        }
        boost(alloc_flags);
        if (c.whole && lies_in_zone(p)) {
            const free_lists::block_content found = content(p);
            if (compatible(found, type, block_type)) {
                lists_.move_pageblock(p, type);
                core_.map.set_block_type(p, type);
                return lists_.take_smallest(order, type);
            }
        }
        if (!or_page)
            return no_page;
        lists_.remove(p);
        lists_.expand(p, order, found_order, block_type);
        return p;
    }

    /// __rmqueue_claim(): largest order first, until an order at which nothing may be claimed.
    page_index claim(unsigned order, unsigned type, unsigned alloc_flags)
    {
        const unsigned lowest = lowest_order(order, alloc_flags);
        for (unsigned o = core_.orders; o-- > lowest;) {
            if (!may_take_whole(o, type))
                break;
            const candidate c = find(o, type);
            if (c.type == migrate_types)
                continue;
            const page_index p = lists_.first(o, c.type);
            const page_index taken = claim_block(p, order, o, type, c, false, alloc_flags);
            if (taken != no_page) {
                report(p, order, o, type, c.type);
                return taken;
            }
        }
        return no_page;
    }

    /// __rmqueue_steal(): one page from the smallest block of another type.
    page_index steal(unsigned order, unsigned type)
    {
        for (unsigned o = order; o < core_.orders; ++o) {
            const candidate c = find(o, type);
            if (c.type == migrate_types)
                continue;
            const page_index p = lists_.first(o, c.type);
            lists_.remove(p);
            lists_.expand(p, order, o, c.type);
            report(p, order, o, type, c.type);
            return p;
        }
        return no_page;
    }

    bool lies_in_zone(page_index p) const
    {
        const page_index start = core_.map.pageblock_start(p);
        return start >= z_.begin && start + core_.map.pageblock_pages() <= z_.end;
    }

    free_lists::block_content content(page_index page) const
    {
        free_lists::block_content found;
        const page_index end = core_.map.pageblock_start(page) + core_.map.pageblock_pages();
        for (page_index p = core_.map.pageblock_start(page); p < end;) {
            const page_tag t = core_.map.tag[p];
            if (t.is_free()) {
                found.free += 1L << t.order();
                p += page_index{1} << t.order();
            } else {
                found.movable += t.is_movable();
                ++p;
            }
        }
        return found;
    }

    /// boost_watermark(): kswapd is to free enough that the next request need not fall back.
    void boost(unsigned alloc_flags)
    {
        const kernel::page_alloc_rules &rules = core_.rules;
        const long pageblock = core_.map.pageblock_pages();
        if (!rules.boost || core_.boost_factor == 0 ||
            (rules.boost_needs_four_blocks && pageblock * 4 > static_cast<long>(z_.managed)))
            return;
        z_.boost =
            kernel::boosted_watermark(z_.boost, z_.wmark.high, core_.boost_factor, pageblock);
        if ((alloc_flags & kernel::ALLOC_KSWAPD) != 0)
            z_.flags |= ZONE_BOOSTED_WATERMARK;
        z_.set_quick();
    }

    void report(page_index p, unsigned order, unsigned found_order, unsigned type,
                unsigned fallback_type) const
    {
        if (core_.events == nullptr)
            return;
        core_.events->extfrag({core_.map.pfn(p), order, found_order, type, fallback_type,
                               core_.map.block_type(p) == type});
    }

    allocator_core &core_;
    zone &z_;
    free_lists lists_;
};

} // namespace kctx::mm

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The buddy system of one zone: blocks on lists by order and migrate type, in the kernel's order;
/// split and merge (mm/page_alloc.c: __free_one_page(), expand(), __rmqueue_smallest(),
/// move_freepages_block()).
#pragma once

#include <kctx/mm/events.hpp>
#include <kctx/mm/zone.hpp>

#include <vector>

namespace kctx::mm {

/// What all parts of the allocator work on.
struct allocator_core {
    /// Those of the kernel that is modelled.
    kernel::page_alloc_rules rules = kernel::page_alloc_rules_of(KCTX_VERSION(5, 4, 124));
    unsigned orders = max_orders;   ///< of free lists: MAX_ORDER, MAX_PAGE_ORDER + 1
    unsigned boost_factor = 15000;  ///< sysctl watermark_boost_factor, of 10000
    bool mobility_disabled = false; ///< page_group_by_mobility_disabled: all types are UNMOVABLE
    page_map map;                   ///< the pages' tags, links and pageblocks
    std::vector<zone> zones;        ///< from the lowest up
    event_sink *events = nullptr;   ///< who hears of events; nullptr: nobody
};

/// Blocks of one zone on and off their lists.
class free_lists
{
public:
    free_lists(allocator_core &core, zone &z) : core_(core), z_(z) {}

    /// The block at the head of a list; no_page if it is empty.
    page_index first(unsigned order, unsigned type) const
    {
        return (z_.nonempty[type] >> order & 1) != 0 ? core_.map.link[head(order, type)].next
                                                     : no_page;
    }

    /// Puts a block first on its list: it is taken next.
    [[gnu::always_inline]] inline void add_head(page_index p, unsigned order, unsigned type)
    {
        const page_index h = head(order, type);
        insert(p, h, core_.map.link[h].next, order, type);
    }
    /// Puts a block last on its list.
    [[gnu::always_inline]] inline void add_tail(page_index p, unsigned order, unsigned type)
    {
        const page_index h = head(order, type);
        insert(p, core_.map.link[h].prev, h, order, type);
    }

    /// Takes a block off the list that its tag names.
    void remove(page_index p)
    {
        const unsigned order = core_.map.tag[p].order();
        remove(p, order, core_.map.tag[p].type());
    }
    /// Takes a block off the list of an order and type.
    [[gnu::always_inline]] inline void remove(page_index p, unsigned order, unsigned type)
    {
        if (p == z_.untouched.top) [[unlikely]]
            replace_untouched(core_.map, z_, order, type);
        else
            unlink(p, order, type);
    }

    /// Puts a free block on the list of another type.
    void move(page_index p, unsigned type)
    {
        const unsigned order = core_.map.tag[p].order();
        remove(p, order, core_.map.tag[p].type());
        if (core_.rules.moved_to_tail)
            add_tail(p, order, type);
        else
            add_head(p, order, type);
    }

    /// Takes a page of the order from the smallest block of the type that has one, splits off what
    /// is too much: the upper halves, largest first.
    [[gnu::always_inline]] inline page_index take_smallest(unsigned order, unsigned type)
    {
        const unsigned fitting = unsigned{z_.nonempty[type]} >> order;
        if (fitting == 0)
            return no_page;
        const unsigned found = order + static_cast<unsigned>(std::countr_zero(fitting));
        const page_index p = core_.map.link[head(found, type)].next;
        remove(p, found, type);
        expand(p, order, found, type);
        return p;
    }

    /// Gives the upper halves of a block back until it is of the order wanted.
    void expand(page_index p, unsigned order, unsigned found, unsigned type)
    {
        while (found > order) {
            --found;
            add_head(p + (page_index{1} << found), found, type);
        }
    }

    /// The same for a block of just this order, if there is one, and taking it needs nothing else;
    /// no_page if it may, and nothing has changed.
    [[gnu::always_inline]] page_index take_quickly(unsigned order, unsigned type)
    {
        const page_index p = core_.map.link[head(order, type)].next;
        if ((z_.nonempty[type] >> order & 1) == 0 || p == z_.untouched.top) [[unlikely]]
            return no_page;
        unlink(p, order, type);
        return p;
    }

    /// Frees a block to the list of a type, merged with its buddies; to its tail where it is likely
    /// to merge further, or if told so.
    void free_block(page_index p, unsigned order, unsigned type, bool to_tail = false)
    {
        if (type != isolate)
            count(1L << order, type);
        const unsigned last = core_.orders - 1;
        while (order < last) {
            const page_index buddy = p ^ (page_index{1} << order);
            if (!core_.map.tag[buddy].is_free(order))
                break;
            if (order >= core_.map.pageblock_order && !merges_across(core_, z_, buddy, order, type))
                break;
            remove(buddy, order, core_.map.tag[buddy].type());
            p &= buddy;
            ++order;
        }
        if (to_tail || merge_is_likely(p, order))
            add_tail(p, order, type);
        else
            add_head(p, order, type);
    }

    /// The same for a block whose buddy is in use, of a type that is counted; false if that may not
    /// be so, and nothing has changed.
    [[gnu::always_inline]] bool free_quickly(page_index p, unsigned order, unsigned type)
    {
        if (type >= isolate || order + 1 >= core_.orders ||
            core_.map.tag[p ^ (page_index{1} << order)].is_free(order)) [[unlikely]]
            return false;
        count(1L << order, type);
        if (merge_is_likely(p, order))
            add_tail(p, order, type);
        else
            add_head(p, order, type);
        return true;
    }

    /// Counts pages that come to (or, negative, leave) the lists of a type.
    void count(long pages, unsigned type)
    {
        z_.free.add(pages, z_.stat_threshold);
        if (type == cma)
            z_.free_cma.add(pages, z_.stat_threshold);
    }

    /// What a pageblock holds, in pages.
    struct block_content {
        long free = 0;    ///< pages on free lists, moved
        long movable = 0; ///< in use and movable
    };

    /// Moves the free blocks of a page's pageblock to the list of a type (move_freepages_block()).
    /// Nothing if the zone ends in the pageblock.
    block_content move_pageblock(page_index page, unsigned type)
    {
        block_content found;
        page_index p = core_.map.pageblock_start(page);
        const page_index end = p + core_.map.pageblock_pages();
        if (p < z_.begin)
            p = page;
        if (end > z_.end)
            return found;
        touch_all(p, end);
        while (p < end) {
            const page_tag t = core_.map.tag[p];
            if (!t.is_free()) {
                found.movable += t.is_movable();
                ++p;
                continue;
            }
            const page_index size = page_index{1} << t.order();
            move(p, type);
            found.free += size;
            p += size;
        }
        return found;
    }

    /// Makes the blocks of an untouched run known one by one, if it reaches into these pages.
    void touch_all(page_index begin, page_index end)
    {
        untouched_run &run = z_.untouched;
        if (run.top == no_page || run.top < begin || run.bottom >= end)
            return;
        const unsigned order = core_.orders - 1;
        const page_index size = page_index{1} << order;
        const unsigned type = core_.map.tag[run.top].type();
        page_index at = run.top;
        const page_index after = core_.map.link[at].next;
        while (at != run.bottom) {
            const page_index below = at - size;
            core_.map.link[at].next = below;
            core_.map.link[below] = {after, at};
            core_.map.tag[below] = page_tag::free_block(order, type);
            at = below;
        }
        core_.map.link[after].prev = at;
        run = {};
    }

    /// The element that stands for the list's ends.
    page_index head(unsigned order, unsigned type) const
    {
        return z_.heads + order * migrate_types + type;
    }

private:
    [[gnu::always_inline]] inline void insert(page_index p, page_index prev, page_index next,
                                              unsigned order, unsigned type)
    {
        core_.map.link[p].next = next;
        core_.map.link[p].prev = prev;
        core_.map.link[prev].next = p;
        core_.map.link[next].prev = p;
        core_.map.tag[p] = page_tag::free_block(order, type);
        z_.nonempty[type] = static_cast<std::uint16_t>(z_.nonempty[type] | (1u << order));
        ++z_.nr_free[order];
    }

    [[gnu::always_inline]] inline void unlink(page_index p, unsigned order, unsigned type)
    {
        const page_index next =
            core_.map.link[p].next; // not both at once: one was just written alone
        const page_index prev = core_.map.link[p].prev;
        core_.map.tag[p] = {};
        core_.map.link[prev].next = next;
        core_.map.link[next].prev = prev;
        --z_.nr_free[order];
        if (next == prev) // the head
            z_.nonempty[type] = static_cast<std::uint16_t>(z_.nonempty[type] & ~(1u << order));
    }

    // What is rare is outside, and static: so this object need not be in memory for it.

    [[gnu::noinline]] static void replace_untouched(page_map &map, zone &z, unsigned order,
                                                    unsigned type)
    {
        untouched_run &run = z.untouched;
        const page_index next = map.link[run.top].next;
        const page_index prev = map.link[run.top].prev;
        map.tag[run.top] = {};
        --z.nr_free[order];
        if (run.top == run.bottom) {
            run = {};
            map.link[prev].next = next;
            map.link[next].prev = prev;
            if (next == prev)
                z.nonempty[type] = static_cast<std::uint16_t>(z.nonempty[type] & ~(1u << order));
            return;
        }
        run.top -= page_index{1} << order;
        map.link[run.top] = {next, prev};
        map.link[prev].next = run.top;
        map.link[next].prev = run.top;
        map.tag[run.top] = page_tag::free_block(order, type);
    }

    /// May a block of a pageblock's size or more, of this type, merge with its buddy?
    [[gnu::noinline]] static bool merges_across(allocator_core &core, const zone &z,
                                                page_index buddy, unsigned order, unsigned type)
    {
        const unsigned other = core.map.block_type(buddy);
        if (type == other)
            return true;
        if (core.rules.merge_only_fallbackable) {
            if (type >= migrate_pcptypes || other >= migrate_pcptypes)
                return false;
        } else if (z.isolated_blocks != 0 && (type == isolate || other == isolate)) {
            return false;
        }
        if (core.rules.list_is_block_type)
            core.map.set_block_types(buddy, order, type);
        return true;
    }

    /// Is the buddy of the next larger block free (buddy_merge_likely())?
    bool merge_is_likely(page_index p, unsigned order) const
    {
        if (!core_.rules.merge_likely_to_tail || order + 2 >= core_.orders)
            return false;
        const page_index larger = p & ~(page_index{1} << order);
        return core_.map.tag[larger ^ (page_index{2} << order)].is_free(order + 1);
    }

    allocator_core &core_;
    zone &z_;
};

} // namespace kctx::mm

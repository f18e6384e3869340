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
    free_lists(allocator_core &core, zone &z) : core_(core), map_(core.map), z_(z) {}

    /// The block at the head of a list; no_page if it is empty.
    page_index first(unsigned order, unsigned type) const
    {
        return (z_.nonempty[type] >> order & 1) != 0 ? map_.link[head(order, type)].next : no_page;
    }

    /// Puts a block first on its list: it is taken next.
    [[gnu::always_inline]] inline void add_head(page_index p, unsigned order, unsigned type)
    {
        const page_index h = head(order, type);
        insert(p, h, map_.link[h].next, order, type);
    }
    /// Puts a block last on its list.
    [[gnu::always_inline]] inline void add_tail(page_index p, unsigned order, unsigned type)
    {
        const page_index h = head(order, type);
        insert(p, map_.link[h].prev, h, order, type);
    }

    /// Takes a block off the list that its tag names.
    void remove(page_index p)
    {
        const unsigned order = map_.tag[p].order();
        remove(p, order, map_.tag[p].type());
    }
    /// Takes a block off the list of an order and type.
    [[gnu::always_inline]] inline void remove(page_index p, unsigned order, unsigned type)
    {
        const page_index next = map_.link[p].next; // not both at once: one was just written alone
        const page_index prev = map_.link[p].prev;
        map_.tag[p] = {};
        --z_.nr_free[order];
        if (p == z_.untouched.top) [[unlikely]] {
            replace_untouched(next, prev, order, type);
            return;
        }
        map_.link[prev].next = next;
        map_.link[next].prev = prev;
        if (next == prev) // the head
            z_.nonempty[type] = static_cast<std::uint16_t>(z_.nonempty[type] & ~(1u << order));
    }

    /// Puts a free block on the list of another type.
    void move(page_index p, unsigned type)
    {
        const unsigned order = map_.tag[p].order();
        remove(p, order, map_.tag[p].type());
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
        const page_index p = map_.link[head(found, type)].next;
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

    /// Frees a block to the list of a type, merged with its buddies; to its tail where it is likely
    /// to merge further, or if told so.
    [[gnu::always_inline]] inline void free_block(page_index p, unsigned order, unsigned type,
                                                  bool to_tail = false)
    {
        if (type != isolate)
            count(1L << order, type);
        const unsigned last = core_.orders - 1;
        while (order < last) {
            const page_index buddy = p ^ (page_index{1} << order);
            if (!map_.tag[buddy].is_free(order))
                break;
            if (order >= map_.pageblock_order && !merges_across(buddy, order, type))
                break;
            remove(buddy, order, map_.tag[buddy].type());
            p &= buddy;
            ++order;
        }
        if (to_tail ||
            (core_.rules.merge_likely_to_tail && order + 1 < last && merge_is_likely(p, order)))
            add_tail(p, order, type);
        else
            add_head(p, order, type);
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
        page_index p = map_.pageblock_start(page);
        const page_index end = p + map_.pageblock_pages();
        if (p < z_.begin)
            p = page;
        if (end > z_.end)
            return found;
        touch_all(p, end);
        while (p < end) {
            const page_tag t = map_.tag[p];
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
        const unsigned type = map_.tag[run.top].type();
        page_index at = run.top;
        const page_index after = map_.link[at].next;
        while (at != run.bottom) {
            const page_index below = at - size;
            map_.link[at].next = below;
            map_.link[below] = {after, at};
            map_.tag[below] = page_tag::free_block(order, type);
            at = below;
        }
        map_.link[after].prev = at;
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
        map_.link[p].next = next;
        map_.link[p].prev = prev;
        map_.link[prev].next = p;
        map_.link[next].prev = p;
        map_.tag[p] = page_tag::free_block(order, type);
        z_.nonempty[type] = static_cast<std::uint16_t>(z_.nonempty[type] | (1u << order));
        ++z_.nr_free[order];
    }

    [[gnu::noinline]] void replace_untouched(page_index next, page_index prev, unsigned order,
                                             unsigned type)
    {
        untouched_run &run = z_.untouched;
        if (run.top == run.bottom) {
            run = {};
            map_.link[prev].next = next;
            map_.link[next].prev = prev;
            if (next == prev)
                z_.nonempty[type] = static_cast<std::uint16_t>(z_.nonempty[type] & ~(1u << order));
            return;
        }
        run.top -= page_index{1} << order;
        map_.link[run.top] = {next, prev};
        map_.link[prev].next = run.top;
        map_.link[next].prev = run.top;
        map_.tag[run.top] = page_tag::free_block(order, type);
    }

    /// May a block of a pageblock's size or more, of this type, merge with its buddy?
    [[gnu::noinline]] bool merges_across(page_index buddy, unsigned order, unsigned type)
    {
        const unsigned other = map_.block_type(buddy);
        if (type == other)
            return true;
        if (core_.rules.merge_only_fallbackable) {
            if (type >= migrate_pcptypes || other >= migrate_pcptypes)
                return false;
        } else if (z_.isolated_blocks != 0 && (type == isolate || other == isolate)) {
            return false;
        }
        if (core_.rules.list_is_block_type)
            set_block_types(buddy, order, type);
        return true;
    }

    void set_block_types(page_index p, unsigned order, unsigned type)
    {
        const page_index end = p + (page_index{1} << order);
        for (; p < end; p += map_.pageblock_pages())
            map_.set_block_type(p, type);
    }

    /// Is the buddy of the next larger block free (buddy_merge_likely())?
    bool merge_is_likely(page_index p, unsigned order) const
    {
        const page_index larger = p & ~(page_index{1} << order);
        return map_.tag[larger ^ (page_index{2} << order)].is_free(order + 1);
    }

    allocator_core &core_;
    page_map &map_;
    zone &z_;
};

} // namespace kctx::mm

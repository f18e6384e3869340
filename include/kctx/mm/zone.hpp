// SPDX-License-Identifier: BSL-1.0
/// @file
/// A zone of the page allocator model: its lists' bookkeeping, counters, marks, per-cpu lists. All
/// is readable; page_allocator alone changes it. Amounts are pages.
#pragma once

#include <kctx/kernel/watermark.hpp>
#include <kctx/mm/page_map.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

namespace kctx::mm {

using kernel::migrate_pcptypes;
using kernel::migrate_types;
using kernel::migratetype;

/// Orders with free lists: 0 ... 10. A kernel may be built with fewer.
inline constexpr unsigned max_orders = kernel::default_orders;

/// Types as plain numbers, for lists are indexed with them.
inline constexpr unsigned unmovable = static_cast<unsigned>(migratetype::MIGRATE_UNMOVABLE);
inline constexpr unsigned movable = static_cast<unsigned>(migratetype::MIGRATE_MOVABLE);
inline constexpr unsigned reclaimable = static_cast<unsigned>(migratetype::MIGRATE_RECLAIMABLE);
inline constexpr unsigned highatomic = static_cast<unsigned>(migratetype::MIGRATE_HIGHATOMIC);
inline constexpr unsigned cma = static_cast<unsigned>(migratetype::MIGRATE_CMA);
inline constexpr unsigned isolate = static_cast<unsigned>(migratetype::MIGRATE_ISOLATE);

/// A vmstat counter: a global value, and what one CPU has not added to it yet
/// (__mod_zone_page_state()). Watermarks are compared with the global value alone.
struct vm_counter {
    long global = 0; ///< what everybody sees, pages
    long diff = 0;   ///< not added to it yet, pages

    long exact() const { return global + diff; } ///< what a sum over all CPUs gives

    /// Adds @p pages; the share is handed on when it is beyond @p threshold. Without a branch, for
    /// when that is so is anybody's guess.
    void add(long pages, long threshold)
    {
        diff += pages;
        const long over = threshold - (diff < 0 ? -diff : diff);
        const long all = over >> std::numeric_limits<long>::digits; // every bit, or none
        global += diff & all;
        diff &= ~all;
    }
    /// Hands the share on.
    void fold()
    {
        global += diff;
        diff = 0;
    }

    bool operator==(const vm_counter &) const = default;
};

/// A page on a per-cpu list, with the migrate type that it had when it came there.
class pcp_page
{
public:
    constexpr pcp_page() = default;
    constexpr pcp_page(page_index page, unsigned type) : bits_(page | (type << 29)) {}

    constexpr page_index page() const { return bits_ & (max_pages - 1); } ///< which page
    constexpr unsigned type() const { return bits_ >> 29; } ///< its migrate type of then

    bool operator==(const pcp_page &) const = default;

private:
    std::uint32_t bits_ = 0;
};

/// A list of pages with two ends, in a ring: the pages' own links stay untouched.
class pcp_list
{
public:
    std::uint32_t size() const { return behind_ - front_; } ///< pages on it
    bool empty() const { return behind_ == front_; }        ///< whether it has none
    /// The i-th page from the head.
    pcp_page operator[](std::uint32_t i) const { return ring_[(front_ + i) & mask_]; }

    std::uint32_t room() const { return mask_ + 1; } ///< pages that it can hold as it is
    bool full() const { return size() == room(); }   ///< whether it must grow before the next one

    /// Puts it where pages are taken from.
    void push_front(pcp_page p)
    {
        if (full()) [[unlikely]]
            grow();
        put_front(p);
    }
    /// The same if it is not full.
    void put_front(pcp_page p) { ring_[--front_ & mask_] = p; }
    /// Puts it where pages stay longest.
    void push_back(pcp_page p)
    {
        if (full()) [[unlikely]]
            grow();
        ring_[behind_++ & mask_] = p;
    }
    /// Takes the page put there last by push_front().
    pcp_page pop_front() { return ring_[front_++ & mask_]; }
    pcp_page pop_back() { return ring_[--behind_ & mask_]; } ///< takes the oldest one

    /// Room for so many, so that push does not allocate memory.
    void reserve(std::uint32_t room)
    {
        while (mask_ + 1 < room)
            grow();
    }

private:
    void grow()
    {
        const std::uint32_t twice = 2 * room(), pages = size();
        auto larger = std::make_unique<pcp_page[]>(twice);
        for (std::uint32_t i = 0; i < pages; ++i)
            larger[i] = (*this)[i];
        ring_ = std::move(larger);
        mask_ = twice - 1;
        front_ = 0;
        behind_ = pages;
    }

    std::uint32_t mask_ = 7;
    std::uint32_t front_ = 0, behind_ = 0; ///< they run on, past 2^32
    std::unique_ptr<pcp_page[]> ring_ = std::make_unique<pcp_page[]>(8);
};

/// Orders that a per-cpu list can exist for: 0 ... 3.
inline constexpr unsigned max_pcp_orders = 4;

/// struct per_cpu_pages. The list of an order and type is number 3 * order + type.
struct per_cpu_pages {
    long count = 0;           ///< pages on all lists
    long high = 0;            ///< from here on some are given back
    long batch = 1;           ///< pages moved at a time
    unsigned free_factor = 0; ///< free_factor (5.14): how many batches the next free gives back
    std::array<pcp_list, std::size_t{max_pcp_orders} * migrate_pcptypes> lists; ///< by number
};

/// Neighbouring blocks of the largest order that have never been taken since boot. Of them only
/// `top` is on its list; when it leaves, the next lower one takes its place. So boot does not
/// write a link for each block.
struct untouched_run {
    page_index top = no_page;    ///< the highest block of the run
    page_index bottom = no_page; ///< the lowest one
    bool operator==(const untouched_run &) const = default;
};

/// Where compaction goes on in a zone, and how long it stays away after it failed.
struct compaction_state {
    std::uint64_t free_pfn = 0; ///< where the free scanner goes on: from the end down
    std::array<std::uint64_t, 2> migrate_pfn{}; ///< of asynchronous and of synchronous compaction
    unsigned considered = 0;                    ///< compact_considered: attempts since it failed
    unsigned defer_shift = 0;                   ///< compact_defer_shift: 2^n attempts are left out
    unsigned order_failed = 0;                  ///< compact_order_failed: smaller orders are tried
    bool operator==(const compaction_state &) const = default;
};

/// Bits of zone::flags.
enum zone_flag : unsigned {
    ZONE_BOOSTED_WATERMARK = 1, ///< the watermark was boosted: kswapd is to be woken
    ZONE_RECLAIM_ACTIVE = 2,    ///< kswapd works (5.15 ...)
};

/// A zone (struct zone, include/linux/mmzone.h): its numbers, and where its lists begin.
struct zone {
    kernel::zone_type type{}; ///< which of them it is
    unsigned index = 0;       ///< the kernel's number of it, by which lowmem_reserve is indexed

    std::uint64_t start_pfn = 0; ///< zone_start_pfn
    std::uint64_t spanned = 0;   ///< pages from the first to the last
    std::uint64_t present = 0;   ///< of these without the holes
    std::uint64_t managed = 0;   ///< of these what the allocator has
    page_index begin = 0;        ///< its first page
    page_index end = 0;          ///< behind its last

    page_index heads = 0;                                ///< of list (order 0, type 0)
    std::array<std::uint16_t, migrate_types> nonempty{}; ///< bit o: the list of order o has blocks
    std::array<std::uint32_t, max_orders> nr_free{};     ///< blocks of an order, of all types

    vm_counter free;         ///< NR_FREE_PAGES
    vm_counter free_cma;     ///< NR_FREE_CMA_PAGES
    long stat_threshold = 0; ///< pages: of a CPU's share in a counter before it is added

    kernel::watermarks wmark;             ///< without the boost
    long boost = 0;                       ///< watermark_boost: added to each mark
    std::array<long, 5> lowmem_reserve{}; ///< pages, by the zone that a request may use

    long reserved_highatomic = 0; ///< nr_reserved_highatomic, pages
    unsigned isolated_blocks = 0; ///< nr_isolate_pageblock
    unsigned flags = 0;           ///< zone_flag
    per_cpu_pages pcp;            ///< the lists of the one CPU
    compaction_state compaction;  ///< where compaction goes on
    long drift_mark = 0;          ///< percpu_drift_mark, pages: below it free is summed up exactly

    untouched_run untouched; ///< the blocks of the largest order that boot left and nobody touched

    // What the quick paths of requests compare with, for one comparison is to say enough: a request
    // that fails it is looked at in full. From all of the above, by set_quick().
    std::array<long, 5> quick_mark{}; ///< free pages, by class: more are plenty for any order
    long quick_pcp = 0;               ///< pages on the per-cpu lists: fewer need nothing else

    /// Makes them anew: whoever changes a mark, the boost, a flag or the reserve calls this.
    void set_quick()
    {
        constexpr long never = std::numeric_limits<long>::max();
        for (std::size_t i = 0; i < quick_mark.size(); ++i)
            quick_mark[i] = (flags & ZONE_BOOSTED_WATERMARK) != 0
                                ? never
                                : wmark.low + boost + lowmem_reserve[i] + reserved_highatomic +
                                      (1L << max_orders);
        quick_pcp = (flags & ZONE_RECLAIM_ACTIVE) != 0 ? 0 : pcp.high;
        for (std::size_t i = 0; i < pcp.lists.size(); ++i)
            quick_pcp = std::min(quick_pcp, long{pcp.lists[i].room()} << i / migrate_pcptypes);
    }

    /// The watermark that the flags ask for, in pages, with the boost.
    long mark(unsigned alloc_flags) const
    {
        const unsigned which = alloc_flags & kernel::ALLOC_WMARK_MASK;
        return (which == kernel::ALLOC_WMARK_MIN   ? wmark.min
                : which == kernel::ALLOC_WMARK_LOW ? wmark.low
                                                   : wmark.high) +
               boost;
    }

    /// What the watermark check looks at, for a request of this class.
    kernel::watermark_zone watermark_view(const kernel::page_alloc_rules &rules,
                                          unsigned class_index) const
    {
        kernel::watermark_zone w;
        w.free = free.global;
        w.free_cma = free_cma.global;
        w.highatomic = reserved_highatomic;
        w.lowmem_reserve = lowmem_reserve[class_index];
        for (unsigned t = 0; t < migrate_types; ++t)
            w.nonempty[t] = nonempty[t];
        if (rules.order_halving) {
            for (unsigned o = 0; o < max_orders; ++o)
                w.nr_free[o] = nr_free[o];
        }
        return w;
    }
};

} // namespace kctx::mm

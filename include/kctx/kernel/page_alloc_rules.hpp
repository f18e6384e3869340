// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the page allocator of one kernel does differently from that of another, as data: one field
/// a rule (mm/page_alloc.c). include/kctx/mm/ asks here and nowhere else. No standard header.
///
/// Trees read: 2.6.33.3, 3.10.105, 4.4.60, 4.14.5, 4.19.1, 5.0.1, 5.4.1, 5.9.2, 5.10.7, 5.15.24,
/// 6.1.192, 6.3.8, 6.6.87, 6.12.10, 6.12.117, 6.18.2; measured while running: 5.4.124, 6.1.192.
/// Late stable trees differ from their first release, so a version is a full number; where a change
/// lies between two trees, the older one's rule stands until the newer.
#pragma once

#include <kctx/config.hpp>

namespace kctx::kernel {

/// How a watermark is lowered for requests with rights.
enum class reserve_rights : unsigned char {
    wait_harder,   ///< 2.6.33, 3.10: ALLOC_HARDER for all that cannot wait
    atomic_harder, ///< 4.4 ... 6.1: ALLOC_HARDER for __GFP_ATOMIC
    min_reserve,   ///< 6.3 and late 6.1: ALLOC_MIN_RESERVE, ALLOC_NON_BLOCK, ALLOC_HIGHATOMIC
};

/// What a fallback does with the block it finds.
enum class steal_rule : unsigned char {
    take_page,      ///< to 4.13, early 6.12: hands out the page itself
    move_and_retry, ///< 4.14 ... 6.6: moves blocks to the wanted list, and looks there again
    claim_or_steal, ///< 6.12.117: claims a whole pageblock, else one page, the smallest
};

/// How a full per-cpu list is emptied.
enum class pcp_rule : unsigned char {
    round_robin_cold, ///< 2.6.33, 3.10: round robin; the page's type is the list's
    round_robin,      ///< 4.4 ... 5.10: as above, the rest at once if one list is left
    from_freed_list,  ///< 5.15 ...: empties the list just freed to, then the next
};

/// The rules of one kernel.
struct page_alloc_rules {
    unsigned version = KCTX_VERSION(5, 4, 124); ///< the kernel, as KCTX_VERSION()

    // Lists
    bool merge_likely_to_tail;    ///< a block whose next larger buddy is free goes to the tail
    bool moved_to_tail;           ///< a block moved to another type's list goes to its tail
    bool merge_only_fallbackable; ///< pageblocks merge only if alike, or none is special
    bool list_is_block_type;      ///< a page is freed to the list of its pageblock, also from a pcp

    // Choice of a block
    bool cma_first_over_half;   ///< CMA first while more than half of what is free is CMA
    bool cma_by_flag;           ///< CMA if ALLOC_CMA; before: for every MOVABLE request
    bool reserve_type;          ///< MIGRATE_RESERVE, the last resort (to 4.3)
    steal_rule steal;           ///< which pageblocks a fallback takes over whole
    bool steal_for_unmovable;   ///< UNMOVABLE requests claim as RECLAIMABLE ones do (4.4 ...)
    bool count_alike;           ///< a pageblock changes type by free + compatible pages (4.14 ...)
    bool nofragment;            ///< ALLOC_NOFRAGMENT (5.0 ...)
    bool nofragment_small_only; ///< not for orders of a pageblock and above
    bool boost;                 ///< a fallback raises the watermarks (5.0 ...)
    bool boost_needs_four_blocks; ///< not in zones of fewer than 4 pageblocks

    // Watermarks
    reserve_rights rights; ///< who gets below the min watermark, and how far
    bool order_halving;    ///< order > 0: F -= nr_free[o] << o, min >>= 1 for each lower order
    bool highatomic;       ///< MIGRATE_HIGHATOMIC (4.4 ...)
    bool highatomic_counts_free; ///< the check subtracts the free ones only
    bool highatomic_needs_high;  ///< ALLOC_HIGHATOMIC needs __GFP_HIGH, too
    bool highatomic_last;        ///< who cannot wait takes a HIGHATOMIC block when all else failed
    bool highatomic_needs_share; ///< none is reserved while 1 % of the zone is below a pageblock
    bool fast_subtracts_highatomic; ///< also in the quick check of order 0
    bool unboosted_retry;           ///< order 0 with rights is checked again without the boost
    bool class_by_gfp_zone;         ///< lowmem_reserve[gfp_zone()]; before: of the preferred zone
    bool managed_pages;             ///< shares by managed pages; 2.6.33: by present pages
    bool scale_factor;              ///< low, high by watermark_scale_factor (4.6 ...)
    unsigned max_min_free_kbytes;   ///< kB: the cap of init_per_zone_wmark_min()
    bool oom_rights;                ///< ALLOC_OOM (4.13 ...)

    // Per-cpu lists
    pcp_rule pcp;                ///< how the lists of a CPU are filled and emptied
    unsigned pcp_orders;         ///< orders kept: 1 (order 0), 4 (0 ... 3)
    bool pcp_trylock;            ///< a free that finds the lists locked passes them by (6.0 ...)
    bool pcp_drains_high_orders; ///< with free_factor, a freed order 1 ... 3 empties all lists

    bool isolates_pageblocks; ///< alloc_contig_range() isolates pageblocks (5.18 ...), not
                              ///< MAX_ORDER blocks

    // Slow path
    bool compaction;         ///< 2.6.35
    bool compaction_first;   ///< before reclaim, for costly orders and what is not MOVABLE
    bool nocma_is_unmovable; ///< PF_MEMALLOC_NOCMA, _PIN: clears __GFP_MOVABLE before all else
};

/// The rules of kernel @p v, as KCTX_VERSION() has it: each change with the version that made it.
constexpr page_alloc_rules page_alloc_rules_of(unsigned v)
{
    const bool late_6_1 = v >= KCTX_VERSION(6, 1, 192) && v < KCTX_VERSION(6, 2, 0);
    const bool late_6_12 = v >= KCTX_VERSION(6, 12, 117);
    const auto since = [v](unsigned a, unsigned b, unsigned c = 0) {
        return v >= KCTX_VERSION(a, b, c);
    };
    page_alloc_rules r{};
    r.version = v;

    r.merge_likely_to_tail = since(3, 10);
    r.moved_to_tail = since(5, 10);
    r.merge_only_fallbackable = since(6, 1);
    r.list_is_block_type = since(6, 12);

    r.cma_first_over_half = since(5, 9);
    r.cma_by_flag = since(5, 9);
    r.reserve_type = !since(4, 4);
    r.steal = late_6_12                       ? steal_rule::claim_or_steal
              : since(6, 12) || !since(4, 14) ? steal_rule::take_page
                                              : steal_rule::move_and_retry;
    r.steal_for_unmovable = since(4, 4);
    r.count_alike = since(4, 14);
    r.nofragment = since(5, 0);
    r.nofragment_small_only = since(5, 10);
    r.boost = since(5, 0);
    r.boost_needs_four_blocks = since(5, 4, 124);

    r.rights = since(6, 3) || late_6_1 ? reserve_rights::min_reserve
               : since(4, 4)           ? reserve_rights::atomic_harder
                                       : reserve_rights::wait_harder;
    r.order_halving = !since(4, 4);
    r.highatomic = since(4, 4);
    r.highatomic_counts_free = since(6, 12);
    r.highatomic_needs_high = late_6_1 || late_6_12;
    r.highatomic_last = r.rights == reserve_rights::min_reserve;
    r.highatomic_needs_share = since(6, 12);
    r.fast_subtracts_highatomic = since(5, 10);
    r.unboosted_retry = since(5, 4, 124);
    r.class_by_gfp_zone = since(5, 9);
    r.managed_pages = since(3, 10);
    r.scale_factor = since(4, 14);
    r.max_min_free_kbytes = since(5, 9) ? 262144 : 65536;
    r.oom_rights = since(4, 14);

    r.pcp = since(5, 15)  ? pcp_rule::from_freed_list
            : since(4, 4) ? pcp_rule::round_robin
                          : pcp_rule::round_robin_cold;
    r.pcp_orders = since(5, 15) ? 4 : 1;
    r.pcp_trylock = since(6, 1);
    r.pcp_drains_high_orders = since(5, 15) && !since(6, 12);

    r.isolates_pageblocks = since(6, 1);
    r.compaction = since(2, 6, 35);
    r.compaction_first = since(4, 14);
    r.nocma_is_unmovable = since(5, 15);
    return r;
}

} // namespace kctx::kernel

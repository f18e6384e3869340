// SPDX-License-Identifier: BSL-1.0
/// @file
/// Watermarks: the check of a zone, term by term, and how the marks come about (mm/page_alloc.c:
/// __zone_watermark_ok(), __setup_per_zone_wmarks(), calculate_totalreserve_pages()). The allocator
/// model and whoever explains a report call the same functions. All amounts are pages. No standard
/// header.
#pragma once

#include <kctx/kernel/alloc_flags.hpp>

namespace kctx::kernel {

/// Orders a kernel has free lists for, 0 ... 10, unless it was configured otherwise.
inline constexpr unsigned default_orders = 11;

/// What the check looks at in a zone.
struct watermark_zone {
    long free = 0;           ///< NR_FREE_PAGES, the global counter
    long free_cma = 0;       ///< NR_FREE_CMA_PAGES
    long highatomic = 0;     ///< nr_reserved_highatomic; since 6.12 nr_free_highatomic
    long lowmem_reserve = 0; ///< lowmem_reserve[] for the highest zone of the request
    unsigned short nonempty[migrate_types] =
        {};                                ///< by type: bit o: the list of order o has a block
    unsigned nr_free[default_orders] = {}; ///< blocks an order, all types: up to 3.10 only
};

/// The check in numbers. It holds if usable > min + lowmem_reserve, and, for order > 0, a block is
/// there.
struct watermark_result {
    /// What __zone_watermark_ok() says.
    enum class outcome : unsigned char {
        ok,
        below_mark, ///< too few pages
        no_block,   ///< enough pages, but no block of this order on a list the request may use
    };
    outcome verdict = outcome::ok; ///< what the check found
    long less_order = 0;           ///< subtracted from free: (1 << order) - 1
    long less_highatomic = 0;      ///< subtracted: the reserve that the request may not use
    long less_cma = 0;             ///< subtracted: CMA pages that it may not use
    long usable = 0;               ///< what is left
    long mark = 0;                 ///< the mark asked for
    long min = 0;                  ///< what the mark is lowered to by the request's rights
    long lowmem_reserve = 0;       ///< added to it
    unsigned failed_order =
        0; ///< no_block: the order asked for; up to 3.10: where too few are left

    constexpr explicit operator bool() const { return verdict == outcome::ok; }
};

/// The mark after the rights of the request. For GFP_ATOMIC 3/8 of it in every version read.
constexpr long watermark_with_rights(const page_alloc_rules &rules, long mark, unsigned flags)
{
    long min = mark;
    if (rules.rights == reserve_rights::min_reserve) {
        if ((flags & ALLOC_MIN_RESERVE) != 0) {
            min -= min / 2;
            if ((flags & ALLOC_NON_BLOCK) != 0)
                min -= min / 4;
        }
        if ((flags & ALLOC_OOM) != 0)
            min -= min / 2;
        return min;
    }
    if ((flags & ALLOC_HIGH) != 0)
        min -= min / 2;
    if ((flags & ALLOC_OOM) != 0)
        min -= min / 2;
    else if ((flags & ALLOC_HARDER) != 0)
        min -= min / 4;
    return min;
}

/// May the request count the HIGHATOMIC reserve as free?
constexpr bool watermark_counts_highatomic(const page_alloc_rules &rules, unsigned flags)
{
    if (rules.rights == reserve_rights::min_reserve)
        return (flags & (ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK | ALLOC_HIGHATOMIC | ALLOC_OOM)) != 0;
    return (flags & (ALLOC_HARDER | ALLOC_OOM)) != 0;
}

/// May it be satisfied by a block of this type? The check asks this, not the choice of the block.
constexpr bool watermark_counts_type(const page_alloc_rules &rules, migratetype type,
                                     unsigned flags)
{
    switch (type) {
    case migratetype::MIGRATE_CMA:
        return (flags & ALLOC_CMA) != 0;
    case migratetype::MIGRATE_HIGHATOMIC:
        return rules.rights == reserve_rights::min_reserve
                   ? (flags & (ALLOC_HIGHATOMIC | ALLOC_OOM)) != 0
                   : (flags & (ALLOC_HARDER | ALLOC_OOM)) != 0;
    case migratetype::MIGRATE_ISOLATE:
        return false;
    default:
        return true;
    }
}

/// Bit o: a block of order o is on a list that a request of these rights may count.
constexpr unsigned watermark_orders(const page_alloc_rules &rules,
                                    const unsigned short *nonempty_by_type, unsigned flags)
{
    unsigned orders = unsigned{nonempty_by_type[0]} | nonempty_by_type[1] | nonempty_by_type[2];
    for (unsigned t = migrate_pcptypes; t < migrate_types; ++t) {
        if (nonempty_by_type[t] != 0 &&
            watermark_counts_type(rules, static_cast<migratetype>(t), flags))
            orders |= nonempty_by_type[t];
    }
    return orders;
}

/// __zone_watermark_ok(): may a request of this order and these rights be served from the zone at
/// this mark (pages, the boost included)?
constexpr watermark_result check_watermark(const page_alloc_rules &rules, const watermark_zone &z,
                                           unsigned order, long mark, unsigned flags)
{
    using enum watermark_result::outcome;
    watermark_result r;
    r.mark = mark;
    r.min = watermark_with_rights(rules, mark, flags);
    r.lowmem_reserve = z.lowmem_reserve;
    r.less_order = (1L << order) - 1;
    if (!watermark_counts_highatomic(rules, flags))
        r.less_highatomic = z.highatomic;
    if ((flags & ALLOC_CMA) == 0)
        r.less_cma = z.free_cma;
    r.usable = z.free - r.less_order - r.less_highatomic - r.less_cma;
    r.failed_order = order;
    if (r.usable <= r.min + r.lowmem_reserve) {
        r.verdict = below_mark;
        return r;
    }
    if (order == 0)
        return r;
    if (rules.order_halving) {
        long usable = r.usable, min = r.min;
        for (unsigned o = 0; o < order && o < default_orders; ++o) {
            usable -= static_cast<long>(z.nr_free[o]) << o;
            min >>= 1;
            if (usable <= min) {
                r.verdict = no_block;
                r.failed_order = o + 1;
                return r;
            }
        }
        return r;
    }
    if ((watermark_orders(rules, z.nonempty, flags) >> order) == 0)
        r.verdict = no_block;
    return r;
}

/// Marks of a zone.
struct watermarks {
    long min = 0;  ///< pages: below it only who may use the reserves gets any
    long low = 0;  ///< pages: below it kswapd is woken
    long high = 0; ///< pages: with so many kswapd sleeps again

    bool operator==(const watermarks &) const = default;
};

/// min_free_kbytes of a kernel that nobody told otherwise: sqrt(lowmem_kbytes * 16), clamped
/// (init_per_zone_wmark_min(), calculate_min_free_kbytes()).
constexpr unsigned long default_min_free_kbytes(const page_alloc_rules &rules,
                                                unsigned long lowmem_kbytes)
{
    const unsigned long long square = 16ull * lowmem_kbytes;
    unsigned long long root = 0;
    for (unsigned long long bit = 1ull << 31; bit != 0; bit >>= 1) {
        if ((root + bit) * (root + bit) <= square)
            root += bit;
    }
    if (root < 128)
        return 128;
    return root > rules.max_min_free_kbytes ? rules.max_min_free_kbytes
                                            : static_cast<unsigned long>(root);
}

/// The marks of a zone below HighMem. `zone_pages`, `lowmem_pages`: managed pages (present ones if
/// !rules.managed_pages) of the zone and of all zones below HighMem.
constexpr watermarks zone_watermarks(const page_alloc_rules &rules, unsigned long min_free_kbytes,
                                     unsigned long zone_pages, unsigned long lowmem_pages,
                                     unsigned page_shift = 12, unsigned watermark_scale_factor = 10)
{
    if (lowmem_pages == 0)
        return {};
    const unsigned long long pages_min = min_free_kbytes >> (page_shift - 10);
    const auto share = static_cast<long>(pages_min * zone_pages / lowmem_pages);
    if (!rules.scale_factor)
        return {share, share + share / 4, share + share / 2};
    const auto scaled = static_cast<long>(static_cast<unsigned long long>(zone_pages) *
                                          watermark_scale_factor / 10000);
    const long step = scaled > share / 4 ? scaled : share / 4;
    return {share, share + step, share + 2 * step};
}

/// The boost of a zone after one more fallback (boost_watermark()): one pageblock more, at most
/// `boost_factor` / 10000 of the high mark, but one pageblock at least.
constexpr long boosted_watermark(long boost, long high, unsigned boost_factor, long pageblock_pages)
{
    const long most = static_cast<long>(static_cast<long long>(high) * boost_factor / 10000);
    if (most == 0)
        return boost;
    const long limit = most > pageblock_pages ? most : pageblock_pages;
    return boost + pageblock_pages < limit ? boost + pageblock_pages : limit;
}

/// Pages of a zone kept from requests that could use a higher one: the managed pages of the zones
/// above it up to that one, by the zone's lowmem_reserve_ratio (256 for ZONE_DMA and ZONE_DMA32, 32
/// for ZONE_NORMAL, 0 for none).
constexpr long zone_lowmem_reserve(unsigned long pages_above, unsigned ratio)
{
    return ratio == 0 ? 0 : static_cast<long>(pages_above / ratio);
}

} // namespace kctx::kernel

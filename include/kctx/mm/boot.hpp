// SPDX-License-Identifier: BSL-1.0
/// @file
/// The state of a machine that has just booted, by the kernel's formulas (mm/page_alloc.c:
/// memblock frees from the lowest frame up, zone_batchsize(), zone_highsize(),
/// setup_per_zone_wmarks(), setup_per_zone_lowmem_reserve(); mm/vmstat.c:
/// calculate_normal_threshold()).
#pragma once

#include <kctx/mm/state.hpp>

#include <bit>
#include <stdexcept>
#include <string>

namespace kctx::mm {

namespace detail {

/// Pages moved between per-cpu lists and buddy lists at a time (zone_batchsize()). CMA pages do not
/// count: they come later.
constexpr long pcp_batch(std::uint64_t pages)
{
    std::uint64_t batch = std::min<std::uint64_t>(pages / 1024, 256) / 4;
    if (batch < 1)
        batch = 1;
    return static_cast<long>(std::bit_floor(batch + batch / 2)) - 1;
}

/// calculate_normal_threshold()
constexpr long stat_threshold(std::uint64_t managed, unsigned cpus)
{
    const auto fls = [](std::uint64_t x) { return static_cast<long>(std::bit_width(x)); };
    return std::min(125L, 2 * fls(cpus) * (1 + fls(managed >> 15)));
}

/// lowmem_reserve_ratio[]: of the zone's own pages to those above it.
constexpr unsigned reserve_ratio(kernel::zone_type type)
{
    return type <= kernel::zone_type::ZONE_DMA32    ? 256
           : type == kernel::zone_type::ZONE_NORMAL ? 32
                                                    : 0;
}

/// Puts free blocks of the frames of a range on lists, as memblock frees them: from below, as large
/// as alignment and end allow, each to the head of its list.
inline void boot_range(zone_state &s, std::uint64_t begin, std::uint64_t end, unsigned orders,
                       unsigned type)
{
    while (begin < end) {
        unsigned order = orders - 1;
        while ((begin & ((std::uint64_t{1} << order) - 1)) != 0 ||
               begin + (std::uint64_t{1} << order) > end)
            --order;
        auto &list = s.lists[order][type];
        list.insert(list.begin(), begin);
        begin += std::uint64_t{1} << order;
    }
}

} // namespace detail

inline memory_state boot_state(const boot_config &config)
{
    memory_state state;
    state.release = config.release;
    state.pageblock_order = config.pageblock_order;
    state.boost_factor = config.boost_factor;
    const kernel::page_alloc_rules rules =
        kernel::page_alloc_rules_of(version_of_release(config.release));
    const std::uint64_t block = std::uint64_t{1} << (state.orders - 1);
    const std::uint64_t pageblock = std::uint64_t{1} << config.pageblock_order;

    bool dma = false, highmem = false;
    for (const boot_zone &b : config.zones) {
        dma |= b.type == kernel::zone_type::ZONE_DMA;
        highmem |= b.type == kernel::zone_type::ZONE_HIGHMEM;
    }
    state.kernel_zones = 3u + dma + highmem;

    unsigned long lowmem = 0;
    for (const boot_zone &b : config.zones) {
        const std::uint64_t cma_begin = b.start_pfn + b.pages - b.cma_pages;
        if (b.pages == 0 || b.reserved + b.cma_pages > b.pages || b.cma_pages % pageblock != 0 ||
            (b.cma_pages != 0 && cma_begin % pageblock != 0))
            throw std::invalid_argument("boot: zone " + std::string(zone_name(b.type)) +
                                        ": no pages, or a CMA area that is not whole pageblocks");
        zone_state &s = state.zones.emplace_back();
        s.name = zone_name(b.type);
        const auto number = static_cast<unsigned>(b.type);
        s.index = dma ? number : number - 1;
        if (b.type == kernel::zone_type::ZONE_MOVABLE)
            s.index = state.kernel_zones - 1;
        s.start_pfn = b.start_pfn;
        s.spanned = s.present = b.pages;
        s.managed = b.managed != 0 ? b.managed : b.pages - b.reserved;
        s.free.global = static_cast<long>(b.pages - b.reserved);
        s.free_cma.global = static_cast<long>(b.cma_pages);
        if (b.cma_pages != 0 && state.cma_pages == 0) {
            state.cma_base = cma_begin;
            state.cma_pages = b.cma_pages;
        }
        if (b.type <= kernel::zone_type::ZONE_NORMAL)
            lowmem += rules.managed_pages ? s.managed : s.present;

        // Whole blocks below the CMA area are one untouched run.
        const std::uint64_t begin = b.start_pfn + b.reserved;
        const std::uint64_t run_begin = (begin + block - 1) / block * block;
        const std::uint64_t run_end = cma_begin / block * block;
        if (run_begin < run_end) {
            detail::boot_range(s, begin, run_begin, state.orders, movable);
            s.untouched = {run_begin, run_end - run_begin};
            detail::boot_range(s, run_end, cma_begin, state.orders, movable);
        } else {
            detail::boot_range(s, begin, cma_begin, state.orders, movable);
        }
        detail::boot_range(s, cma_begin, b.start_pfn + b.pages, state.orders, cma);
        for (std::uint64_t pfn = b.start_pfn / pageblock * pageblock;
             b.cma_pages != 0 && pfn < b.start_pfn + b.pages; pfn += pageblock)
            s.pageblocks.push_back({pfn, pfn < cma_begin ? movable : cma});
    }

    state.min_free_kbytes = config.min_free_kbytes;
    if (state.min_free_kbytes == 0)
        state.min_free_kbytes =
            static_cast<unsigned>(kernel::default_min_free_kbytes(rules, lowmem * 4));
    for (std::size_t i = 0; i < state.zones.size(); ++i) {
        zone_state &s = state.zones[i];
        const boot_zone &b = config.zones[i];
        s.wmark = kernel::zone_watermarks(rules, state.min_free_kbytes,
                                          rules.managed_pages ? s.managed : s.present, lowmem,
                                          state.page_shift, config.watermark_scale_factor);
        s.stat_threshold = detail::stat_threshold(s.managed, config.cpus);
        s.pcp_batch = std::max(detail::pcp_batch(s.managed - std::min(s.managed, b.cma_pages)), 1L);
        s.pcp_high = rules.pcp == kernel::pcp_rule::from_freed_list
                         ? std::max(s.wmark.low / static_cast<long>(config.cpus), s.pcp_batch << 2)
                         : 6 * s.pcp_batch;
        s.lowmem_reserve.assign(state.kernel_zones, 0);
        unsigned long above = 0;
        for (unsigned j = s.index + 1; j < state.kernel_zones; ++j) {
            for (const zone_state &upper : state.zones) {
                if (upper.index == j)
                    above += rules.managed_pages ? upper.managed : upper.present;
            }
            s.lowmem_reserve[j] = kernel::zone_lowmem_reserve(above, detail::reserve_ratio(b.type));
        }
    }
    return state;
}

} // namespace kctx::mm

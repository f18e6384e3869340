// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a GFP mask asks for: the highest zone, the migrate type, whether the caller may sleep
/// (include/linux/gfp.h: gfp_zone(), gfp_migratetype(), gfpflags_allow_blocking()). No standard
/// header: driver code may use it.
#pragma once

#include <kctx/kernel/gfp_bits.hpp>
#include <kctx/kernel/migratetype.hpp>

namespace kctx::kernel {

/// Zones from low to high. A request may be served from its zone and from every lower one.
enum class zone_type : unsigned char {
    ZONE_DMA,
    ZONE_DMA32,
    ZONE_NORMAL,
    ZONE_HIGHMEM,
    ZONE_MOVABLE,
    refused, ///< a combination of zone flags that the kernel refuses (GFP_ZONE_BAD)
};

/// The highest zone that a mask allows, in a kernel that has all zones. One that lacks a zone takes
/// the next lower one instead (ZONE_HIGHMEM on 64 bit: ZONE_NORMAL), or ZONE_NORMAL for a missing
/// ZONE_DMA or ZONE_DMA32. The same in every version read (2.6.32 ... 6.18).
constexpr zone_type gfp_zone(unsigned version_code, unsigned mask)
{
    const bool movable = gfp_has(version_code, mask, gfp_flag::__GFP_MOVABLE);
    const bool dma = gfp_has(version_code, mask, gfp_flag::__GFP_DMA);
    const bool dma32 = gfp_has(version_code, mask, gfp_flag::__GFP_DMA32);
    const bool highmem = gfp_has(version_code, mask, gfp_flag::__GFP_HIGHMEM);
    if (dma + dma32 + highmem > 1)
        return zone_type::refused;
    if (dma)
        return zone_type::ZONE_DMA;
    if (dma32)
        return zone_type::ZONE_DMA32;
    if (highmem)
        return movable ? zone_type::ZONE_MOVABLE : zone_type::ZONE_HIGHMEM;
    return zone_type::ZONE_NORMAL;
}

/// The migrate type of a mask. A kernel with too little memory to group pages by mobility takes
/// MIGRATE_UNMOVABLE for all.
constexpr migratetype gfp_migratetype(unsigned version_code, unsigned mask)
{
    const bool movable = gfp_has(version_code, mask, gfp_flag::__GFP_MOVABLE);
    const bool reclaimable = gfp_has(version_code, mask, gfp_flag::__GFP_RECLAIMABLE);
    if (movable && reclaimable)
        return migratetype::undefined;
    if (movable)
        return migratetype::MIGRATE_MOVABLE;
    return reclaimable ? migratetype::MIGRATE_RECLAIMABLE : migratetype::MIGRATE_UNMOVABLE;
}

/// May the allocation sleep? __GFP_WAIT up to 4.3, __GFP_DIRECT_RECLAIM since.
constexpr bool gfp_may_sleep(unsigned version_code, unsigned mask)
{
    return gfp_has(version_code, mask, gfp_flag::__GFP_WAIT) ||
           gfp_has(version_code, mask, gfp_flag::__GFP_DIRECT_RECLAIM);
}

} // namespace kctx::kernel

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The allocator's own flags, ALLOC_*, that follow from a GFP mask and from who asks
/// (mm/internal.h; mm/page_alloc.c: prepare_alloc_pages(), gfp_to_alloc_flags(),
/// __gfp_pfmemalloc_flags()). The kernel renumbers and renames them; here they have one number
/// each, and both names where a flag was renamed. No standard header.
#pragma once

#include <kctx/kernel/gfp_zone.hpp>
#include <kctx/kernel/page_alloc_rules.hpp>

namespace kctx::kernel {

/// The three watermarks of a zone.
enum class watermark : unsigned char { WMARK_MIN, WMARK_LOW, WMARK_HIGH };

/// ALLOC_*: what an attempt may do, and which watermark it must keep.
enum alloc_flag : unsigned {
    ALLOC_WMARK_MIN = 0,
    ALLOC_WMARK_LOW = 1,
    ALLOC_WMARK_HIGH = 2,
    ALLOC_WMARK_MASK = 3, ///< which mark is compared with: a watermark
    ALLOC_NO_WATERMARKS = 0x04,
    ALLOC_OOM = 0x08,
    ALLOC_HARDER = 0x10, ///< to 6.1; since 6.3 ALLOC_NON_BLOCK: cannot wait
    ALLOC_NON_BLOCK = ALLOC_HARDER,
    ALLOC_HIGH = 0x20, ///< __GFP_HIGH; since 6.3 ALLOC_MIN_RESERVE
    ALLOC_MIN_RESERVE = ALLOC_HIGH,
    ALLOC_CMA = 0x80,
    ALLOC_NOFRAGMENT = 0x100, ///< rather another zone than a mixed pageblock
    ALLOC_HIGHATOMIC = 0x200, ///< since 6.3: may use MIGRATE_HIGHATOMIC blocks first
    ALLOC_KSWAPD = 0x800,     ///< wakes kswapd
};

/// The bits of the GFP flags that the allocator looks at, by version; 0 for one that it lacks.
struct gfp_masks {
    unsigned movable;        ///< with reclaimable: the migratetype of the block
    unsigned reclaimable;    ///< with movable: the migratetype of the block
    unsigned high;           ///< __GFP_HIGH: may go below the min watermark
    unsigned atomic;         ///< __GFP_ATOMIC (4.4 ... 6.2): further below it
    unsigned direct_reclaim; ///< may sleep to reclaim; __GFP_WAIT up to 4.3
    unsigned kswapd_reclaim; ///< wakes kswapd (4.4); 0: every mask does
    unsigned memalloc;       ///< needs no watermark, for who reclaims memory
    unsigned nomemalloc;     ///< keeps its hands off the reserves
    unsigned nofail;         ///< tries for ever
    unsigned noretry;        ///< gives up after one reclaim
    unsigned retry_mayfail;  ///< tries hard before it gives up; __GFP_REPEAT up to 4.12
    unsigned nowarn;         ///< no report when it fails
    unsigned io;             ///< may start reads and writes to reclaim
    unsigned fs;             ///< may call into file systems to reclaim
    unsigned thisnode;       ///< from the node asked only
};

/// The masks in the base configuration of kernel @p version_code (KCTX_VERSION()).
constexpr gfp_masks gfp_masks_of(unsigned version_code)
{
    const auto value = [version_code](gfp_flag f) {
        const unsigned v = gfp_value(version_code, f);
        return v == gfp_absent ? 0 : v;
    };
    gfp_masks m{};
    m.movable = value(gfp_flag::__GFP_MOVABLE);
    m.reclaimable = value(gfp_flag::__GFP_RECLAIMABLE);
    m.high = value(gfp_flag::__GFP_HIGH);
    m.atomic = value(gfp_flag::__GFP_ATOMIC);
    m.direct_reclaim = value(gfp_flag::__GFP_DIRECT_RECLAIM) | value(gfp_flag::__GFP_WAIT);
    m.kswapd_reclaim = value(gfp_flag::__GFP_KSWAPD_RECLAIM);
    m.memalloc = value(gfp_flag::__GFP_MEMALLOC);
    m.nomemalloc = value(gfp_flag::__GFP_NOMEMALLOC);
    m.nofail = value(gfp_flag::__GFP_NOFAIL);
    m.noretry = value(gfp_flag::__GFP_NORETRY);
    m.retry_mayfail = value(gfp_flag::__GFP_RETRY_MAYFAIL) | value(gfp_flag::__GFP_REPEAT);
    m.nowarn = value(gfp_flag::__GFP_NOWARN);
    m.io = value(gfp_flag::__GFP_IO);
    m.fs = value(gfp_flag::__GFP_FS);
    m.thisnode = value(gfp_flag::__GFP_THISNODE);
    return m;
}

/// Who asks, as far as the allocator treats askers differently.
struct alloc_context {
    bool memalloc = false;     ///< the task has PF_MEMALLOC (it reclaims memory itself)
    bool nocma = false;        ///< PF_MEMALLOC_NOCMA (5.4), PF_MEMALLOC_PIN (6.1)
    bool rt_task = false;      ///< a real-time task
    bool in_interrupt = false; ///< a hard or soft interrupt: task flags do not count
    bool oom_victim = false;   ///< chosen by the OOM killer (TIF_MEMDIE)
};

/// The flags of the first attempt, at the low watermark (__alloc_pages(), prepare_alloc_pages()).
/// ALLOC_NOFRAGMENT depends on the zones, so it is not here.
constexpr unsigned alloc_flags_fast(const gfp_masks &m, unsigned gfp)
{
    unsigned flags = ALLOC_WMARK_LOW;
    if ((gfp & m.movable) != 0)
        flags |= ALLOC_CMA;
    if ((gfp & m.kswapd_reclaim) != 0)
        flags |= ALLOC_KSWAPD;
    return flags;
}

/// The flags of the slow path (gfp_to_alloc_flags()): the min watermark, and what the mask and the
/// asker are entitled to.
constexpr unsigned alloc_flags_slow(const page_alloc_rules &rules, const gfp_masks &m, unsigned gfp,
                                    unsigned order, const alloc_context &who)
{
    unsigned flags = ALLOC_WMARK_MIN;
    if ((gfp & m.high) != 0)
        flags |= ALLOC_HIGH;
    if (m.kswapd_reclaim == 0 || (gfp & m.kswapd_reclaim) != 0)
        flags |= ALLOC_KSWAPD;
    if ((gfp & m.movable) != 0)
        flags |= ALLOC_CMA;
    const bool rt = who.rt_task && !who.in_interrupt;
    const bool waits = (gfp & m.direct_reclaim) != 0;
    switch (rules.rights) {
    case reserve_rights::wait_harder:
        if (!waits || rt)
            flags |= ALLOC_HARDER;
        break;
    case reserve_rights::atomic_harder:
        if ((gfp & m.atomic) != 0 ? (gfp & m.nomemalloc) == 0 : rt)
            flags |= ALLOC_HARDER;
        break;
    case reserve_rights::min_reserve:
        if (waits) {
            if (rt)
                flags |= ALLOC_MIN_RESERVE;
        } else if ((gfp & m.nomemalloc) == 0) {
            flags |= ALLOC_NON_BLOCK;
            if (order > 0 && (!rules.highatomic_needs_high || (gfp & m.high) != 0))
                flags |= ALLOC_HIGHATOMIC;
        }
        break;
    }
    return flags;
}

/// ALLOC_NO_WATERMARKS for who reclaims memory, ALLOC_OOM for who is to die, else 0
/// (__gfp_pfmemalloc_flags()).
constexpr unsigned alloc_flags_reserves(const page_alloc_rules &rules, const gfp_masks &m,
                                        unsigned gfp, const alloc_context &who)
{
    if ((gfp & m.nomemalloc) != 0)
        return 0;
    if ((gfp & m.memalloc) != 0)
        return ALLOC_NO_WATERMARKS;
    if (who.in_interrupt)
        return 0;
    if (who.memalloc)
        return ALLOC_NO_WATERMARKS;
    if (who.oom_victim)
        return rules.oom_rights ? ALLOC_OOM : ALLOC_NO_WATERMARKS;
    return 0;
}

} // namespace kctx::kernel

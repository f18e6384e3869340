// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the allocator tells whoever watches it: the kernel's tracepoints, and where the model took
/// a decision that a log shows otherwise. Rare paths only; what is not watched costs one test.
#pragma once

#include <cstdint>

namespace kctx::mm {

/// kmem:mm_page_alloc_extfrag: a request was given a block of another type.
struct extfrag_event {
    std::uint64_t pfn = 0;         ///< the first frame of the block
    unsigned alloc_order = 0;      ///< order asked for
    unsigned fallback_order = 0;   ///< order of the block that was found
    unsigned alloc_type = 0;       ///< type asked for
    unsigned fallback_type = 0;    ///< type of the block that was found
    bool change_ownership = false; ///< the pageblock now has the request's type

    bool operator==(const extfrag_event &) const = default;
};

/// Override what is of interest. Types are migratetype numbers as of 4.4 and later.
class event_sink
{
public:
    event_sink() = default;
    event_sink(const event_sink &) = delete;
    event_sink &operator=(const event_sink &) = delete;
    virtual ~event_sink() = default;

    /// A request is given a block of another type.
    virtual void extfrag(const extfrag_event &) {}
    /// kmem:mm_page_pcpu_drain: a page goes from a per-cpu list back to the buddy lists.
    virtual void pcpu_drain(std::uint64_t /*pfn*/, unsigned /*order*/, unsigned /*type*/) {}
    /// kmem:mm_page_alloc_zone_locked: a page is taken from the buddy lists.
    virtual void zone_locked(std::uint64_t /*pfn*/, unsigned /*order*/, unsigned /*type*/) {}
    /// A zone's kswapd is woken for a request of this order (vmscan:mm_vmscan_wakeup_kswapd).
    virtual void wakeup_kswapd(unsigned /*zone index*/, unsigned /*order*/) {}
    /// A task enters direct reclaim, compaction.
    virtual void direct_reclaim(unsigned /*order*/, unsigned /*gfp*/) {}
    /// A task enters direct compaction.
    virtual void direct_compaction(unsigned /*order*/, unsigned /*gfp*/) {}
    /// A request fails, or would reclaim now and was told not to.
    virtual void request_failed(unsigned /*order*/, unsigned /*gfp*/) {}
    /// The OOM killer is to choose a victim: true if it did, and pages were freed.
    virtual bool oom_kill(unsigned /*order*/, unsigned /*gfp*/) { return false; }
    /// A movable page was moved: its contents are at the second frame now.
    virtual void migrated(std::uint64_t /*from*/, std::uint64_t /*to*/) {}
    /// A page was reclaimed: its contents are gone, its frame is free.
    virtual void reclaimed(std::uint64_t /*pfn*/) {}
};

} // namespace kctx::mm

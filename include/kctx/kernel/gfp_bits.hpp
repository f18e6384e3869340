// SPDX-License-Identifier: BSL-1.0
/// @file
/// The value of every GFP flag by kernel version (include/linux/gfp.h, later gfp_types.h), in the
/// base configuration: no LOCKDEP, KASAN_HW_TAGS, SLAB_OBJ_EXT or KMEMCHECK. Driver code reads this
/// file through gfp/, so it includes no standard header and stays small.
#pragma once

#include <kctx/kernel/gfp_history.hpp>

namespace kctx::kernel {

/// The value of a flag in the newest tree read that is not newer than version_code; gfp_absent if
/// that kernel has no such flag, or is older than every tree read.
constexpr unsigned gfp_value(unsigned version_code, gfp_flag f)
{
    const unsigned index = static_cast<unsigned>(f);
    unsigned value = gfp_absent;
    for (unsigned i = gfp_history_begin[index]; i < gfp_history_begin[index + 1]; ++i) {
        if (gfp_history[i].since <= version_code)
            value = gfp_history[i].value;
    }
    return value;
}

/// Does the mask hold all bits of the flag in a kernel of this version? Not if it has no such
/// flag, or has it as 0.
constexpr bool gfp_has(unsigned version_code, unsigned mask, gfp_flag f)
{
    const unsigned value = gfp_value(version_code, f);
    return value != 0 && value != gfp_absent && (mask & value) == value;
}

/// The first version read that has the flag.
constexpr unsigned gfp_since(gfp_flag f)
{
    return gfp_history[gfp_history_begin[static_cast<unsigned>(f)]].since;
}

/// The first version read that has lost the flag, 0 if the newest still has it.
constexpr unsigned gfp_gone(gfp_flag f)
{
    const gfp_change last = gfp_history[gfp_history_begin[static_cast<unsigned>(f) + 1] - 1];
    return last.value == gfp_absent ? last.since : 0;
}

/// What to write instead of a flag that is gone: a flag's name, "" if nothing replaces it.
struct gfp_replacement {
    const char *name;
    const char *why; ///< what to mind, "" for a flag that is not gone
};

constexpr gfp_replacement gfp_successor(gfp_flag f)
{
    switch (f) {
    case gfp_flag::__GFP_WAIT:
        return {"__GFP_DIRECT_RECLAIM", "may block; __GFP_RECLAIM also wakes kswapd"};
    case gfp_flag::__GFP_REPEAT:
        return {"__GFP_RETRY_MAYFAIL", "same bit, now honoured for every order"};
    case gfp_flag::__GFP_ATOMIC:
        return {"__GFP_HIGH", "it opens the reserves, deeper without direct reclaim: GFP_ATOMIC"};
    case gfp_flag::__GFP_COLD:
        return {"", "per-CPU lists no longer tell cold pages from hot ones: leave it out"};
    case gfp_flag::__GFP_NOTRACK:
    case gfp_flag::__GFP_NOTRACK_FALSE_POSITIVE:
        return {"", "kmemcheck was removed: leave it out"};
    case gfp_flag::__GFP_OTHER_NODE:
        return {"", "it only steered NUMA statistics: leave it out"};
    case gfp_flag::__GFP_NO_KSWAPD:
        return {"", "kswapd is woken only if asked for: leave out __GFP_KSWAPD_RECLAIM"};
    case gfp_flag::__GFP_KMEMCG:
        return {"__GFP_ACCOUNT", "the caller asks for accounting to the memory cgroup"};
    case gfp_flag::__GFP_NOACCOUNT:
        return {"", "accounting is asked for since: leave out __GFP_ACCOUNT"};
    case gfp_flag::__GFP_SKIP_KASAN_POISON:
    case gfp_flag::__GFP_SKIP_KASAN_UNPOISON:
        return {"__GFP_SKIP_KASAN", "one flag for both directions"};
    case gfp_flag::GFP_TEMPORARY:
        return {"GFP_KERNEL", "add __GFP_RECLAIMABLE for the old meaning"};
    case gfp_flag::GFP_IOFS:
        return {"GFP_KERNEL", "it was __GFP_IO|__GFP_FS, which mean nothing without reclaim"};
    case gfp_flag::GFP_THISNODE:
        return {"__GFP_THISNODE", "add __GFP_NOWARN|__GFP_NORETRY for the old meaning"};
    default:
        return {"", ""};
    }
}

} // namespace kctx::kernel

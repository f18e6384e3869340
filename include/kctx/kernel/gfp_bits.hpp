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

} // namespace kctx::kernel

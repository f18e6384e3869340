// SPDX-License-Identifier: BSL-1.0
/// @file
/// The migrate types of a kernel in the order of its enum (include/linux/mmzone.h), as
/// /proc/pagetypeinfo names them (migratetype_names[], mm/page_alloc.c) and as a Mem-Info
/// abbreviates them (show_migration_types()).
#pragma once

#include <kctx/config.hpp>

namespace kctx::kernel {

struct migratetype_name {
    const char *name;
    char letter;
};

struct migratetype_list {
    migratetype_name types[6] = {};
    unsigned count = 0;

    constexpr void add(const char *name, char letter) { types[count++] = {name, letter}; }
    /// Its place in the enum, or -1.
    constexpr int index_of(char letter) const
    {
        for (unsigned i = 0; i < count; ++i) {
            if (types[i].letter == letter)
                return static_cast<int>(i);
        }
        return -1;
    }
};

/// The types of a kernel of this version. MOVABLE and RECLAIMABLE changed places between the trees
/// of 3.10 and 4.4, when HIGHATOMIC came for RESERVE as well. Letters are printed since 3.8.
constexpr migratetype_list migratetypes_of(unsigned version_code, bool cma = true,
                                           bool isolation = true)
{
    migratetype_list list;
    list.add("Unmovable", 'U');
    if (version_code < KCTX_VERSION(4, 4, 0)) {
        list.add("Reclaimable", 'E');
        list.add("Movable", 'M');
        list.add("Reserve", 'R');
    } else {
        list.add("Movable", 'M');
        list.add("Reclaimable", 'E');
        list.add("HighAtomic", 'H');
    }
    if (cma && version_code >= KCTX_VERSION(3, 5, 0))
        list.add("CMA", 'C');
    if (isolation)
        list.add("Isolate", 'I');
    return list;
}

/// Android's common kernels since 4.14 have CMA on the per-CPU lists, so in front of HIGHATOMIC.
constexpr migratetype_list android_migratetypes()
{
    migratetype_list list;
    list.add("Unmovable", 'U');
    list.add("Movable", 'M');
    list.add("Reclaimable", 'E');
    list.add("CMA", 'C');
    list.add("HighAtomic", 'H');
    list.add("Isolate", 'I');
    return list;
}

} // namespace kctx::kernel

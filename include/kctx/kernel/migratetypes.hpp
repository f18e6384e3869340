// SPDX-License-Identifier: BSL-1.0
/// @file
/// The migrate types of a kernel in the order of its enum: the columns of /proc/pagetypeinfo
/// (migratetype_names[], mm/page_alloc.c) and the letters of a Mem-Info's order lines
/// (show_migration_types()). No standard header.
#pragma once

#include <kctx/kernel/migratetype.hpp>

namespace kctx::kernel {

/// Its name in /proc/pagetypeinfo.
constexpr const char *migratetype_name(unsigned version_code, migratetype type)
{
    constexpr const char *names[] = {"Unmovable",  "Movable", "Reclaimable",
                                     "HighAtomic", "CMA",     "Isolate"};
    if (type == migratetype::MIGRATE_HIGHATOMIC && version_code < KCTX_VERSION(4, 4, 0))
        return "Reserve";
    return type < migratetype::undefined ? names[static_cast<unsigned>(type)] : "undefined";
}

/// Its letter in the order lines of a Mem-Info since 3.8, `305*64kB (C)`.
constexpr char migratetype_letter(unsigned version_code, migratetype type)
{
    if (type == migratetype::MIGRATE_HIGHATOMIC && version_code < KCTX_VERSION(4, 4, 0))
        return 'R';
    return type < migratetype::undefined ? "UMEHCI"[static_cast<unsigned>(type)] : '?';
}

struct migratetype_list {
    unsigned version = 0;
    migratetype types[migrate_types] = {};
    unsigned count = 0;

    constexpr void add(migratetype type) { types[count++] = type; }
    constexpr const migratetype *begin() const { return types; }
    constexpr const migratetype *end() const { return types + count; }
    constexpr const char *name(migratetype type) const { return migratetype_name(version, type); }
    constexpr char letter(migratetype type) const { return migratetype_letter(version, type); }

    /// The place of the type with this letter, or -1.
    constexpr int index_of(char letter_of_type) const
    {
        for (unsigned i = 0; i < count; ++i) {
            if (letter(types[i]) == letter_of_type)
                return static_cast<int>(i);
        }
        return -1;
    }
};

/// The types of a kernel with or without CONFIG_CMA and CONFIG_MEMORY_ISOLATION.
constexpr migratetype_list migratetypes_of(unsigned version_code, bool cma = true,
                                           bool isolation = true)
{
    migratetype_list list{version_code, {}, 0};
    for (unsigned i = 0; i < migrate_types; ++i) {
        const migratetype type = migratetype_of(version_code, i, cma);
        if (type != migratetype::undefined && (isolation || type != migratetype::MIGRATE_ISOLATE))
            list.add(type);
    }
    return list;
}

/// Android's common kernels since 4.14 have CMA on the per-CPU lists, so in front of HIGHATOMIC.
constexpr migratetype_list android_migratetypes(unsigned version_code)
{
    using enum migratetype;
    return {version_code,
            {MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE, MIGRATE_CMA,
             MIGRATE_HIGHATOMIC, MIGRATE_ISOLATE},
            migrate_types};
}

} // namespace kctx::kernel

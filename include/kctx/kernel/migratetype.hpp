// SPDX-License-Identifier: BSL-1.0
/// @file
/// Migrate types: what the pages of a pageblock are used for (include/linux/mmzone.h: enum
/// migratetype; mm/page_alloc.c: fallbacks[]), and the columns of /proc/pagetypeinfo
/// (migratetype_names[]) and letters of a Mem-Info's order lines (show_migration_types()). No
/// standard header: driver code may use it.
#pragma once

#include <kctx/config.hpp>

namespace kctx::kernel {

/// Numbered as in 4.4 ... 6.18 with CONFIG_CMA; migratetype_number() has the numbers of others.
enum class migratetype : unsigned char {
    MIGRATE_UNMOVABLE,
    MIGRATE_MOVABLE,
    MIGRATE_RECLAIMABLE,
    MIGRATE_HIGHATOMIC, ///< since 4.4; before, its place is MIGRATE_RESERVE's
    MIGRATE_CMA,        ///< since 3.5
    MIGRATE_ISOLATE,    ///< nothing is allocated from here
    undefined,          ///< both mobility flags: the kernel warns
};

/// Types a list is kept for, in each order.
inline constexpr unsigned migrate_types = 6;

/// The types with per-cpu lists of their own: the first three (MIGRATE_PCPTYPES).
inline constexpr unsigned migrate_pcptypes = 3;

/// Since which of the trees read MOVABLE is 1 and RECLAIMABLE 2; before, they are the other way
/// round, in numbers, columns and letters.
inline constexpr unsigned movable_before_reclaimable = KCTX_VERSION(4, 4, 0);

/// The number of a type in this kernel, as tracepoints print it; -1 if it has no such type.
constexpr int migratetype_number(unsigned version_code, migratetype type, bool cma = true)
{
    cma = cma && version_code >= KCTX_VERSION(3, 10, 0);
    switch (type) {
    case migratetype::MIGRATE_MOVABLE:
        return version_code >= movable_before_reclaimable ? 1 : 2;
    case migratetype::MIGRATE_RECLAIMABLE:
        return version_code >= movable_before_reclaimable ? 2 : 1;
    case migratetype::MIGRATE_CMA:
        return cma ? 4 : -1;
    case migratetype::MIGRATE_ISOLATE:
        return cma ? 5 : 4;
    case migratetype::undefined:
        return -1;
    default:
        return static_cast<int>(type);
    }
}

/// The type that a kernel gives this number; undefined if none.
constexpr migratetype migratetype_of(unsigned version_code, unsigned number, bool cma = true)
{
    for (unsigned i = 0; i < migrate_types; ++i) {
        if (migratetype_number(version_code, static_cast<migratetype>(i), cma) ==
            static_cast<int>(number))
            return static_cast<migratetype>(i);
    }
    return migratetype::undefined;
}

/// Which types are robbed for a request of this type, first to last. The same two in every version
/// read; MIGRATE_RESERVE (to 4.3) and MIGRATE_CMA are asked at other places of __rmqueue().
struct fallback_types {
    migratetype first;  ///< asked first
    migratetype second; ///< asked when the first has none
};

/// The rows of fallbacks[] (mm/page_alloc.c).
constexpr fallback_types fallbacks_of(migratetype wanted)
{
    switch (wanted) {
    case migratetype::MIGRATE_UNMOVABLE:
        return {migratetype::MIGRATE_RECLAIMABLE, migratetype::MIGRATE_MOVABLE};
    case migratetype::MIGRATE_RECLAIMABLE:
        return {migratetype::MIGRATE_UNMOVABLE, migratetype::MIGRATE_MOVABLE};
    default:
        return {migratetype::MIGRATE_RECLAIMABLE, migratetype::MIGRATE_UNMOVABLE};
    }
}

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

/// The types of one kernel version, as its reports list them.
struct migratetype_list {
    unsigned version = 0;                  ///< of the kernel, as KCTX_VERSION()
    migratetype types[migrate_types] = {}; ///< in the order of its lists
    unsigned count = 0;                    ///< types in use

    /// Puts @p type behind the others.
    constexpr void add(migratetype type) { types[count++] = type; }
    constexpr const migratetype *begin() const { return types; }       ///< the first type
    constexpr const migratetype *end() const { return types + count; } ///< behind the last type
    /// As /proc/pagetypeinfo has it: "Movable".
    constexpr const char *name(migratetype type) const { return migratetype_name(version, type); }
    /// As a Mem-Info has it: 'M'.
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

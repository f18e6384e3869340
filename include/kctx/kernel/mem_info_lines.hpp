// SPDX-License-Identifier: BSL-1.0
/// @file
/// The lines of a Mem-Info by kernel version (show_mem(), show_free_areas(): mm/page_alloc.c and
/// lib/show_mem.c, since 6.6 mm/show_mem.c). What depends on the configuration is marked so; a
/// vendor's additions are a list of their own.
#pragma once

#include <kctx/kernel/mem_info_fields.hpp>

namespace kctx::kernel {

/// The counters of a version; those of the oldest tree for older ones.
constexpr mem_info_tree mem_info_tree_of(unsigned version_code)
{
    mem_info_tree tree = mem_info_trees[0];
    for (const mem_info_tree &t : mem_info_trees) {
        if (t.since <= version_code)
            tree = t;
    }
    return tree;
}

/// "CPU    0: hi:  186, btch:  31 usd: 170": the per-CPU lists of a zone, up to 4.3.
inline constexpr mem_info_field mem_info_per_cpu[] = {
    {"CPU", "CPU ", "", 1, mem_info_unit::number, mem_info_option::always, 4},
    {"hi", ": hi:", "", 1, mem_info_unit::number, mem_info_option::always, 5},
    {"btch", ", btch:", "", 1, mem_info_unit::number, mem_info_option::always, 4},
    {"usd", " usd:", "", 1, mem_info_unit::number, mem_info_option::always, 4},
};
constexpr bool mem_info_has_per_cpu(unsigned version_code)
{
    return version_code < KCTX_VERSION(4, 4, 0);
}

/// Behind the blocks of each order stand the letters of their types since 3.8.
constexpr bool mem_info_has_letters(unsigned version_code)
{
    return version_code >= KCTX_VERSION(3, 8, 0);
}

/// Zones above the highest one that the request may use are left out since 6.1.
constexpr bool mem_info_ends_at_request_zone(unsigned version_code)
{
    return version_code >= KCTX_VERSION(6, 1, 0);
}

/// "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB":
/// CONFIG_HUGETLBFS, since 3.10.
inline constexpr mem_info_field mem_info_hugepages[] = {
    {"Node", "Node ", "", 1, mem_info_unit::number, mem_info_option::other, 0},
    {"hugepages_total", " hugepages_total=", "", 1, mem_info_unit::number, mem_info_option::other,
     0},
    {"hugepages_free", " hugepages_free=", "", 1, mem_info_unit::number, mem_info_option::other, 0},
    {"hugepages_surp", " hugepages_surp=", "", 1, mem_info_unit::number, mem_info_option::other, 0},
    {"hugepages_size", " hugepages_size=", "kB", 1, mem_info_unit::kb, mem_info_option::other, 0},
};

#define KCTX_TOTAL_SWAP_CACHE                                                                      \
    {"pages in swap cache", "", " pages in swap cache", 2, mem_info_unit::pages,                   \
     mem_info_option::other, 0}
#define KCTX_TOTAL_SWAP_SPACE                                                                      \
    {"Free swap", "Free swap  = ", "kB", 4, mem_info_unit::kb, mem_info_option::other, 0},         \
        {"Total swap", "Total swap = ", "kB", 5, mem_info_unit::kb, mem_info_option::other, 0}
#define KCTX_TOTAL(number, name, option)                                                           \
    {name, "", " " name, number, mem_info_unit::pages, mem_info_option::option, 0}
#define KCTX_TOTAL_SWAP_STATS                                                                      \
    {"swap add", "Swap cache stats: add ", "", 3, mem_info_unit::number, mem_info_option::other,   \
     0},                                                                                           \
        {"swap delete", ", delete ", "", 3, mem_info_unit::number, mem_info_option::other, 0},     \
        {"swap find", ", find ", "", 3, mem_info_unit::number, mem_info_option::other, 0},         \
        {"swap find total", "/", "", 3, mem_info_unit::number, mem_info_option::other, 0}

/// The totals at the end. Swap: CONFIG_SWAP; cma reserved: CONFIG_CMA; hwpoisoned:
/// CONFIG_MEMORY_FAILURE.
inline constexpr mem_info_field mem_info_totals_2_6_32[] = {
    KCTX_TOTAL(1, "total pagecache pages", always),
    KCTX_TOTAL_SWAP_CACHE,
    KCTX_TOTAL_SWAP_STATS,
    KCTX_TOTAL_SWAP_SPACE,
    KCTX_TOTAL(6, "pages RAM", always),
    KCTX_TOTAL(7, "pages HighMem", other),
    KCTX_TOTAL(8, "pages reserved", other),
    KCTX_TOTAL(9, "pages shared", other),
    KCTX_TOTAL(10, "pages non-shared", other),
};
inline constexpr mem_info_field mem_info_totals_4_4[] = {
    KCTX_TOTAL(1, "total pagecache pages", always),
    KCTX_TOTAL_SWAP_CACHE,
    KCTX_TOTAL_SWAP_STATS,
    KCTX_TOTAL_SWAP_SPACE,
    KCTX_TOTAL(6, "pages RAM", always),
    KCTX_TOTAL(7, "pages HighMem/MovableOnly", always),
    KCTX_TOTAL(8, "pages reserved", always),
    KCTX_TOTAL(9, "pages cma reserved", other),
    KCTX_TOTAL(10, "pages hwpoisoned", other),
};
inline constexpr mem_info_field mem_info_totals_6_1[] = {
    KCTX_TOTAL(1, "total pagecache pages", always),
    KCTX_TOTAL_SWAP_CACHE,
    KCTX_TOTAL_SWAP_SPACE,
    KCTX_TOTAL(6, "pages RAM", always),
    KCTX_TOTAL(7, "pages HighMem/MovableOnly", always),
    KCTX_TOTAL(8, "pages reserved", always),
    KCTX_TOTAL(9, "pages cma reserved", other),
    KCTX_TOTAL(10, "pages hwpoisoned", other),
};
#undef KCTX_TOTAL
#undef KCTX_TOTAL_SWAP_CACHE
#undef KCTX_TOTAL_SWAP_STATS
#undef KCTX_TOTAL_SWAP_SPACE

/// The totals that kernel @p version_code prints at the end.
constexpr mem_info_list mem_info_totals_of(unsigned version_code)
{
    if (version_code >= KCTX_VERSION(6, 1, 0))
        return mem_info_totals_6_1;
    if (version_code >= KCTX_VERSION(3, 11, 0))
        return mem_info_totals_4_4;
    return mem_info_totals_2_6_32;
}

/// A field that a vendor's kernel prints and mainline does not: behind which field, in which list.
struct mem_info_addition {
    /// A list; after_orders: the lines behind those of the free blocks.
    enum class place : unsigned char { global, zone, after_orders };
    place where;          ///< the list that it is added to
    const char *behind;   ///< the field in front of it; for after_orders ""
    mem_info_field field; ///< how it is printed
};

/// Amlogic's Android 11 kernel 5.4.125 (document 1), as its log has them: a row of its own for CMA,
/// the shadow call stacks (that is Android's), and the free pages by type behind the order lines.
inline constexpr mem_info_addition mem_info_of_amlogic[] = {
    {mem_info_addition::place::global,
     "slab_unreclaimable",
     {"slab_unreclaimable_Order", " slab_unreclaimable_Order:", "", 4, mem_info_unit::number,
      mem_info_option::other, 0}},
    {mem_info_addition::place::global,
     "bounce",
     {"cma driver", " [cma] driver:", "", 60, mem_info_unit::pages, mem_info_option::other, 0}},
    {mem_info_addition::place::global,
     "cma driver",
     {"cma anon", " anon:", "", 60, mem_info_unit::pages, mem_info_option::other, 0}},
    {mem_info_addition::place::global,
     "cma anon",
     {"cma file", " file:", "", 60, mem_info_unit::pages, mem_info_option::other, 0}},
    {mem_info_addition::place::global,
     "cma file",
     {"cma isolate", " isolate:", "", 60, mem_info_unit::pages, mem_info_option::other, 0}},
    {mem_info_addition::place::global,
     "cma isolate",
     {"cma total", " total:", "", 60, mem_info_unit::pages, mem_info_option::other, 0}},
    {mem_info_addition::place::zone,
     "kernel_stack",
     {"shadow_call_stack", " shadow_call_stack:", "kB", 1, mem_info_unit::kb,
      mem_info_option::shadow_call_stack, 0}},
    {mem_info_addition::place::after_orders,
     "",
     {"Free_Unmovable", "Free_Unmovable:", "", 1, mem_info_unit::pages, mem_info_option::other, 0}},
    {mem_info_addition::place::after_orders,
     "",
     {"Free_Movable", "Free_Movable:", "", 2, mem_info_unit::pages, mem_info_option::other, 0}},
    {mem_info_addition::place::after_orders,
     "",
     {"Free_Reclaimable", "Free_Reclaimable:", "", 3, mem_info_unit::pages, mem_info_option::other,
      0}},
    {mem_info_addition::place::after_orders,
     "",
     {"Free_CMA", "Free_CMA:", "", 4, mem_info_unit::pages, mem_info_option::other, 0}},
    {mem_info_addition::place::after_orders,
     "",
     {"Free_HighAtomic", "Free_HighAtomic:", "", 5, mem_info_unit::pages, mem_info_option::other,
      0}},
    {mem_info_addition::place::after_orders,
     "",
     {"Free_Isolate", "Free_Isolate:", "", 6, mem_info_unit::pages, mem_info_option::other, 0}},
};

} // namespace kctx::kernel

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The printing order of GFP flags by kernel version, their names, and the values that depend on
/// the kernel's configuration: the data behind gfp_names.hpp.
/// Written by scripts/make-kernel-tables; edit the facts that it reads, not this file:
///   tests/data/facts/gfp_names.tsv
///   tests/data/facts/gfp_bits.tsv
#pragma once

#include <kctx/kernel/gfp_bits.hpp>

namespace kctx::kernel {

// clang-format off
/// The names, in the order of gfp_flag.
inline constexpr const char* gfp_flag_names[] = {
    "__GFP_DMA", "__GFP_HIGHMEM", "__GFP_DMA32", "__GFP_MOVABLE", "__GFP_WAIT", "__GFP_HIGH",
    "__GFP_IO", "__GFP_FS", "__GFP_COLD", "__GFP_NOWARN", "__GFP_REPEAT", "__GFP_NOFAIL",
    "__GFP_NORETRY", "__GFP_COMP", "__GFP_ZERO", "__GFP_NOMEMALLOC", "__GFP_HARDWALL",
    "__GFP_THISNODE", "__GFP_RECLAIMABLE", "__GFP_NOTRACK", "__GFP_MEMALLOC", "__GFP_KMEMCG",
    "__GFP_NO_KSWAPD", "__GFP_OTHER_NODE", "__GFP_WRITE", "__GFP_ATOMIC", "__GFP_NOACCOUNT",
    "__GFP_DIRECT_RECLAIM", "__GFP_KSWAPD_RECLAIM", "__GFP_ACCOUNT", "__GFP_RETRY_MAYFAIL",
    "__GFP_NOLOCKDEP", "__GFP_ZEROTAGS", "__GFP_SKIP_KASAN_POISON", "__GFP_SKIP_ZERO",
    "__GFP_SKIP_KASAN_UNPOISON", "__GFP_SKIP_KASAN", "__GFP_NO_OBJ_EXT",
    "__GFP_NOTRACK_FALSE_POSITIVE", "GFP_NOWAIT", "GFP_ATOMIC", "GFP_NOIO", "GFP_NOFS",
    "GFP_KERNEL", "GFP_TEMPORARY", "GFP_USER", "GFP_HIGHUSER", "GFP_HIGHUSER_MOVABLE",
    "GFP_THISNODE", "GFP_DMA", "GFP_DMA32", "GFP_IOFS", "GFP_TRANSHUGE", "__GFP_RECLAIM",
    "GFP_KERNEL_ACCOUNT", "GFP_TRANSHUGE_LIGHT",
};

/// What to write instead of a flag that is gone, "" for one that is not, in the order of
/// gfp_flag.
inline constexpr const char* gfp_instead_of[] = {
    "", "", "", "", "__GFP_DIRECT_RECLAIM, or __GFP_RECLAIM for kswapd as well", "", "", "",
    "leave it out", "", "__GFP_RETRY_MAYFAIL", "", "", "", "", "", "", "", "", "leave it out", "",
    "leave it out", "leave out __GFP_KSWAPD_RECLAIM", "leave it out", "",
    "__GFP_HIGH, which GFP_ATOMIC holds", "leave out __GFP_ACCOUNT", "", "", "", "", "", "",
    "__GFP_SKIP_KASAN", "", "__GFP_SKIP_KASAN", "", "", "leave it out", "", "", "", "", "",
    "GFP_KERNEL | __GFP_RECLAIMABLE", "", "", "", "__GFP_THISNODE | __GFP_NOWARN | __GFP_NORETRY",
    "", "", "GFP_KERNEL", "", "", "", "",
};

/// The kernel configurations for which values were computed.
enum class gfp_config : unsigned char {
    base, lockdep, slab_obj_ext, lockdep_slab_obj_ext, kmemcheck,
    kasan_hw_tags_lockdep_slab_obj_ext,
    count
};

/// In this tree and these configurations (bit i = gfp_config i) the flag has a value of its own.
struct gfp_configured {
    unsigned version;      ///< KCTX_VERSION() of the tree
    gfp_flag flag;         ///< the one that depends on the configuration
    unsigned char configs; ///< a bit for each of enum gfp_config
    unsigned value;        ///< in these
};

/// All of them, by tree.
inline constexpr gfp_configured gfp_configured_values[] = {
    {0x02'06'20, gfp_flag::__GFP_NOTRACK, 0x10, 0x200000},
    {0x02'06'20, gfp_flag::__GFP_NOTRACK_FALSE_POSITIVE, 0x10, 0x200000},
    {0x02'06'21, gfp_flag::__GFP_NOTRACK, 0x10, 0x200000},
    {0x02'06'21, gfp_flag::__GFP_NOTRACK_FALSE_POSITIVE, 0x10, 0x200000},
    {0x04'0e'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x2000000},
    {0x04'13'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x800000},
    {0x05'00'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x800000},
    {0x05'04'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x800000},
    {0x05'09'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x800000},
    {0x05'0a'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x800000},
    {0x05'0f'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x2000000},
    {0x06'01'00, gfp_flag::__GFP_SKIP_ZERO, 0x20, 0x1000000},
    {0x06'01'00, gfp_flag::__GFP_SKIP_KASAN_UNPOISON, 0x20, 0x2000000},
    {0x06'01'00, gfp_flag::__GFP_SKIP_KASAN_POISON, 0x20, 0x4000000},
    {0x06'01'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x8000000},
    {0x06'01'00, gfp_flag::GFP_HIGHUSER_MOVABLE, 0x20, 0x6100cca},
    {0x06'01'00, gfp_flag::GFP_TRANSHUGE_LIGHT, 0x20, 0x61c20ca},
    {0x06'01'00, gfp_flag::GFP_TRANSHUGE, 0x20, 0x61c24ca},
    {0x06'03'00, gfp_flag::__GFP_SKIP_ZERO, 0x20, 0x1000000},
    {0x06'03'00, gfp_flag::__GFP_SKIP_KASAN_UNPOISON, 0x20, 0x2000000},
    {0x06'03'00, gfp_flag::__GFP_SKIP_KASAN_POISON, 0x20, 0x4000000},
    {0x06'03'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x8000000},
    {0x06'03'00, gfp_flag::GFP_HIGHUSER_MOVABLE, 0x20, 0x6100cca},
    {0x06'03'00, gfp_flag::GFP_TRANSHUGE_LIGHT, 0x20, 0x61c20ca},
    {0x06'03'00, gfp_flag::GFP_TRANSHUGE, 0x20, 0x61c24ca},
    {0x06'06'00, gfp_flag::__GFP_SKIP_ZERO, 0x20, 0x1000000},
    {0x06'06'00, gfp_flag::__GFP_SKIP_KASAN, 0x20, 0x2000000},
    {0x06'06'00, gfp_flag::__GFP_NOLOCKDEP, 0x2a, 0x4000000},
    {0x06'06'00, gfp_flag::GFP_HIGHUSER_MOVABLE, 0x20, 0x2100cca},
    {0x06'06'00, gfp_flag::GFP_TRANSHUGE_LIGHT, 0x20, 0x21c20ca},
    {0x06'06'00, gfp_flag::GFP_TRANSHUGE, 0x20, 0x21c24ca},
    {0x06'0c'00, gfp_flag::__GFP_SKIP_ZERO, 0x20, 0x1000000},
    {0x06'0c'00, gfp_flag::__GFP_SKIP_KASAN, 0x20, 0x2000000},
    {0x06'0c'00, gfp_flag::__GFP_NOLOCKDEP, 0xa, 0x1000000},
    {0x06'0c'00, gfp_flag::__GFP_NOLOCKDEP, 0x20, 0x4000000},
    {0x06'0c'00, gfp_flag::__GFP_NO_OBJ_EXT, 0x4, 0x1000000},
    {0x06'0c'00, gfp_flag::__GFP_NO_OBJ_EXT, 0x8, 0x2000000},
    {0x06'0c'00, gfp_flag::__GFP_NO_OBJ_EXT, 0x20, 0x8000000},
    {0x06'0c'00, gfp_flag::GFP_HIGHUSER_MOVABLE, 0x20, 0x2100cca},
    {0x06'0c'00, gfp_flag::GFP_TRANSHUGE_LIGHT, 0x20, 0x21c20ca},
    {0x06'0c'00, gfp_flag::GFP_TRANSHUGE, 0x20, 0x21c24ca},
    {0x06'12'00, gfp_flag::__GFP_SKIP_ZERO, 0x20, 0x1000000},
    {0x06'12'00, gfp_flag::__GFP_SKIP_KASAN, 0x20, 0x2000000},
    {0x06'12'00, gfp_flag::__GFP_NOLOCKDEP, 0xa, 0x1000000},
    {0x06'12'00, gfp_flag::__GFP_NOLOCKDEP, 0x20, 0x4000000},
    {0x06'12'00, gfp_flag::__GFP_NO_OBJ_EXT, 0x4, 0x1000000},
    {0x06'12'00, gfp_flag::__GFP_NO_OBJ_EXT, 0x8, 0x2000000},
    {0x06'12'00, gfp_flag::__GFP_NO_OBJ_EXT, 0x20, 0x8000000},
    {0x06'12'00, gfp_flag::GFP_HIGHUSER_MOVABLE, 0x20, 0x2100cca},
    {0x06'12'00, gfp_flag::GFP_TRANSHUGE_LIGHT, 0x20, 0x21c20ca},
    {0x06'12'00, gfp_flag::GFP_TRANSHUGE, 0x20, 0x21c24ca},
};

/// Masks are printed in the order of their tree, what is composed first: __def_gfpflag_names
/// (include/trace/events/mmflags.h), up to 4.5 show_gfp_flags() of the trace events.
inline constexpr gfp_flag gfp_print_order_2_6_32[] = {
    gfp_flag::GFP_HIGHUSER_MOVABLE, gfp_flag::GFP_HIGHUSER, gfp_flag::GFP_USER,
    gfp_flag::GFP_TEMPORARY, gfp_flag::GFP_KERNEL, gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC,
    gfp_flag::GFP_NOIO, gfp_flag::__GFP_HIGH, gfp_flag::__GFP_WAIT, gfp_flag::__GFP_IO,
    gfp_flag::__GFP_COLD, gfp_flag::__GFP_NOWARN, gfp_flag::__GFP_REPEAT, gfp_flag::__GFP_NOFAIL,
    gfp_flag::__GFP_NORETRY, gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO,
    gfp_flag::__GFP_NOMEMALLOC, gfp_flag::__GFP_HARDWALL, gfp_flag::__GFP_THISNODE,
    gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE,
};
inline constexpr gfp_flag gfp_print_order_3_10[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_HIGHUSER_MOVABLE, gfp_flag::GFP_HIGHUSER,
    gfp_flag::GFP_USER, gfp_flag::GFP_TEMPORARY, gfp_flag::GFP_KERNEL, gfp_flag::GFP_NOFS,
    gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO, gfp_flag::__GFP_HIGH, gfp_flag::__GFP_WAIT,
    gfp_flag::__GFP_IO, gfp_flag::__GFP_COLD, gfp_flag::__GFP_NOWARN, gfp_flag::__GFP_REPEAT,
    gfp_flag::__GFP_NOFAIL, gfp_flag::__GFP_NORETRY, gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO,
    gfp_flag::__GFP_NOMEMALLOC, gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL,
    gfp_flag::__GFP_THISNODE, gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_KMEMCG,
    gfp_flag::__GFP_MOVABLE, gfp_flag::__GFP_NOTRACK, gfp_flag::__GFP_NO_KSWAPD,
    gfp_flag::__GFP_OTHER_NODE,
};
inline constexpr gfp_flag gfp_print_order_4_4[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_HIGHUSER_MOVABLE, gfp_flag::GFP_HIGHUSER,
    gfp_flag::GFP_USER, gfp_flag::GFP_TEMPORARY, gfp_flag::GFP_KERNEL, gfp_flag::GFP_NOFS,
    gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO, gfp_flag::__GFP_HIGH, gfp_flag::__GFP_ATOMIC,
    gfp_flag::__GFP_IO, gfp_flag::__GFP_COLD, gfp_flag::__GFP_NOWARN, gfp_flag::__GFP_REPEAT,
    gfp_flag::__GFP_NOFAIL, gfp_flag::__GFP_NORETRY, gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO,
    gfp_flag::__GFP_NOMEMALLOC, gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL,
    gfp_flag::__GFP_THISNODE, gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE,
    gfp_flag::__GFP_NOTRACK, gfp_flag::__GFP_DIRECT_RECLAIM, gfp_flag::__GFP_KSWAPD_RECLAIM,
    gfp_flag::__GFP_OTHER_NODE,
};
inline constexpr gfp_flag gfp_print_order_4_6[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_HIGHUSER_MOVABLE, gfp_flag::GFP_HIGHUSER,
    gfp_flag::GFP_USER, gfp_flag::GFP_TEMPORARY, gfp_flag::GFP_KERNEL_ACCOUNT,
    gfp_flag::GFP_KERNEL, gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO,
    gfp_flag::GFP_NOWAIT, gfp_flag::GFP_DMA, gfp_flag::__GFP_HIGHMEM, gfp_flag::GFP_DMA32,
    gfp_flag::__GFP_HIGH, gfp_flag::__GFP_ATOMIC, gfp_flag::__GFP_IO, gfp_flag::__GFP_FS,
    gfp_flag::__GFP_COLD, gfp_flag::__GFP_NOWARN, gfp_flag::__GFP_REPEAT, gfp_flag::__GFP_NOFAIL,
    gfp_flag::__GFP_NORETRY, gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO,
    gfp_flag::__GFP_NOMEMALLOC, gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL,
    gfp_flag::__GFP_THISNODE, gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE,
    gfp_flag::__GFP_ACCOUNT, gfp_flag::__GFP_NOTRACK, gfp_flag::__GFP_WRITE,
    gfp_flag::__GFP_RECLAIM, gfp_flag::__GFP_DIRECT_RECLAIM, gfp_flag::__GFP_KSWAPD_RECLAIM,
    gfp_flag::__GFP_OTHER_NODE,
};
inline constexpr gfp_flag gfp_print_order_4_8[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_TRANSHUGE_LIGHT, gfp_flag::GFP_HIGHUSER_MOVABLE,
    gfp_flag::GFP_HIGHUSER, gfp_flag::GFP_USER, gfp_flag::GFP_TEMPORARY,
    gfp_flag::GFP_KERNEL_ACCOUNT, gfp_flag::GFP_KERNEL, gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC,
    gfp_flag::GFP_NOIO, gfp_flag::GFP_NOWAIT, gfp_flag::GFP_DMA, gfp_flag::__GFP_HIGHMEM,
    gfp_flag::GFP_DMA32, gfp_flag::__GFP_HIGH, gfp_flag::__GFP_ATOMIC, gfp_flag::__GFP_IO,
    gfp_flag::__GFP_FS, gfp_flag::__GFP_COLD, gfp_flag::__GFP_NOWARN, gfp_flag::__GFP_REPEAT,
    gfp_flag::__GFP_NOFAIL, gfp_flag::__GFP_NORETRY, gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO,
    gfp_flag::__GFP_NOMEMALLOC, gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL,
    gfp_flag::__GFP_THISNODE, gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE,
    gfp_flag::__GFP_ACCOUNT, gfp_flag::__GFP_NOTRACK, gfp_flag::__GFP_WRITE,
    gfp_flag::__GFP_RECLAIM, gfp_flag::__GFP_DIRECT_RECLAIM, gfp_flag::__GFP_KSWAPD_RECLAIM,
    gfp_flag::__GFP_OTHER_NODE,
};
inline constexpr gfp_flag gfp_print_order_4_14[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_TRANSHUGE_LIGHT, gfp_flag::GFP_HIGHUSER_MOVABLE,
    gfp_flag::GFP_HIGHUSER, gfp_flag::GFP_USER, gfp_flag::GFP_KERNEL_ACCOUNT, gfp_flag::GFP_KERNEL,
    gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO, gfp_flag::GFP_NOWAIT,
    gfp_flag::GFP_DMA, gfp_flag::__GFP_HIGHMEM, gfp_flag::GFP_DMA32, gfp_flag::__GFP_HIGH,
    gfp_flag::__GFP_ATOMIC, gfp_flag::__GFP_IO, gfp_flag::__GFP_FS, gfp_flag::__GFP_COLD,
    gfp_flag::__GFP_NOWARN, gfp_flag::__GFP_RETRY_MAYFAIL, gfp_flag::__GFP_NOFAIL,
    gfp_flag::__GFP_NORETRY, gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO,
    gfp_flag::__GFP_NOMEMALLOC, gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL,
    gfp_flag::__GFP_THISNODE, gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE,
    gfp_flag::__GFP_ACCOUNT, gfp_flag::__GFP_NOTRACK, gfp_flag::__GFP_WRITE,
    gfp_flag::__GFP_RECLAIM, gfp_flag::__GFP_DIRECT_RECLAIM, gfp_flag::__GFP_KSWAPD_RECLAIM,
};
inline constexpr gfp_flag gfp_print_order_4_19[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_TRANSHUGE_LIGHT, gfp_flag::GFP_HIGHUSER_MOVABLE,
    gfp_flag::GFP_HIGHUSER, gfp_flag::GFP_USER, gfp_flag::GFP_KERNEL_ACCOUNT, gfp_flag::GFP_KERNEL,
    gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO, gfp_flag::GFP_NOWAIT,
    gfp_flag::GFP_DMA, gfp_flag::__GFP_HIGHMEM, gfp_flag::GFP_DMA32, gfp_flag::__GFP_HIGH,
    gfp_flag::__GFP_ATOMIC, gfp_flag::__GFP_IO, gfp_flag::__GFP_FS, gfp_flag::__GFP_NOWARN,
    gfp_flag::__GFP_RETRY_MAYFAIL, gfp_flag::__GFP_NOFAIL, gfp_flag::__GFP_NORETRY,
    gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO, gfp_flag::__GFP_NOMEMALLOC,
    gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL, gfp_flag::__GFP_THISNODE,
    gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE, gfp_flag::__GFP_ACCOUNT,
    gfp_flag::__GFP_WRITE, gfp_flag::__GFP_RECLAIM, gfp_flag::__GFP_DIRECT_RECLAIM,
    gfp_flag::__GFP_KSWAPD_RECLAIM,
};
inline constexpr gfp_flag gfp_print_order_5_15[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_TRANSHUGE_LIGHT, gfp_flag::GFP_HIGHUSER_MOVABLE,
    gfp_flag::GFP_HIGHUSER, gfp_flag::GFP_USER, gfp_flag::GFP_KERNEL_ACCOUNT, gfp_flag::GFP_KERNEL,
    gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO, gfp_flag::GFP_NOWAIT,
    gfp_flag::GFP_DMA, gfp_flag::__GFP_HIGHMEM, gfp_flag::GFP_DMA32, gfp_flag::__GFP_HIGH,
    gfp_flag::__GFP_ATOMIC, gfp_flag::__GFP_IO, gfp_flag::__GFP_FS, gfp_flag::__GFP_NOWARN,
    gfp_flag::__GFP_RETRY_MAYFAIL, gfp_flag::__GFP_NOFAIL, gfp_flag::__GFP_NORETRY,
    gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO, gfp_flag::__GFP_NOMEMALLOC,
    gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL, gfp_flag::__GFP_THISNODE,
    gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE, gfp_flag::__GFP_ACCOUNT,
    gfp_flag::__GFP_WRITE, gfp_flag::__GFP_RECLAIM, gfp_flag::__GFP_DIRECT_RECLAIM,
    gfp_flag::__GFP_KSWAPD_RECLAIM, gfp_flag::__GFP_ZEROTAGS, gfp_flag::__GFP_SKIP_KASAN_POISON,
};
inline constexpr gfp_flag gfp_print_order_6_1[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_TRANSHUGE_LIGHT, gfp_flag::GFP_HIGHUSER_MOVABLE,
    gfp_flag::GFP_HIGHUSER, gfp_flag::GFP_USER, gfp_flag::GFP_KERNEL_ACCOUNT, gfp_flag::GFP_KERNEL,
    gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO, gfp_flag::GFP_NOWAIT,
    gfp_flag::GFP_DMA, gfp_flag::__GFP_HIGHMEM, gfp_flag::GFP_DMA32, gfp_flag::__GFP_HIGH,
    gfp_flag::__GFP_ATOMIC, gfp_flag::__GFP_IO, gfp_flag::__GFP_FS, gfp_flag::__GFP_NOWARN,
    gfp_flag::__GFP_RETRY_MAYFAIL, gfp_flag::__GFP_NOFAIL, gfp_flag::__GFP_NORETRY,
    gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO, gfp_flag::__GFP_NOMEMALLOC,
    gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL, gfp_flag::__GFP_THISNODE,
    gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE, gfp_flag::__GFP_ACCOUNT,
    gfp_flag::__GFP_WRITE, gfp_flag::__GFP_RECLAIM, gfp_flag::__GFP_DIRECT_RECLAIM,
    gfp_flag::__GFP_KSWAPD_RECLAIM, gfp_flag::__GFP_ZEROTAGS, gfp_flag::__GFP_SKIP_ZERO,
    gfp_flag::__GFP_SKIP_KASAN_POISON, gfp_flag::__GFP_SKIP_KASAN_UNPOISON,
};
inline constexpr gfp_flag gfp_print_order_6_3[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_TRANSHUGE_LIGHT, gfp_flag::GFP_HIGHUSER_MOVABLE,
    gfp_flag::GFP_HIGHUSER, gfp_flag::GFP_USER, gfp_flag::GFP_KERNEL_ACCOUNT, gfp_flag::GFP_KERNEL,
    gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO, gfp_flag::GFP_NOWAIT,
    gfp_flag::GFP_DMA, gfp_flag::__GFP_HIGHMEM, gfp_flag::GFP_DMA32, gfp_flag::__GFP_HIGH,
    gfp_flag::__GFP_IO, gfp_flag::__GFP_FS, gfp_flag::__GFP_NOWARN, gfp_flag::__GFP_RETRY_MAYFAIL,
    gfp_flag::__GFP_NOFAIL, gfp_flag::__GFP_NORETRY, gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO,
    gfp_flag::__GFP_NOMEMALLOC, gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL,
    gfp_flag::__GFP_THISNODE, gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE,
    gfp_flag::__GFP_ACCOUNT, gfp_flag::__GFP_WRITE, gfp_flag::__GFP_RECLAIM,
    gfp_flag::__GFP_DIRECT_RECLAIM, gfp_flag::__GFP_KSWAPD_RECLAIM, gfp_flag::__GFP_ZEROTAGS,
    gfp_flag::__GFP_SKIP_ZERO, gfp_flag::__GFP_SKIP_KASAN_POISON,
    gfp_flag::__GFP_SKIP_KASAN_UNPOISON,
};
inline constexpr gfp_flag gfp_print_order_6_6[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_TRANSHUGE_LIGHT, gfp_flag::GFP_HIGHUSER_MOVABLE,
    gfp_flag::GFP_HIGHUSER, gfp_flag::GFP_USER, gfp_flag::GFP_KERNEL_ACCOUNT, gfp_flag::GFP_KERNEL,
    gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO, gfp_flag::GFP_NOWAIT,
    gfp_flag::GFP_DMA, gfp_flag::__GFP_HIGHMEM, gfp_flag::GFP_DMA32, gfp_flag::__GFP_HIGH,
    gfp_flag::__GFP_IO, gfp_flag::__GFP_FS, gfp_flag::__GFP_NOWARN, gfp_flag::__GFP_RETRY_MAYFAIL,
    gfp_flag::__GFP_NOFAIL, gfp_flag::__GFP_NORETRY, gfp_flag::__GFP_COMP, gfp_flag::__GFP_ZERO,
    gfp_flag::__GFP_NOMEMALLOC, gfp_flag::__GFP_MEMALLOC, gfp_flag::__GFP_HARDWALL,
    gfp_flag::__GFP_THISNODE, gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_MOVABLE,
    gfp_flag::__GFP_ACCOUNT, gfp_flag::__GFP_WRITE, gfp_flag::__GFP_RECLAIM,
    gfp_flag::__GFP_DIRECT_RECLAIM, gfp_flag::__GFP_KSWAPD_RECLAIM, gfp_flag::__GFP_ZEROTAGS,
    gfp_flag::__GFP_SKIP_ZERO, gfp_flag::__GFP_SKIP_KASAN,
};
inline constexpr gfp_flag gfp_print_order_6_18[] = {
    gfp_flag::GFP_TRANSHUGE, gfp_flag::GFP_TRANSHUGE_LIGHT, gfp_flag::GFP_HIGHUSER_MOVABLE,
    gfp_flag::GFP_HIGHUSER, gfp_flag::GFP_USER, gfp_flag::GFP_KERNEL_ACCOUNT, gfp_flag::GFP_KERNEL,
    gfp_flag::GFP_NOFS, gfp_flag::GFP_ATOMIC, gfp_flag::GFP_NOIO, gfp_flag::GFP_NOWAIT,
    gfp_flag::GFP_DMA, gfp_flag::GFP_DMA32, gfp_flag::__GFP_RECLAIM, gfp_flag::__GFP_DMA,
    gfp_flag::__GFP_HIGHMEM, gfp_flag::__GFP_DMA32, gfp_flag::__GFP_MOVABLE,
    gfp_flag::__GFP_RECLAIMABLE, gfp_flag::__GFP_HIGH, gfp_flag::__GFP_IO, gfp_flag::__GFP_FS,
    gfp_flag::__GFP_ZERO, gfp_flag::__GFP_DIRECT_RECLAIM, gfp_flag::__GFP_KSWAPD_RECLAIM,
    gfp_flag::__GFP_WRITE, gfp_flag::__GFP_NOWARN, gfp_flag::__GFP_RETRY_MAYFAIL,
    gfp_flag::__GFP_NOFAIL, gfp_flag::__GFP_NORETRY, gfp_flag::__GFP_MEMALLOC,
    gfp_flag::__GFP_COMP, gfp_flag::__GFP_NOMEMALLOC, gfp_flag::__GFP_HARDWALL,
    gfp_flag::__GFP_THISNODE, gfp_flag::__GFP_ACCOUNT, gfp_flag::__GFP_ZEROTAGS,
    gfp_flag::__GFP_SKIP_ZERO, gfp_flag::__GFP_SKIP_KASAN, gfp_flag::__GFP_NOLOCKDEP,
    gfp_flag::__GFP_NO_OBJ_EXT,
};

/// From version `since` on flags are printed in this order, the first that fits first.
struct gfp_print_order {
    unsigned since;        ///< KCTX_VERSION() of the tree
    const gfp_flag* flags; ///< the first that fits first
    unsigned count;        ///< flags
};

/// All orders, oldest first.
inline constexpr gfp_print_order gfp_print_orders[] = {
    {0x02'06'20, gfp_print_order_2_6_32, 23},
    {0x03'0a'00, gfp_print_order_3_10, 29},
    {0x04'04'00, gfp_print_order_4_4, 29},
    {0x04'06'00, gfp_print_order_4_6, 38},
    {0x04'08'00, gfp_print_order_4_8, 39},
    {0x04'0e'00, gfp_print_order_4_14, 37},
    {0x04'13'00, gfp_print_order_4_19, 35},
    {0x05'0f'00, gfp_print_order_5_15, 37},
    {0x06'01'00, gfp_print_order_6_1, 39},
    {0x06'03'00, gfp_print_order_6_3, 38},
    {0x06'06'00, gfp_print_order_6_6, 37},
    {0x06'12'00, gfp_print_order_6_18, 41},
};

/// The first tree read that prints names in kernel logs (mode:%#x(%pGg)). Older ones have their
/// tables for tracepoints only and print the names without underscores.
inline constexpr unsigned gfp_first_named_log = 0x04'06'00;
// clang-format on

} // namespace kctx::kernel

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which GFP flags exist and the value of each by kernel version: the data behind gfp_bits.hpp.
///
/// A tree stands for its release and for what follows until the next tree read:
///   2.6.32 (2.6.32.9) 2.6.33 (2.6.33.3) 3.10 (3.10.105) 4.4 (4.4.60) 4.6 (4.6.2) 4.8 (4.8.15)
///   4.9 (4.9.229) 4.14 (4.14.5) 4.19 (4.19.1) 5.0 (5.0.1) 5.4 (5.4.1) 5.9 (5.9.2)
///   5.10 (5.10.7) 5.15 (5.15.24) 6.1 (6.1.192) 6.3 (6.3.8) 6.6 (6.6.87) 6.12 (6.12.117)
///   6.18 (6.18.2)
/// Written by scripts/make-kernel-tables; edit the facts that it reads, not this file:
///   tests/data/facts/gfp_bits.tsv
#pragma once

#include <kctx/config.hpp>

namespace kctx::kernel {

// clang-format off
/// Every flag and composite mask that any tree read has, helpers (*_MASK, *_SHIFT) left out;
/// the ___GFP_X of newer trees is the same flag as __GFP_X.
enum class gfp_flag : unsigned char {
    __GFP_DMA, __GFP_HIGHMEM, __GFP_DMA32, __GFP_MOVABLE, __GFP_WAIT, __GFP_HIGH, __GFP_IO,
    __GFP_FS, __GFP_COLD, __GFP_NOWARN, __GFP_REPEAT, __GFP_NOFAIL, __GFP_NORETRY, __GFP_COMP,
    __GFP_ZERO, __GFP_NOMEMALLOC, __GFP_HARDWALL, __GFP_THISNODE, __GFP_RECLAIMABLE, __GFP_NOTRACK,
    __GFP_MEMALLOC, __GFP_KMEMCG, __GFP_NO_KSWAPD, __GFP_OTHER_NODE, __GFP_WRITE, __GFP_ATOMIC,
    __GFP_NOACCOUNT, __GFP_DIRECT_RECLAIM, __GFP_KSWAPD_RECLAIM, __GFP_ACCOUNT,
    __GFP_RETRY_MAYFAIL, __GFP_NOLOCKDEP, __GFP_ZEROTAGS, __GFP_SKIP_KASAN_POISON, __GFP_SKIP_ZERO,
    __GFP_SKIP_KASAN_UNPOISON, __GFP_SKIP_KASAN, __GFP_NO_OBJ_EXT, __GFP_NOTRACK_FALSE_POSITIVE,
    GFP_NOWAIT, GFP_ATOMIC, GFP_NOIO, GFP_NOFS, GFP_KERNEL, GFP_TEMPORARY, GFP_USER, GFP_HIGHUSER,
    GFP_HIGHUSER_MOVABLE, GFP_THISNODE, GFP_DMA, GFP_DMA32, GFP_IOFS, GFP_TRANSHUGE, __GFP_RECLAIM,
    GFP_KERNEL_ACCOUNT, GFP_TRANSHUGE_LIGHT,
    count
};

/// Flags before this one are single bits, from here on they are composed of others.
inline constexpr gfp_flag gfp_first_composite = gfp_flag::__GFP_NOTRACK_FALSE_POSITIVE;

/// The value of a flag that a version does not have. Not 0: a flag can exist and be 0 in the base
/// configuration (__GFP_NOLOCKDEP without LOCKDEP).
inline constexpr unsigned gfp_absent = ~0u;

/// The trees read, oldest first.
inline constexpr unsigned gfp_versions[] = {
    KCTX_VERSION(2, 6, 32), KCTX_VERSION(2, 6, 33), KCTX_VERSION(3, 10, 0), KCTX_VERSION(4, 4, 0),
    KCTX_VERSION(4, 6, 0), KCTX_VERSION(4, 8, 0), KCTX_VERSION(4, 9, 0), KCTX_VERSION(4, 14, 0),
    KCTX_VERSION(4, 19, 0), KCTX_VERSION(5, 0, 0), KCTX_VERSION(5, 4, 0), KCTX_VERSION(5, 9, 0),
    KCTX_VERSION(5, 10, 0), KCTX_VERSION(5, 15, 0), KCTX_VERSION(6, 1, 0), KCTX_VERSION(6, 3, 0),
    KCTX_VERSION(6, 6, 0), KCTX_VERSION(6, 12, 0), KCTX_VERSION(6, 18, 0),
};

/// From version `since` on the flag has this value.
struct gfp_change {
    unsigned since;
    unsigned value;
};

/// The changes of each flag, in the order of gfp_flag, oldest first.
inline constexpr gfp_change gfp_history[] = {
    // __GFP_DMA
    {KCTX_VERSION(2, 6, 32), 0x1},
    // __GFP_HIGHMEM
    {KCTX_VERSION(2, 6, 32), 0x2},
    // __GFP_DMA32
    {KCTX_VERSION(2, 6, 32), 0x4},
    // __GFP_MOVABLE
    {KCTX_VERSION(2, 6, 32), 0x8},
    // __GFP_WAIT
    {KCTX_VERSION(2, 6, 32), 0x10}, {KCTX_VERSION(4, 4, 0), gfp_absent},
    // __GFP_HIGH
    {KCTX_VERSION(2, 6, 32), 0x20},
    // __GFP_IO
    {KCTX_VERSION(2, 6, 32), 0x40},
    // __GFP_FS
    {KCTX_VERSION(2, 6, 32), 0x80},
    // __GFP_COLD
    {KCTX_VERSION(2, 6, 32), 0x100}, {KCTX_VERSION(4, 19, 0), gfp_absent},
    // __GFP_NOWARN
    {KCTX_VERSION(2, 6, 32), 0x200}, {KCTX_VERSION(5, 4, 0), 0x2000},
    // __GFP_REPEAT
    {KCTX_VERSION(2, 6, 32), 0x400}, {KCTX_VERSION(4, 14, 0), gfp_absent},
    // __GFP_NOFAIL
    {KCTX_VERSION(2, 6, 32), 0x800}, {KCTX_VERSION(5, 4, 0), 0x8000},
    // __GFP_NORETRY
    {KCTX_VERSION(2, 6, 32), 0x1000}, {KCTX_VERSION(5, 4, 0), 0x10000},
    // __GFP_COMP
    {KCTX_VERSION(2, 6, 32), 0x4000}, {KCTX_VERSION(5, 4, 0), 0x40000},
    // __GFP_ZERO
    {KCTX_VERSION(2, 6, 32), 0x8000}, {KCTX_VERSION(5, 4, 0), 0x100},
    // __GFP_NOMEMALLOC
    {KCTX_VERSION(2, 6, 32), 0x10000}, {KCTX_VERSION(5, 4, 0), 0x80000},
    // __GFP_HARDWALL
    {KCTX_VERSION(2, 6, 32), 0x20000}, {KCTX_VERSION(5, 4, 0), 0x100000},
    // __GFP_THISNODE
    {KCTX_VERSION(2, 6, 32), 0x40000}, {KCTX_VERSION(5, 4, 0), 0x200000},
    // __GFP_RECLAIMABLE
    {KCTX_VERSION(2, 6, 32), 0x80000}, {KCTX_VERSION(4, 4, 0), 0x10},
    // __GFP_NOTRACK
    {KCTX_VERSION(2, 6, 32), 0x0}, {KCTX_VERSION(3, 10, 0), 0x200000},
    {KCTX_VERSION(4, 19, 0), gfp_absent},
    // __GFP_MEMALLOC
    {KCTX_VERSION(3, 10, 0), 0x2000}, {KCTX_VERSION(5, 4, 0), 0x20000},
    // __GFP_KMEMCG
    {KCTX_VERSION(3, 10, 0), 0x100000}, {KCTX_VERSION(4, 4, 0), gfp_absent},
    // __GFP_NO_KSWAPD
    {KCTX_VERSION(3, 10, 0), 0x400000}, {KCTX_VERSION(4, 4, 0), gfp_absent},
    // __GFP_OTHER_NODE
    {KCTX_VERSION(3, 10, 0), 0x800000}, {KCTX_VERSION(4, 14, 0), gfp_absent},
    // __GFP_WRITE
    {KCTX_VERSION(3, 10, 0), 0x1000000}, {KCTX_VERSION(4, 14, 0), 0x800000},
    {KCTX_VERSION(4, 19, 0), 0x100}, {KCTX_VERSION(5, 4, 0), 0x1000},
    // __GFP_ATOMIC
    {KCTX_VERSION(4, 4, 0), 0x80000}, {KCTX_VERSION(5, 4, 0), 0x200},
    {KCTX_VERSION(6, 3, 0), gfp_absent},
    // __GFP_NOACCOUNT
    {KCTX_VERSION(4, 4, 0), 0x100000}, {KCTX_VERSION(4, 6, 0), gfp_absent},
    // __GFP_DIRECT_RECLAIM
    {KCTX_VERSION(4, 4, 0), 0x400000}, {KCTX_VERSION(4, 19, 0), 0x200000},
    {KCTX_VERSION(5, 4, 0), 0x400},
    // __GFP_KSWAPD_RECLAIM
    {KCTX_VERSION(4, 4, 0), 0x2000000}, {KCTX_VERSION(4, 14, 0), 0x1000000},
    {KCTX_VERSION(4, 19, 0), 0x400000}, {KCTX_VERSION(5, 4, 0), 0x800},
    // __GFP_ACCOUNT
    {KCTX_VERSION(4, 6, 0), 0x100000}, {KCTX_VERSION(5, 4, 0), 0x400000},
    // __GFP_RETRY_MAYFAIL
    {KCTX_VERSION(4, 14, 0), 0x400}, {KCTX_VERSION(5, 4, 0), 0x4000},
    // __GFP_NOLOCKDEP
    {KCTX_VERSION(4, 14, 0), 0x0},
    // __GFP_ZEROTAGS
    {KCTX_VERSION(5, 15, 0), 0x800000},
    // __GFP_SKIP_KASAN_POISON
    {KCTX_VERSION(5, 15, 0), 0x1000000}, {KCTX_VERSION(6, 1, 0), 0x0},
    {KCTX_VERSION(6, 6, 0), gfp_absent},
    // __GFP_SKIP_ZERO
    {KCTX_VERSION(6, 1, 0), 0x0},
    // __GFP_SKIP_KASAN_UNPOISON
    {KCTX_VERSION(6, 1, 0), 0x0}, {KCTX_VERSION(6, 6, 0), gfp_absent},
    // __GFP_SKIP_KASAN
    {KCTX_VERSION(6, 6, 0), 0x0},
    // __GFP_NO_OBJ_EXT
    {KCTX_VERSION(6, 12, 0), 0x0},
    // __GFP_NOTRACK_FALSE_POSITIVE
    {KCTX_VERSION(2, 6, 32), 0x0}, {KCTX_VERSION(3, 10, 0), 0x200000},
    {KCTX_VERSION(4, 19, 0), gfp_absent},
    // GFP_NOWAIT
    {KCTX_VERSION(2, 6, 32), 0x0}, {KCTX_VERSION(4, 4, 0), 0x2000000},
    {KCTX_VERSION(4, 14, 0), 0x1000000}, {KCTX_VERSION(4, 19, 0), 0x400000},
    {KCTX_VERSION(5, 4, 0), 0x800}, {KCTX_VERSION(6, 12, 0), 0x2800},
    // GFP_ATOMIC
    {KCTX_VERSION(2, 6, 32), 0x20}, {KCTX_VERSION(4, 4, 0), 0x2080020},
    {KCTX_VERSION(4, 14, 0), 0x1080020}, {KCTX_VERSION(4, 19, 0), 0x480020},
    {KCTX_VERSION(5, 4, 0), 0xa20}, {KCTX_VERSION(6, 3, 0), 0x820},
    // GFP_NOIO
    {KCTX_VERSION(2, 6, 32), 0x10}, {KCTX_VERSION(4, 4, 0), 0x2400000},
    {KCTX_VERSION(4, 14, 0), 0x1400000}, {KCTX_VERSION(4, 19, 0), 0x600000},
    {KCTX_VERSION(5, 4, 0), 0xc00},
    // GFP_NOFS
    {KCTX_VERSION(2, 6, 32), 0x50}, {KCTX_VERSION(4, 4, 0), 0x2400040},
    {KCTX_VERSION(4, 14, 0), 0x1400040}, {KCTX_VERSION(4, 19, 0), 0x600040},
    {KCTX_VERSION(5, 4, 0), 0xc40},
    // GFP_KERNEL
    {KCTX_VERSION(2, 6, 32), 0xd0}, {KCTX_VERSION(4, 4, 0), 0x24000c0},
    {KCTX_VERSION(4, 14, 0), 0x14000c0}, {KCTX_VERSION(4, 19, 0), 0x6000c0},
    {KCTX_VERSION(5, 4, 0), 0xcc0},
    // GFP_TEMPORARY
    {KCTX_VERSION(2, 6, 32), 0x800d0}, {KCTX_VERSION(4, 4, 0), 0x24000d0},
    {KCTX_VERSION(4, 14, 0), gfp_absent},
    // GFP_USER
    {KCTX_VERSION(2, 6, 32), 0x200d0}, {KCTX_VERSION(4, 4, 0), 0x24200c0},
    {KCTX_VERSION(4, 14, 0), 0x14200c0}, {KCTX_VERSION(4, 19, 0), 0x6200c0},
    {KCTX_VERSION(5, 4, 0), 0x100cc0},
    // GFP_HIGHUSER
    {KCTX_VERSION(2, 6, 32), 0x200d2}, {KCTX_VERSION(4, 4, 0), 0x24200c2},
    {KCTX_VERSION(4, 14, 0), 0x14200c2}, {KCTX_VERSION(4, 19, 0), 0x6200c2},
    {KCTX_VERSION(5, 4, 0), 0x100cc2},
    // GFP_HIGHUSER_MOVABLE
    {KCTX_VERSION(2, 6, 32), 0x200da}, {KCTX_VERSION(4, 4, 0), 0x24200ca},
    {KCTX_VERSION(4, 14, 0), 0x14200ca}, {KCTX_VERSION(4, 19, 0), 0x6200ca},
    {KCTX_VERSION(5, 4, 0), 0x100cca}, {KCTX_VERSION(5, 15, 0), 0x1100cca},
    {KCTX_VERSION(6, 1, 0), 0x100cca},
    // GFP_THISNODE
    {KCTX_VERSION(2, 6, 32), 0x41200}, {KCTX_VERSION(4, 4, 0), gfp_absent},
    // GFP_DMA
    {KCTX_VERSION(2, 6, 32), 0x1},
    // GFP_DMA32
    {KCTX_VERSION(2, 6, 32), 0x4},
    // GFP_IOFS
    {KCTX_VERSION(3, 10, 0), 0xc0}, {KCTX_VERSION(4, 4, 0), gfp_absent},
    // GFP_TRANSHUGE
    {KCTX_VERSION(3, 10, 0), 0x4352da}, {KCTX_VERSION(4, 4, 0), 0x4352ca},
    {KCTX_VERSION(4, 6, 0), 0x352ca}, {KCTX_VERSION(4, 8, 0), 0x4342ca},
    {KCTX_VERSION(4, 19, 0), 0x2342ca}, {KCTX_VERSION(5, 4, 0), 0x1c24ca},
    {KCTX_VERSION(5, 15, 0), 0x11c24ca}, {KCTX_VERSION(6, 1, 0), 0x1c24ca},
    // __GFP_RECLAIM
    {KCTX_VERSION(4, 4, 0), 0x2400000}, {KCTX_VERSION(4, 14, 0), 0x1400000},
    {KCTX_VERSION(4, 19, 0), 0x600000}, {KCTX_VERSION(5, 4, 0), 0xc00},
    // GFP_KERNEL_ACCOUNT
    {KCTX_VERSION(4, 6, 0), 0x25000c0}, {KCTX_VERSION(4, 14, 0), 0x15000c0},
    {KCTX_VERSION(4, 19, 0), 0x7000c0}, {KCTX_VERSION(5, 4, 0), 0x400cc0},
    // GFP_TRANSHUGE_LIGHT
    {KCTX_VERSION(4, 8, 0), 0x342ca}, {KCTX_VERSION(5, 4, 0), 0x1c20ca},
    {KCTX_VERSION(5, 15, 0), 0x11c20ca}, {KCTX_VERSION(6, 1, 0), 0x1c20ca},
};

/// Where the changes of each flag begin in gfp_history; one more than there are flags.
inline constexpr unsigned short gfp_history_begin[] = {
    0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 34, 36, 38, 40, 42, 46,
    49, 51, 54, 58, 60, 62, 63, 64, 67, 68, 70, 71, 72, 75, 81, 87, 92, 97, 102, 105, 110, 115,
    122, 124, 125, 126, 128, 136, 140, 144, 148,
};
// clang-format on

} // namespace kctx::kernel

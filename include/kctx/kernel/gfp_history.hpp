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

/// The trees read, oldest first, as KCTX_VERSION encodes them: 0x06'0c'00 is 6.12.0.
inline constexpr unsigned gfp_versions[] = {
    0x02'06'20, 0x02'06'21, 0x03'0a'00, 0x04'04'00, 0x04'06'00, 0x04'08'00, 0x04'09'00, 0x04'0e'00,
    0x04'13'00, 0x05'00'00, 0x05'04'00, 0x05'09'00, 0x05'0a'00, 0x05'0f'00, 0x06'01'00, 0x06'03'00,
    0x06'06'00, 0x06'0c'00, 0x06'12'00,
};

/// From version `since` on the flag has this value.
struct gfp_change {
    unsigned since; ///< KCTX_VERSION() of the tree
    unsigned value; ///< in the base configuration; gfp_absent: it is gone
};

/// The changes of each flag, in the order of gfp_flag, oldest first.
inline constexpr gfp_change gfp_history[] = {
    // __GFP_DMA
    {0x02'06'20, 0x1},
    // __GFP_HIGHMEM
    {0x02'06'20, 0x2},
    // __GFP_DMA32
    {0x02'06'20, 0x4},
    // __GFP_MOVABLE
    {0x02'06'20, 0x8},
    // __GFP_WAIT
    {0x02'06'20, 0x10}, {0x04'04'00, gfp_absent},
    // __GFP_HIGH
    {0x02'06'20, 0x20},
    // __GFP_IO
    {0x02'06'20, 0x40},
    // __GFP_FS
    {0x02'06'20, 0x80},
    // __GFP_COLD
    {0x02'06'20, 0x100}, {0x04'13'00, gfp_absent},
    // __GFP_NOWARN
    {0x02'06'20, 0x200}, {0x05'04'00, 0x2000},
    // __GFP_REPEAT
    {0x02'06'20, 0x400}, {0x04'0e'00, gfp_absent},
    // __GFP_NOFAIL
    {0x02'06'20, 0x800}, {0x05'04'00, 0x8000},
    // __GFP_NORETRY
    {0x02'06'20, 0x1000}, {0x05'04'00, 0x10000},
    // __GFP_COMP
    {0x02'06'20, 0x4000}, {0x05'04'00, 0x40000},
    // __GFP_ZERO
    {0x02'06'20, 0x8000}, {0x05'04'00, 0x100},
    // __GFP_NOMEMALLOC
    {0x02'06'20, 0x10000}, {0x05'04'00, 0x80000},
    // __GFP_HARDWALL
    {0x02'06'20, 0x20000}, {0x05'04'00, 0x100000},
    // __GFP_THISNODE
    {0x02'06'20, 0x40000}, {0x05'04'00, 0x200000},
    // __GFP_RECLAIMABLE
    {0x02'06'20, 0x80000}, {0x04'04'00, 0x10},
    // __GFP_NOTRACK
    {0x02'06'20, 0x0}, {0x03'0a'00, 0x200000}, {0x04'13'00, gfp_absent},
    // __GFP_MEMALLOC
    {0x03'0a'00, 0x2000}, {0x05'04'00, 0x20000},
    // __GFP_KMEMCG
    {0x03'0a'00, 0x100000}, {0x04'04'00, gfp_absent},
    // __GFP_NO_KSWAPD
    {0x03'0a'00, 0x400000}, {0x04'04'00, gfp_absent},
    // __GFP_OTHER_NODE
    {0x03'0a'00, 0x800000}, {0x04'0e'00, gfp_absent},
    // __GFP_WRITE
    {0x03'0a'00, 0x1000000}, {0x04'0e'00, 0x800000}, {0x04'13'00, 0x100}, {0x05'04'00, 0x1000},
    // __GFP_ATOMIC
    {0x04'04'00, 0x80000}, {0x05'04'00, 0x200}, {0x06'03'00, gfp_absent},
    // __GFP_NOACCOUNT
    {0x04'04'00, 0x100000}, {0x04'06'00, gfp_absent},
    // __GFP_DIRECT_RECLAIM
    {0x04'04'00, 0x400000}, {0x04'13'00, 0x200000}, {0x05'04'00, 0x400},
    // __GFP_KSWAPD_RECLAIM
    {0x04'04'00, 0x2000000}, {0x04'0e'00, 0x1000000}, {0x04'13'00, 0x400000}, {0x05'04'00, 0x800},
    // __GFP_ACCOUNT
    {0x04'06'00, 0x100000}, {0x05'04'00, 0x400000},
    // __GFP_RETRY_MAYFAIL
    {0x04'0e'00, 0x400}, {0x05'04'00, 0x4000},
    // __GFP_NOLOCKDEP
    {0x04'0e'00, 0x0},
    // __GFP_ZEROTAGS
    {0x05'0f'00, 0x800000},
    // __GFP_SKIP_KASAN_POISON
    {0x05'0f'00, 0x1000000}, {0x06'01'00, 0x0}, {0x06'06'00, gfp_absent},
    // __GFP_SKIP_ZERO
    {0x06'01'00, 0x0},
    // __GFP_SKIP_KASAN_UNPOISON
    {0x06'01'00, 0x0}, {0x06'06'00, gfp_absent},
    // __GFP_SKIP_KASAN
    {0x06'06'00, 0x0},
    // __GFP_NO_OBJ_EXT
    {0x06'0c'00, 0x0},
    // __GFP_NOTRACK_FALSE_POSITIVE
    {0x02'06'20, 0x0}, {0x03'0a'00, 0x200000}, {0x04'13'00, gfp_absent},
    // GFP_NOWAIT
    {0x02'06'20, 0x0}, {0x04'04'00, 0x2000000}, {0x04'0e'00, 0x1000000}, {0x04'13'00, 0x400000},
    {0x05'04'00, 0x800}, {0x06'0c'00, 0x2800},
    // GFP_ATOMIC
    {0x02'06'20, 0x20}, {0x04'04'00, 0x2080020}, {0x04'0e'00, 0x1080020}, {0x04'13'00, 0x480020},
    {0x05'04'00, 0xa20}, {0x06'03'00, 0x820},
    // GFP_NOIO
    {0x02'06'20, 0x10}, {0x04'04'00, 0x2400000}, {0x04'0e'00, 0x1400000}, {0x04'13'00, 0x600000},
    {0x05'04'00, 0xc00},
    // GFP_NOFS
    {0x02'06'20, 0x50}, {0x04'04'00, 0x2400040}, {0x04'0e'00, 0x1400040}, {0x04'13'00, 0x600040},
    {0x05'04'00, 0xc40},
    // GFP_KERNEL
    {0x02'06'20, 0xd0}, {0x04'04'00, 0x24000c0}, {0x04'0e'00, 0x14000c0}, {0x04'13'00, 0x6000c0},
    {0x05'04'00, 0xcc0},
    // GFP_TEMPORARY
    {0x02'06'20, 0x800d0}, {0x04'04'00, 0x24000d0}, {0x04'0e'00, gfp_absent},
    // GFP_USER
    {0x02'06'20, 0x200d0}, {0x04'04'00, 0x24200c0}, {0x04'0e'00, 0x14200c0},
    {0x04'13'00, 0x6200c0}, {0x05'04'00, 0x100cc0},
    // GFP_HIGHUSER
    {0x02'06'20, 0x200d2}, {0x04'04'00, 0x24200c2}, {0x04'0e'00, 0x14200c2},
    {0x04'13'00, 0x6200c2}, {0x05'04'00, 0x100cc2},
    // GFP_HIGHUSER_MOVABLE
    {0x02'06'20, 0x200da}, {0x04'04'00, 0x24200ca}, {0x04'0e'00, 0x14200ca},
    {0x04'13'00, 0x6200ca}, {0x05'04'00, 0x100cca}, {0x05'0f'00, 0x1100cca},
    {0x06'01'00, 0x100cca},
    // GFP_THISNODE
    {0x02'06'20, 0x41200}, {0x04'04'00, gfp_absent},
    // GFP_DMA
    {0x02'06'20, 0x1},
    // GFP_DMA32
    {0x02'06'20, 0x4},
    // GFP_IOFS
    {0x03'0a'00, 0xc0}, {0x04'04'00, gfp_absent},
    // GFP_TRANSHUGE
    {0x03'0a'00, 0x4352da}, {0x04'04'00, 0x4352ca}, {0x04'06'00, 0x352ca}, {0x04'08'00, 0x4342ca},
    {0x04'13'00, 0x2342ca}, {0x05'04'00, 0x1c24ca}, {0x05'0f'00, 0x11c24ca},
    {0x06'01'00, 0x1c24ca},
    // __GFP_RECLAIM
    {0x04'04'00, 0x2400000}, {0x04'0e'00, 0x1400000}, {0x04'13'00, 0x600000}, {0x05'04'00, 0xc00},
    // GFP_KERNEL_ACCOUNT
    {0x04'06'00, 0x25000c0}, {0x04'0e'00, 0x15000c0}, {0x04'13'00, 0x7000c0},
    {0x05'04'00, 0x400cc0},
    // GFP_TRANSHUGE_LIGHT
    {0x04'08'00, 0x342ca}, {0x05'04'00, 0x1c20ca}, {0x05'0f'00, 0x11c20ca}, {0x06'01'00, 0x1c20ca},
};

/// Where the changes of each flag begin in gfp_history; one more than there are flags.
inline constexpr unsigned short gfp_history_begin[] = {
    0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 34, 36, 38, 40, 42, 46,
    49, 51, 54, 58, 60, 62, 63, 64, 67, 68, 70, 71, 72, 75, 81, 87, 92, 97, 102, 105, 110, 115,
    122, 124, 125, 126, 128, 136, 140, 144, 148,
};
// clang-format on

} // namespace kctx::kernel

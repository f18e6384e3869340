// SPDX-License-Identifier: BSL-1.0
/// @file
/// Every GFP flag by the kernel's name, in the families of include/linux/gfp_types.h. A flag that
/// KCTX_KERNEL_VERSION does not have is an error where it is named, with what to use instead; from
/// when to when each exists was read from the trees that kernel/gfp_history.hpp lists.
#pragma once

#include <kctx/gfp/set.hpp>

#define KCTX_GFP_TAG_(name)                                                                        \
    namespace flag {                                                                               \
    struct name : detail::flag<kernel::gfp_flag::name> {};                                         \
    }
#define KCTX_GFP_FLAG(name) KCTX_GFP_TAG_(name) inline constexpr gfp<flag::name> name{};
#define KCTX_GFP_LACKS(name, when, instead)                                                        \
    KCTX_GFP_TAG_(name)                                                                            \
    KCTX_UNAVAILABLE("kctx[gfp-version]: the chosen kernel has no " #name ", " when                \
                     "; fix: " instead)                                                            \
    inline constexpr gfp<flag::name> name{};

namespace kctx {

// Zone, mobility and placement.
KCTX_GFP_FLAG(__GFP_DMA)
KCTX_GFP_FLAG(__GFP_HIGHMEM)
KCTX_GFP_FLAG(__GFP_DMA32)
KCTX_GFP_FLAG(__GFP_MOVABLE)
KCTX_GFP_FLAG(__GFP_RECLAIMABLE)
#if KCTX_KERNEL_VERSION < KCTX_VERSION(3, 10, 0)
KCTX_GFP_LACKS(__GFP_WRITE, "which came by 3.10", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_WRITE)
#endif
KCTX_GFP_FLAG(__GFP_HARDWALL)
KCTX_GFP_FLAG(__GFP_THISNODE)
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 6, 0)
KCTX_GFP_LACKS(__GFP_ACCOUNT, "which came by 4.6", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_ACCOUNT)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(6, 12, 0)
KCTX_GFP_LACKS(__GFP_NO_OBJ_EXT, "which came by 6.12", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_NO_OBJ_EXT)
#endif

// The reserves.
KCTX_GFP_FLAG(__GFP_HIGH)
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(__GFP_ATOMIC, "which came by 4.4", "leave it out")
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 3, 0)
KCTX_GFP_LACKS(__GFP_ATOMIC, "which was gone by 6.3", "__GFP_HIGH, which GFP_ATOMIC holds")
#else
KCTX_GFP_FLAG(__GFP_ATOMIC)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(3, 10, 0)
KCTX_GFP_LACKS(__GFP_MEMALLOC, "which came by 3.10", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_MEMALLOC)
#endif
KCTX_GFP_FLAG(__GFP_NOMEMALLOC)

// Reclaim and how hard to try.
KCTX_GFP_FLAG(__GFP_IO)
KCTX_GFP_FLAG(__GFP_FS)
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(__GFP_WAIT, "which was gone by 4.4", "__GFP_DIRECT_RECLAIM, or __GFP_RECLAIM for kswapd as well")
#else
KCTX_GFP_FLAG(__GFP_WAIT)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(__GFP_DIRECT_RECLAIM, "which came by 4.4", "__GFP_WAIT")
#else
KCTX_GFP_FLAG(__GFP_DIRECT_RECLAIM)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(__GFP_KSWAPD_RECLAIM, "which came by 4.4", "leave it out, kswapd is always woken")
#else
KCTX_GFP_FLAG(__GFP_KSWAPD_RECLAIM)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(__GFP_RECLAIM, "which came by 4.4", "__GFP_WAIT")
#else
KCTX_GFP_FLAG(__GFP_RECLAIM)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(3, 10, 0)
KCTX_GFP_LACKS(__GFP_NO_KSWAPD, "which came by 3.10", "leave it out")
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(__GFP_NO_KSWAPD, "which was gone by 4.4", "leave out __GFP_KSWAPD_RECLAIM")
#else
KCTX_GFP_FLAG(__GFP_NO_KSWAPD)
#endif
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 14, 0)
KCTX_GFP_LACKS(__GFP_REPEAT, "which was gone by 4.14", "__GFP_RETRY_MAYFAIL")
#else
KCTX_GFP_FLAG(__GFP_REPEAT)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 14, 0)
KCTX_GFP_LACKS(__GFP_RETRY_MAYFAIL, "which came by 4.14", "__GFP_REPEAT")
#else
KCTX_GFP_FLAG(__GFP_RETRY_MAYFAIL)
#endif
KCTX_GFP_FLAG(__GFP_NOFAIL)
KCTX_GFP_FLAG(__GFP_NORETRY)

// What is done with the page, and the flags of debugging aids.
KCTX_GFP_FLAG(__GFP_NOWARN)
KCTX_GFP_FLAG(__GFP_COMP)
KCTX_GFP_FLAG(__GFP_ZERO)
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 19, 0)
KCTX_GFP_LACKS(__GFP_COLD, "which was gone by 4.19", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_COLD)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(3, 10, 0)
KCTX_GFP_LACKS(__GFP_OTHER_NODE, "which came by 3.10", "leave it out")
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 14, 0)
KCTX_GFP_LACKS(__GFP_OTHER_NODE, "which was gone by 4.14", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_OTHER_NODE)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(3, 10, 0)
KCTX_GFP_LACKS(__GFP_KMEMCG, "which came by 3.10", "leave it out")
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(__GFP_KMEMCG, "which was gone by 4.4", "__GFP_ACCOUNT")
#else
KCTX_GFP_FLAG(__GFP_KMEMCG)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(__GFP_NOACCOUNT, "which came by 4.4", "leave it out")
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 6, 0)
KCTX_GFP_LACKS(__GFP_NOACCOUNT, "which was gone by 4.6", "leave out __GFP_ACCOUNT")
#else
KCTX_GFP_FLAG(__GFP_NOACCOUNT)
#endif
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 19, 0)
KCTX_GFP_LACKS(__GFP_NOTRACK, "which was gone by 4.19", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_NOTRACK)
#endif
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 19, 0)
KCTX_GFP_LACKS(__GFP_NOTRACK_FALSE_POSITIVE, "which was gone by 4.19", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_NOTRACK_FALSE_POSITIVE)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 14, 0)
KCTX_GFP_LACKS(__GFP_NOLOCKDEP, "which came by 4.14", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_NOLOCKDEP)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(5, 15, 0)
KCTX_GFP_LACKS(__GFP_ZEROTAGS, "which came by 5.15", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_ZEROTAGS)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(6, 1, 0)
KCTX_GFP_LACKS(__GFP_SKIP_ZERO, "which came by 6.1", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_SKIP_ZERO)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(6, 6, 0)
KCTX_GFP_LACKS(__GFP_SKIP_KASAN, "which came by 6.6", "leave it out")
#else
KCTX_GFP_FLAG(__GFP_SKIP_KASAN)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(5, 15, 0)
KCTX_GFP_LACKS(__GFP_SKIP_KASAN_POISON, "which came by 5.15", "leave it out")
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 6, 0)
KCTX_GFP_LACKS(__GFP_SKIP_KASAN_POISON, "which was gone by 6.6", "__GFP_SKIP_KASAN")
#else
KCTX_GFP_FLAG(__GFP_SKIP_KASAN_POISON)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(6, 1, 0)
KCTX_GFP_LACKS(__GFP_SKIP_KASAN_UNPOISON, "which came by 6.1", "leave it out")
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 6, 0)
KCTX_GFP_LACKS(__GFP_SKIP_KASAN_UNPOISON, "which was gone by 6.6", "__GFP_SKIP_KASAN")
#else
KCTX_GFP_FLAG(__GFP_SKIP_KASAN_UNPOISON)
#endif

// The sets that code names.
KCTX_GFP_FLAG(GFP_ATOMIC)
KCTX_GFP_FLAG(GFP_NOWAIT)
KCTX_GFP_FLAG(GFP_KERNEL)
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 6, 0)
KCTX_GFP_LACKS(GFP_KERNEL_ACCOUNT, "which came by 4.6", "leave it out")
#else
KCTX_GFP_FLAG(GFP_KERNEL_ACCOUNT)
#endif
KCTX_GFP_FLAG(GFP_NOIO)
KCTX_GFP_FLAG(GFP_NOFS)
KCTX_GFP_FLAG(GFP_USER)
KCTX_GFP_FLAG(GFP_DMA)
KCTX_GFP_FLAG(GFP_DMA32)
KCTX_GFP_FLAG(GFP_HIGHUSER)
KCTX_GFP_FLAG(GFP_HIGHUSER_MOVABLE)
#if KCTX_KERNEL_VERSION < KCTX_VERSION(4, 8, 0)
KCTX_GFP_LACKS(GFP_TRANSHUGE_LIGHT, "which came by 4.8", "leave it out")
#else
KCTX_GFP_FLAG(GFP_TRANSHUGE_LIGHT)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(3, 10, 0)
KCTX_GFP_LACKS(GFP_TRANSHUGE, "which came by 3.10", "leave it out")
#else
KCTX_GFP_FLAG(GFP_TRANSHUGE)
#endif
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 14, 0)
KCTX_GFP_LACKS(GFP_TEMPORARY, "which was gone by 4.14", "GFP_KERNEL | __GFP_RECLAIMABLE")
#else
KCTX_GFP_FLAG(GFP_TEMPORARY)
#endif
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(GFP_THISNODE, "which was gone by 4.4", "__GFP_THISNODE | __GFP_NOWARN | __GFP_NORETRY")
#else
KCTX_GFP_FLAG(GFP_THISNODE)
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(3, 10, 0)
KCTX_GFP_LACKS(GFP_IOFS, "which came by 3.10", "leave it out")
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 4, 0)
KCTX_GFP_LACKS(GFP_IOFS, "which was gone by 4.4", "GFP_KERNEL")
#else
KCTX_GFP_FLAG(GFP_IOFS)
#endif

} // namespace kctx

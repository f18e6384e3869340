// SPDX-License-Identifier: BSL-1.0
/// @file
/// Every GFP flag by the kernel's name. A flag that KCTX_KERNEL_VERSION does not have is an error
/// where it is named, with what to use instead.
#pragma once

#include <kctx/gfp/set.hpp>

// clang tries every built-in operator on an enumeration, and g++ pays for a variable of class type.
#if defined(__clang__)
#define KCTX_GFP_TYPE(name, mask)                                                                  \
    namespace flag {                                                                               \
    struct name {                                                                                  \
        enum : unsigned { gfp_value = mask };                                                      \
    };                                                                                             \
    }
#else
#define KCTX_GFP_TYPE(name, mask)                                                                  \
    namespace flag {                                                                               \
    enum class name : unsigned { gfp_value = mask };                                               \
    }
#endif
#define KCTX_GFP_FLAG(name, mask)                                                                  \
    KCTX_GFP_TYPE(name, mask)                                                                      \
    inline constexpr flag::name name{};
#define KCTX_GFP_LACKS(name, when, instead)                                                        \
    KCTX_GFP_TYPE(name, 0)                                                                         \
    KCTX_UNAVAILABLE("kctx[gfp-version]: the kernel that is meant has no " #name ", " when         \
                     "; fix: " instead)                                                            \
    inline constexpr flag::name name{};

namespace kctx {
#include <kctx/kernel/gfp_of_version.hpp>
} // namespace kctx

namespace kctx::detail {

/// The flag whose absence means that an allocation never waits: __GFP_WAIT until 4.3
/// (include/linux/gfp.h), __GFP_DIRECT_RECLAIM since.
inline constexpr unsigned gfp_wait_bit =
    gfp_bits<flag::__GFP_WAIT> | gfp_bits<flag::__GFP_DIRECT_RECLAIM>;

constexpr bool gfp_all(unsigned mask, unsigned bits) noexcept
{
    return bits != 0 && (mask & bits) == bits;
}
constexpr bool gfp_both(unsigned mask, unsigned a, unsigned b) noexcept
{
    return gfp_all(mask, a) && gfp_all(mask, b);
}

/// Whether the flags of a mask go together (GFP_ZONE_BAD in include/linux/gfp.h, the VM_WARN_ON in
/// gfp_migratetype(), and the warnings of __alloc_pages_slowpath() in mm/page_alloc.c).
constexpr bool gfp_consistent(unsigned m) noexcept
{
    return !gfp_both(m, gfp_bits<flag::__GFP_DMA>, gfp_bits<flag::__GFP_HIGHMEM>) &&
           !gfp_both(m, gfp_bits<flag::__GFP_DMA>, gfp_bits<flag::__GFP_DMA32>) &&
           !gfp_both(m, gfp_bits<flag::__GFP_DMA32>, gfp_bits<flag::__GFP_HIGHMEM>) &&
           !gfp_both(m, gfp_bits<flag::__GFP_MOVABLE>, gfp_bits<flag::__GFP_RECLAIMABLE>) &&
           !gfp_both(m, gfp_bits<flag::__GFP_NORETRY>, gfp_bits<flag::__GFP_NOFAIL>) &&
           !gfp_both(m, gfp_bits<flag::__GFP_RETRY_MAYFAIL>, gfp_bits<flag::__GFP_NOFAIL>) &&
           !gfp_both(m, gfp_bits<flag::__GFP_NORETRY>, gfp_bits<flag::__GFP_RETRY_MAYFAIL>) &&
           !(gfp_all(m, gfp_bits<flag::__GFP_NOFAIL>) && (m & gfp_wait_bit) == 0);
}
/// The same for the slab allocator, whose caches lie in lowmem (GFP_SLAB_BUG_MASK, mm/slab.h).
constexpr bool gfp_fits_slab(unsigned m) noexcept
{
    return !gfp_all(m, gfp_bits<flag::__GFP_HIGHMEM>) && !gfp_all(m, gfp_bits<flag::__GFP_DMA32>);
}

template <class G> inline constexpr bool named_atomic = false;
template <> inline constexpr bool named_atomic<flag::GFP_ATOMIC> = true;
template <> inline constexpr bool named_atomic<flag::GFP_NOWAIT> = true;
template <class... Flags>
inline constexpr bool named_atomic<gfp<Flags...>> = (named_atomic<Flags> || ...);
template <class G, class Without>
inline constexpr bool named_atomic<gfp_without<G, Without>> = named_atomic<G>;

} // namespace kctx::detail

namespace kctx {

/// Whether an allocation with set @p G may wait for reclaim, compaction or the OOM killer: the test
/// of gfpflags_allow_blocking() (include/linux/gfp.h).
template <class G> inline constexpr bool gfp_may_sleep = false;
template <gfp_set G>
inline constexpr bool gfp_may_sleep<G> = (detail::gfp_bits<G> & detail::gfp_wait_bit) != 0;

/// Whether the flags of a set go together. Beside the kernel's own rules: a set named GFP_ATOMIC
/// or GFP_NOWAIT that sleeps all the same misleads its reader.
template <class G>
concept consistent_gfp = gfp_set<G> && detail::gfp_consistent(detail::gfp_bits<G>) &&
                         !(detail::named_atomic<G> && gfp_may_sleep<G>);

namespace detail {
/// What a mask may keep in context @p C.
template <class C>
inline constexpr unsigned gfp_scope =
    ~(state_off<C>.noio   ? gfp_bits<flag::__GFP_IO> | gfp_bits<flag::__GFP_FS>
      : state_off<C>.nofs ? gfp_bits<flag::__GFP_FS>
                          : 0u);
} // namespace detail

/// The mask of a set in context @p C: inside memalloc_noio_save() and memalloc_nofs_save() it
/// loses __GFP_IO and __GFP_FS (include/linux/sched/mm.h, current_gfp_context(), 4.12 and later).
template <context C, gfp_set G> constexpr gfp_t current_gfp_context(C, G) noexcept
{
    return {detail::gfp_bits<G> & detail::gfp_scope<C>};
}

} // namespace kctx

// SPDX-License-Identifier: BSL-1.0
/// @file
/// GFP flags as typed sets: the type names the flags, the value is that of the kernel version.
/// `GFP_KERNEL | __GFP_ZERO` is a gfp<flag::GFP_KERNEL, flag::__GFP_ZERO>.
#pragma once

#include <kctx/core/annotations.hpp>
#include <kctx/kernel/gfp_bits.hpp>

namespace kctx {

namespace detail {
/// The bits of a flag in a version; none if the version does not have it.
constexpr unsigned gfp_bits_at(unsigned version, kernel::gfp_flag f) noexcept
{
    const unsigned v = kernel::gfp_value(version, f);
    return v == kernel::gfp_absent ? 0u : v;
}
template <kernel::gfp_flag F>
inline constexpr unsigned gfp_bits = gfp_bits_at(KCTX_KERNEL_VERSION, F);

/// The flag whose absence means that an allocation never waits for reclaim: __GFP_WAIT until 4.3
/// (include/linux/gfp.h), __GFP_DIRECT_RECLAIM since.
inline constexpr unsigned gfp_wait_bit = gfp_bits<kernel::gfp_flag::__GFP_WAIT> |
                                         gfp_bits<kernel::gfp_flag::__GFP_DIRECT_RECLAIM>;

template <kernel::gfp_flag... F> constexpr bool gfp_mask_has(unsigned mask) noexcept
{
    return ((gfp_bits<F> != 0 && (mask & gfp_bits<F>) == gfp_bits<F>)&&...);
}

/// The tag of one flag, as it stands in the type of a set.
template <kernel::gfp_flag F> struct flag {
    static constexpr bool is_atomic_name =
        F == kernel::gfp_flag::GFP_ATOMIC || F == kernel::gfp_flag::GFP_NOWAIT;
    static constexpr unsigned apply(unsigned mask, unsigned version) noexcept
    {
        return mask | (version == KCTX_KERNEL_VERSION ? gfp_bits<F> : gfp_bits_at(version, F));
    }
};
} // namespace detail

/// Taken out of a set: `GFP_KERNEL & ~__GFP_DIRECT_RECLAIM`.
template <class Flag> struct without {
    static constexpr bool is_atomic_name = false;
    static constexpr unsigned apply(unsigned mask, unsigned version) noexcept
    {
        return mask & ~Flag::apply(0, version);
    }
};

/// A set of GFP flags.
template <class... Flags> struct gfp {
    /// The mask as kernel @p version has it; a flag that it does not have adds nothing.
    static constexpr unsigned at(unsigned version) noexcept
    {
        unsigned mask = 0;
        ((mask = Flags::apply(mask, version)), ...);
        return mask;
    }
    /// The mask of KCTX_KERNEL_VERSION.
    static constexpr unsigned value = at(KCTX_KERNEL_VERSION);
    /// Whether an allocation may wait for reclaim, compaction or the OOM killer: the test of
    /// gfpflags_allow_blocking() (include/linux/gfp.h).
    static constexpr bool may_sleep = (value & detail::gfp_wait_bit) != 0;
    /// Whether the set bears the name of one that never waits.
    static constexpr bool named_atomic = (Flags::is_atomic_name || ...);
};

/// The complement of a set, only ever used in `set & ~set`.
template <class... Flags> struct gfp_complement {};

template <class T> inline constexpr bool is_gfp = false;
template <class... Flags> inline constexpr bool is_gfp<gfp<Flags...>> = true;
template <class T>
concept gfp_set = is_gfp<T>;

namespace detail {
using gf = kernel::gfp_flag;

/// Whether the flags of a mask go together (GFP_ZONE_BAD in include/linux/gfp.h, the VM_WARN_ON in
/// gfp_migratetype(), and the warnings of __alloc_pages_slowpath() in mm/page_alloc.c).
constexpr bool gfp_consistent(unsigned m) noexcept
{
    const bool two_zones = gfp_mask_has<gf::__GFP_DMA, gf::__GFP_HIGHMEM>(m) ||
                           gfp_mask_has<gf::__GFP_DMA, gf::__GFP_DMA32>(m) ||
                           gfp_mask_has<gf::__GFP_DMA32, gf::__GFP_HIGHMEM>(m);
    const bool two_mobilities = gfp_mask_has<gf::__GFP_MOVABLE, gf::__GFP_RECLAIMABLE>(m);
    const bool two_efforts = gfp_mask_has<gf::__GFP_NORETRY, gf::__GFP_NOFAIL>(m) ||
                             gfp_mask_has<gf::__GFP_RETRY_MAYFAIL, gf::__GFP_NOFAIL>(m) ||
                             gfp_mask_has<gf::__GFP_NORETRY, gf::__GFP_RETRY_MAYFAIL>(m);
    const bool nofail_cannot_wait = gfp_mask_has<gf::__GFP_NOFAIL>(m) && (m & gfp_wait_bit) == 0;
    return !two_zones && !two_mobilities && !two_efforts && !nofail_cannot_wait;
}
/// The same for the slab allocator, whose caches lie in lowmem (GFP_SLAB_BUG_MASK, mm/slab.h).
constexpr bool gfp_fits_slab(unsigned m) noexcept
{
    return !gfp_mask_has<gf::__GFP_HIGHMEM>(m) && !gfp_mask_has<gf::__GFP_DMA32>(m);
}
} // namespace detail

/// Whether the flags of a set go together. Beside the kernel's own rules: a set named GFP_ATOMIC
/// or GFP_NOWAIT that sleeps all the same misleads its reader.
template <class G>
concept consistent_gfp = gfp_set<G> && detail::gfp_consistent(G::value) &&
                         !(G::named_atomic && G::may_sleep);

/// The union of two sets. A call refuses one whose flags contradict each other.
template <class... A, class... B> constexpr gfp<A..., B...> operator|(gfp<A...>, gfp<B...>) noexcept
{
    return {};
}
template <class... A> constexpr gfp_complement<A...> operator~(gfp<A...>) noexcept { return {}; }
/// What is left of a set without the flags of another.
template <class... A, class... B>
constexpr gfp<A..., without<B>...> operator&(gfp<A...>, gfp_complement<B...>) noexcept
{
    return {};
}

/// A mask at run time, as the environment gets it. The version is part of the type, so that files
/// compiled for different kernels do not link.
template <unsigned Version> struct basic_gfp_t {
    unsigned value;
};
using gfp_t = basic_gfp_t<KCTX_KERNEL_VERSION>;

/// The mask of a set in context @p C: inside memalloc_noio_save() and memalloc_nofs_save() it
/// loses __GFP_IO and __GFP_FS (include/linux/sched/mm.h, current_gfp_context(), 4.12 and later).
template <context C, class... Flags>
constexpr gfp_t current_gfp_context(C, gfp<Flags...>) noexcept
{
    unsigned mask = gfp<Flags...>::value;
    if (detail::state_off<C>.noio)
        mask &= ~(detail::gfp_bits<kernel::gfp_flag::__GFP_IO> |
                  detail::gfp_bits<kernel::gfp_flag::__GFP_FS>);
    else if (detail::state_off<C>.nofs)
        mask &= ~detail::gfp_bits<kernel::gfp_flag::__GFP_FS>;
    return {mask};
}

} // namespace kctx

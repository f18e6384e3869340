// SPDX-License-Identifier: BSL-1.0
/// @file
/// GFP flags as typed sets: the type names the flags, the value is that of the kernel version.
/// `GFP_KERNEL | __GFP_ZERO` is a gfp<flag::GFP_KERNEL, flag::__GFP_ZERO>.
#pragma once

#include <kctx/core/annotations.hpp>

namespace kctx {

namespace flag {} // namespace flag

template <class... Flags> struct gfp;

/// A set of GFP flags: a flag or a gfp<flags...>.
template <class G>
concept gfp_set = requires { G::gfp_value; };

namespace detail {
template <class Flag> inline constexpr unsigned gfp_bits = static_cast<unsigned>(Flag::gfp_value);
} // namespace detail

/// Several flags.
template <class... Flags> struct gfp {
    /// The mask in bits, of this kernel version.
    static constexpr unsigned gfp_value = (0u | ... | detail::gfp_bits<Flags>);
};
/// A set without the flags of another: `GFP_KERNEL & ~__GFP_DIRECT_RECLAIM`.
template <class G, class Without> struct gfp_without {
    /// The mask in bits, of this kernel version.
    static constexpr unsigned gfp_value = detail::gfp_bits<G> & ~detail::gfp_bits<Without>;
};
/// The complement of a set, only ever used in `set & ~set`.
template <class G> struct gfp_complement {};

/// The mask of a set in KCTX_KERNEL_VERSION; gfp/versions.hpp has those of the others.
template <gfp_set G> constexpr unsigned gfp_mask(G) noexcept { return detail::gfp_bits<G>; }

namespace detail {
template <gfp_set A, gfp_set B> struct gfp_join {
    using type = gfp<A, B>;
};
template <class... A, gfp_set B> struct gfp_join<gfp<A...>, B> {
    using type = gfp<A..., B>;
};
template <gfp_set A, class... B> struct gfp_join<A, gfp<B...>> {
    using type = gfp<A, B...>;
};
template <class... A, class... B> struct gfp_join<gfp<A...>, gfp<B...>> {
    using type = gfp<A..., B...>;
};
} // namespace detail

namespace flag { // where argument-dependent look-up finds them for every set
/// The union of two sets. A call refuses one whose flags contradict each other.
template <class A, class B> constexpr typename detail::gfp_join<A, B>::type operator|(A, B) noexcept
{
    return {};
}
template <gfp_set G> constexpr gfp_complement<G> operator~(G) noexcept { return {}; }
/// What is left of a set without the flags of another.
template <gfp_set A, gfp_set B> constexpr gfp_without<A, B> operator&(A, gfp_complement<B>) noexcept
{
    return {};
}
} // namespace flag

/// A mask at run time, as the environment gets it. The version is part of the type, so that files
/// compiled for different kernels do not link.
template <unsigned Version> struct basic_gfp_t {
    unsigned value; ///< the bits, as `unsigned __bitwise gfp_t` has them
};
/// The mask of the kernel that the file is compiled for.
using gfp_t = basic_gfp_t<KCTX_KERNEL_VERSION>;

} // namespace kctx

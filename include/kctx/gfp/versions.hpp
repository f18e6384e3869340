// SPDX-License-Identifier: BSL-1.0
/// @file
/// The mask of a GFP set in any kernel version.
#pragma once

#include <kctx/gfp/flags.hpp>
#include <kctx/kernel/gfp_bits.hpp>

#undef KCTX_GFP_FLAG
#undef KCTX_GFP_LACKS
/// Here: which flag of kernel/gfp_bits.hpp it is.
#define KCTX_GFP_FLAG(name, ...)                                                                   \
    template <> inline constexpr kernel::gfp_flag id<flag::name> = kernel::gfp_flag::name;
/// The same: other versions may have it.
#define KCTX_GFP_LACKS(name, ...) KCTX_GFP_FLAG(name)

namespace kctx {
namespace detail {
template <class Flag> inline constexpr kernel::gfp_flag id = kernel::gfp_flag::count;
#include <kctx/kernel/gfp_of_version.hpp>

template <class Flag> struct versions_of {
    static constexpr bool exist(unsigned version) noexcept
    {
        return kernel::gfp_value(version, id<Flag>) != kernel::gfp_absent;
    }
    static constexpr unsigned mask(unsigned version) noexcept
    {
        return exist(version) ? kernel::gfp_value(version, id<Flag>) : 0;
    }
};
template <class... Flags> struct versions_of<gfp<Flags...>> {
    static constexpr bool exist(unsigned version) noexcept
    {
        return (versions_of<Flags>::exist(version) && ...);
    }
    static constexpr unsigned mask([[maybe_unused]] unsigned version) noexcept
    {
        return (0u | ... | versions_of<Flags>::mask(version));
    }
};
template <class G, class Without> struct versions_of<gfp_without<G, Without>> : versions_of<G> {
    static constexpr unsigned mask(unsigned version) noexcept
    {
        return versions_of<G>::mask(version) & ~versions_of<Without>::mask(version);
    }
};
} // namespace detail

/// The mask of a set in @p version (KCTX_VERSION()); a flag that it does not have adds nothing.
template <gfp_set G> constexpr unsigned gfp_mask(G, unsigned version) noexcept
{
    return detail::versions_of<G>::mask(version);
}
/// Whether @p version has every flag of the set.
template <gfp_set G> constexpr bool gfp_exists(G, unsigned version) noexcept
{
    return detail::versions_of<G>::exist(version);
}

} // namespace kctx

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The sets of GFP flags that the table lists each allocation with.
#pragma once

#include <kctx/rules/declared.hpp>

#include <type_traits>

namespace kctx::rules {

/// How a set is written.
template <class G> inline constexpr const char *set_name = nullptr;

/// The sets of flags that tables show, X(set, name) for each.
#define KCTX_TYPICAL_SETS(X)                                                                       \
    X(GFP_KERNEL, "GFP_KERNEL")                                                                    \
    X(GFP_ATOMIC, "GFP_ATOMIC")                                                                    \
    X(GFP_NOWAIT, "GFP_NOWAIT")                                                                    \
    X(GFP_NOIO, "GFP_NOIO")                                                                        \
    X(GFP_NOFS, "GFP_NOFS")                                                                        \
    X(GFP_USER, "GFP_USER")                                                                        \
    X(GFP_HIGHUSER, "GFP_HIGHUSER")                                                                \
    X(GFP_KERNEL_ACCOUNT, "GFP_KERNEL_ACCOUNT")                                                    \
    X(GFP_KERNEL | __GFP_NOFAIL, "GFP_KERNEL | __GFP_NOFAIL")                                      \
    X(GFP_ATOMIC | __GFP_NOFAIL, "GFP_ATOMIC | __GFP_NOFAIL")                                      \
    X(GFP_KERNEL & ~__GFP_DIRECT_RECLAIM, "GFP_KERNEL & ~__GFP_DIRECT_RECLAIM")                    \
    X(__GFP_DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM")                                                \
    X(gfp<>{}, "0")
#define KCTX_SET_NAME_(set, name)                                                                  \
    template <>                                                                                    \
    inline constexpr const char *set_name<std::remove_cvref_t<decltype(set)>> = name;
KCTX_TYPICAL_SETS(KCTX_SET_NAME_)
#undef KCTX_SET_NAME_

namespace detail {
template <class, class... G> constexpr auto list_sets() { return hana::tuple_t<G...>; }
} // namespace detail
#define KCTX_SET_TYPE_(set, name) , std::remove_cvref_t<decltype(set)>
/// Their types, as a tuple of hana::type.
inline constexpr auto typical_sets = detail::list_sets<void KCTX_TYPICAL_SETS(KCTX_SET_TYPE_)>();
#undef KCTX_SET_TYPE_

} // namespace kctx::rules

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What is declared: all calls and all sections, as lists of types in the order of declaration.
#pragma once

#if defined(KCTX_CALL) && !defined(KCTX_TEXTS)
#error "kctx: <kctx/rules.hpp> comes before every other header of kctx, or after KCTX_TEXTS"
#endif
#ifndef KCTX_TEXTS
#define KCTX_TEXTS
#endif

// clang 22 calls __COUNTER__, by which the declarations number themselves, an extension.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wc2y-extensions"
#endif
#include <kctx/all.hpp>
namespace kctx::rules::detail {
inline constexpr int end_of_declarations = __COUNTER__;
}
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace kctx::rules {

namespace hana = boost::hana;

namespace detail {

template <int N>
concept is_call = requires { typename nth_call<N>::type; };
template <int N>
concept is_section = requires { nth_section<N>::name; };

constexpr std::size_t count(auto... is)
{
    std::size_t n = 0;
    for (const bool yes : {is...})
        n += yes ? 1 : 0;
    return n;
}
/// The positions of what is true among Is.
template <bool... Is> constexpr auto positions()
{
    std::array<int, count(Is...)> found{};
    std::size_t i = 0;
    int n = 0;
    for (const bool yes : {Is...}) {
        if (yes)
            found[i++] = n;
        ++n;
    }
    return found;
}
template <int... N> constexpr auto positions_of_calls(std::integer_sequence<int, N...>)
{
    return positions<is_call<N>...>();
}
template <int... N> constexpr auto positions_of_sections(std::integer_sequence<int, N...>)
{
    return positions<is_section<N>...>();
}
using declarations = std::make_integer_sequence<int, end_of_declarations>;
inline constexpr auto call_numbers = positions_of_calls(declarations{});
inline constexpr auto section_numbers = positions_of_sections(declarations{});

template <std::size_t... I> constexpr auto list_calls(std::index_sequence<I...>)
{
    return hana::tuple_t<typename nth_call<call_numbers[I]>::type...>;
}
template <std::size_t... I> constexpr auto list_sections(std::index_sequence<I...>)
{
    return hana::tuple_t<nth_section<section_numbers[I]>...>;
}

} // namespace detail

/// Every declared call: hana::type_c<call::kmalloc>, ...
inline constexpr auto calls =
    detail::list_calls(std::make_index_sequence<detail::call_numbers.size()>{});
/// Every declared section: types with `name`, `entered_by` (a call), `hold`, and the token in<C>.
inline constexpr auto sections =
    detail::list_sections(std::make_index_sequence<detail::section_numbers.size()>{});

/// Whether @p Call is one of them.
template <class Call>
concept declared = text_of<Call>.call != nullptr;

} // namespace kctx::rules

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The contracts by their calls: a Hana map from hana::type_c<call::kmalloc> to what is written at
/// its declaration. Looking one up costs the compiler nothing, whatever the size of the table.
#pragma once

#include <kctx/rules/declared.hpp>
#include <kctx/rules/matrix.hpp>

#include <boost/hana/any_of.hpp>
#include <boost/hana/contains.hpp>
#include <boost/hana/find.hpp>
#include <boost/hana/find_if.hpp>
#include <boost/hana/optional.hpp>
#include <boost/hana/transform.hpp>

namespace kctx::rules {

namespace detail {

template <class Call>
concept takes_flags = requires { Call::template takes<flag::GFP_ATOMIC>; };

/// What a call's own rule is called, without its namespace.
template <class Rule> constexpr auto rule_name()
{
    constexpr std::size_t size = sizeof __PRETTY_FUNCTION__;
    struct text {
        char at[size];
    };
    text name{};
    // "... [with Rule = kctx::rule::is_task]", of clang "... [Rule = kctx::rule::is_task]".
    std::size_t begin = 0;
    for (std::size_t i = 1; i < size; ++i) {
        if (__PRETTY_FUNCTION__[i - 1] == ':')
            begin = i;
    }
    for (std::size_t i = begin; __PRETTY_FUNCTION__[i] != ']'; ++i)
        name.at[i - begin] = __PRETTY_FUNCTION__[i];
    return name;
}
template <class Rule> inline constexpr auto rule_text = rule_name<Rule>();

/// The name of the rule of @p Call, or "" if it has none beside its level.
template <class Call> constexpr const char *rule_of()
{
    if constexpr (takes_flags<Call> || __is_same(typename Call::rule, rule::none))
        return "";
    else
        return rule_text<typename Call::rule>.at;
}

} // namespace detail

/// A call with a set of flags where it takes them: what a verdict can be passed on.
template <class Call, class G> struct called_with {
    using contract = allocation_contract<G>; ///< what an allocation with these flags needs
    static constexpr wait_type needs = contract::needs; ///< the level that the flags ask for
    using rule = kctx::rule::none;                      ///< flags have no rule beside their level
    /// The verdict; false for flags that the call does not take.
    static constexpr bool legal(const context_state &s, bool rt) noexcept
    {
        return Call::template takes<G> && contract::legal(s, rt);
    }
};

/// Whether @p Call (or called_with<Call, flags>) is legal in context @p C on kernels of @p On,
/// whatever KCTX_PREEMPT_RT says.
template <class Call, context C, config On>
inline constexpr bool verdict = (On == config::on || Call::legal(C::at(false), false)) &&
                                (On == config::off || Call::legal(C::at(true), true));

struct contract_table_tag;
/// The map itself: `contracts[hana::type_c<call::kmalloc>].slug`.
struct contract_table {
    using hana_tag = contract_table_tag; ///< by which Boost.Hana knows it
    template <class Call> constexpr const contract_text &operator[](hana::basic_type<Call>) const
    {
        static_assert(declared<Call>, "no such call is declared");
        return text_of<Call>;
    }
};
inline constexpr contract_table contracts{}; ///< The contracts of all calls that the file includes.

} // namespace kctx::rules

// A Hana Searchable, whose keys are the calls.
namespace boost::hana {
template <> struct find_impl<kctx::rules::contract_table_tag> {
    template <class Table, class Call> static constexpr auto apply(const Table &, basic_type<Call>)
    {
        if constexpr (kctx::rules::declared<Call>)
            return just(kctx::text_of<Call>);
        else
            return nothing;
    }
};
template <> struct contains_impl<kctx::rules::contract_table_tag> {
    template <class Table, class Call> static constexpr auto apply(const Table &, basic_type<Call>)
    {
        return bool_c<kctx::rules::declared<Call>>;
    }
};
template <> struct find_if_impl<kctx::rules::contract_table_tag> {
    template <class Table, class F> static constexpr auto apply(const Table &table, F &&wanted)
    {
        return transform(find_if(kctx::rules::calls, static_cast<F &&>(wanted)),
                         [&table](auto call) { return table[call]; });
    }
};
template <> struct any_of_impl<kctx::rules::contract_table_tag> {
    template <class Table, class F> static constexpr auto apply(const Table &, F &&wanted)
    {
        return any_of(kctx::rules::calls, static_cast<F &&>(wanted));
    }
};
} // namespace boost::hana

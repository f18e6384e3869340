// SPDX-License-Identifier: BSL-1.0
/// @file
/// Contracts: what a call needs, and the verdict over a call in a context. declare/call.hpp makes
/// of one declaration a contract, a function and its errors.
#pragma once

#include <kctx/core/annotations.hpp>

namespace kctx {

/// A contract in words, for tables, documents and reports.
struct contract_text {
    const char *call;   ///< the function, as the kernel spells it
    const char *slug;   ///< the rule that an illegal call breaks
    const char *why;    ///< what the call does that the context must bear
    const char *fix;    ///< what to do instead
    const char *source; ///< where the kernel says so: file and function, Linux 6.12
};
template <class Call> inline constexpr contract_text text_of{}; ///< of a call, under KCTX_TEXTS
/// Under KCTX_TEXTS each declaration enters itself here under a number of its own, of which some
/// are left out: the call as nth_call<n>::type, a section as nth_section<n>. rules/ reads them.
template <int N> struct nth_call;
template <int N> struct nth_section;

namespace rule {
/// No rule beside the wait level: most calls.
struct none {
    static constexpr bool holds(const context_state &, bool) noexcept { return true; }
};
} // namespace rule

/// What a call needs: a wait level, and a rule over the state of the context if it has one.
template <wait_type Needs, class Rule = rule::none> struct contract {
    static constexpr wait_type needs = Needs; ///< the level, as lockdep ranks locks
    using rule = Rule; ///< what the state must be beside that; rule::none for most
    /// The verdict in a context of state @p s, on PREEMPT_RT if @p rt.
    static constexpr bool legal(const context_state &s, bool rt) noexcept
    {
        return Rule::holds(s, rt) && bears(s.allows, Needs, rt);
    }
};

/// Whether context @p C obeys the rule of @p Call on every kernel that is meant.
template <class C, class Call>
concept obeys = __is_same(typename Call::rule, rule::none) ||
                ((!detail::checks_off || Call::rule::holds(detail::state_off<C>, false)) &&
                 (!detail::checks_rt || Call::rule::holds(detail::state_rt<C>, true)));

/// A context that may make @p Call; under KCTX_UNCHECKED every one.
#ifdef KCTX_UNCHECKED
template <class C, class Call>
concept may = context<C>;
#else
template <class C, class Call>
concept may = allows<C, Call::needs> && obeys<C, Call>;
#endif
/// One that may not, because the call's own rule forbids it, or else because of its level.
template <class C, class Call>
concept forbidden_by_rule = !may<C, Call> && context<C> && !obeys<C, Call>;
template <class C, class Call>
concept forbidden = !may<C, Call> && context<C> && obeys<C, Call>;

/// The verdict as a constant, KCTX_UNCHECKED or not.
template <class Call, class C>
inline constexpr bool is_legal = allows<C, Call::needs> && obeys<C, Call>;

struct no_token; ///< what stands for the context where no token was given

} // namespace kctx

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What must hold for the whole table, and does, or this header does not compile. Calls of one's
/// own that are in the table are held to it, too.
#pragma once

#include <kctx/rules/contexts.hpp>
#include <kctx/rules/sets.hpp>
#include <kctx/rules/table.hpp>

#include <boost/hana/all_of.hpp>

#include <initializer_list>

namespace kctx::rules::laws {

namespace detail {

constexpr bool says_something(const char *text) { return text != nullptr && *text != '\0'; }

/// "kernel/sched/core.c schedule()": a file of the kernel comes first.
constexpr bool names_a_file(const char *text)
{
    bool folder = false;
    for (; *text != '\0' && *text != ' '; ++text) {
        folder = folder || *text == '/';
        if (folder && text[0] == '.' && (text[1] == 'c' || text[1] == 'h' || text[1] == 'r'))
            return true;
    }
    return false;
}

template <class Call> constexpr bool is_documented()
{
    constexpr contract_text text = text_of<Call>;
    return says_something(text.slug) && says_something(text.why) && says_something(text.fix) &&
           names_a_file(text.source);
}

/// A call without a rule of its own asks for its level and for nothing else: what one context
/// bears, every context that allows as much does.
template <class Call> constexpr bool is_monotone()
{
    if constexpr (!rules::detail::takes_flags<Call>) {
        if constexpr (__is_same(typename Call::rule, rule::none)) {
            for (const bool rt : {false, true}) {
                bool was_legal = false;
                for (const wait_type allows :
                     {wait_type::free, wait_type::spin, wait_type::config, wait_type::sleep}) {
                    context_state bare{};
                    bare.allows = allows;
                    context_state busy{allows, true, true, true, true, true,
                                       true,   true, true, true, true, true};
                    const bool is_legal = Call::legal(bare, rt);
                    if (is_legal != Call::legal(busy, rt) || (was_legal && !is_legal))
                        return false;
                    was_legal = is_legal;
                }
            }
        }
    }
    return true;
}

/// A section takes from what surrounds it, and gives nothing: it never allows more, and who was in
/// an interrupt, or had something off, still is and has.
template <class Section> constexpr bool only_takes()
{
    const auto holds = [](const context_state &outer, bool rt) {
        context_state s = outer;
        Section::hold(s, rt);
        return s.allows <= outer.allows && s.nmi == outer.nmi && s.hardirq == outer.hardirq &&
               s.serving_softirq == outer.serving_softirq && s.bh_disabled >= outer.bh_disabled &&
               s.irqs_disabled >= outer.irqs_disabled &&
               s.preempt_disabled >= outer.preempt_disabled &&
               s.migrate_disabled >= outer.migrate_disabled && s.rcu_reader >= outer.rcu_reader &&
               s.user_memory <= outer.user_memory && s.noio >= outer.noio && s.nofs >= outer.nofs;
    };
    return hana::unpack(entries, [holds](auto... entry) {
        return ((holds(decltype(entry)::type::at(false), false) &&
                 holds(decltype(entry)::type::at(true), true)) &&
                ...);
    });
}

/// The mask of a set is that of its parts, joined.
template <class A> struct joins_with {
    template <class B> constexpr bool operator()(hana::basic_type<B>) const
    {
        using joined = typename kctx::detail::gfp_join<A, B>::type;
        return gfp_mask(joined{}) == (gfp_mask(A{}) | gfp_mask(B{}));
    }
};

/// Whether @p Law holds for every element of a list.
template <class Law> constexpr bool for_all(const auto &list, Law law)
{
    return hana::unpack(list, [law](auto... element) {
        for (const bool holds : {law(element)...}) {
            if (!holds)
                return false;
        }
        return true;
    });
}

} // namespace detail

/// Every call has its rule's slug, its reason, its fix, and its source in the kernel.
inline constexpr bool every_call_is_documented = detail::for_all(
    calls, [](auto call) { return detail::is_documented<typename decltype(call)::type>(); });
static_assert(every_call_is_documented);

/// Every call whose verdict is not its level alone has a rule with a name.
inline constexpr bool levels_are_monotone = detail::for_all(
    calls, [](auto call) { return detail::is_monotone<typename decltype(call)::type>(); });
static_assert(levels_are_monotone);

/// No section gives what its surroundings do not have.
inline constexpr bool sections_only_take = detail::for_all(
    sections, [](auto section) { return detail::only_takes<typename decltype(section)::type>(); });
static_assert(sections_only_take);

/// A set of flags is the union of its parts.
inline constexpr bool sets_are_unions = detail::for_all(typical_sets, [](auto a) {
    return detail::for_all(typical_sets, detail::joins_with<typename decltype(a)::type>{});
});
static_assert(sets_are_unions);

} // namespace kctx::rules::laws

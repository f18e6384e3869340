// SPDX-License-Identifier: BSL-1.0
// The one idea: a context allows, a call needs. Built three times: for kernels without PREEMPT_RT,
// with it, and for code that must be legal on both.
#include <doctest/doctest.h>

#include "contexts.hpp"

#include <kctx/core/section.hpp>

#include <string>

using namespace kctx;

namespace {

constexpr wait_type every_level[] = {wait_type::free, wait_type::spin, wait_type::config,
                                     wait_type::sleep};

struct needs_free : contract<wait_type::free> {};
struct needs_spin : contract<wait_type::spin> {};
struct needs_config : contract<wait_type::config> {};
struct needs_sleep : contract<wait_type::sleep> {};

/// One sign for each level: free, spin, config, sleep.
template <class C> std::string levels()
{
    return {is_legal<needs_free, C> ? '+' : '-', is_legal<needs_spin, C> ? '+' : '-',
            is_legal<needs_config, C> ? '+' : '-', is_legal<needs_sleep, C> ? '+' : '-'};
}
/// The same as the concept for helpers has it.
template <class C> std::string by_concept()
{
    return {allows<C, wait_type::free> ? '+' : '-', allows<C, wait_type::spin> ? '+' : '-',
            allows<C, wait_type::config> ? '+' : '-', allows<C, wait_type::sleep> ? '+' : '-'};
}

/// Of a verdict without and with PREEMPT_RT the one that this file is built for.
std::string meant(const std::string &off, const std::string &rt)
{
    if (KCTX_PREEMPT_RT == KCTX_RT_OFF)
        return off;
    if (KCTX_PREEMPT_RT == KCTX_RT_ON)
        return rt;
    std::string both = off;
    for (std::size_t i = 0; i < both.size(); ++i)
        both[i] = off[i] == '+' && rt.at(i) == '+' ? '+' : '-';
    return both;
}

const std::string may_sleep = meant("++++", "++++"); ///< a task
const std::string may_lock = meant("+++-", "+++-");  ///< what PREEMPT_RT runs in a thread
const std::string may_spin = meant("+++-", "++--");  ///< what is atomic on every kernel
const std::string may_none = meant("+---", "+---");  ///< an NMI

template <class C> void check(const std::string &expected)
{
    INFO(tests::name_of<C>());
    CHECK(levels<C>() == expected);
    CHECK(by_concept<C>() == expected);
}

/// A rule beside the level: for tasks alone.
struct in_task {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return !s.nmi && !s.hardirq && !s.serving_softirq;
    }
};
struct for_tasks : contract<wait_type::config, in_task> {};

void enter() noexcept {}
void leave() noexcept {}
/// Sections that leave this much.
template <wait_type Allows, context C> struct Leaving : held<needs_free, enter, leave, C> {
    using Leaving::held::held;
    static constexpr context_state at(bool rt) noexcept
    {
        context_state s = C::at(rt);
        s.allows = s.allows & Allows;
        return s;
    }
};
template <context C> using Spinning = Leaving<wait_type::spin, C>;
template <context C> using Locking = Leaving<wait_type::config, C>;
template <context C> using Sleeping = Leaving<wait_type::sleep, C>;

} // namespace

TEST_CASE("the lattice")
{
    // What a context allows: free, spin, config, sleep; a row for each thing that a call needs.
    const auto row = [](wait_type needs, bool rt) {
        std::string signs;
        for (const wait_type allowed : every_level)
            signs += bears(allowed, needs, rt) ? '+' : '-';
        return signs;
    };
    for (const bool rt : {false, true}) {
        CAPTURE(rt);
        CHECK(row(wait_type::free, rt) == "++++");
        CHECK(row(wait_type::spin, rt) == "-+++");
        CHECK(row(wait_type::config, rt) == (rt ? "--++" : "-+++"));
        CHECK(row(wait_type::sleep, rt) == "---+");
    }
    for (const wait_type a : every_level)
        for (const wait_type b : every_level) {
            CHECK((a & b) == (b & a));
            CHECK(((a & b) == a || (a & b) == b));
            CHECK((a & b) <= a);
        }
}

TEST_CASE("what each context allows")
{
    tests::for_each(tests::tasks{}, []<class C> { check<C>(may_sleep); });
    tests::for_each(tests::threadable{}, []<class C> { check<C>(may_lock); });
    tests::for_each(tests::hard{}, []<class C> { check<C>(may_spin); });
    check<NmiCtx>(may_none);
}

TEST_CASE("a section takes away, and never gives")
{
    check<Spinning<ProcessCtx>>(may_spin);
    check<Locking<ProcessCtx>>(may_lock);
    check<Sleeping<ProcessCtx>>(may_sleep);
    check<Leaving<wait_type::free, ProcessCtx>>(may_none);

    check<Sleeping<IrqCtx>>(may_lock);
    check<Sleeping<NmiCtx>>(may_none);
    check<Locking<HardIrqCtx>>(may_spin);
    check<Spinning<NmiCtx>>(may_none);

    check<Locking<Spinning<ProcessCtx>>>(may_spin);
    check<Spinning<Locking<ProcessCtx>>>(may_spin);
    check<Locking<Sleeping<Locking<TimerCtx>>>>(may_lock);
    check<Sleeping<Sleeping<Sleeping<WorkCtx>>>>(may_sleep);

    tests::for_each(tests::all{}, []<class C> {
        INFO(tests::name_of<C>());
        for (const bool rt : {false, true}) {
            CHECK(Spinning<C>::at(rt).allows == (C::at(rt).allows & wait_type::spin));
            CHECK(Locking<C>::at(rt).allows == (C::at(rt).allows & wait_type::config));
            CHECK(Sleeping<C>::at(rt).allows == C::at(rt).allows);
        }
    });
}

TEST_CASE("portable is what both kernels bear")
{
    tests::for_each(tests::all{}, []<class C> {
        INFO(tests::name_of<C>());
        const std::string off = {needs_free::legal(C::at(false), false) ? '+' : '-',
                                 needs_spin::legal(C::at(false), false) ? '+' : '-',
                                 needs_config::legal(C::at(false), false) ? '+' : '-',
                                 needs_sleep::legal(C::at(false), false) ? '+' : '-'};
        const std::string rt = {needs_free::legal(C::at(true), true) ? '+' : '-',
                                needs_spin::legal(C::at(true), true) ? '+' : '-',
                                needs_config::legal(C::at(true), true) ? '+' : '-',
                                needs_sleep::legal(C::at(true), true) ? '+' : '-'};
        CHECK(levels<C>() == meant(off, rt));
    });
}

TEST_CASE("a call is legal, or forbidden by its own rule, or by its level")
{
    tests::for_each(tests::all{}, []<class C> {
        INFO(tests::name_of<C>());
        CHECK(may<C, for_tasks> + forbidden_by_rule<C, for_tasks> + forbidden<C, for_tasks> == 1);
        CHECK(may<C, for_tasks> == is_legal<for_tasks, C>);
    });
    CHECK(may<ProcessCtx, for_tasks>);
    CHECK(may<Locking<ProcessCtx>, for_tasks>);
    CHECK(forbidden_by_rule<TimerCtx, for_tasks>);
    CHECK(forbidden_by_rule<NmiCtx, for_tasks>);
    // A hard irq without PREEMPT_RT is enough for a rule to forbid it in portable code.
    CHECK(forbidden_by_rule<IrqCtx, for_tasks> == (KCTX_PREEMPT_RT != KCTX_RT_ON));
    CHECK(may<Spinning<ProcessCtx>, for_tasks> == (KCTX_PREEMPT_RT == KCTX_RT_OFF));
    CHECK(forbidden<Spinning<ProcessCtx>, for_tasks> == (KCTX_PREEMPT_RT != KCTX_RT_OFF));
    CHECK_FALSE(may<int, for_tasks>);
    CHECK_FALSE(forbidden<int, for_tasks>);
    CHECK_FALSE(forbidden_by_rule<int, for_tasks>);
}

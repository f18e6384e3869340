// SPDX-License-Identifier: BSL-1.0
// The table's verdicts are those that the compiler passes on code: built three times, for kernels
// without PREEMPT_RT, with it, and for code that must be legal on both.
#include <kctx/rules/table.hpp>

#include <doctest/doctest.h>

using namespace kctx;
using namespace kctx::rules;

namespace {

constexpr config meant = KCTX_PREEMPT_RT == KCTX_RT_OFF  ? config::off
                         : KCTX_PREEMPT_RT == KCTX_RT_ON ? config::on
                                                         : config::portable;

/// What code in context @p C that makes @p Call is told; of one that takes flags with GFP_ATOMIC.
template <class Call, class C> constexpr bool told()
{
    if constexpr (rules::detail::takes_flags<Call>)
        return may_allocate<C, Call, flag::GFP_ATOMIC>;
    else
        return is_legal<Call, C>;
}
template <class C> struct told_in {
    template <class... Call> constexpr auto operator()(hana::basic_type<Call>...) const
    {
        return std::array<bool, sizeof...(Call)>{told<Call, C>()...};
    }
};
/// The calls, in the same order: the name, and whether flags decide.
struct called {
    const char *name;
    bool takes_flags;
};
constexpr auto all_calls = hana::unpack(calls, [](auto... call) {
    return std::array{called{text_of<typename decltype(call)::type>.call,
                             rules::detail::takes_flags<typename decltype(call)::type>}...};
});

void compare(std::span<const bool> by_code, const story &in)
{
    for (std::size_t i = 0; i < by_code.size(); ++i) {
        const std::string name =
            std::string(all_calls[i].name) + (all_calls[i].takes_flags ? "(GFP_ATOMIC)" : "");
        CAPTURE(name);
        const call_row *row = find_call(name);
        REQUIRE(row != nullptr);
        CHECK(rules::legal(*row, in, meant) == by_code[i]);
        const bool both = rules::legal(*row, in, config::off) && rules::legal(*row, in, config::on);
        CHECK(rules::legal(*row, in, config::portable) == both);
    }
}
template <class C> void compare()
{
    static constexpr auto by_code = hana::unpack(calls, told_in<C>{});
    compare(by_code, {"", C::at(false), C::at(true)});
}

} // namespace

TEST_CASE("in a system call") { compare<SyscallCtx>(); }
TEST_CASE("in an irq handler") { compare<IrqCtx>(); }
TEST_CASE("in a true hard irq") { compare<HardIrqCtx>(); }
TEST_CASE("in a timer") { compare<TimerCtx>(); }
TEST_CASE("in a raw section") { compare<RawSpinLocked<raw_spinlock_t, ProcessCtx>>(); }
TEST_CASE("under a lock") { compare<SpinLockedIrqsave<spinlock_t, ProcessCtx>>(); }

TEST_CASE("of an allocation its flags decide")
{
    using row = called_with<call::kmalloc, flag::GFP_KERNEL>;
    static_assert(verdict<row, ProcessCtx, config::portable>);
    static_assert(!verdict<row, IrqCtx, config::off>);
    using atomic = called_with<call::kmalloc, flag::GFP_ATOMIC>;
    static_assert(verdict<atomic, HardIrqCtx, config::off>);
    static_assert(!verdict<atomic, HardIrqCtx, config::on>);
    static_assert(!verdict<atomic, HardIrqCtx, config::portable>);
    CHECK(verdict<atomic, HardIrqCtx, meant> ==
          may_allocate<HardIrqCtx, call::kmalloc, flag::GFP_ATOMIC>);
    CHECK(verdict<row, ProcessCtx, meant> ==
          may_allocate<ProcessCtx, call::kmalloc, flag::GFP_KERNEL>);
}

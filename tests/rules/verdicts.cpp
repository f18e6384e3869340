// SPDX-License-Identifier: BSL-1.0
// The table's verdicts are those that the compiler passes on code: built three times, for kernels
// without PREEMPT_RT, with it, and for code that must be legal on both.
#include <kctx/rules/matrix.hpp>

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
/// The names of the calls, in the same order.
struct names {
    template <class... Call> auto operator()(hana::basic_type<Call>...) const
    {
        return std::array<std::string, sizeof...(Call)>{
            std::string(text_of<Call>.call) +
            (rules::detail::takes_flags<Call> ? "(GFP_ATOMIC)" : "")...};
    }
};

template <class C> void compare()
{
    static constexpr auto by_code = hana::unpack(calls, told_in<C>{});
    const auto by_name = hana::unpack(calls, names{});
    const story in{"", C::at(false), C::at(true)};
    for (std::size_t i = 0; i < by_code.size(); ++i) {
        CAPTURE(by_name[i]);
        const call_row *row = find_call(by_name[i]);
        REQUIRE(row != nullptr);
        CHECK(rules::legal(*row, in, meant) == by_code[i]);
        const bool both = rules::legal(*row, in, config::off) && rules::legal(*row, in, config::on);
        CHECK(rules::legal(*row, in, config::portable) == both);
    }
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

// SPDX-License-Identifier: BSL-1.0
// Tokens are nothing at run time, and nobody makes them but the kernel and sections.
#include <doctest/doctest.h>

#include "contexts.hpp"

#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rcu.hpp>

#include <string>
#include <type_traits>

using namespace kctx;

namespace {

struct tx_lock : raw_spinlock_t {};
struct config_lock : mutex {};

using sections =
    tests::type_list<PreemptDisabled<ProcessCtx>, IrqsDisabled<SyscallCtx>, RcuReader<TimerCtx>,
                     RawSpinLocked<tx_lock, IrqCtx>, MutexLocked<config_lock, WorkCtx>,
                     RawSpinLocked<tx_lock, RcuReader<MutexLocked<config_lock, KthreadCtx>>>>;
using every_token = tests::joined<tests::all, sections>::type;

/// Whether a call of a helper is legal; the helper says which context it is for.
template <class C>
concept fits_process_helper = requires(void (*helper)(ProcessCtx), C ctx) { helper(ctx); };

} // namespace

// g++ asks for what a section's token names, called or not. The environment is where clang's
// function effects end.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
namespace kctx::env::inline KCTX_ENV_NAMESPACE {
void preempt_disable() noexcept {}
void preempt_enable() noexcept {}
void local_irq_disable() noexcept {}
void local_irq_enable() noexcept {}
void rcu_read_lock() noexcept {}
void rcu_read_unlock() noexcept {}
void raw_spin_lock(raw_spinlock_t *) noexcept {}
void raw_spin_unlock(raw_spinlock_t *) noexcept {}
void mutex_lock(mutex *) noexcept {}
void mutex_unlock(mutex *) noexcept {}
} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
#ifdef __clang__
#pragma clang diagnostic pop
#endif

TEST_CASE("the contexts are those of the kernel, each once")
{
    CHECK(tests::length(tests::all{}) == 21);
    tests::for_each(tests::all{}, []<class A> {
        int same = 0;
        tests::for_each(tests::all{}, [&]<class B> { same += std::is_same_v<A, B> ? 1 : 0; });
        INFO(tests::name_of<A>());
        CHECK(same == 1);
    });
}

TEST_CASE("a token is empty, and passed like a number")
{
    tests::for_each(every_token{}, []<class C> {
        INFO(tests::name_of<C>());
        CHECK(context<C>);
        CHECK(std::is_empty_v<C>);
        CHECK(sizeof(C) == 1);
        CHECK(std::is_trivially_copyable_v<C>);
        CHECK(std::is_trivially_destructible_v<C>);
        CHECK(std::is_standard_layout_v<C>);
        CHECK_FALSE(std::is_polymorphic_v<C>);
    });
}

TEST_CASE("nobody makes a token but the kernel and sections")
{
    tests::for_each(every_token{}, []<class C> {
        INFO(tests::name_of<C>());
        CHECK_FALSE(std::is_default_constructible_v<C>);
        CHECK_FALSE(std::is_aggregate_v<C>);
        CHECK_FALSE(std::is_constructible_v<C, int>);
        CHECK_FALSE(std::is_constructible_v<C, decltype(nullptr)>);
        CHECK_FALSE(std::is_constructible_v<C, const char *>);
        CHECK_FALSE(std::is_constructible_v<C, C *>);
    });
}

TEST_CASE("only the kinds of process context convert, and only to process context")
{
    tests::for_each(every_token{}, []<class From> {
        tests::for_each(every_token{}, []<class To> {
            const bool kind_of_process =
                std::is_same_v<To, ProcessCtx> && tests::is_one_of<From>(tests::tasks{});
            INFO(tests::name_of<From>(), " to ", tests::name_of<To>());
            CHECK(std::is_convertible_v<From, To> == (std::is_same_v<From, To> || kind_of_process));
            CHECK(std::is_constructible_v<To, From> == std::is_convertible_v<From, To>);
        });
    });
    CHECK(fits_process_helper<WorkCtx>);
    CHECK(fits_process_helper<ThreadedIrqCtx>);
    CHECK_FALSE(fits_process_helper<IrqCtx>);
    CHECK_FALSE(fits_process_helper<RcuReader<ProcessCtx>>);
}

TEST_CASE("a section's token tells its story from the inside out")
{
    using story = RawSpinLocked<tx_lock, RcuReader<MutexLocked<config_lock, KthreadCtx>>>;
    CHECK(std::is_same_v<story::lock, tx_lock>);
    CHECK(std::is_same_v<story::outer, RcuReader<MutexLocked<config_lock, KthreadCtx>>>);
    CHECK(std::is_same_v<story::outer::lock, void>);
    CHECK(std::is_same_v<story::outer::outer::lock, config_lock>);
    CHECK(std::is_same_v<story::outer::outer::outer, KthreadCtx>);
}

TEST_CASE("a context may be assumed, with a reason")
{
    constexpr auto ctx = assume_context<IrqCtx>("the test has no interrupts");
    CHECK(std::is_same_v<decltype(ctx), const IrqCtx>);
    constexpr auto held =
        assume_context<RawSpinLocked<tx_lock, IrqCtx>>("the test's lock is never taken");
    CHECK(std::is_same_v<decltype(held), const RawSpinLocked<tx_lock, IrqCtx>>);
}

TEST_CASE("what is no token is no context")
{
    CHECK_FALSE(context<int>);
    CHECK_FALSE(context<void *>);
    CHECK_FALSE(context<IrqCtx *>);
    CHECK_FALSE(context<tx_lock>);
    CHECK_FALSE(allows<int, wait_type::free>);
}

TEST_CASE("the name of the environment tells what the file is compiled for")
{
    const std::string name = tests::symbol_of<&kctx::env::msleep>();
    INFO(name);
    CHECK(name.find("_portable6msleep") != std::string::npos);
}

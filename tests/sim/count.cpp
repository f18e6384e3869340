// SPDX-License-Identifier: BSL-1.0
// The number in "scheduling while atomic", kernel by kernel: change what is held by one lock or one
// interrupt, or the kernel by CONFIG_PREEMPT, and the number changes as the kernel's does. The
// numbers are from reports of real kernels and from the kernels' sources.
#include <doctest/doctest.h>

#include "simulate.hpp"

#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;
using sim::preemption;

namespace {

const auto v6_12 = kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preemption::full);
const auto v6_12_none = kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preemption::none);
const auto v3_10_none = kernel_of(KCTX_VERSION(3, 10, 0), kernel::arch::x86, preemption::none);
const auto v2_6_33_none = kernel_of(KCTX_VERSION(2, 6, 33), kernel::arch::arm, preemption::none);
const auto v2_6_33 = kernel_of(KCTX_VERSION(2, 6, 33), kernel::arch::arm, preemption::full);
const auto v2_6_32 = kernel_of(KCTX_VERSION(2, 6, 32), kernel::arch::arm, preemption::full);

using code = void (*)(sim::machine &);

/// The number of the first report when a task does @p what, or "none".
std::string number(const sim::machine_config &config, code what)
{
    sim::machine m(config);
    m.spawn({.comm = "insmod", .pid = 826}, [&] { what(m); });
    m.run();
    const auto reports = lines_with(m, "BUG: scheduling while atomic: insmod/826/");
    return reports.empty() ? "none" : reports[0].substr(reports[0].rfind('/') + 1);
}

constexpr auto ctx = assume_context<ProcessCtx>("each scenario says where it is");
spinlock_t a;
spinlock_t b;
spinlock_t c;

void block(sim::machine &) { schedule(ctx); }
void block_locked(sim::machine &)
{
    KCTX_SPIN_LOCK(ctx, a)
        schedule(ctx);
}
void block_locked_twice(sim::machine &)
{
    KCTX_SPIN_LOCK(ctx, a)
        KCTX_SPIN_LOCK(ctx, b)
            schedule(ctx);
}
void block_locked_three_times(sim::machine &)
{
    KCTX_SPIN_LOCK(ctx, a)
        KCTX_SPIN_LOCK(ctx, b)
            KCTX_SPIN_LOCK(ctx, c)
                schedule(ctx);
}
void block_bh_off(sim::machine &)
{
    KCTX_LOCAL_BH_DISABLE(ctx)
        schedule(ctx);
}
void block_locked_bh(sim::machine &)
{
    auto in = spin_lock_bh(ctx, &a);
    schedule(in);
    spin_unlock_bh(in, &a);
}
void block_irqs_off(sim::machine &)
{
    KCTX_LOCAL_IRQ_DISABLE(ctx)
        schedule(ctx);
}
void block_locked_irqsave(sim::machine &)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, a)
        schedule(ctx);
}
/// A point where another task may run, and one waits.
void resched(sim::machine &m)
{
    m.set_need_resched();
    cond_resched(ctx);
}
template <code What> void softirq(sim::machine &m)
{
    m.softirq([&] { What(m); });
}
template <code What> void hardirq(sim::machine &m)
{
    m.hardirq([&] { What(m); });
}
template <code What> void nmi(sim::machine &m)
{
    m.nmi([&] { What(m); });
}

} // namespace

TEST_CASE("process context")
{
    CHECK(number(v6_12, block) == "none");
    CHECK(number(v6_12, block_locked) == "0x00000002");
    CHECK(number(v6_12, block_locked_twice) == "0x00000003");
    CHECK(number(v6_12, block_bh_off) == "0x00000201");
    CHECK(number(v6_12, block_locked_bh) == "0x00000202");
    CHECK(number(v6_12, block_locked_irqsave) == "0x00000002");
    // Interrupts that are off are not in the count.
    CHECK(number(v6_12, block_irqs_off) == "none");
}

TEST_CASE("interrupts")
{
    CHECK(number(v6_12, softirq<block>) == "0x00000101");
    CHECK(number(v6_12, softirq<block_locked>) == "0x00000102");
    CHECK(number(v6_12, softirq<block_locked_bh>) == "0x00000302");
    CHECK(number(v6_12, hardirq<block>) == "0x00010001");
    CHECK(number(v6_12, hardirq<block_locked>) == "0x00010002");
    CHECK(number(v6_12, softirq<hardirq<block>>) == "0x00010101");
    CHECK(number(v6_12, nmi<block>) == "0x00110001");
    CHECK(number(v6_12, hardirq<nmi<block>>) == "0x00120001");
}

TEST_CASE("a kernel that does not count preemption levels")
{
    CHECK(number(v6_12_none, block_locked) == "none");
    CHECK(number(v6_12_none, softirq<block>) == "0x00000100");
    CHECK(number(v6_12_none, softirq<block_locked>) == "0x00000100");
    CHECK(number(v6_12_none, block_bh_off) == "0x00000200");
    CHECK(number(v6_12_none, softirq<block_locked_bh>) == "0x00000300");
    CHECK(number(v6_12_none, hardirq<block>) == "0x00010000");
}

TEST_CASE("CONFIG_DEBUG_ATOMIC_SLEEP makes a kernel count, since 3.1")
{
    sim::machine_config m = v6_12_none;
    m.debug_atomic_sleep = true;
    CHECK(number(m, block_locked) == "0x00000002");
    m = v2_6_33_none;
    m.debug_atomic_sleep = true;
    CHECK(number(m, block_locked) == "none");
}

TEST_CASE("PREEMPT_ACTIVE: a preemption point within an interrupt, up to 3.12")
{
    CHECK(number(v2_6_33_none, softirq<hardirq<resched>>) == "0x40010100");
    CHECK(number(v2_6_33_none, hardirq<resched>) == "0x40010000");
    CHECK(number(v2_6_33_none, softirq<resched>) == "0x40000100");
    CHECK(number(v2_6_33_none, softirq<hardirq<block>>) == "0x00010100");
    CHECK(number(v2_6_33, softirq<hardirq<resched>>) == "0x40010101");
    CHECK(number(v2_6_33_none, resched) == "none");
    CHECK(number(v3_10_none, softirq<resched>) == "0x10000100");
    CHECK(number(v6_12, softirq<resched>) == "none");
}

TEST_CASE("2.6.32: bottom halves disabled are no other than softirqs")
{
    CHECK(number(v2_6_32, hardirq<block_locked_three_times>) == "0x00010004");
    CHECK(number(v2_6_32, hardirq<block_locked_twice>) == "0x00010003");
    CHECK(number(v2_6_32, block_bh_off) == "0x00000101");
    CHECK(number(v2_6_32, block_locked_bh) == "0x00000102");
    CHECK(number(v2_6_32, nmi<block>) == "0x01010001");
}

TEST_CASE("the count afterwards: as it was up to 4.3, and one that is too small since")
{
    const code twice = [](sim::machine &) {
        KCTX_SPIN_LOCK(ctx, a) {
            schedule(ctx);
            schedule(ctx);
        }
    };
    const auto reports = [&](const sim::machine_config &config) {
        sim::machine m(config);
        m.spawn({.comm = "sh", .pid = 7}, [&] { twice(m); });
        CHECK(m.run() == sim::outcome::idle);
        return lines_with(m, "BUG: scheduling while atomic");
    };
    CHECK(reports(v2_6_32) == std::vector<std::string>(2, "BUG: scheduling while atomic: "
                                                          "sh/7/0x00000002"));
    // The lock counts no more after the first; given back, it leaves -1, and schedule() adds 1.
    CHECK(reports(v6_12) == std::vector<std::string>{"BUG: scheduling while atomic: "
                                                     "sh/7/0x00000002",
                                                     "BUG: scheduling while atomic: "
                                                     "sh/7/0x00000000"});
}

TEST_CASE("an interrupt of the idle task, whose loop is a level of its own")
{
    for (const bool counting : {true, false}) {
        sim::machine m(counting ? v6_12 : v6_12_none);
        m.irq_at(1000, [&] { block(m); });
        m.run();
        CHECK(lines_with(m, "BUG:").at(0) == (counting ? "BUG: scheduling while atomic: "
                                                         "swapper/0/0x00010002"
                                                       : "BUG: scheduling while atomic: "
                                                         "swapper/0/0x00010000"));
    }
}

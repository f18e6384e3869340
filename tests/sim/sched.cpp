// SPDX-License-Identifier: BSL-1.0
// Tasks that block and are woken, CPUs that spin, interrupts and time, always in the same order.
#include <doctest/doctest.h>

#include "simulate.hpp"

#include <kctx/api/delay.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;
using sim::preemption;

namespace {

constexpr auto ctx = assume_context<ProcessCtx>("the tests are where they say");
const auto irq = assume_context<HardIrqCtx>("as well");

sim::machine_config with_cpus(unsigned cpus)
{
    sim::machine_config m = kernel_of(KCTX_VERSION(6, 1, 0), kernel::arch::x86, preemption::full);
    m.cpus = cpus;
    m.hz = 100;
    return m;
}

} // namespace

TEST_CASE("a task sleeps until it is woken")
{
    sim::machine m(with_cpus(1));
    std::string order;
    auto &sleeper = m.spawn({.comm = "sleeper", .pid = 10}, [&] {
        order += "a";
        set_current_state(ctx, TASK_UNINTERRUPTIBLE);
        schedule(ctx);
        order += "c";
    });
    m.spawn({.comm = "waker", .pid = 11}, [&] {
        order += "b";
        CHECK(wake_up_process(ctx, &sleeper) == 1);
        CHECK(wake_up_process(ctx, &sleeper) == 0);
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(order == "abc");
    CHECK(m.log.records().empty());
}

TEST_CASE("one that nobody wakes hangs, and may be woken later")
{
    sim::machine m(with_cpus(2));
    auto &sleeper = m.spawn({.comm = "sleeper", .pid = 10, .cpu = 1}, [&] {
        set_current_state(ctx, TASK_UNINTERRUPTIBLE);
        schedule(ctx);
    });
    CHECK(m.run() == sim::outcome::hung);
    m.irq_at(5000, [&] { wake_up_process(irq, &sleeper); });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(m.now() == 5000);
}

TEST_CASE("a machine may end while tasks sleep")
{
    sim::machine m(with_cpus(1));
    m.spawn({.comm = "sleeper", .pid = 10}, [&] {
        set_current_state(ctx, TASK_INTERRUPTIBLE);
        schedule(ctx);
    });
    CHECK(m.run() == sim::outcome::hung);
}

TEST_CASE("what a task throws comes out of run(), and the machine stays where it was")
{
    sim::machine m(with_cpus(1));
    bool other = false;
    m.spawn({.comm = "bad", .pid = 10}, [&] { m.spawn({.comm = "worse", .pid = 0}, [] {}); });
    m.spawn({.comm = "other", .pid = 11}, [&] { other = true; });
    const char *why = "kctx::sim::machine::spawn: pid 0 of worse, and tasks have pids from 1 on";
    CHECK_THROWS_WITH_AS(m.run(), why, std::invalid_argument);
    CHECK_THROWS_WITH_AS(m.run(), why, std::invalid_argument);
    CHECK(!other);
    CHECK(sim::machine::here() == nullptr);
}

TEST_CASE("a task may run another machine, and not its own")
{
    sim::machine m(with_cpus(1));
    sim::machine inner(with_cpus(1));
    std::string order;
    inner.spawn({.comm = "inner", .pid = 1}, [&] { order += "i"; });
    m.spawn({.comm = "outer", .pid = 1}, [&] {
        CHECK(inner.run() == sim::outcome::idle);
        CHECK(sim::machine::here() == &m);
        order += "o";
        m.run();
    });
    CHECK_THROWS_AS(m.run(), std::logic_error);
    CHECK(order == "io");
}

TEST_CASE("sleeps take their time, which is virtual")
{
    sim::machine m(with_cpus(1)); // 10 ms a jiffy
    std::string order;
    m.spawn({.comm = "long", .pid = 10}, [&] {
        set_current_state(ctx, TASK_UNINTERRUPTIBLE);
        CHECK(schedule_timeout(ctx, 100) == 0);
        CHECK(m.now() == 1'000'000'000);
        order += "l";
    });
    m.spawn({.comm = "short", .pid = 11}, [&] {
        msleep(ctx, 15); // two jiffies, and one more
        CHECK(m.now() == 30'000'000);
        order += "s";
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(order == "sl");
}

TEST_CASE("a sleep that is woken early says what was left, and leaves no timer behind")
{
    sim::machine m(with_cpus(1));
    auto &sleeper = m.spawn({.comm = "sleeper", .pid = 10},
                            [&] { CHECK(schedule_timeout_interruptible(ctx, 100) == 70); });
    m.irq_at(300'000'000, [&] { wake_up_process(irq, &sleeper); });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(m.now() == 300'000'000);
}

TEST_CASE("schedule_timeout() of a negative time")
{
    sim::machine m(with_cpus(1));
    m.spawn({.comm = "sh", .pid = 10},
            [&] { CHECK(schedule_timeout_interruptible(ctx, -2) == 0); });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(lines_with(m, "schedule_timeout:").at(0) ==
          "schedule_timeout: wrong timeout value fffffffffffffffe");
}

TEST_CASE("a CPU spins until another gives the lock back")
{
    sim::machine m(with_cpus(2));
    spinlock_t lock;
    std::string order;
    m.spawn({.comm = "owner", .pid = 10, .cpu = 0}, [&] {
        KCTX_SPIN_LOCK(ctx, lock) {
            order += "1";
            // Sleeping here is wrong, and what lets the other CPU run into the lock.
            set_current_state(ctx, TASK_UNINTERRUPTIBLE);
            schedule_timeout(ctx, 1);
            order += "2";
        }
    });
    m.spawn({.comm = "other", .pid = 11, .cpu = 1}, [&] {
        KCTX_SPIN_LOCK(ctx, lock)
            order += "3";
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(order == "123");
}

TEST_CASE("a lock shared with an interrupt, taken without irqsave, is never given back")
{
    for (const bool irqsave : {false, true}) {
        sim::machine m(with_cpus(1));
        spinlock_t lock;
        unsigned long served = 0;
        m.irq_at(10'000, [&] {
            KCTX_SPIN_LOCK(irq, lock)
                ++served;
        });
        m.spawn({.comm = "sh", .pid = 10}, [&] {
            if (irqsave) {
                KCTX_SPIN_LOCK_IRQSAVE(ctx, lock)
                    udelay(50);
            } else {
                KCTX_SPIN_LOCK(ctx, lock)
                    udelay(50);
            }
            CHECK(served == 1);
        });
        CHECK(m.run() == (irqsave ? sim::outcome::idle : sim::outcome::locked_up));
        CHECK(served == (irqsave ? 1 : 0));
    }
}

TEST_CASE("interrupts wait until they are on")
{
    sim::machine m(with_cpus(1));
    std::string order;
    m.irq_at(10'000, [&] {
        CHECK(m.irqs_disabled());
        order += "i";
    });
    m.spawn({.comm = "sh", .pid = 10}, [&] {
        unsigned long flags = 0;
        const auto in = local_irq_save(ctx, flags);
        udelay(50);
        order += "t";
        local_irq_restore(in, flags);
        order += "e";
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(order == "tie");
}

TEST_CASE("a kernel with CONFIG_PREEMPT lets the other run where preemption comes back")
{
    for (const auto preempt : {preemption::none, preemption::full}) {
        sim::machine_config config = with_cpus(1);
        config.preempt = preempt;
        sim::machine m(config);
        std::string order;
        m.spawn({.comm = "first", .pid = 10}, [&] {
            KCTX_PREEMPT_DISABLE(ctx) {
                m.set_need_resched();
                order += "1";
            }
            order += "2";
        });
        m.spawn({.comm = "second", .pid = 11}, [&] { order += "3"; });
        CHECK(m.run() == sim::outcome::idle);
        CHECK(order == (preempt == preemption::full ? "132" : "123"));
        CHECK(m.log.records().empty());
    }
}

TEST_CASE("cond_resched() lets the other run if one waits")
{
    for (const auto preempt : {preemption::none, preemption::voluntary}) {
        sim::machine_config config = with_cpus(1);
        config.preempt = preempt;
        sim::machine m(config);
        std::string order;
        m.spawn({.comm = "first", .pid = 10}, [&] {
            CHECK(cond_resched(ctx) == 0);
            m.set_need_resched();
            order += "1";
            CHECK(cond_resched(ctx) == 1);
            order += "2";
        });
        m.spawn({.comm = "second", .pid = 11}, [&] { order += "3"; });
        CHECK(m.run() == sim::outcome::idle);
        CHECK(order == "132");
    }
}

TEST_CASE("a hundred tasks, and always the same log")
{
    const auto log = [] {
        sim::machine_config config = with_cpus(4);
        config.printk_time = true;
        sim::machine m(config);
        for (unsigned i = 0; i < 100; ++i)
            m.spawn({.comm = "t", .pid = static_cast<int>(i + 1), .cpu = i % 4}, [&m, i] {
                for (unsigned j = 0; j < 5; ++j) {
                    msleep(ctx, i * 7 % 13 + j);
                    KCTX_PREEMPT_DISABLE(ctx)
                        m.printk(sim::level::info, sim::text("%u %u", i, j));
                }
            });
        CHECK(m.run() == sim::outcome::idle);
        return m.log.dmesg();
    };
    const std::string first = log();
    CHECK(std::count(first.begin(), first.end(), '\n') == 500);
    for (int i = 0; i < 20; ++i)
        CHECK(log() == first);
}

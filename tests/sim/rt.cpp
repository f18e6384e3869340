// SPDX-License-Identifier: BSL-1.0
// PREEMPT_RT: spinlocks that sleep, whom their owners are as urgent as, bottom halves as a lock.
#include <doctest/doctest.h>

#include "simulate.hpp"

#include <kctx/api/delay.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;
using sim::machine;
using sim::preemption;

namespace {

constexpr auto ctx = assume_context<ProcessCtx>("the tests are where they say");

sim::machine_config kernel_rt(unsigned version = KCTX_VERSION(6, 12, 0))
{
    sim::machine_config m = kernel_of(version, kernel::arch::x86, preemption::rt);
    m.hz = 100;
    return m;
}
void sleep_for(long jiffies)
{
    set_current_state(ctx, TASK_UNINTERRUPTIBLE);
    schedule_timeout(ctx, jiffies);
}

/// What holds while @p enter's section lasts: as measured (context_state_6.12_rt.tsv).
template <class F> std::string state_in(F enter)
{
    machine m(kernel_rt());
    std::string out;
    m.spawn({.comm = "t", .pid = 7}, [&] {
        enter([&] {
            out = sim::text("%x irqs %d in_interrupt %d rcu %u", m.preempt_count(),
                            m.irqs_disabled(), m.in_interrupt(), m.current().rcu_nesting);
        });
        CHECK(m.preempt_count() == 0);
        CHECK(m.current().rcu_nesting == 0);
        CHECK(m.current().migration_disabled == 0);
        CHECK_FALSE(m.in_interrupt());
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(m.log.dmesg().empty());
    return out;
}

} // namespace

TEST_CASE("what sections are: as measured on 6.12 with PREEMPT_RT")
{
    static spinlock_t spin;
    static raw_spinlock_t raw;
    static rwlock_t rw;
    CHECK(state_in([](auto note) {
              KCTX_SPIN_LOCK(ctx, spin)
                  note();
          }) == "0 irqs 0 in_interrupt 0 rcu 1");
    CHECK(state_in([](auto note) {
              KCTX_SPIN_LOCK_IRQSAVE(ctx, spin)
                  note();
          }) == "0 irqs 0 in_interrupt 0 rcu 1");
    CHECK(state_in([](auto note) {
              KCTX_SPIN_LOCK_BH(ctx, spin)
                  note();
          }) == "0 irqs 0 in_interrupt 1 rcu 3");
    CHECK(state_in([](auto note) {
              KCTX_RAW_SPIN_LOCK(ctx, raw)
                  note();
          }) == "1 irqs 0 in_interrupt 0 rcu 0");
    CHECK(state_in([](auto note) {
              KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, raw)
                  note();
          }) == "1 irqs 1 in_interrupt 0 rcu 0");
    CHECK(state_in([](auto note) {
              KCTX_RAW_SPIN_LOCK_BH(ctx, raw)
                  note();
          }) == "0 irqs 0 in_interrupt 1 rcu 2");
    CHECK(state_in([](auto note) {
              KCTX_READ_LOCK(ctx, rw)
                  note();
          }) == "0 irqs 0 in_interrupt 0 rcu 1");
    CHECK(state_in([](auto note) {
              KCTX_WRITE_LOCK(ctx, rw)
                  note();
          }) == "0 irqs 0 in_interrupt 0 rcu 1");
    CHECK(state_in([](auto note) {
              KCTX_LOCAL_BH_DISABLE(ctx)
                  note();
          }) == "0 irqs 0 in_interrupt 1 rcu 2");
    CHECK(state_in([](auto note) {
              KCTX_PREEMPT_DISABLE(ctx)
                  note();
          }) == "1 irqs 0 in_interrupt 0 rcu 0");
    CHECK(state_in([](auto note) {
              KCTX_LOCAL_IRQ_DISABLE(ctx)
                  note();
          }) == "0 irqs 1 in_interrupt 0 rcu 0");
}

TEST_CASE("who waits for a spinlock sleeps, and lends its owner its priority")
{
    machine m(kernel_rt());
    spinlock_t lock;
    std::string order;
    auto &owner = m.spawn({.comm = "owner", .pid = 10, .prio = 90}, [&] {
        KCTX_SPIN_LOCK(ctx, lock) {
            order += "a";
            m.pass(20'000'000); // the urgent one comes, and waits
            CHECK(m.current().prio == 10);
            m.pass(20'000'000); // the one between does not run
            order += "b";
        }
        CHECK(m.current().prio == 90);
        order += "e";
    });
    m.irq_at(10'000'000, [&] {
        m.kthread({.comm = "urgent", .prio = 10}, [&] {
            order += "u";
            KCTX_SPIN_LOCK(ctx, lock)
                order += "U";
        });
        m.set_need_resched();
    });
    m.irq_at(30'000'000, [&] {
        m.kthread({.comm = "between", .prio = 50}, [&] { order += "m"; });
        m.set_need_resched();
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(order == "aubUme");
    CHECK(owner.prio == 90);
    CHECK(m.log.dmesg().empty());
}

TEST_CASE("a chain: the owner waits itself, and whom it waits for becomes urgent, too")
{
    machine m(kernel_rt());
    spinlock_t a;
    spinlock_t b;
    auto &first = m.spawn({.comm = "first", .pid = 10}, [&] {
        KCTX_SPIN_LOCK(ctx, a)
            m.pass(50'000'000);
    });
    auto &second = m.spawn({.comm = "second", .pid = 11, .prio = 80}, [] {});
    second.body = [&] {
        KCTX_SPIN_LOCK(ctx, b)
            KCTX_SPIN_LOCK(ctx, a) {
            }
    };
    m.put_to_sleep(second, TASK_UNINTERRUPTIBLE);
    m.irq_at(10'000'000, [&] { m.wake_up(second, TASK_NORMAL); });
    m.irq_at(20'000'000, [&] {
        m.kthread({.comm = "urgent", .prio = 10}, [&] {
            KCTX_SPIN_LOCK(ctx, b) {
            }
        });
        m.set_need_resched();
    });
    m.irq_at(30'000'000, [&] {
        CHECK(first.prio == 10);
        CHECK(second.prio == 10);
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(first.prio == sim::normal_prio);
    CHECK(second.prio == 80);
}

TEST_CASE("a wakeup that comes while the task waits for a spinlock is not lost")
{
    machine m(kernel_rt());
    spinlock_t lock;
    bool woken = false;
    auto &sleeper = m.spawn({.comm = "sleeper", .pid = 11}, [&] {
        set_current_state(ctx, TASK_UNINTERRUPTIBLE);
        KCTX_SPIN_LOCK(ctx, lock) {
        }
        schedule(ctx); // it has been woken: returns at once
        woken = true;
    });
    m.put_to_sleep(sleeper, TASK_UNINTERRUPTIBLE);
    m.spawn({.comm = "owner", .pid = 10}, [&] {
        KCTX_SPIN_LOCK(ctx, lock) {
            CHECK(wake_up_process(ctx, &sleeper) == 1); // it runs, and waits
            sleep_for(1);
            CHECK(wake_up_process(ctx, &sleeper) == 1);
        }
    });
    m.run();
    CHECK(woken);
}

TEST_CASE("bottom halves are a lock: who sleeps with it keeps softirqs out")
{
    machine m(kernel_rt());
    std::string order;
    m.spawn({.comm = "holder", .pid = 10}, [&] {
        KCTX_LOCAL_BH_DISABLE(ctx) {
            order += "(";
            m.pass(20'000'000);
            order += ")";
        }
    });
    m.irq_at(10'000'000, [&] { m.raise_softirq([&] { order += "s"; }); });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(order == "()s");

    // A timed sleep never ends: its timer is a softirq, which waits for the sleeper.
    machine stuck(kernel_rt());
    stuck.spawn({.comm = "holder", .pid = 10}, [&] {
        KCTX_LOCAL_BH_DISABLE(ctx)
            msleep(ctx, 10);
    });
    CHECK(stuck.run() == sim::outcome::hung);
    CHECK(lines_with(stuck, "Voluntary context switch").size() == 1);
}

TEST_CASE("a sleeping lock in a raw section")
{
    const auto first_line = [](auto what) -> std::string {
        sim::machine_config config = kernel_rt();
        config.debug_atomic_sleep = true;
        machine m(config);
        m.spawn({.comm = "t", .pid = 7}, what);
        m.run();
        return m.log.records().empty() ? "" : m.log.records()[0].line;
    };
    static raw_spinlock_t raw;
    static spinlock_t spin;
    const std::string invalid = "BUG: sleeping function called from invalid context at "
                                "kernel/locking/spinlock_rt.c:48";
    CHECK(first_line([] {
              auto in = raw_spin_lock(ctx, &raw);
              auto inner = spin_lock(in, &spin);
              spin_unlock(inner, &spin);
              raw_spin_unlock(in, &raw);
          }) == invalid);
    CHECK(first_line([] {
              KCTX_LOCAL_IRQ_DISABLE(ctx)
                  KCTX_SPIN_LOCK(ctx, spin) {
                  }
          }) == invalid);
    // One within the other is what they are for.
    static spinlock_t other;
    CHECK(first_line([] {
              KCTX_SPIN_LOCK(ctx, spin)
                  KCTX_SPIN_LOCK(ctx, other) {
                  }
          }).empty());
}

// SPDX-License-Identifier: BSL-1.0
// What lockdep reports, line by line against what real kernels have printed
// (tests/data/kernel-truth/context-matrix/splats), and what it does not.
#include <doctest/doctest.h>

#include "simulate.hpp"

#include <kctx/api/delay.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;
using sim::lockdep;
using sim::machine;
using sim::preemption;
using lines = std::vector<std::string>;

namespace {

constexpr auto ctx = assume_context<ProcessCtx>("the tests are where they say");
constexpr auto in_irq = assume_context<HardIrqCtx>("as well");

sim::machine_config proving(preemption preempt = preemption::full)
{
    sim::machine_config m = kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preempt);
    m.release = "6.12.117";
    m.build = "#7";
    m.prove_locking = m.prove_raw_lock_nesting = m.debug_atomic_sleep = true;
    m.modules = false;
    return m;
}

/// The log of a machine whose task ctxm_case/40 does @p what; without what follows the stack
/// backtrace, and without addresses, offsets and sizes.
template <class F> lines report(const sim::machine_config &config, F what)
{
    machine m(config);
    m.spawn({.comm = "ctxm_case", .pid = 40}, [&] { what(m); });
    m.run();
    lines out;
    for (std::string line : lines_with(m, "")) {
        if (line == "stack backtrace:")
            break;
        if (const auto address = line.find("ffff888"); address != line.npos)
            line.erase(address, 17);
        if (const auto offset = line.find("+0x"); offset != line.npos)
            line.erase(offset);
        out.push_back(line);
    }
    return out;
}
void name(machine &m, const void *lock, const char *name)
{
    m.part<lockdep>().name_lock(lock, name);
}
/// A hard interrupt takes @p lock and gives it back.
void take_in_irq(machine &m, spinlock_t &lock)
{
    m.hardirq(
        [&] {
            KCTX_SPIN_LOCK(in_irq, lock) {
            }
        },
        {}, true);
}
std::string title(const lines &log)
{
    for (const std::string &line : log)
        if (line.starts_with("WARNING: ") || line.starts_with("[ BUG") || line.starts_with("BUG:"))
            return line;
    return "";
}

work_struct work;
void waits_for_itself(WorkCtx in_work, work_struct *self) { cancel_work_sync(in_work, self); }

timer_list timer;
spinlock_t port_lock;
void wants_the_lock(TimerCtx in_timer, timer_list *)
{
    KCTX_SPIN_LOCK(in_timer, port_lock) {
    }
}

} // namespace

TEST_CASE("a spinlock_t within a raw one: Invalid wait context")
{
    raw_spinlock_t raw;
    spinlock_t spin;
    const auto nest = [&](machine &m) {
        name(m, &raw, "t_raw_spinlock");
        name(m, &spin, "t_spinlock");
        const sim::frame in("cf_raw_spin_lock");
        auto outer = raw_spin_lock(ctx, &raw);
        const sim::frame call("kf_spin_lock");
        auto inner = spin_lock(outer, &spin);
        spin_unlock(inner, &spin);
        raw_spin_unlock(outer, &raw);
    };
    CHECK(report(proving(), nest) ==
          lines{"", "=============================", "[ BUG: Invalid wait context ]",
                "6.12.117 #7 Not tainted", "-----------------------------",
                "ctxm_case/40 is trying to lock:", "(t_spinlock){....}-{3:3}, at: kf_spin_lock",
                "other info that might help us debug this:", "context-{5:5}",
                "1 lock held by ctxm_case/40:",
                " #0: (t_raw_spinlock){+.+.}-{2:2}, at: cf_raw_spin_lock"});
    // Without CONFIG_PROVE_RAW_LOCK_NESTING a spinlock_t is no more than a raw one.
    sim::machine_config plain = proving();
    plain.prove_raw_lock_nesting = false;
    CHECK(report(plain, nest).empty());
    // PREEMPT_RT goes on to see whether it may sleep, with lockdep off.
    const lines rt = report(proving(preemption::rt), nest);
    CHECK(rt.at(2) == "[ BUG: Invalid wait context ]");
}

TEST_CASE("hard irqs: a spinlock_t in one that PREEMPT_RT would not make a thread")
{
    for (const bool threadable : {true, false}) {
        spinlock_t spin;
        const lines log = report(proving(), [&](machine &m) {
            m.hardirq(
                [&] {
                    KCTX_SPIN_LOCK(in_irq, spin) {
                    }
                },
                {}, threadable);
        });
        CHECK(title(log) == (threadable ? "" : "[ BUG: Invalid wait context ]"));
        if (!threadable) {
            CHECK(std::ranges::count(log, "context-{2:2}") == 1);
            CHECK(log.back() == "no locks held by ctxm_case/40.");
        }
    }
}

TEST_CASE("a lock that softirqs take, with them on: inconsistent lock state")
{
    spinlock_t spin;
    const lines log = report(proving(), [&](machine &m) {
        name(m, &spin, "t_spinlock");
        {
            const sim::frame in("kp_spin_lock__proc_plain");
            KCTX_SPIN_LOCK(ctx, spin) {
            }
        }
        m.softirq([&] {
            const sim::frame in("kf_spin_lock__proc_plain");
            KCTX_SPIN_LOCK(ctx, spin) {
            }
        });
    });
    const lines expected{"",
                         "================================",
                         "WARNING: inconsistent lock state",
                         "6.12.117 #7 Not tainted",
                         "--------------------------------",
                         "inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage.",
                         "ctxm_case/40 [HC0[0]:SC1[1]:HE1:SE0] takes:",
                         "(t_spinlock){+.?.}-{3:3}, at: kf_spin_lock__proc_plain",
                         "{SOFTIRQ-ON-W} state was registered at:",
                         "  lock_acquire",
                         "  _raw_spin_lock",
                         "  kp_spin_lock__proc_plain",
                         "irq event stamp: 0"};
    REQUIRE(log.size() > expected.size());
    CHECK(lines(log.begin(), log.begin() + static_cast<long>(expected.size())) == expected);
    CHECK(std::ranges::count(log, "  <Interrupt>") == 1);
    CHECK(std::ranges::count(log, "    lock(t_spinlock);") == 1);
}

TEST_CASE("with softirqs or interrupts off it is consistent; readers are so among themselves")
{
    CHECK(report(proving(), [](machine &m) {
              static spinlock_t spin;
              auto in = spin_lock_bh(ctx, &spin);
              spin_unlock_bh(in, &spin);
              m.softirq([&] {
                  KCTX_SPIN_LOCK(ctx, spin) {
                  }
              });
          }).empty());
    CHECK(report(proving(), [](machine &m) {
              static rwlock_t rw;
              KCTX_READ_LOCK(ctx, rw) {
              }
              m.softirq([&] {
                  KCTX_READ_LOCK(ctx, rw) {
                  }
              });
          }).empty());
    CHECK(title(report(proving(), [](machine &m) {
              static rwlock_t rw;
              KCTX_WRITE_LOCK(ctx, rw) {
              }
              m.softirq([&] {
                  KCTX_READ_LOCK(ctx, rw) {
                  }
              });
          })) == "WARNING: inconsistent lock state");
}

TEST_CASE("one lock twice: possible recursive locking; of a class too")
{
    CHECK(title(report(proving(), [](machine &m) {
              static spinlock_t a;
              static spinlock_t b;
              name(m, &a, "card->lock");
              name(m, &b, "card->lock");
              KCTX_SPIN_LOCK(ctx, a)
                  KCTX_SPIN_LOCK(ctx, b) {
                  }
          })) == "WARNING: possible recursive locking detected");
    CHECK(report(proving(), [](machine &) {
              static spinlock_t a;
              static spinlock_t b;
              KCTX_SPIN_LOCK(ctx, a)
                  KCTX_SPIN_LOCK(ctx, b) {
                  }
          }).empty());
}

TEST_CASE("two locks the other way around: possible circular locking dependency")
{
    spinlock_t a;
    spinlock_t b;
    const lines log = report(proving(), [&](machine &m) {
        name(m, &a, "a_lock");
        name(m, &b, "b_lock");
        KCTX_SPIN_LOCK(ctx, a)
            KCTX_SPIN_LOCK(ctx, b) {
            }
        KCTX_SPIN_LOCK(ctx, b)
            KCTX_SPIN_LOCK(ctx, a) {
            }
    });
    CHECK(title(log) == "WARNING: possible circular locking dependency detected");
    for (const char *line : {"which lock already depends on the new lock.",
                             "the existing dependency chain (in reverse order) is:",
                             "-> #1 (b_lock){+.+.}-{3:3}:", "-> #0 (a_lock){+.+.}-{3:3}:",
                             "  lock(b_lock);", "                               lock(a_lock);",
                             "                               lock(b_lock);", "  lock(a_lock);",
                             " *** DEADLOCK ***", "1 lock held by ctxm_case/40:"})
        CHECK_MESSAGE(std::ranges::count(log, line) >= 1, line);
}

TEST_CASE("a lock of an interrupt, and within it one that is taken with interrupts on")
{
    const lines log = report(proving(), [](machine &m) {
        static spinlock_t safe;
        static spinlock_t unsafe;
        name(m, &safe, "safe");
        name(m, &unsafe, "unsafe");
        take_in_irq(m, safe);
        KCTX_SPIN_LOCK(ctx, unsafe) {
        }
        KCTX_SPIN_LOCK_IRQSAVE(ctx, safe)
            KCTX_SPIN_LOCK(ctx, unsafe) {
            }
    });
    CHECK(title(log) == "WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected");
    CHECK(std::ranges::count(log, " (safe){-...}-{3:3} -> (unsafe){+.+.}-{3:3}") == 1);
    // Both ways are no longer than the locks themselves.
    const auto at = std::ranges::find(
        log, "the dependencies between HARDIRQ-irq-safe lock and the holding lock:");
    REQUIRE(log.end() - at > 10);
    CHECK(at[1] == "-> (safe){-...}-{3:3} {");
    CHECK(at[2] == "   IN-HARDIRQ-W at:");
    CHECK(at[3] == "                    lock_acquire");
    CHECK(std::ranges::count(log, "-> (unsafe){+.+.}-{3:3} {") == 1);
    CHECK(std::ranges::count(log, "   INITIAL USE at:") == 2);
    CHECK(std::ranges::count(log, "the dependencies between the lock to be acquired and "
                                  "HARDIRQ-irq-unsafe lock:") == 1);
    CHECK(std::ranges::count(log, " ... acquired at:") == 1); // of the root that is held: none
}

TEST_CASE("the same through a lock between them")
{
    const lines log = report(proving(), [](machine &m) {
        static spinlock_t safe;
        static spinlock_t middle;
        static spinlock_t unsafe;
        name(m, &safe, "safe");
        name(m, &middle, "middle");
        name(m, &unsafe, "unsafe");
        take_in_irq(m, safe);
        KCTX_SPIN_LOCK_IRQSAVE(ctx, middle)
            KCTX_SPIN_LOCK(ctx, unsafe) {
            }
        KCTX_SPIN_LOCK(ctx, unsafe) {
        }
        KCTX_SPIN_LOCK_IRQSAVE(ctx, safe)
            KCTX_SPIN_LOCK(ctx, middle) {
            }
    });
    CHECK(title(log) == "WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected");
    CHECK(std::ranges::count(log, "  safe --> middle --> unsafe") == 1);
    CHECK(std::ranges::count(log, "                               lock(middle);") == 1);
    CHECK(std::ranges::count(log, " -> (unsafe){+.+.}-{3:3} {") == 1); // one deeper
    CHECK(std::ranges::count(log, "-> (middle){....}-{3:3} {") == 1);
    CHECK(std::ranges::count(log, "  ... acquired at:") == 1);
}

TEST_CASE("an inversion: a lock comes to be an interrupt's that took one with interrupts on")
{
    const lines log = report(proving(), [](machine &m) {
        static spinlock_t safe;
        static spinlock_t middle;
        static spinlock_t unsafe;
        name(m, &safe, "safe");
        name(m, &middle, "middle");
        name(m, &unsafe, "unsafe");
        KCTX_SPIN_LOCK_IRQSAVE(ctx, middle)
            KCTX_SPIN_LOCK(ctx, unsafe) {
            }
        KCTX_SPIN_LOCK_IRQSAVE(ctx, safe)
            KCTX_SPIN_LOCK(ctx, middle) {
            }
        KCTX_SPIN_LOCK(ctx, unsafe) {
        }
        take_in_irq(m, safe);
    });
    CHECK(title(log) == "WARNING: possible irq lock inversion dependency detected");
    CHECK(std::ranges::count(log, "but this lock took another, HARDIRQ-unsafe lock in the past:") ==
          1);
    CHECK(std::ranges::count(log, "  safe --> middle --> unsafe") == 1);
    const auto at =
        std::ranges::find(log, "the shortest dependencies between 2nd lock and 1st lock:");
    REQUIRE(log.end() - at > 10);
    CHECK(at[1] == "  -> (unsafe){+.+.}-{3:3} {");
    CHECK(at[2] == "     HARDIRQ-ON-W at:");
    CHECK(at[3] == "                        lock_acquire"); // 24
    CHECK(std::ranges::count(log, " -> (middle){....}-{3:3} {") == 1);
    CHECK(std::ranges::count(log, "-> (safe){-...}-{3:3} {") == 1);
    CHECK(std::ranges::count(log, " ... acquired at:") == 1);
    CHECK(std::ranges::count(log, "  ... acquired at:") == 1);
    CHECK(std::ranges::count(log, "   ... acquired at:") == 1);
}

TEST_CASE("the other way: a lock with interrupts on that an interrupt's was held around")
{
    const lines log = report(proving(), [](machine &m) {
        static spinlock_t safe;
        static spinlock_t unsafe;
        name(m, &safe, "safe");
        name(m, &unsafe, "unsafe");
        take_in_irq(m, safe);
        KCTX_SPIN_LOCK_IRQSAVE(ctx, safe)
            KCTX_SPIN_LOCK(ctx, unsafe) {
            }
        KCTX_SPIN_LOCK(ctx, unsafe) {
        }
    });
    CHECK(title(log) == "WARNING: possible irq lock inversion dependency detected");
    CHECK(std::ranges::count(
              log, "but this lock was taken by another, HARDIRQ-safe lock in the past:") == 1);
    CHECK(std::ranges::count(log, "Chain exists of:") == 0);
}

TEST_CASE("one report, and then it is off")
{
    const lines log = report(proving(), [](machine &m) {
        static raw_spinlock_t raw;
        static spinlock_t spin;
        for (int i = 0; i < 2; ++i) {
            auto outer = raw_spin_lock(ctx, &raw);
            auto inner = spin_lock(outer, &spin);
            spin_unlock(inner, &spin);
            raw_spin_unlock(outer, &raw);
        }
        CHECK(m.part<lockdep>().off());
    });
    CHECK(std::ranges::count(log, "[ BUG: Invalid wait context ]") == 1);
}

TEST_CASE("what is held stands in the reports of the scheduler")
{
    sim::machine_config config = proving();
    config.debug_preempt = true;
    spinlock_t spin;
    const lines log = report(config, [&](machine &m) {
        name(m, &spin, "t_spinlock");
        const sim::frame in("cf_spin_lock");
        KCTX_SPIN_LOCK(ctx, spin)
            schedule(ctx);
    });
    REQUIRE(log.size() > 5);
    CHECK(log[0] == "BUG: scheduling while atomic: ctxm_case/40/0x00000002");
    CHECK(log[1] == "1 lock held by ctxm_case/40:");
    CHECK(log[2] == " #0: (t_spinlock){+.+.}-{3:3}, at: cf_spin_lock");
    CHECK(log[3] == "Preemption disabled at:");
    CHECK(log[4].ends_with("] cf_spin_lock"));
    CHECK(log[5] == "CPU: 0 UID: 0 PID: 40 Comm: ctxm_case Not tainted 6.12.117 #7");
}

TEST_CASE("RCU readers that sleep")
{
    const lines log = report(proving(), [](machine &m) {
        m.rcu_read_lock();
        m.current().state = TASK_UNINTERRUPTIBLE;
        m.schedule_timeout(1);
        m.rcu_read_unlock();
    });
    REQUIRE(log.size() > 2);
    CHECK(log[1] == "Voluntary context switch within RCU read-side critical section!");
    CHECK(log[2].starts_with("WARNING: CPU: 0 PID: 40 at kernel/rcu/tree_plugin.h:331 "
                             "rcu_note_context_switch"));
}

TEST_CASE("who waits for a work item or a timer takes its map")
{
    const auto recursion = [](machine &) {
        INIT_WORK(&work, handler<waits_for_itself>);
        schedule_work(ctx, &work);
    };
    CHECK(title(report(proving(), recursion)) == "WARNING: possible recursive locking detected");
    sim::machine_config old = proving(); // where a cancel did not say that it waits
    old.version = KCTX_VERSION(5, 4, 0);
    old.prove_raw_lock_nesting = false;
    CHECK(title(report(old, recursion)).empty());

    const auto circle = [](bool keeps_the_lock) {
        return title(report(proving(), [keeps_the_lock](machine &) {
            timer_setup(&timer, handler<wants_the_lock>, 0);
            mod_timer(ctx, &timer, jiffies + 1);
            msleep(ctx, 20);
            KCTX_SPIN_LOCK_BH(ctx, port_lock) {
                if (keeps_the_lock)
                    timer_delete_sync(ctx, &timer);
            }
            timer_delete_sync(ctx, &timer);
        }));
    };
    CHECK(circle(true) == "WARNING: possible circular locking dependency detected");
    CHECK(circle(false).empty());
}

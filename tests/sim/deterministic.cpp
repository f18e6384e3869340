// SPDX-License-Identifier: BSL-1.0
// The same program prints the same log, byte for byte: in each of many runs, and compiled by
// whichever compiler. What it printed first is kept in tests/data/sim.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "simulate.hpp"

#include <kctx/api/completion.hpp>
#include <kctx/api/delay.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kmalloc.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;
using sim::machine;
using sim::preemption;

namespace {

constexpr auto ctx = assume_context<ProcessCtx>("the tests are where they say");

/// A driver that is wrong in most of its ways.
struct card {
    spinlock_t lock, list_lock, reset_lock;
    kctx::mutex config;
    timer_list watchdog;
    tasklet_struct rx;
    work_struct reset;
    completion started;
};
card *the_card;

int *volatile lost = nullptr; // a fault is the machine's to report, and no sanitizer's
[[gnu::no_sanitize("undefined")]] void write_to_nothing() { *lost = 1; }

irqreturn_t card_irq(HardIrqCtx in, int, void *dev)
{
    auto *c = static_cast<card *>(dev);
    KCTX_SPIN_LOCK(in, c->lock) {
        machine::here()->pass(300);
        KCTX_SPIN_LOCK(in, c->list_lock)
            tasklet_schedule(in, &c->rx);
    }
    return IRQ_WAKE_THREAD;
}
irqreturn_t card_thread(ThreadedIrqCtx in, int, void *dev)
{
    auto *c = static_cast<card *>(dev);
    KCTX_MUTEX_LOCK(in, c->config) {
        msleep(in, 3);
    }
    return IRQ_HANDLED;
}
void card_rx(TaskletCtx in, tasklet_struct *)
{
    kfree(in, kmalloc(in, 512, GFP_KERNEL)); // may sleep
    complete(in, &the_card->started);
}
void card_timeout(TimerCtx in, timer_list *timer)
{
    KCTX_SPIN_LOCK_IRQSAVE(in, the_card->list_lock)
        schedule_work(in, &the_card->reset);
    mod_timer(in, timer, machine::here()->jiffies() + 4);
}
void card_reset(WorkCtx in, work_struct *)
{
    KCTX_SPIN_LOCK_IRQSAVE(in, the_card->list_lock)
        KCTX_SPIN_LOCK(in, the_card->lock) { // the other way round
        }
    KCTX_SPIN_LOCK(in, the_card->reset_lock)
        msleep(in, 2);
}

/// Everything that it prints on three CPUs, from the first report to the task that hangs for a lock
/// whose owner is dead.
std::string log_of(sim::machine_config config)
{
    config.cpus = 3;
    config.hz = 250;
    config.debug_atomic_sleep = config.debug_preempt = config.prove_locking = true;
    config.prove_raw_lock_nesting = config.since(5, 8);
    config.printk_time = config.printk_cpu = true;
    config.hung_task_timeout = 120;
    card c;
    the_card = &c;
    tasklet_setup(&c.rx, handler<card_rx>);
    timer_setup(&c.watchdog, handler<card_timeout>, 0);
    INIT_WORK(&c.reset, handler<card_reset>);
    machine m(config);
    m.spawn({.comm = "probe", .pid = 100}, [&] {
        request_threaded_irq(ctx, 9, handler<card_irq>, handler<card_thread>, 0, "card", &c);
        mod_timer(ctx, &c.watchdog, 3);
        wait_for_completion(ctx, &c.started);
        (void)mutex_lock(ctx, &c.config);
        write_to_nothing(); // dies with the mutex
    });
    for (int i = 0; i < 3; ++i)
        m.spawn({.comm = "user", .pid = 200 + i, .cpu = static_cast<unsigned>(i)}, [&c, i] {
            for (int n = 0; n < 3 + i; ++n) {
                KCTX_MUTEX_LOCK(ctx, c.config) {
                    KCTX_SPIN_LOCK_IRQSAVE(ctx, c.lock)
                        machine::here()->pass(700'000);
                    msleep(ctx, 1 + static_cast<unsigned>(i));
                }
            }
        });
    for (unsigned i = 0; i < 12; ++i)
        m.line_at(2'000'000 + i * 1'300'000, 9, {}, i % 3);
    m.irq_at(60'000'000, [&] { timer_delete(ctx, &c.watchdog); });
    const sim::outcome end = m.run();
    return sim::text("%s, %llu calls\n", end == sim::outcome::hung ? "hung" : "not hung",
                     static_cast<unsigned long long>(m.calls)) +
           m.log.dmesg();
}

const struct {
    const char *name;
    unsigned version;
    kernel::arch arch;
    sim::preemption preempt;
} kernels[] = {
    {"2.6.33-arm-voluntary", KCTX_VERSION(2, 6, 33), kernel::arch::arm, preemption::voluntary},
    {"5.4-arm64-full", KCTX_VERSION(5, 4, 0), kernel::arch::arm64, preemption::full},
    {"6.12-x86-full", KCTX_VERSION(6, 12, 0), kernel::arch::x86, preemption::full},
    {"6.12-x86-rt", KCTX_VERSION(6, 12, 0), kernel::arch::x86, preemption::rt},
};

} // namespace

TEST_CASE("100 runs print the same log, and it is the one that is kept")
{
    for (const auto &k : kernels) {
        CAPTURE(k.name);
        const sim::machine_config config = kernel_of(k.version, k.arch, k.preempt);
        const std::string first = log_of(config);
        for (int i = 0; i < 99; ++i)
            REQUIRE(log_of(config) == first);
        std::ifstream file(KCTX_TEST_DATA "/sim/" + std::string(k.name) + ".log");
        std::ostringstream kept;
        kept << file.rdbuf();
        const bool same = kept.str() == first;
        if (!same)
            std::ofstream(std::string(k.name) + ".log") << first; // to be looked at
        CHECK(same);
    }
}

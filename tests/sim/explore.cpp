// SPDX-License-Identifier: BSL-1.0
// Exploration finds what fails in one order of many, the shortest one first, and the repaired
// driver passes all of them.
#include <doctest/doctest.h>

#include <kctx/all.hpp>
#include <kctx/sim/explore.hpp>

using namespace kctx;
namespace env = kctx::env;

namespace {

constexpr gfp_t gfp_kernel{kctx::detail::gfp_bits<flag::GFP_KERNEL>};

struct card {
    spinlock_t lock;
    mutex a, b;
    task_struct *waiter = nullptr;
    bool ready = false;
    int *buffer = nullptr;
    work_struct work;
    bool repaired = false;
};

card &of(void *dev) { return *static_cast<card *>(dev); }

sim::machine_config plain(unsigned cpus = 1)
{
    sim::machine_config config;
    config.cpus = cpus;
    config.debug_atomic_sleep = true;
    return config;
}
bool begins(const std::string &text, std::string_view with) { return text.starts_with(with); }

/// What the model fails with, and that its order can be run again; the repaired driver never fails.
template <class Model>
std::string found(Model model, const sim::machine_config &config,
                  const sim::exploration_limits &limits = {})
{
    const sim::exploration e = sim::explore<card>(config, model, limits);
    REQUIRE(e.failed);
    const sim::failing_order again = sim::replay<card>(config, model, e.failed->choices, limits);
    CHECK(again.what == e.failed->what);
    CHECK(again.timeline == e.failed->timeline);
    CHECK(e.failed->timeline.find(e.failed->what) != std::string::npos);
    CHECK(e.failed->svg.find("<svg ") == 0);
    CHECK(e.failed->svg.ends_with("</svg>\n"));

    const sim::exploration repaired = sim::explore<card>(
        config,
        [model](card &c, sim::scenario &s) {
            c.repaired = true;
            model(c, s);
        },
        limits);
    CHECK(repaired.complete);
    if (repaired.failed)
        FAIL_CHECK(repaired.failed->what << '\n' << repaired.failed->timeline);
    return e.failed->what;
}

irqreturn_t takes_lock(int, void *dev)
{
    env::spin_lock(&of(dev).lock);
    env::spin_unlock(&of(dev).lock);
    return IRQ_HANDLED;
}
irqreturn_t wakes(int, void *dev)
{
    of(dev).ready = true;
    env::wake_up_process(of(dev).waiter);
    return IRQ_HANDLED;
}
irqreturn_t sets_ready(int, void *dev)
{
    of(dev).ready = true;
    return IRQ_HANDLED;
}

} // namespace

TEST_CASE("a lock that an interrupt takes, taken with interrupts on")
{
    const auto model = [](card &c, sim::scenario &s) {
        s.task("open", [&c] {
            CHECK(env::request_threaded_irq(5, takes_lock, nullptr, 0, "card", &c) == 0);
            const unsigned long flags = c.repaired ? env::local_irq_save() : 0;
            env::spin_lock(&c.lock);
            env::udelay(1);
            env::spin_unlock(&c.lock);
            if (c.repaired)
                env::local_irq_restore(flags);
        });
        s.interrupt(5, "card");
    };
    CHECK(found(model, plain()) == "a CPU spins for ever");
}

TEST_CASE("a wake-up between the test and the sleep is lost")
{
    const auto model = [](card &c, sim::scenario &s) {
        s.task("read", [&c] {
            c.waiter = env::get_current();
            CHECK(env::request_threaded_irq(5, wakes, nullptr, 0, "card", &c) == 0);
            if (c.repaired) {
                env::set_current_state(TASK_UNINTERRUPTIBLE);
                if (!c.ready)
                    env::schedule_timeout(100);
                env::__set_current_state(TASK_RUNNING);
            } else if (!c.ready) {
                env::set_current_state(TASK_UNINTERRUPTIBLE);
                env::schedule();
            }
        });
        s.interrupt(5, "card");
    };
    CHECK(found(model, plain()) == "a task waits for ever");
}

TEST_CASE("a buffer is freed while a work item that uses it is pending")
{
    const auto model = [](card &c, sim::scenario &s) {
        static thread_local card *worked_on;
        worked_on = &c;
        c.work.func = [](work_struct *) { *worked_on->buffer = 1; };
        s.task("close", [&c] {
            c.buffer = static_cast<int *>(env::kmalloc(sizeof(int), gfp_kernel));
            env::schedule_work(&c.work);
            if (c.repaired)
                env::cancel_work_sync(&c.work);
            env::kfree(c.buffer);
        });
    };
    sim::exploration_limits limits;
    limits.unmap_freed = true;
    const std::string what = found(model, plain(), limits);
    CHECK_MESSAGE(begins(what, "BUG: unable to handle"), what);
}

TEST_CASE("two locks in two orders")
{
    const auto model = [](card &c, sim::scenario &s) {
        s.task("one", [&c] {
            env::mutex_lock(&c.a);
            env::mutex_lock(&c.b);
            env::mutex_unlock(&c.b);
            env::mutex_unlock(&c.a);
        });
        s.task(
            "other",
            [&c] {
                mutex *const first = c.repaired ? &c.a : &c.b;
                mutex *const second = c.repaired ? &c.b : &c.a;
                env::mutex_lock(first);
                env::mutex_lock(second);
                env::mutex_unlock(second);
                env::mutex_unlock(first);
            },
            1);
    };
    CHECK(found(model, plain(2)) == "a task waits for ever");
}

TEST_CASE("a path that sleeps, reached only when an interrupt comes at one point")
{
    const auto model = [](card &c, sim::scenario &s) {
        s.task("poll", [&c] {
            CHECK(env::request_threaded_irq(5, sets_ready, nullptr, 0, "card", &c) == 0);
            env::udelay(1);
            const bool before = c.ready;
            env::preempt_disable();
            env::udelay(1);
            const bool reset = c.ready && !before;
            if (c.repaired)
                env::preempt_enable();
            if (reset)
                env::msleep(1);
            if (!c.repaired)
                env::preempt_enable();
        });
        s.interrupt(5, "card");
    };
    const std::string what = found(model, plain());
    CHECK_MESSAGE(begins(what, "BUG: scheduling while atomic: poll/"), what);
}

TEST_CASE("limits are kept to, and said")
{
    sim::exploration_limits limits;
    limits.runs = 3;
    const sim::exploration e = sim::explore<card>(
        plain(),
        [](card &c, sim::scenario &s) {
            s.task("poll", [&c] {
                CHECK(env::request_threaded_irq(5, sets_ready, nullptr, 0, "card", &c) == 0);
                for (int i = 0; i < 10; ++i)
                    env::udelay(1);
            });
            s.interrupt(5, "card");
        },
        limits);
    CHECK(e.runs == 3);
    CHECK_FALSE(e.complete);
    CHECK_FALSE(e.failed);
}

// SPDX-License-Identifier: BSL-1.0
// Timers, high-resolution timers, tasklets.
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/api/time.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>

#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <thread>

using namespace kctx;
using std::chrono::milliseconds;

namespace {

template <class Condition> bool soon(Condition condition)
{
    for (int i = 0; i < 5000 && !condition(); ++i)
        std::this_thread::sleep_for(milliseconds(1));
    return condition();
}
void in_process(auto body) { host::run<ProcessCtx>(body); }
void wait_ms(int ms) { std::this_thread::sleep_for(milliseconds(ms)); }

struct watchdog {
    timer_list timer;
    std::atomic<int> runs{0};
    std::atomic<unsigned long> ran_at{0};
    std::atomic<bool> go{true};
    std::atomic<unsigned long> period{0}; // 0: once
};
void bark(TimerCtx ctx, timer_list *timer)
{
    auto *w = reinterpret_cast<watchdog *>(timer);
    w->ran_at = jiffies;
    ++w->runs;
    while (!w->go)
        udelay(100);
    if (w->period)
        mod_timer(ctx, timer, jiffies + w->period);
}

} // namespace

TEST_CASE("a timer fires once, not before its time")
{
    watchdog w;
    timer_setup(&w.timer, handler<bark>, 0);
    in_process([&](ProcessCtx ctx) {
        const unsigned long expires = jiffies + 30;
        CHECK(mod_timer(ctx, &w.timer, expires) == 0);
        CHECK(soon([&] { return w.runs == 1; }));
        CHECK(w.ran_at >= expires);
        CHECK(timer_delete(ctx, &w.timer) == 0);
        w.timer.expires = jiffies;
        add_timer(ctx, &w.timer);
        CHECK(soon([&] { return w.runs == 2; }));
        wait_ms(20);
        CHECK(w.runs == 2);
        timer_delete_sync(ctx, &w.timer);
    });
}

TEST_CASE("mod_timer() moves a timer, timer_delete() disarms it")
{
    watchdog w;
    timer_setup(&w.timer, handler<bark>, 0);
    in_process([&](ProcessCtx ctx) {
        CHECK(mod_timer(ctx, &w.timer, jiffies + 100'000) == 0);
        CHECK(mod_timer(ctx, &w.timer, jiffies + 1) == 1);
        CHECK(soon([&] { return w.runs == 1; }));
        mod_timer(ctx, &w.timer, jiffies + 20);
        CHECK(timer_delete(ctx, &w.timer) == 1);
        CHECK(timer_delete_sync(ctx, &w.timer) == 0);
        wait_ms(40);
        CHECK(w.runs == 1);
        CHECK(msecs_to_jiffies(1) == 1);
        CHECK(msecs_to_jiffies(~0u) > 1ul << 60);
    });
}

TEST_CASE("timer_delete_sync() waits for the callback")
{
    watchdog w;
    w.go = false;
    timer_setup(&w.timer, handler<bark>, 0);
    in_process([&](ProcessCtx ctx) {
        mod_timer(ctx, &w.timer, jiffies);
        CHECK(soon([&] { return w.runs == 1; }));
        CHECK(try_to_del_timer_sync(ctx, &w.timer) == -1);
        std::atomic<bool> over{false};
        std::thread later([&] {
            wait_ms(20);
            over = true;
            w.go = true;
        });
        CHECK(timer_delete_sync(ctx, &w.timer) == 0);
        CHECK(over);
        CHECK(try_to_del_timer_sync(ctx, &w.timer) == 0);
        later.join();
    });
}

TEST_CASE("a timer that arms itself is stopped for good")
{
    watchdog w;
    w.period = 1;
    timer_setup(&w.timer, handler<bark>, 0);
    in_process([&](ProcessCtx ctx) {
        for (int i = 0; i < 5; ++i) {
            mod_timer(ctx, &w.timer, jiffies);
            CHECK(soon([&] { return w.runs > 3 * i; }));
            timer_delete_sync(ctx, &w.timer);
            const int runs = w.runs;
            wait_ms(5);
            CHECK(w.runs == runs);
        }
        mod_timer(ctx, &w.timer, jiffies + 100'000);
        CHECK(timer_shutdown_sync(ctx, &w.timer) == 1);
        const int runs = w.runs;
        CHECK(mod_timer(ctx, &w.timer, jiffies) == 0); // has no effect any more
        wait_ms(10);
        CHECK(w.runs == runs);
    });
}

TEST_CASE("del_timer() and del_timer_sync() are their old names")
{
    watchdog w;
    timer_setup(&w.timer, handler<bark>, 0);
    in_process([&](ProcessCtx ctx) {
        mod_timer(ctx, &w.timer, jiffies + 100'000);
        CHECK(del_timer(ctx, &w.timer) == 1);
        mod_timer(ctx, &w.timer, jiffies + 100'000);
        CHECK(del_timer_sync(ctx, &w.timer) == 1);
        CHECK(w.runs == 0);
    });
}

namespace {
std::atomic<int> freed{0};
void free_own_timer(TimerCtx ctx, timer_list *timer)
{
    kfree(ctx, timer);
    ++freed;
}
} // namespace

TEST_CASE("a callback may free its timer")
{
    in_process([](ProcessCtx ctx) {
        for (int i = 0; i < 50; ++i) {
            timer_list *timer = KCTX_TRY(kmalloc(ctx, sizeof *timer, GFP_KERNEL), return);
            timer_setup(timer, handler<free_own_timer>, 0);
            mod_timer(ctx, timer, jiffies);
        }
        CHECK(soon([] { return freed == 50; }));
    });
}

namespace {
struct sampler {
    hrtimer timer;
    std::atomic<int> runs{0};
    int stop_after = 1;
    std::atomic<ktime_t> ran_at{0};
    ktime_t interval = 0;
};
template <class C> hrtimer_restart sample(C ctx, hrtimer *timer)
{
    auto *s = reinterpret_cast<sampler *>(timer);
    s->ran_at = ktime_get(ctx);
    if (++s->runs >= s->stop_after)
        return HRTIMER_NORESTART;
    return hrtimer_forward_now(ctx, timer, s->interval) >= 1 ? HRTIMER_RESTART : HRTIMER_NORESTART;
}
} // namespace

TEST_CASE("a high-resolution timer fires in time, relative or absolute, by either clock")
{
    in_process([](ProcessCtx ctx) {
        sampler s;
        hrtimer_setup(&s.timer, handler<sample<HrtimerCtx<hard>>>, CLOCK_MONOTONIC,
                      HRTIMER_MODE_REL_HARD);
        const ktime_t start = ktime_get(ctx);
        hrtimer_start(ctx, &s.timer, 3'000'000, HRTIMER_MODE_REL_HARD);
        CHECK(soon([&] { return s.runs == 1; }));
        CHECK(s.ran_at - start >= 3'000'000);

        hrtimer_start(ctx, &s.timer, ktime_get(ctx) + 2'000'000, HRTIMER_MODE_ABS_HARD);
        CHECK(soon([&] { return s.runs == 2; }));
        CHECK(hrtimer_cancel(ctx, &s.timer) == 0);

        sampler wall;
        hrtimer_setup(&wall.timer, handler<sample<HrtimerCtx<soft>>>, CLOCK_REALTIME,
                      HRTIMER_MODE_ABS_SOFT);
        hrtimer_start(ctx, &wall.timer, ktime_get_real(ctx) + 2'000'000, HRTIMER_MODE_ABS_SOFT);
        CHECK(soon([&] { return wall.runs == 1; }));
        CHECK(hrtimer_cancel(ctx, &wall.timer) == 0);
    });
}

TEST_CASE("HRTIMER_RESTART goes on until it is canceled")
{
    in_process([](ProcessCtx ctx) {
        sampler s;
        s.stop_after = 1'000'000;
        s.interval = 200'000;
        hrtimer_setup(&s.timer, handler<sample<HrtimerCtx<>>>, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
        hrtimer_start(ctx, &s.timer, 0, HRTIMER_MODE_REL);
        CHECK(soon([&] { return s.runs > 10; }));
        hrtimer_cancel(ctx, &s.timer);
        const int runs = s.runs;
        wait_ms(5);
        CHECK(s.runs == runs);
        hrtimer_start(ctx, &s.timer, 1'000'000'000'000, HRTIMER_MODE_REL);
        CHECK(hrtimer_try_to_cancel(ctx, &s.timer) == 1);
        CHECK(hrtimer_try_to_cancel(ctx, &s.timer) == 0);
    });
}

namespace {
struct bottom_half {
    tasklet_struct tasklet;
    std::atomic<int> runs{0};
    std::atomic<bool> go{true};
};
void run_bottom_half(TaskletCtx, tasklet_struct *t)
{
    auto *b = reinterpret_cast<bottom_half *>(t);
    ++b->runs;
    while (!b->go)
        udelay(100);
}
} // namespace

TEST_CASE("a tasklet runs once after it was scheduled, and again if that was while it ran")
{
    bottom_half b;
    tasklet_setup(&b.tasklet, handler<run_bottom_half>);
    b.go = false;
    host::run<HardIrqCtx>([&](HardIrqCtx ctx) { tasklet_schedule(ctx, &b.tasklet); });
    CHECK(soon([&] { return b.runs == 1; }));
    in_process([&](ProcessCtx ctx) {
        tasklet_schedule(ctx, &b.tasklet);
        tasklet_schedule(ctx, &b.tasklet); // is scheduled already
        b.go = true;
        CHECK(soon([&] { return b.runs == 2; }));
        wait_ms(10);
        CHECK(b.runs == 2);
        tasklet_kill(ctx, &b.tasklet);
    });
}

TEST_CASE("a disabled tasklet waits until it is enabled")
{
    bottom_half b;
    tasklet_setup(&b.tasklet, handler<run_bottom_half>);
    in_process([&](ProcessCtx ctx) {
        tasklet_disable(ctx, &b.tasklet);
        tasklet_disable_nosync(ctx, &b.tasklet);
        tasklet_schedule(ctx, &b.tasklet);
        wait_ms(10);
        tasklet_enable(ctx, &b.tasklet);
        wait_ms(10);
        CHECK(b.runs == 0);
        tasklet_enable(ctx, &b.tasklet);
        CHECK(soon([&] { return b.runs == 1; }));
        // tasklet_disable() waits for one that runs
        b.go = false;
        tasklet_schedule(ctx, &b.tasklet);
        CHECK(soon([&] { return b.runs == 2; }));
        std::thread later([&] {
            wait_ms(20);
            b.go = true;
        });
        tasklet_disable(ctx, &b.tasklet);
        CHECK(b.go);
        later.join();
        tasklet_enable(ctx, &b.tasklet);
        tasklet_kill(ctx, &b.tasklet);
        CHECK(b.runs == 2);
    });
}

namespace {
char seen[2]; // softirqs do not run at the same time
std::atomic<int> noted{0};
template <char Name> void note(TaskletCtx, tasklet_struct *)
{
    seen[noted] = Name;
    ++noted;
}
} // namespace

TEST_CASE("tasklet_hi_schedule() goes first")
{
    bottom_half b;
    tasklet_struct normal, urgent;
    tasklet_setup(&b.tasklet, handler<run_bottom_half>);
    tasklet_setup(&normal, handler<note<'n'>>);
    tasklet_setup(&urgent, handler<note<'u'>>);
    in_process([&](ProcessCtx ctx) {
        b.go = false;
        tasklet_schedule(ctx, &b.tasklet); // occupies the softirq meanwhile
        CHECK(soon([&] { return b.runs == 1; }));
        tasklet_schedule(ctx, &normal);
        tasklet_hi_schedule(ctx, &urgent);
        b.go = true;
        CHECK(soon([] { return noted == 2; }));
        tasklet_kill(ctx, &b.tasklet);
        CHECK(seen[0] == 'u');
        CHECK(seen[1] == 'n');
    });
}

TEST_CASE("timer_shutdown() disarms for good")
{
    watchdog w;
    timer_setup(&w.timer, handler<bark>, 0);
    in_process([&](ProcessCtx ctx) {
        mod_timer(ctx, &w.timer, jiffies + HZ);
        CHECK(timer_shutdown(ctx, &w.timer) == 1);
        CHECK(timer_shutdown(ctx, &w.timer) == 0);
        mod_timer(ctx, &w.timer, jiffies + 1);
        wait_ms(20);
        CHECK(w.runs == 0);
    });
}

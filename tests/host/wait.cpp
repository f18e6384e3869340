// SPDX-License-Identifier: BSL-1.0
// Wait queues, completions, tasks and their states, delays.
#include <kctx/api/completion.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/sched.hpp>
#include <kctx/api/signal.hpp>
#include <kctx/api/time.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>

#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <memory>
#include <thread>
#include <vector>

using namespace kctx;
using std::chrono::milliseconds;

namespace {

/// A system call in a thread of its own.
template <class Body> std::thread system_call(Body body)
{
    return std::thread([=] { host::run<SyscallCtx>(body); });
}
/// Milliseconds that a call took.
template <class Call> long duration(Call call)
{
    const auto start = std::chrono::steady_clock::now();
    call();
    const auto time = std::chrono::steady_clock::now() - start;
    return static_cast<long>(std::chrono::duration_cast<milliseconds>(time).count());
}
template <class Condition> bool soon(Condition condition)
{
    for (int i = 0; i < 5000 && !condition(); ++i)
        std::this_thread::sleep_for(milliseconds(1));
    return condition();
}

} // namespace

TEST_CASE("a completion lets one waiter go on for each complete()")
{
    completion done;
    std::atomic<int> through{0};
    std::vector<std::thread> waiters;
    for (int i = 0; i < 3; ++i) {
        waiters.push_back(system_call([&](SyscallCtx ctx) {
            wait_for_completion(ctx, &done);
            ++through;
        }));
    }
    host::run<HardIrqCtx>([&](HardIrqCtx ctx) { complete(ctx, &done); });
    CHECK(soon([&] { return through == 1; }));
    std::this_thread::sleep_for(milliseconds(20));
    CHECK(through == 1);
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        complete_all(ctx, &done);
        for (std::thread &t : waiters)
            t.join();
        CHECK(through == 3);
        CHECK(completion_done(ctx, &done)); // for those still to come as well
        wait_for_completion(ctx, &done);
        CHECK(try_wait_for_completion(ctx, &done));
        reinit_completion(&done);
        CHECK(!completion_done(ctx, &done));
        CHECK(!try_wait_for_completion(ctx, &done));
    });
}

TEST_CASE("waiting for a completion ends in time")
{
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        completion never;
        unsigned long left = 99;
        CHECK(duration([&] { left = wait_for_completion_timeout(ctx, &never, 30); }) >= 30);
        CHECK(left == 0);
        complete(ctx, &never);
        CHECK(wait_for_completion_timeout(ctx, &never, 30) == 30);
        CHECK(wait_for_completion_interruptible_timeout(ctx, &never, 5) == 0);
    });
}

TEST_CASE("the waiter may free the completion as soon as it is through")
{
    for (int i = 0; i < 200; ++i) {
        auto *done = new completion;
        std::thread waiter = system_call([=](SyscallCtx ctx) {
            wait_for_completion(ctx, done);
            delete done;
        });
        host::run<ProcessCtx>([=](ProcessCtx ctx) { complete(ctx, done); });
        waiter.join();
    }
}

TEST_CASE("wait_event() waits for its condition, not for the wakeup")
{
    wait_queue_head_t wq;
    spinlock_t lock;
    int packets = 0;
    const auto waiting = [&](ProcessCtx ctx) {
        int n = 0;
        KCTX_SPIN_LOCK_IRQSAVE(ctx, lock) {
            n = packets;
        }
        return n;
    };
    std::atomic<bool> through{false};
    std::thread reader = system_call([&](SyscallCtx ctx) {
        wait_event(ctx, wq, waiting(ctx) >= 2);
        through = true;
    });
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        for (int i = 0; i < 2; ++i) {
            CHECK(!through);
            KCTX_SPIN_LOCK_IRQSAVE(ctx, lock) {
                ++packets;
            }
            wake_up(ctx, &wq);
            msleep(ctx, 10);
        }
    });
    reader.join();
    CHECK(through);
    CHECK(!waitqueue_active(&wq));
}

TEST_CASE("wait_event_timeout()")
{
    wait_queue_head_t wq;
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        CHECK(wait_event_timeout(ctx, wq, true, 50) == 50);
        long left = -1;
        CHECK(duration([&] { left = wait_event_timeout(ctx, wq, false, 30); }) >= 30);
        CHECK(left == 0);
        // the condition holds when the time is over: at least 1
        int asked = 0;
        CHECK(wait_event_timeout(ctx, wq, ++asked > 2, 5) == 1);
    });
    std::atomic<bool> ready{false};
    std::thread later([&] {
        std::this_thread::sleep_for(milliseconds(20));
        ready = true;
        host::run<ProcessCtx>([&](ProcessCtx ctx) { wake_up_all(ctx, &wq); });
    });
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        const long left = wait_event_timeout(ctx, wq, ready.load(), 5000);
        CHECK(left > 1000);
        CHECK(left <= 4981);
    });
    later.join();
}

TEST_CASE("signals end the waits that listen to them")
{
    wait_queue_head_t wq;
    completion never;
    std::atomic<task_struct *> waiter{nullptr};
    std::atomic<int> step{0};
    std::thread reader = system_call([&](SyscallCtx ctx) {
        waiter = get_current();
        CHECK(wait_event_interruptible(ctx, wq, false) == -ERESTARTSYS);
        CHECK(signal_pending(get_current()));
        CHECK(wait_event_interruptible(ctx, wq, true) == 0); // the condition goes first
        CHECK(wait_for_completion_interruptible(ctx, &never) == -ERESTARTSYS);
        CHECK(wait_event_interruptible_timeout(ctx, wq, false, 5000) == -ERESTARTSYS);
        CHECK(msleep_interruptible(ctx, 5000) > 4000);
        CHECK(wait_event_timeout(ctx, wq, false, 5) == 0); // does not listen
        host::flush_signals(get_current());
        CHECK(!signal_pending(get_current()));
        step = 1;
        CHECK(wait_event_killable(ctx, wq, false) == -ERESTARTSYS);
        CHECK(wait_for_completion_killable(ctx, &never) == -ERESTARTSYS);
    });
    CHECK(soon([&] { return waiter != nullptr; }));
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        CHECK(send_sig(ctx, 2, waiter, 1) == 0);
        CHECK(send_sig(ctx, 0, waiter, 1) == -EINVAL);
        CHECK(soon([&] { return step == 1; }));
        send_sig(ctx, 2, waiter, 1); // not deadly
        msleep(ctx, 20);
        send_sig(ctx, 9, waiter, 1);
    });
    reader.join();
}

TEST_CASE("of exclusive waiters wake_up() wakes one, the longest waiting")
{
    wait_queue_head_t wq;
    std::atomic<int> woken{0}, order{0};
    std::vector<std::thread> all;
    for (int i = 0; i < 3; ++i) {
        all.push_back(system_call([&, i](SyscallCtx ctx) {
            wait_queue_entry me;
            prepare_to_wait_exclusive(ctx, &wq, &me, TASK_UNINTERRUPTIBLE);
            ++order;
            schedule(ctx);
            CHECK((woken > 0) == (i > 0)); // the first alone, the others later
            finish_wait(ctx, &wq, &me);
            ++woken;
        }));
        CHECK(soon([&] { return order == i + 1; }));
    }
    std::atomic<bool> other{false};
    all.push_back(system_call([&](SyscallCtx ctx) { // not exclusive: always woken
        wait_event(ctx, wq, woken >= 1);
        other = true;
    }));
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        CHECK(wake_up_interruptible(ctx, &wq) == 0); // they sleep otherwise
        CHECK(wake_up(ctx, &wq) == 1);
        CHECK(soon([&] { return woken == 1; }));
        msleep(ctx, 20);
        CHECK(woken == 1);
        CHECK(wake_up_all(ctx, &wq) == 2);
        CHECK(soon([&] { return woken == 3 && other; }));
    });
    for (std::thread &t : all)
        t.join();
}

TEST_CASE("simple wait queues wake one by one")
{
    swait_queue_head wq;
    std::atomic<int> tokens{0}, taken{0};
    std::vector<std::thread> all;
    for (int i = 0; i < 3; ++i) {
        all.push_back(system_call([&](SyscallCtx ctx) {
            swait_event_exclusive(ctx, wq, tokens > taken);
            ++taken;
        }));
    }
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        for (int i = 1; i <= 3; ++i) {
            ++tokens;
            CHECK(soon([&] { // whoever is there already
                swake_up_one(ctx, &wq);
                return taken >= i;
            }));
        }
    });
    for (std::thread &t : all)
        t.join();
}

TEST_CASE("a wakeup between set_current_state() and schedule() is not lost")
{
    std::atomic<task_struct *> sleeper{nullptr};
    std::atomic<bool> set{false}, woken{false};
    std::thread task = system_call([&](SyscallCtx ctx) {
        sleeper = get_current();
        set_current_state(ctx, TASK_INTERRUPTIBLE);
        set = true;
        while (!woken) {
        }
        schedule(ctx); // returns at once
        CHECK(schedule_timeout(ctx, 0) == 0);
    });
    CHECK(soon([&] { return set.load(); }));
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        CHECK(wake_up_process(ctx, sleeper) == 1);
        CHECK(wake_up_process(ctx, sleeper) == 0); // it runs
        woken = true;
    });
    task.join();
}

TEST_CASE("schedule_timeout()")
{
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        CHECK(duration([&] { CHECK(schedule_timeout_uninterruptible(ctx, 20) == 0); }) >= 20);
        // a running task does not sleep
        CHECK(duration([&] { CHECK(schedule_timeout(ctx, 5000) > 4900); }) < 1000);
        CHECK(schedule_timeout_interruptible(ctx, 1) == 0);
        CHECK(schedule_timeout_killable(ctx, 1) == 0);
        CHECK(schedule_timeout_idle(ctx, 1) == 0);
        std::string log;
        host::set_printk_sink([&](int, std::string_view line) { log = line; });
        CHECK(schedule_timeout_uninterruptible(ctx, -5) == 0);
        host::set_printk_sink({});
        CHECK(log == "schedule_timeout: wrong timeout value fffffffffffffffb");
    });
}

TEST_CASE("delays last at least as long as asked for")
{
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        const auto at_least = [&](ktime_t ns, auto delay) {
            const ktime_t start = ktime_get(ctx);
            delay();
            CHECK(ktime_get(ctx) - start >= ns);
        };
        at_least(3'000'000, [&] { msleep(ctx, 3); });
        at_least(200'000, [&] { usleep_range(ctx, 200, 400); });
        at_least(200'000, [&] { fsleep(ctx, 200); });
        at_least(2'000, [] { ndelay(2000); });
        at_least(50'000, [] { udelay(50); });
        at_least(2'000'000, [] { mdelay(2); });
        CHECK(msleep_interruptible(ctx, 2) == 0);
        timespec64 now;
        ktime_get_real_ts64(ctx, &now);
        CHECK(now.tv_sec > 1'600'000'000);
        CHECK(ktime_get_real(ctx) / 1'000'000'000 - now.tv_sec <= 1);
        const u64 early = ktime_get_mono_fast_ns();
        CHECK(static_cast<u64>(ktime_get_boottime(ctx)) >= early);
    });
}

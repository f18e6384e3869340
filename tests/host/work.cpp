// SPDX-License-Identifier: BSL-1.0
#include <kctx/api/completion.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
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

template <class Condition> bool soon(Condition condition)
{
    for (int i = 0; i < 5000 && !condition(); ++i)
        std::this_thread::sleep_for(milliseconds(1));
    return condition();
}
void in_process(auto body) { host::run<ProcessCtx>(body); }

/// A work item with what the tests look at. It is the first member, so that its address is the
/// item's.
struct job {
    work_struct work;
    std::atomic<int> runs{0}, inside{0}, most_inside{0};
    std::atomic<bool> go{true};
};
void run_job(WorkCtx ctx, work_struct *work)
{
    auto *j = reinterpret_cast<job *>(work);
    const int now = ++j->inside;
    if (now > j->most_inside)
        j->most_inside = now;
    while (!j->go)
        msleep(ctx, 1);
    --j->inside;
    ++j->runs;
}

struct delayed_job {
    delayed_work work;
    std::atomic<int> runs{0};
    std::atomic<unsigned long> ran_at{0};
};
void run_delayed(WorkCtx, work_struct *work)
{
    auto *j = reinterpret_cast<delayed_job *>(to_delayed_work(work));
    j->ran_at = jiffies;
    ++j->runs;
}

workqueue_struct *queue(ProcessCtx ctx, const char *name, int max_active)
{
    return KCTX_TRY(alloc_workqueue(ctx, name, 0, max_active), FAIL("no workqueue"));
}

} // namespace

TEST_CASE("work that is queued runs once, in process context")
{
    job j;
    INIT_WORK(&j.work, handler<run_job>);
    j.go = false;
    host::run<HardIrqCtx>([&](HardIrqCtx ctx) { CHECK(schedule_work(ctx, &j.work)); });
    in_process([&](ProcessCtx ctx) {
        CHECK(soon([&] { return j.inside == 1; }));
        CHECK(schedule_work(ctx, &j.work));  // it runs: once more
        CHECK(!schedule_work(ctx, &j.work)); // that is pending
        j.go = true;
        CHECK(flush_work(ctx, &j.work));
        CHECK(j.runs == 2);
        CHECK(!flush_work(ctx, &j.work));
        CHECK(j.most_inside == 1);
    });
}

TEST_CASE("an item of a type of its own hands out its own token")
{
    struct typed_job : work_struct {
        std::atomic<int> runs{0};
    } item;
    struct typed_delayed : delayed_work {
        std::atomic<int> runs{0};
    } later;
    constexpr auto run = [](CallbackOf<typed_job, WorkCtx> ctx, work_struct *work) {
        msleep(ctx, 1);
        ++static_cast<typed_job *>(work)->runs;
    };
    constexpr auto run_later = [](CallbackOf<typed_delayed, WorkCtx>, work_struct *work) {
        ++static_cast<typed_delayed *>(to_delayed_work(work))->runs;
    };
    INIT_WORK(&item, handler<run>);
    INIT_DELAYED_WORK(&later, handler<run_later>);
    in_process([&](ProcessCtx ctx) {
        CHECK(schedule_work(ctx, &item));
        CHECK(schedule_delayed_work(ctx, &later, 1));
        flush_work(ctx, &item);
        flush_delayed_work(ctx, &later);
        CHECK(item.runs == 1);
        CHECK(later.runs == 1);
    });
}

TEST_CASE("an item never runs twice at a time, on whatever queues it is")
{
    job j;
    INIT_WORK(&j.work, handler<run_job>);
    in_process([&](ProcessCtx ctx) {
        workqueue_struct *a = queue(ctx, "a", 4);
        workqueue_struct *b = queue(ctx, "b", 4);
        int queued = 0;
        for (int i = 0; i < 500; ++i) {
            queued += queue_work(ctx, a, &j.work);
            queued += queue_work_on(ctx, 0, b, &j.work);
        }
        flush_workqueue(ctx, a);
        flush_workqueue(ctx, b);
        CHECK(j.runs == queued);
        CHECK(j.most_inside == 1);
        destroy_workqueue(ctx, a);
        destroy_workqueue(ctx, b);
    });
}

namespace {
std::vector<int> order; // of the items of one ordered queue: they exclude each other
struct numbered {
    work_struct work;
    int number = 0;
};
void note_number(WorkCtx, work_struct *work)
{
    order.push_back(reinterpret_cast<numbered *>(work)->number);
}
} // namespace

TEST_CASE("a queue of one worker keeps the order")
{
    in_process([](ProcessCtx ctx) {
        workqueue_struct *wq = queue(ctx, "ordered", 1);
        numbered all[100];
        for (int i = 0; i < 100; ++i) {
            INIT_WORK(&all[i].work, handler<note_number>);
            all[i].number = i;
            queue_work(ctx, wq, &all[i].work);
        }
        drain_workqueue(ctx, wq);
        REQUIRE(order.size() == 100);
        for (int i = 0; i < 100; ++i)
            CHECK(order[static_cast<std::size_t>(i)] == i);
        destroy_workqueue(ctx, wq);
    });
}

TEST_CASE("items that wait do not keep others from running")
{
    job blocked[3], free;
    INIT_WORK(&free.work, handler<run_job>);
    in_process([&](ProcessCtx ctx) {
        for (job &j : blocked) {
            j.go = false;
            INIT_WORK(&j.work, handler<run_job>);
            schedule_work(ctx, &j.work);
        }
        schedule_work(ctx, &free.work);
        CHECK(soon([&] { return free.runs == 1; }));
        for (job &j : blocked) {
            CHECK(j.runs == 0);
            j.go = true;
            flush_work(ctx, &j.work);
            CHECK(j.runs == 1);
        }
        // but no more of a queue than its max_active
        workqueue_struct *wq = queue(ctx, "two", 2);
        for (job &j : blocked) {
            j.go = false;
            queue_work(ctx, wq, &j.work);
        }
        CHECK(soon([&] { return blocked[0].inside == 1 && blocked[1].inside == 1; }));
        msleep(ctx, 20);
        CHECK(blocked[2].inside == 0);
        for (job &j : blocked)
            j.go = true;
        destroy_workqueue(ctx, wq); // runs what is left
        CHECK(blocked[2].runs == 2);
    });
}

TEST_CASE("canceling takes an item off its queue, or waits for it")
{
    job first, second;
    INIT_WORK(&first.work, handler<run_job>);
    INIT_WORK(&second.work, handler<run_job>);
    in_process([&](ProcessCtx ctx) {
        workqueue_struct *wq = queue(ctx, "one", 1);
        first.go = false;
        queue_work(ctx, wq, &first.work);
        CHECK(soon([&] { return first.inside == 1; }));
        queue_work(ctx, wq, &second.work);
        CHECK(cancel_work(ctx, &second.work));
        CHECK(!cancel_work(ctx, &second.work));
        CHECK(!cancel_work(ctx, &first.work)); // it runs, and nobody waits
        std::thread later([&] {
            std::this_thread::sleep_for(milliseconds(20));
            first.go = true;
        });
        CHECK(!cancel_work_sync(ctx, &first.work));
        CHECK(first.runs == 1);
        CHECK(first.inside == 0);
        later.join();
        CHECK(queue_work(ctx, wq, &second.work)); // it may be queued again
        flush_workqueue(ctx, wq);
        CHECK(second.runs == 1);
        destroy_workqueue(ctx, wq);
    });
}

namespace {
struct restless { // queues itself for ever
    work_struct work;
    std::atomic<int> runs{0};
};
void run_again(WorkCtx ctx, work_struct *work)
{
    auto *r = reinterpret_cast<restless *>(work);
    ++r->runs;
    schedule_work(ctx, work);
}
void free_itself(WorkCtx, work_struct *work) { delete reinterpret_cast<restless *>(work); }
} // namespace

TEST_CASE("cancel_work_sync() stops an item that queues itself")
{
    restless r;
    INIT_WORK(&r.work, handler<run_again>);
    in_process([&](ProcessCtx ctx) {
        schedule_work(ctx, &r.work);
        CHECK(soon([&] { return r.runs > 20; }));
        cancel_work_sync(ctx, &r.work);
        const int runs = r.runs;
        msleep(ctx, 20);
        CHECK(r.runs == runs);
    });
}

TEST_CASE("an item may free itself")
{
    in_process([](ProcessCtx ctx) {
        workqueue_struct *wq = queue(ctx, "free", 2);
        for (int i = 0; i < 100; ++i) {
            auto *r = new restless;
            INIT_WORK(&r->work, handler<free_itself>);
            queue_work(ctx, wq, &r->work);
        }
        destroy_workqueue(ctx, wq);
    });
}

TEST_CASE("delayed work runs after its delay")
{
    delayed_job j;
    INIT_DELAYED_WORK(&j.work, handler<run_delayed>);
    in_process([&](ProcessCtx ctx) {
        const unsigned long start = jiffies;
        CHECK(schedule_delayed_work(ctx, &j.work, 30));
        CHECK(!schedule_delayed_work(ctx, &j.work, 1)); // it is pending
        CHECK(soon([&] { return j.runs == 1; }));
        CHECK(j.ran_at - start >= 30);
        CHECK(schedule_delayed_work(ctx, &j.work, 0)); // at once
        flush_delayed_work(ctx, &j.work);
        CHECK(j.runs == 2);
    });
}

TEST_CASE("delayed work can be hurried, put off, canceled")
{
    delayed_job j;
    INIT_DELAYED_WORK(&j.work, handler<run_delayed>);
    in_process([&](ProcessCtx ctx) {
        workqueue_struct *wq = queue(ctx, "delayed", 1);
        CHECK(!mod_delayed_work(ctx, wq, &j.work, 100'000)); // was not pending
        CHECK(mod_delayed_work(ctx, wq, &j.work, 1));
        CHECK(soon([&] { return j.runs == 1; }));

        CHECK(queue_delayed_work(ctx, wq, &j.work, 100'000));
        CHECK(flush_delayed_work(ctx, &j.work)); // does not wait for the timer
        CHECK(j.runs == 2);
        CHECK(!flush_delayed_work(ctx, &j.work));

        CHECK(queue_delayed_work(ctx, wq, &j.work, 100'000));
        CHECK(cancel_delayed_work(ctx, &j.work));
        CHECK(!cancel_delayed_work(ctx, &j.work));
        CHECK(queue_delayed_work(ctx, wq, &j.work, 20));
        CHECK(cancel_delayed_work_sync(ctx, &j.work));
        msleep(ctx, 40);
        CHECK(j.runs == 2);
        destroy_workqueue(ctx, wq);
    });
}

TEST_CASE("queueing, delaying and canceling from many threads")
{
    delayed_job j;
    INIT_DELAYED_WORK(&j.work, handler<run_delayed>);
    std::vector<std::thread> all;
    for (int i = 0; i < 4; ++i) {
        all.emplace_back([&, i] {
            in_process([&](ProcessCtx ctx) {
                for (int k = 0; k < 300; ++k) {
                    if (i == 0)
                        cancel_delayed_work_sync(ctx, &j.work);
                    else if (i == 1)
                        mod_delayed_work(ctx, nullptr, &j.work, static_cast<unsigned long>(k % 3));
                    else
                        schedule_delayed_work(ctx, &j.work, static_cast<unsigned long>(k % 2));
                }
            });
        });
    }
    for (std::thread &t : all)
        t.join();
    in_process([&](ProcessCtx ctx) {
        cancel_delayed_work_sync(ctx, &j.work);
        const int runs = j.runs;
        msleep(ctx, 10);
        CHECK(j.runs == runs);
    });
}

TEST_CASE("a workqueue is memory, too")
{
    in_process([](ProcessCtx ctx) {
        host::fail_nth(1);
        CHECK(!alloc_workqueue(ctx, "none", 0, 0));
        host::fail_nth(0);
    });
}

namespace {
std::atomic<int> on_cpus{0};
void count_cpu(WorkCtx, work_struct *) { ++on_cpus; }
} // namespace

TEST_CASE("work for one CPU, and for each")
{
    job j;
    INIT_WORK(&j.work, handler<run_job>);
    delayed_job d;
    INIT_DELAYED_WORK(&d.work, handler<run_delayed>);
    in_process([&](ProcessCtx ctx) {
        CHECK(schedule_work_on(ctx, 0, &j.work));
        flush_work(ctx, &j.work);
        CHECK(queue_work(ctx, system_wq, &j.work));
        flush_work(ctx, &j.work);
        CHECK(j.runs == 2);
        CHECK(schedule_delayed_work_on(ctx, 0, &d.work, 1));
        CHECK(soon([&] { return d.runs == 1; }));
        CHECK(queue_delayed_work_on(ctx, 0, system_wq, &d.work, 1));
        flush_delayed_work(ctx, &d.work);
        CHECK(d.runs == 2);
        CHECK(schedule_on_each_cpu(ctx, handler<count_cpu>) == 0);
        CHECK(on_cpus > 0);
    });
}

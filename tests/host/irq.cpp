// SPDX-License-Identifier: BSL-1.0
// Interrupt lines, their threads, irq_work.
#include <kctx/api/interrupt.hpp>
#include <kctx/api/irq_work.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/percpu.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <string>
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
void wait_ms(int ms) { std::this_thread::sleep_for(milliseconds(ms)); }

/// A device: what its handlers saw, and what they are to do.
struct card {
    std::atomic<int> irqs{0}, threads{0}, inside{0}, most_inside{0};
    std::atomic<irqreturn_t> answer{IRQ_HANDLED};
    std::atomic<bool> go{true};
    int irq_cpu = -1, thread_cpu = -1;
    spinlock_t lock;
    int events = 0; // guarded by lock
};

irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<card *>(dev);
    const int now = ++c->inside;
    if (now > c->most_inside)
        c->most_inside = now;
    KCTX_SPIN_LOCK(ctx, c->lock) {
        ++c->events;
    }
    while (!c->go)
        udelay(100);
    --c->inside;
    ++c->irqs;
    return c->answer;
}
irqreturn_t hard_isr(HardIrqCtx, int, void *dev)
{
    auto *c = static_cast<card *>(dev);
    ++c->irqs;
    c->irq_cpu = raw_smp_processor_id();
    return IRQ_WAKE_THREAD;
}
irqreturn_t thread_fn(ThreadedIrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<card *>(dev);
    c->thread_cpu = raw_smp_processor_id();
    msleep(ctx, 1);
    while (!c->go)
        msleep(ctx, 1);
    ++c->threads;
    return IRQ_HANDLED;
}

struct captured_log {
    std::vector<std::string> lines;
    captured_log()
    {
        host::set_printk_sink([this](int, std::string_view line) { lines.emplace_back(line); });
    }
    ~captured_log() { host::set_printk_sink({}); }
};

} // namespace

TEST_CASE("an interrupt runs its handler at once, in the thread that raises it")
{
    card c;
    raw_spinlock_t raw;
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_irq(ctx, 10, handler<isr>, IRQF_TRIGGER_NONE, "card", &c) == 0);
        host::raise_irq(10);
        CHECK(c.irqs == 1);
        KCTX_SPIN_LOCK_IRQSAVE(ctx, c.lock) {
            host::raise_irq(10); // comes when the section is over
            host::raise_irq(10); // the line has one already
            CHECK(c.irqs == 1);
            CHECK(c.events == 1);
        }
        CHECK(c.irqs == 2);
        KCTX_LOCAL_IRQ_SAVE(ctx) {
            KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, raw) {
                host::raise_irq(10);
            }
            CHECK(c.irqs == 2); // they are still off
        }
        CHECK(c.irqs == 3);
        CHECK(std::string(static_cast<const char *>(free_irq(ctx, 10, &c))) == "card");
        host::raise_irq(10);
        CHECK(c.irqs == 3);
        CHECK(host::statistics_of_irq(10).handled == 3);
        CHECK(host::statistics_of_irq(10).unhandled == 1);
    });
}

TEST_CASE("a handler never runs twice at a time")
{
    card c;
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_irq(ctx, 11, handler<isr>, IRQF_TRIGGER_NONE, "card", &c) == 0);
        std::vector<std::thread> all;
        for (int i = 0; i < 4; ++i) {
            all.emplace_back([] {
                for (int k = 0; k < 500; ++k)
                    host::raise_irq(11);
            });
        }
        for (std::thread &t : all)
            t.join();
        CHECK(c.most_inside == 1);
        CHECK(c.irqs > 0);
        CHECK(c.irqs <= 2000);
        CHECK(host::statistics_of_irq(11).handled == static_cast<unsigned long>(c.irqs));
        free_irq(ctx, 11, &c);
        CHECK(c.events == c.irqs);
    });
}

TEST_CASE("an interrupt that comes while its handler runs elsewhere is not lost")
{
    card c;
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_irq(ctx, 12, handler<isr>, IRQF_TRIGGER_NONE, "card", &c) == 0);
        c.go = false;
        std::thread first([] { host::raise_irq(12); });
        CHECK(soon([&] { return c.inside == 1; }));
        host::raise_irq(12); // returns: the other thread will see to it
        host::raise_irq(12);
        CHECK(c.irqs == 0);
        c.go = true;
        first.join();
        CHECK(c.irqs == 2);
        free_irq(ctx, 12, &c);
    });
}

TEST_CASE("the thread of a line runs after its handler")
{
    card c;
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_threaded_irq(ctx, 13, handler<hard_isr>, handler<thread_fn>,
                                     IRQF_TRIGGER_NONE, "card", &c) == 0);
        host::raise_irq(13);
        CHECK(c.irqs == 1);
        synchronize_irq(ctx, 13); // waits for the thread
        CHECK(c.threads == 1);
        CHECK(c.irq_cpu == raw_smp_processor_id());
        CHECK(c.thread_cpu != c.irq_cpu);
        irq_wake_thread(ctx, 13, &c);
        synchronize_irq(ctx, 13);
        CHECK(c.threads == 2);
        CHECK(c.irqs == 1);
        // it is to run again if an interrupt comes meanwhile
        c.go = false;
        host::raise_irq(13);
        wait_ms(10);
        host::raise_irq(13);
        host::raise_irq(13);
        CHECK(c.irqs == 4);
        c.go = true;
        free_irq(ctx, 13, &c); // waits
        CHECK(c.threads == 4);
    });
}

TEST_CASE("a one-shot line is masked until its thread has finished")
{
    card c;
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_threaded_irq(ctx, 14, nullptr, handler<thread_fn>, IRQF_ONESHOT, "card",
                                     &c) == 0);
        c.go = false;
        host::raise_irq(14);
        host::raise_irq(14); // latched
        host::raise_irq(14);
        wait_ms(10);
        CHECK(c.threads == 0);
        c.go = true;
        CHECK(soon([&] { return c.threads == 2; }));
        wait_ms(10);
        CHECK(c.threads == 2);
        CHECK(host::statistics_of_irq(14).handled == 2);
        free_irq(ctx, 14, &c);
    });
}

TEST_CASE("a disabled line keeps one interrupt")
{
    card c;
    captured_log log;
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_irq(ctx, 15, handler<isr>, IRQF_TRIGGER_NONE, "card", &c) == 0);
        disable_irq(ctx, 15);
        disable_irq_nosync(ctx, 15);
        host::raise_irq(15);
        host::raise_irq(15);
        enable_irq(ctx, 15);
        CHECK(c.irqs == 0);
        enable_irq(ctx, 15);
        CHECK(c.irqs == 1);
        enable_irq(ctx, 15);
        REQUIRE(log.lines.size() == 1);
        CHECK(log.lines[0] == "Unbalanced enable for IRQ 15");
        free_irq(ctx, 15, &c);
        CHECK(free_irq(ctx, 15, &c) == nullptr);
        CHECK(log.lines.back() == "Trying to free already-free IRQ 15");

        REQUIRE(request_irq(ctx, 15, handler<isr>, IRQF_NO_AUTOEN, "card", &c) == 0);
        host::raise_irq(15);
        CHECK(c.irqs == 1);
        enable_irq(ctx, 15);
        CHECK(c.irqs == 2);
        free_irq(ctx, 15, &c);
    });
}

TEST_CASE("disable_irq() and free_irq() wait for the handler")
{
    card c;
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_irq(ctx, 16, handler<isr>, IRQF_TRIGGER_NONE, "card", &c) == 0);
        for (int i = 0; i < 2; ++i) {
            c.go = false;
            std::thread device([] { host::raise_irq(16); });
            CHECK(soon([&] { return c.inside == 1; }));
            std::thread later([&] {
                wait_ms(20);
                c.go = true;
            });
            if (i == 0) {
                disable_irq(ctx, 16);
                CHECK(c.inside == 0);
                enable_irq(ctx, 16);
            } else {
                free_irq(ctx, 16, &c);
                CHECK(c.inside == 0);
            }
            device.join();
            later.join();
        }
    });
}

TEST_CASE("a shared line asks every handler")
{
    card a, b;
    captured_log log;
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_irq(ctx, 17, handler<isr>, IRQF_SHARED, "a", &a) == 0);
        CHECK(request_irq(ctx, 17, handler<isr>, IRQF_TRIGGER_NONE, "b", &b) == -EBUSY);
        CHECK(log.lines.back() == "genirq: Flags mismatch irq 17. 00000000 (b) vs. 00000080 (a)");
        CHECK(request_irq(ctx, 17, handler<isr>, IRQF_SHARED, "b", nullptr) == -EINVAL);
        REQUIRE(request_irq(ctx, 17, handler<isr>, IRQF_SHARED, "b", &b) == 0);
        a.answer = IRQ_NONE;
        host::raise_irq(17);
        CHECK(a.irqs == 1);
        CHECK(b.irqs == 1);
        b.answer = IRQ_NONE;
        host::raise_irq(17);
        CHECK(host::statistics_of_irq(17).handled == 1);
        CHECK(host::statistics_of_irq(17).unhandled == 1);
        free_irq(ctx, 17, &a);
        host::raise_irq(17);
        CHECK(a.irqs == 2);
        CHECK(b.irqs == 3);
        b.answer = IRQ_WAKE_THREAD;
        host::raise_irq(17);
        CHECK(log.lines.back() ==
              "IRQ 17 device b returned IRQ_WAKE_THREAD but no thread function available.");
        free_irq(ctx, 17, &b);
        host::fail_nth(1);
        CHECK(request_irq(ctx, 17, handler<isr>, IRQF_SHARED, "a", &a) == -ENOMEM);
    });
}

namespace {
struct deferred {
    irq_work work;
    std::atomic<int> runs{0};
};
void run_deferred(IrqWorkCtx, irq_work *work) { ++reinterpret_cast<deferred *>(work)->runs; }
std::atomic<bool> queued_again{false};
void run_again_once(HardIrqCtx, irq_work *work)
{
    auto *d = reinterpret_cast<deferred *>(work);
    if (++d->runs == 1)
        queued_again = irq_work_queue(work); // it is not pending any more
}
} // namespace

TEST_CASE("irq_work runs as soon as interrupts are on")
{
    deferred d;
    init_irq_work(&d.work, handler<run_deferred>);
    raw_spinlock_t lock;
    in_process([&](ProcessCtx ctx) {
        CHECK(irq_work_queue(&d.work));
        CHECK(d.runs == 1);
        KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, lock) {
            CHECK(irq_work_queue(&d.work));
            CHECK(!irq_work_queue(&d.work));
            CHECK(d.runs == 1);
        }
        CHECK(d.runs == 2);
        host::run<NmiCtx>([&](NmiCtx) {
            irq_work_queue(&d.work);
            CHECK(d.runs == 2);
        });
        irq_work_sync(ctx, &d.work);
        CHECK(d.runs == 3);

        deferred again;
        init_irq_work_hard(&again.work, handler<run_again_once>);
        irq_work_queue(&again.work);
        CHECK(again.runs == 2);
        CHECK(queued_again);
    });
}

TEST_CASE("interrupts and irq_work share what turns them off")
{
    card c;
    deferred d;
    init_irq_work(&d.work, handler<run_deferred>);
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_irq(ctx, 18, handler<isr>, IRQF_TRIGGER_NONE, "card", &c) == 0);
        KCTX_LOCAL_IRQ_SAVE(ctx) {
            host::raise_irq(18);
            irq_work_queue(&d.work);
            CHECK(c.irqs + d.runs == 0);
        }
        CHECK(c.irqs == 1);
        CHECK(d.runs == 1);
        free_irq(ctx, 18, &c);
    });
}

TEST_CASE("disable_hardirq() waits for the handler, not for its thread")
{
    card c;
    in_process([&](ProcessCtx ctx) {
        REQUIRE(request_threaded_irq(ctx, 60, handler<hard_isr>, handler<thread_fn>, IRQF_ONESHOT,
                                     "card", &c) == 0);
        CHECK(synchronize_hardirq(ctx, 60));
        c.go = false;
        host::raise_irq(60);
        CHECK(c.irqs == 1);
        CHECK_FALSE(disable_hardirq(ctx, 60)); // the thread runs still
        host::raise_irq(60);
        CHECK(c.irqs == 1);
        c.go = true;
        CHECK(soon([&] { return c.threads == 1; }));
        CHECK(soon([&] { return synchronize_hardirq(ctx, 60); }));
        enable_irq(ctx, 60);
        CHECK(irq_set_irq_wake(ctx, 60, 1) == 0);
        free_irq(ctx, 60, &c);
    });
}

namespace {

// Names that say whose callbacks they stand for.
struct reset_work : work_struct {};
struct named_card {
    irq_of<named_card> irq{71};
    workqueue_of<reset_work> wq;
    reset_work reset;
    std::atomic<int> hard{0}, threads{0}, resets{0};
};
irqreturn_t named_isr(CallbackOf<irq_of<named_card>, HardIrqCtx> ctx, int, void *dev)
{
    auto *c = static_cast<named_card *>(dev);
    c->hard++;
    disable_irq_nosync(ctx, c->irq);
    return IRQ_WAKE_THREAD;
}
irqreturn_t named_thread(CallbackOf<irq_of<named_card>, ThreadedIrqCtx> ctx, int, void *dev)
{
    auto *c = static_cast<named_card *>(dev);
    c->threads++;
    queue_work(ctx, c->wq, &c->reset);
    return IRQ_HANDLED;
}
void named_reset(CallbackOf<reset_work, WorkCtx> ctx, work_struct *work)
{
    named_card *c = container_of(work, named_card, reset);
    c->resets++;
    enable_irq(ctx, c->irq);
}

} // namespace

TEST_CASE("an irq_of<> and a workqueue_of<> are a number and a pointer")
{
    in_process([](ProcessCtx ctx) {
        named_card c;
        c.wq = KCTX_TRY(alloc_ordered_workqueue(ctx, "named", 0), FAIL("no workqueue"));
        INIT_WORK(&c.reset, handler<named_reset>);
        REQUIRE(request_threaded_irq(ctx, c.irq, handler<named_isr>, handler<named_thread>, 0,
                                     "named", &c) == 0);
        for (int i = 1; i <= 3; ++i) {
            host::raise_irq(c.irq);
            CHECK(soon([&] { return c.resets == i; }));
            flush_workqueue(ctx, c.wq);
        }
        synchronize_irq(ctx, c.irq);
        free_irq(ctx, c.irq, &c);
        destroy_workqueue(ctx, c.wq);
        CHECK((c.hard == 3 && c.threads == 3 && c.resets == 3));
    });
}

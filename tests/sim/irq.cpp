// SPDX-License-Identifier: BSL-1.0
// Interrupt lines, their threads, softirqs, and allocations in them.
#include <doctest/doctest.h>

#include "simulate.hpp"

#include <kctx/api/delay.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;
using sim::preemption;

namespace {

constexpr auto ctx = assume_context<ProcessCtx>("the tests are where they say");

sim::machine_config small()
{
    return kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preemption::full);
}

struct card {
    std::string order;
    bool in_irq = false;
    std::string thread_is;
    void *buffer = nullptr;
};

irqreturn_t count(IrqCtx, int irq, void *dev)
{
    auto *c = static_cast<card *>(dev);
    c->order += std::to_string(irq);
    c->in_irq = sim::machine::here()->preempt_count() == 0x10000;
    return IRQ_HANDLED;
}
irqreturn_t slow(IrqCtx, int, void *dev)
{
    auto *c = static_cast<card *>(dev);
    c->order += "(";
    sim::machine::here()->pass(5000);
    c->order += ")";
    return IRQ_HANDLED;
}
irqreturn_t primary(HardIrqCtx, int, void *dev)
{
    static_cast<card *>(dev)->order += "p";
    return IRQ_WAKE_THREAD;
}
irqreturn_t thread(ThreadedIrqCtx, int, void *dev)
{
    auto *c = static_cast<card *>(dev);
    c->order += "t";
    c->thread_is = sim::machine::here()->current().is.comm;
    CHECK(sim::machine::here()->preempt_count() == 0);
    return IRQ_HANDLED;
}
template <class Flags> irqreturn_t allocate(IrqCtx in, int, void *dev)
{
    auto *c = static_cast<card *>(dev);
    c->buffer = kmalloc(in, 64, Flags{});
    return IRQ_HANDLED;
}

/// A device that holds its line until it has been told often enough.
struct level_card {
    unsigned line = 5;
    unsigned interrupts = 0, threads = 0;
    unsigned quiet_after = 1; ///< handlers, or threads
    std::string ran{};

    void told(unsigned times) const
    {
        if (times == quiet_after)
            sim::machine::here()->set_line(line, false);
    }
};
irqreturn_t acknowledge(IrqCtx, int, void *dev)
{
    auto *c = static_cast<level_card *>(dev);
    c->told(++c->interrupts);
    return IRQ_HANDLED;
}
irqreturn_t not_mine(IrqCtx, int, void *dev)
{
    ++static_cast<level_card *>(dev)->interrupts;
    return IRQ_NONE;
}
irqreturn_t wake_thread(HardIrqCtx, int, void *dev)
{
    auto *c = static_cast<level_card *>(dev);
    ++c->interrupts;
    c->ran += sim::machine::here()->current().is.comm + " ";
    return IRQ_WAKE_THREAD;
}
irqreturn_t acknowledge_in_thread(ThreadedIrqCtx in, int, void *dev)
{
    auto *c = static_cast<level_card *>(dev);
    msleep(in, 2);
    c->ran += sim::machine::here()->current().is.comm + " ";
    c->told(++c->threads);
    return IRQ_HANDLED;
}

} // namespace

TEST_CASE("the handlers of a line are called when it comes")
{
    sim::machine m(small());
    card c;
    m.spawn({.comm = "insmod", .pid = 7}, [&] {
        CHECK(request_irq(ctx, 5, handler<count>, IRQF_SHARED, "card", &c) == 0);
        CHECK(request_irq(ctx, 5, handler<count>, IRQF_SHARED, "other", &c) == 0);
    });
    m.line_at(1000, 5);
    m.line_at(2000, 6);
    CHECK(m.run() == sim::outcome::idle);
    CHECK(c.order == "55");
    // The idle task's own level is below the interrupt's.
    CHECK_FALSE(c.in_irq);
    CHECK(m.now() == 2000);
    CHECK(m.log.records().empty());
}

TEST_CASE("the thread of a line is a task, once for each interrupt")
{
    sim::machine m(small());
    card c;
    m.spawn({.comm = "insmod", .pid = 7}, [&] {
        CHECK(request_threaded_irq(ctx, 5, handler<primary>, handler<thread>, IRQF_TRIGGER_NONE,
                                   "a-card-with-a-name", &c) == 0);
        CHECK(request_threaded_irq(ctx, 6, nullptr, handler<thread>, IRQF_ONESHOT, "b", &c) == 0);
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(c.order.empty());
    m.line_at(1000, 5);
    m.line_at(2000, 5);
    CHECK(m.run() == sim::outcome::idle);
    CHECK(c.order == "ptpt");
    CHECK(c.thread_is == "irq/5-a-card-wi"); // TASK_COMM_LEN
    m.line_at(3000, 6);
    CHECK(m.run() == sim::outcome::idle);
    CHECK(c.order == "ptptt");
    CHECK(m.log.records().empty());
}

TEST_CASE("softirqs run when the interrupt is over, and interrupts come in them")
{
    sim::machine m(small());
    std::string order;
    m.irq_at(1000, [&] {
        m.raise_softirq([&] {
            CHECK(m.preempt_count() == 0x101); // of the idle task
            CHECK_FALSE(m.irqs_disabled());
            order += "s";
            m.pass(5000);
            order += "S";
        });
        order += "i";
    });
    m.irq_at(3000, [&] {
        CHECK(m.preempt_count() == 0x10101);
        m.raise_softirq([&] { order += "2"; });
        order += "n";
    });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(order == "isnS2");
}

TEST_CASE("kmalloc() in an interrupt: GFP_KERNEL is reported, GFP_ATOMIC is not")
{
    const auto reports = [](auto request) {
        sim::machine_config config = small();
        config.debug_atomic_sleep = true;
        sim::machine m(config);
        card c;
        m.spawn({.comm = "insmod", .pid = 7}, [&] { request(&c); });
        m.line_at(1000, 5);
        CHECK(m.run() == sim::outcome::idle);
        CHECK(c.buffer != nullptr);
        m.spawn({.comm = "rmmod", .pid = 8}, [&] { kfree(ctx, c.buffer); });
        CHECK(m.run() == sim::outcome::idle);
        std::vector<std::string> lines = lines_with(m, "BUG:");
        for (const std::string &line : lines_with(m, "in_atomic"))
            lines.push_back(line);
        return lines;
    };
    CHECK(reports([](card *c) {
              CHECK(request_irq(ctx, 5, handler<allocate<decltype(GFP_KERNEL)>>, IRQF_TRIGGER_NONE,
                                "card", c) == 0);
          }) == std::vector<std::string>{
                    "BUG: sleeping function called from invalid context at "
                    "include/linux/sched/mm.h:321",
                    "in_atomic(): 1, irqs_disabled(): 1, non_block: 0, pid: 0, name: swapper"});
    CHECK(reports([](card *c) {
              CHECK(request_irq(ctx, 5, handler<allocate<decltype(GFP_ATOMIC)>>, IRQF_TRIGGER_NONE,
                                "card", c) == 0);
          }).empty());
}

TEST_CASE("a level comes again until the device is quiet, and waits while the line is masked")
{
    sim::machine m(small());
    level_card c{.quiet_after = 3};
    m.spawn({.comm = "insmod", .pid = 7}, [&] {
        m.set_line(5, true); // before anybody has requested it
        m.pass(1000);
        CHECK(c.interrupts == 0);
        CHECK(request_irq(ctx, 5, handler<acknowledge>, IRQF_TRIGGER_HIGH, "card", &c) == 0);
        m.pass(10 * sim::irq_lines::again_ns);
        CHECK(c.interrupts == 3);
        disable_irq(ctx, 5);
        c.quiet_after = 4;
        m.set_line(5, true);
        m.pass(1000);
        CHECK(c.interrupts == 3);
        enable_irq(ctx, 5);
        m.pass(1000);
        CHECK(c.interrupts == 4);
        // Quiet before it could come: nothing comes.
        disable_irq(ctx, 5);
        m.set_line(5, true);
        m.set_line(5, false);
        enable_irq(ctx, 5);
        m.pass(1000);
        CHECK(c.interrupts == 4);
    });
    CHECK(m.run() == sim::outcome::idle);
}

TEST_CASE("a level stays masked until its thread is done, with IRQF_ONESHOT")
{
    const auto interrupts = [](auto flags) {
        sim::machine m(small());
        level_card c;
        m.spawn({.comm = "insmod", .pid = 7}, [&] {
            CHECK(request_threaded_irq(ctx, 5, handler<wake_thread>, handler<acknowledge_in_thread>,
                                       flags, "card", &c) == 0);
            m.set_line(5, true);
        });
        CHECK(m.run() == sim::outcome::idle);
        CHECK(c.threads >= 1);
        return c.interrupts;
    };
    CHECK(interrupts(IRQF_TRIGGER_HIGH | IRQF_ONESHOT) == 1);
    // Without it the handler is called over and over while the thread sleeps.
    CHECK(interrupts(IRQF_TRIGGER_HIGH) > 1000);
}

TEST_CASE("a level that no handler wants: nobody cared; one that is never quiet: a storm")
{
    sim::machine m(small());
    level_card c;
    m.spawn({.comm = "insmod", .pid = 7},
            [&] { CHECK(request_irq(ctx, 5, handler<not_mine>, IRQF_SHARED, "card", &c) == 0); });
    m.irq_at(1000, [&] { m.set_line(5, true); });
    CHECK(m.run() == sim::outcome::idle);
    CHECK(c.interrupts == 100'000);
    CHECK(lines_with(m, "irq 5: nobody cared (try booting with the \"irqpoll\" option)").size() ==
          1);
    CHECK(lines_with(m, "Disabling IRQ #5").size() == 1);

    sim::machine other(small());
    level_card never{.quiet_after = 0};
    other.spawn({.comm = "insmod", .pid = 7}, [&] {
        CHECK(request_irq(ctx, 5, handler<acknowledge>, IRQF_TRIGGER_HIGH, "card", &never) == 0);
        other.set_line(5, true);
    });
    CHECK(other.run() == sim::outcome::locked_up);
    CHECK(other.log.records().empty());
}

TEST_CASE("forced threading: handler and thread function get a thread each")
{
    const auto ran = [](unsigned version, preemption preempt) {
        sim::machine m(kernel_of(version, kernel::arch::x86, preempt));
        level_card c;
        m.spawn({.comm = "insmod", .pid = 7}, [&] {
            CHECK(request_threaded_irq(ctx, 5, handler<wake_thread>, handler<acknowledge_in_thread>,
                                       IRQF_TRIGGER_NONE, "card", &c) == 0);
        });
        m.line_at(1000, 5);
        CHECK(m.run() == sim::outcome::idle);
        const bool lower = m.any_task([](const task_struct &t) {
            return t.is.comm == "irq/5-s-card" && t.is.prio == 50; // SCHED_FIFO 49
        });
        return c.ran + (lower ? "lower" : "");
    };
    const unsigned v6_12 = KCTX_VERSION(6, 12, 0);
    CHECK(ran(v6_12, preemption::full) == "swapper irq/5-card ");
    CHECK(ran(v6_12, preemption::rt) == "irq/5-card irq/5-s-card ");
    CHECK(ran(KCTX_VERSION(4, 19, 0), preemption::rt) == "irq/5-card irq/5-s-card lower");
}

TEST_CASE("free_irq() ends the threads, and the line can be requested again")
{
    for (const preemption preempt : {preemption::full, preemption::rt}) {
        sim::machine m(kernel_of(KCTX_VERSION(6, 12, 0), kernel::arch::x86, preempt));
        level_card c{.quiet_after = 99};
        m.spawn({.comm = "insmod", .pid = 7}, [&] {
            for (int i = 0; i < 2; ++i) {
                CHECK(request_threaded_irq(ctx, 5, handler<wake_thread>,
                                           handler<acknowledge_in_thread>, IRQF_TRIGGER_NONE,
                                           "card", &c) == 0);
                m.line_at(m.now() + 1000, 5);
                msleep(ctx, 1);
                CHECK(std::string_view(static_cast<const char *>(free_irq(ctx, 5, &c))) == "card");
            }
            CHECK(c.threads == 2); // each was waited for
        });
        CHECK(m.run() == sim::outcome::idle);
        CHECK_FALSE(m.any_task(
            [](const task_struct &t) { return t.is.comm.starts_with("irq/") && !t.exited; }));
        CHECK(m.log.records().empty());
    }
}

TEST_CASE("an interrupt that comes while its handlers run on another CPU comes afterwards")
{
    sim::machine_config config = small();
    config.cpus = 2;
    sim::machine m(config);
    card c;
    m.spawn({.comm = "insmod", .pid = 7}, [&] {
        CHECK(request_irq(ctx, 5, handler<slow>, IRQF_TRIGGER_RISING, "card", &c) == 0);
    });
    m.line_at(1000, 5, {}, 0);
    m.line_at(3000, 5, {}, 1);
    CHECK(m.run() == sim::outcome::idle);
    CHECK(c.order == "()()");
}

TEST_CASE("the stored count has need_resched, the count has not")
{
    const auto stored = [](unsigned version, kernel::arch arch) {
        sim::machine m(kernel_of(version, arch, preemption::none));
        std::string out;
        m.spawn({.comm = "task", .pid = 7}, [&] {
            out = sim::text("%llx", static_cast<unsigned long long>(m.stored_preempt_count()));
            m.set_need_resched();
            out += sim::text(" %llx %x", static_cast<unsigned long long>(m.stored_preempt_count()),
                             m.preempt_count());
        });
        m.run();
        return out;
    };
    CHECK(stored(KCTX_VERSION(6, 12, 0), kernel::arch::x86) == "80000000 0 0");
    CHECK(stored(KCTX_VERSION(3, 12, 0), kernel::arch::x86) == "0 0 0");
    CHECK(stored(KCTX_VERSION(5, 4, 0), kernel::arch::arm64) == "100000000 0 0");
    CHECK(stored(KCTX_VERSION(4, 19, 0), kernel::arch::arm64) == "0 0 0");
    CHECK(stored(KCTX_VERSION(6, 12, 0), kernel::arch::arm) == "0 0 0");
}

// SPDX-License-Identifier: BSL-1.0
// Interrupt lines, their threads, softirqs, and allocations in them.
#include <doctest/doctest.h>

#include "simulate.hpp"

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

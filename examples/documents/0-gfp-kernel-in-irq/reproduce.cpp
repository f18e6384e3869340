// SPDX-License-Identifier: BSL-1.0
// rejected.cpp on a simulated machine, which reports what the document's kernel reported.
// usage: reproduce            the log of rejected.cpp
//        reproduce fixed      that of fixed.cpp: nothing
#define KCTX_UNCHECKED
#define KCTX_KERNEL_VERSION KCTX_VERSION(2, 6, 33)
#include "../reproduce.hpp"

namespace rejected {
#include "rejected.cpp"
}
namespace fixed {
#include "fixed.cpp"
}

using kctx::sim::frame;

// Where the functions of that kernel are: the address that each returns to, how far into the
// function that is, and its size. All of it is in the log.
static const told_symbol symbols[] = {
    {"show_regs", {0xc0027de4, 0x0, 0x4c, 0, ""}},
    {"__schedule_bug", {0xc0038678, 0x48, 0x5c, 0, ""}},
    {"schedule", {0xc022b964, 0x4c, 0x2bc, 0, ""}},
    {"__cond_resched", {0xc00386b0, 0x24, 0x34, 0, ""}},
    {"_cond_resched", {0xc022bc68, 0x30, 0x40, 0, ""}},
    {"__kmalloc", {0xc0086890, 0x5c, 0xe0, 0, ""}},
    {"init_rx_dma", {0xbf000130, 0x1c, 0x98, 0, "drv"}},
    {"handle_IRQ_event", {0xc00626c0, 0x3c, 0x114, 0, ""}}, // the log has its start alone
    {"handle_level_irq", {0xc00649c8, 0xf0, 0x10c, 0, ""}},
    {"asm_do_IRQ", {0xc0026074, 0x74, 0xa0, 0, ""}},
    {"__irq_svc", {0xc0026a68, 0x28, 0x60, 0, ""}},
    {"__rcu_process_callbacks", {0xc0065820, 0x68, 0x3a0, 0, ""}},
};

static const std::vector<const char *> timer_path = {"__irq_svc", "asm_do_IRQ"};
static const std::vector<const char *> level_path = {"__irq_svc", "asm_do_IRQ", "handle_level_irq",
                                                     "handle_IRQ_event"};

static machine_config board()
{
    machine_config config;
    config.version = KCTX_KERNEL_VERSION;
    config.release = "2.6.33.5";
    config.build = "#19";
    config.arch = kctx::kernel::arch::arm;
    // The count's preemption level is 0, and kmalloc() has come to a point where others may run.
    config.preempt = preemption::voluntary;
    config.hz = 100;
    return config;
}

/// The driver has been loaded; then its interrupt comes while the idle CPU serves RCU's softirq,
/// whose callbacks have woken a task: somebody waits for the CPU. What they are is not in the log.
template <class Rx> static int run(int (*probe)(ProcessCtx, unsigned, Rx *))
{
    document_machine m(board(), symbols);
    m.load_module("drv");

    Rx rx{};
    auto &waits = m.spawn({.comm = "events/0", .pid = 5, .serves = true}, [&m] {
        m.current().state = kctx::TASK_INTERRUPTIBLE;
        m.schedule();
    });
    m.spawn({.comm = "insmod", .pid = 300}, [&] {
        probe(kctx::assume_context<ProcessCtx>("sys_init_module() calls it"), 23, &rx);
    });
    const auto rcu_callbacks = [&] {
        const frame in("__rcu_process_callbacks");
        m.wake_up(waits, kctx::TASK_NORMAL);
        m.pass(1'000'000);
    };
    m.irq_at(10'000'000, [&] { m.raise_softirq(rcu_callbacks); }, timer_path);
    m.line_at(10'500'000, 23, level_path);
    m.run();
    m.spawn({.comm = "rmmod", .pid = 301}, [&] {
        kfree(kctx::assume_context<ProcessCtx>("sys_delete_module() calls it"), rx.buffer);
    });
    return m.run() == kctx::sim::outcome::idle ? 0 : 1;
}

int main(int argc, char **argv)
{
    name_function(rejected::init_rx_dma, {"init_rx_dma"});
    name_function(fixed::init_rx_dma, {"init_rx_dma"});
    const std::string_view which = argc == 2 ? argv[1] : "";
    if (argc == 1)
        return run<rejected::rx_dma>(rejected::drv_probe);
    if (which == "fixed")
        return run<fixed::rx_dma>(fixed::drv_probe);
    std::cerr << "usage: reproduce [fixed]\n";
    return 2;
}

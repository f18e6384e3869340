// SPDX-License-Identifier: BSL-1.0
// rejected.cpp on a simulated machine, which reports what the document's kernel reported.
// usage: reproduce                 the log of rejected.cpp
//        reproduce panic-on-warn   what panic_on_warn makes of it
//        reproduce no-rt           the same source on a kernel without PREEMPT_RT: nothing
//        reproduce fixed           that of fixed_outside_raw_section.cpp: nothing
#define KCTX_UNCHECKED
#define KCTX_KERNEL_VERSION KCTX_VERSION(4, 19, 0)
#include "../reproduce.hpp"

namespace rejected {
#include "rejected.cpp"
}
namespace fixed {
#include "fixed_outside_raw_section.cpp"
}

using kctx::RawSpinLockedIrqsave;

// Where the functions of that kernel are: how far into each the log is, and its size. The log has
// no addresses.
static const told_symbol symbols[] = {
    {"dump_backtrace", {0, 0x0, 0x170, 0, ""}},
    {"show_stack", {0, 0x24, 0x30, 0, ""}},
    {"dump_stack", {0, 0xa4, 0xe8, 0, ""}},
    {"__schedule_bug", {0, 0x68, 0x88, 0, ""}},
    {"__schedule", {0, 0x618, 0x748, 0, ""}},
    {"schedule", {0, 0x48, 0x100, 0, ""}},
    {"rt_spin_lock_slowlock_locked", {0, 0x110, 0x2c0, 0, ""}},
    {"rt_spin_lock_slowlock", {0, 0x54, 0x70, 0, ""}},
    {"rt_spin_lock", {0, 0x60, 0x70, 0, ""}},
    {"timerfd_triggered", {0, 0x24, 0x60, 0, ""}},
    {"timerfd_tmrproc", {0, 0x20, 0x30, 0, ""}},
    {"__hrtimer_run_queues", {0, 0xf8, 0x388, 0, ""}},
    {"hrtimer_run_softirq", {0, 0x78, 0xf0, 0, ""}},
    {"do_current_softirqs", {0, 0x1c4, 0x3e8, 0, ""}},
    {"run_ksoftirqd", {0, 0x30, 0x50, 0, ""}},
    {"smpboot_thread_fn", {0, 0x1a8, 0x2a0, 0, ""}},
    {"kthread", {0, 0x134, 0x138, 0, ""}},
    {"ret_from_fork", {0, 0x10, 0x18, 0, ""}},
};

static machine_config board(preemption preempt)
{
    machine_config config;
    config.version = KCTX_KERNEL_VERSION;
    config.release = "4.19.90-25.2.rt.2101.gfb01.ky10.aarch64";
    config.arch = kctx::kernel::arch::arm64;
    config.preempt = preempt;
    config.cpus = 16;
    config.hz = 250;
    config.printk_time = config.printk_cpu = true;
    config.boot_ns = 2'004'917'000'000;
    return config;
}

/// A task reads the timerfd, with its lock held, while on another CPU the timer's time has come.
/// Who held the lock is not in the log.
template <class Timerfd, class Base>
static int run(void (*hrtimer_run_softirq)(SoftirqCtx, Base *), const machine_config &config)
{
    document_machine m(config, symbols);
    m.give_pid("ktimersoftd/14", 131);

    Timerfd tfd{};
    Base base{};
    base.next = &tfd.tmr;
    m.spawn({.comm = "reader", .pid = 4000, .cpu = 3}, [&] {
        const unsigned long flags = kctx::env::spin_lock_irqsave(&tfd.lock);
        m.pass(1'000'000);
        kctx::env::spin_unlock_irqrestore(&tfd.lock, flags);
    });
    m.irq_at(
        2'004'917'769'000,
        [&] {
            m.raise_softirq(
                [&] {
                    hrtimer_run_softirq(
                        kctx::assume_context<SoftirqCtx>("the kernel's softirqs call it"), &base);
                },
                {}, kctx::sim::softirq_thread::timers);
        },
        {}, 14);
    return m.run() == kctx::sim::outcome::hung ? 1 : 0;
}

/// The functions of the sources, in the contexts that they are called in.
static void name_functions()
{
    {
        using namespace rejected;
        using locked = RawSpinLockedIrqsave<rejected::hrtimer_cpu_base_lock, SoftirqCtx>;
        name_function(timerfd_triggered<locked>, {"timerfd_triggered"});
        name_function(timerfd_tmrproc<locked>, {"timerfd_tmrproc"});
        name_function(__hrtimer_run_queues<locked>, {"__hrtimer_run_queues"});
        name_function(hrtimer_run_softirq, {"hrtimer_run_softirq"});
    }
    {
        using namespace fixed;
        name_function(timerfd_triggered<SoftirqCtx>, {"timerfd_triggered"});
        name_function(timerfd_tmrproc<SoftirqCtx>, {"timerfd_tmrproc"});
        name_function(fixed::hrtimer_run_softirq, {"hrtimer_run_softirq"});
    }
}

int main(int argc, char **argv)
{
    name_functions();
    const std::string_view which = argc == 2 ? argv[1] : "";
    machine_config config = board(which == "no-rt" ? preemption::full : preemption::rt);
    config.panic_on_warn = which == "panic-on-warn";
    if (which == "fixed")
        return run<fixed::timerfd_ctx>(fixed::hrtimer_run_softirq, config);
    if (argc == 1 || which == "no-rt" || which == "panic-on-warn")
        return run<rejected::timerfd_ctx>(rejected::hrtimer_run_softirq, config);
    std::cerr << "usage: reproduce [panic-on-warn | no-rt | fixed]\n";
    return 2;
}

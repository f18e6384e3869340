// SPDX-License-Identifier: BSL-1.0
// rejected.cpp on a simulated machine whose memory is in small pieces: its allocation fails, and
// the kernel reports what the document's did. usage: reproduce         the Oops of rejected.cpp
//        reproduce panic   the same with panic_on_oops
//        reproduce fixed   fixed.cpp, whose first allocation fails as well: what it says itself
#define KCTX_UNCHECKED
#define KCTX_KERNEL_VERSION KCTX_VERSION(5, 4, 0)
#include "../reproduce.hpp"

namespace rejected {
#include "rejected.cpp"
}
namespace fixed {
#include "fixed.cpp"
}

// Where the functions of that kernel are: how far into each the trace of the allocation is, and the
// size.
static const told_symbol symbols[] = {
    {"glSetHifInfo", {0xffffffc00a72fd30, 0x670, 0x7c0, 0x90, "wlan_mt7663_usb"}},
    {"glRegisterBus", {0xffffffc00a72e434, 0x1b4, 0x978, 0x30, "wlan_mt7663_usb"}},
};

static machine_config board()
{
    machine_config config;
    config.version = KCTX_KERNEL_VERSION;
    config.release = "5.4.125-android11-2-g6d2ca40337f4-dirty-ab2800";
    config.hardware = "Amlogic (DT)";
    config.arch = kctx::kernel::arch::arm64;
    config.preempt = preemption::full;
    config.cpus = 4;
    config.va_bits = 39;
    return config;
}

/// The device is plugged in: khubd's work item probes it. The process that ran before on that CPU
/// has no pages in the lowest 2 MiB, as processes have none.
template <class Wlan> static int run(const machine_config &config, void (*hub_probe)(Wlan *))
{
    document_machine m(config, symbols);
    m.load_module("wlan_mt7663_usb(POC)");
    m.add_taint('W'); // something had been warned of before
    m.give_pid("kworker/0:0", 5171);
    m.part<kctx::sim::heap>().fail_at = 1; // no 16 pages in a row

    Wlan device{};
    kctx::workqueue_struct hub_queue{"usb_hub_wq"};
    m.spawn({.comm = "vold", .pid = 300, .tables = {.pgdp = 0xd701000, .pgd = 0xd702003, .pmd = 0}},
            [&] {
                hub_probe(&device);
                m.part<kctx::sim::workqueues>().name_function(
                    reinterpret_cast<const void *>(device.hub_events.func), "hub_event");
                queue_work(kctx::assume_context<ProcessCtx>("a process plugs it in"), &hub_queue,
                           &device.hub_events);
            });
    return m.run() == kctx::sim::outcome::panicked ? 1 : 0;
}

int main(int argc, char **argv)
{
    name_function(rejected::glSetHifInfo, {"glSetHifInfo"});
    name_function(rejected::glRegisterBus, {"glRegisterBus"});
    name_function(rejected::hub_event, {"hub_event"});
    name_function(fixed::hub_event, {"hub_event"});
    const std::string_view which = argc == 2 ? argv[1] : "";
    machine_config config = board();
    config.panic_on_oops = which == "panic";
    if (argc == 1 || which == "panic")
        return run<rejected::wlan>(config, rejected::hub_probe);
    if (which == "fixed")
        return run<fixed::wlan>(config, [](fixed::wlan *w) {
            INIT_WORK(&w->hub_events, kctx::handler<fixed::hub_event>);
        });
    std::cerr << "usage: reproduce [panic | fixed]\n";
    return 2;
}

// SPDX-License-Identifier: BSL-1.0
// rejected.cpp on a simulated machine, which reports what the document's kernel reported.
// usage: reproduce              the log of rejected.cpp
//        reproduce shown        with no lock held but the one that the trace shows
//        reproduce fixed        that of fixed.cpp: nothing
#define KCTX_UNCHECKED
#define KCTX_KERNEL_VERSION KCTX_VERSION(2, 6, 32)
#include "../reproduce.hpp"

namespace rejected {
#include "rejected.cpp"
}
namespace fixed {
#include "fixed.cpp"
}

using kctx::ReadLocked;

// Where the functions of that kernel are: the address that each returns to, how far into the
// function that is, and its size. All of it is in the log, but for the offset in what is called by
// nobody there.
static const told_symbol symbols[] = {
    {"show_regs", {0xc0032fb4, 0x0, 0x4c, 0, ""}},
    {"__schedule_bug", {0xc004d85c, 0x48, 0x5c, 0, ""}},
    {"schedule", {0xc032b734, 0x78, 0x45c, 0, ""}},
    {"schedule_timeout", {0xc032c138, 0x20, 0x1dc, 0, ""}},
    {"wait_for_common", {0xc032bfa0, 0xf8, 0x1b4, 0, ""}},
    {"wait_for_completion", {0xc032c0ec, 0x18, 0x1c, 0, ""}},
    {"__cancel_work_timer", {0xc0065ba4, 0x140, 0x194, 0, ""}},
    {"cancel_delayed_work_sync", {0xc0065c0c, 0x14, 0x18, 0, ""}},
    {"fb_deferred_io_fsync_delay", {0xc0198044, 0x1c, 0x2c, 0, ""}},
    {"new8110_lcd_icon_control", {0xc01999dc, 0xb0, 0xbc, 0, ""}},
    {"lcd_icon_set", {0xc003ad64, 0x20, 0x28, 0, ""}},
    {"led_trigger_event", {0xc023d8c0, 0x64, 0xa0, 0, ""}},
    {"card_insert_interrupt", {0xbf088520, 0x70, 0x98, 0, "iccard"}},
    {"cardslot_iso7816_uart_interrupt", {0xbf084b10, 0xd4, 0xb68, 0, "iccard"}},
    {"handle_IRQ_event", {0xc007e76c, 0x3c, 0xfc, 0, ""}},
    {"handle_level_irq", {0xc0080734, 0xcc, 0x168, 0, ""}},
    {"asm_do_IRQ", {0xc0031070, 0x70, 0x8c, 0, ""}},
    {"__irq_svc", {0xc0031b78, 0x38, 0xd4, 0, ""}},
    {"memcpy", {0xc017c5cc, 0x16c, 0x330, 0, "", true}},
    {"new8110fb_deferred_io", {0xc0198f84, 0x0, 0x5ac, 0, ""}},
    {"fb_deferred_io_work", {0xc0197f40, 0x90, 0xe0, 0, ""}},
    {"worker_thread", {0xc00657b8, 0x178, 0x22c, 0, ""}},
    {"kthread", {0xc00692b8, 0x84, 0x8c, 0, ""}},
    {"do_exit", {0xc0056b80, 0x0, 0x62c, 0, ""}},
};

// The modules of that kernel, the oldest first.
static const char *const modules[] = {
    "bcm589x_dwccom",
    "bcm589x_otg",
    "fusion",
    "leds",
    "beeper",
    "matrix_keys",
    "bcm5892_adc_driver",
    "touch_screen",
    "bcm589x_spi",
    "printer",
    "ftp101",
    "slnsp",
    "modem",
    "cx930xx",
    "magstripe",
    "idtechencmag",
    "bcm589x_ped",
    "bar_scanner",
    "bcm589x_pm(P)",
    "iso7816_uart",
    "iccard",
};

static constexpr unsigned card_irq = 46; // r7 and r6 of the log: 0x2e
static const std::vector<const char *> level_path = {"__irq_svc", "asm_do_IRQ", "handle_level_irq",
                                                     "handle_IRQ_event"};

static machine_config board()
{
    machine_config config;
    config.version = KCTX_KERNEL_VERSION;
    config.release = "2.6.32.9-bcm5892";
    config.build = "#8";
    config.arch = kctx::kernel::arch::arm;
    config.preempt = preemption::full; // locks are counted
    config.hz = 100;
    config.printk_time = config.printk_level = true;
    config.boot_ns = 1'947'800'000'000;
    return config;
}

/// The display's picture is to go out in a work item; while memcpy() does so the card is pulled.
/// @p assumed: how many locks the slot's driver holds that the trace does not show.
template <class Lcd, class Trigger, class Slot>
static int run(void (*lcd_probe)(Lcd *), int (*cardslot_probe)(ProcessCtx, unsigned, Slot *),
               unsigned assumed)
{
    document_machine m(board(), symbols);
    for (const char *name : modules)
        m.load_module(name);
    m.unloaded_module("iso7816_uart");
    m.give_pid("events/0", 4);

    Lcd display{};
    unsigned char screen[sizeof display.icons];
    display.screen = screen;
    Trigger trigger{};
    trigger.display = &display;
    Slot slot{&trigger, true};
    kctx::spinlock_t locks[8];

    const auto card_pulled = [&] {
        for (unsigned i = 0; i < assumed; ++i)
            kctx::env::spin_lock(&locks[i]);
        m.part<kctx::sim::irq_lines>().handle(card_irq);
        for (unsigned i = assumed; i-- > 0;)
            kctx::env::spin_unlock(&locks[i]);
    };
    m.spawn({.comm = "insmod", .pid = 300}, [&] {
        const auto ctx = kctx::assume_context<ProcessCtx>("sys_init_module() calls it");
        lcd_probe(&display);
        cardslot_probe(ctx, card_irq, &slot);
        schedule_delayed_work(ctx, &display.deferred_work, 10);
        m.irq_at(m.now() + 10 * m.jiffy_ns(), card_pulled, level_path);
    });
    m.run();
    return 0;
}

/// The functions of the sources, in the contexts that they are called in.
static void name_functions()
{
    const std::vector<const char *> picture = {"fb_deferred_io_work", "new8110fb_deferred_io",
                                               "memcpy"};
    {
        using namespace rejected;
        using locked = ReadLocked<leddev_list_lock, IrqCtx>;
        name_function(fb_deferred_io_work, picture);
        name_function(fb_deferred_io_fsync_delay<locked>, {"fb_deferred_io_fsync_delay"});
        name_function(new8110_lcd_icon_control<locked>, {"new8110_lcd_icon_control"});
        name_function(lcd_icon_set<locked>, {"lcd_icon_set"});
        name_function(rejected::led_trigger_event<IrqCtx>, {"led_trigger_event"});
        name_function(card_insert_interrupt, {"card_insert_interrupt"});
        name_function(cardslot_iso7816_uart_interrupt, {"cardslot_iso7816_uart_interrupt"});
    }
    name_function(fixed::fb_deferred_io_work, picture);
}

int main(int argc, char **argv)
{
    name_functions();
    const std::string_view which = argc == 2 ? argv[1] : "";
    const auto run_rejected = [](unsigned assumed) {
        return run<rejected::lcd, rejected::led_trigger>(rejected::lcd_probe,
                                                         rejected::cardslot_probe, assumed);
    };
    if (argc == 1)
        return run_rejected(2);
    if (which == "shown")
        return run_rejected(0);
    if (which == "fixed")
        return run<fixed::lcd, fixed::led_trigger>(fixed::lcd_probe, fixed::cardslot_probe, 2);
    std::cerr << "usage: reproduce [shown | fixed]\n";
    return 2;
}

// SPDX-License-Identifier: BSL-1.0
// rejected.cpp on a simulated machine, which reports what the document's kernel reported.
// usage: reproduce [not-preemptible | fixed]
// The log of rejected.cpp; without CONFIG_PREEMPT, which does not see it, or of fixed.cpp, nothing.
#define KCTX_UNCHECKED
#define KCTX_KERNEL_VERSION KCTX_VERSION(2, 6, 32)
#include "../reproduce.hpp"

namespace rejected {
#include "rejected.cpp"
}
namespace fixed {
#include "fixed.cpp"
}

using kctx::SpinLocked;

// Where the functions of that kernel are: the address that each returns to, how far into the
// function that is, its size, and the stack that it uses. All of it is in the log, which says
// nothing else of that kernel.
static const told_symbol symbols[] = {
    {"show_stack", {0xc00081e0, 0x3c, 0x194, 0x30, ""}},
    {"__schedule_bug", {0xc0019b2c, 0x64, 0x78, 0x20, ""}},
    {"schedule", {0xc0350f50, 0x324, 0x34c, 0x50, ""}},
    {"schedule_timeout", {0xc03515c0, 0x68, 0xe4, 0x40, ""}},
    {"fsl_elbc_run_command", {0xc027938c, 0x138, 0x1c0, 0x40, ""}},
    {"nand_do_read_ops", {0xc0275820, 0x130, 0x3dc, 0x60, ""}},
    {"nand_read", {0xc0275ebc, 0xac, 0xe0, 0x30, ""}},
    {"part_read", {0xc0262d98, 0x5c, 0xe4, 0x10, ""}},
    {"jffs2_flash_read", {0xc017bcac, 0x68, 0x254, 0x30, ""}},
    {"jffs2_read_dnode", {0xc0170550, 0x60, 0x304, 0x50, ""}},
    {"jffs2_read_inode_range", {0xc017088c, 0x98, 0x180, 0x30, ""}},
    {"jffs2_do_readpage_nolock", {0xc016e610, 0x94, 0x1ac, 0x20, ""}},
    {"jffs2_write_begin", {0xc016ee04, 0x2b0, 0x330, 0x80, ""}},
    {"generic_file_buffered_write", {0xc005144c, 0x11c, 0x8d0, 0xa0, ""}},
    {"__generic_file_aio_write_nolock", {0xc0051e48, 0x248, 0x500, 0x70, ""}},
    {"generic_file_aio_write", {0xc0052168, 0x68, 0x10c, 0x30, ""}},
    {"do_sync_write", {0xc007ca80, 0xc4, 0x138, 0xc0, ""}},
    {"oops_log", {0xf107c0dc, 0xdc, 0x1e8, 0x260, "oopslog"}},
    {"oops_log_init", {0xf3087058, 0x58, 0xa0, 0x10, "oopslog"}},
    {"sys_init_module", {0xc00477bc, 0x130, 0x17dc, 0xc0, ""}},
    {"ret_from_syscall", {0xc00104b0, 0x0, 0x38, 0xc0, ""}},
};

static machine_config board(preemption preempt)
{
    machine_config config;
    config.version = KCTX_KERNEL_VERSION;
    config.arch = kctx::kernel::arch::powerpc;
    config.preempt = preempt;
    return config;
}

/// insmod loads the module, whose init function is @p init.
template <class Flash, class Oops>
static int load(unsigned int (*init)(ProcessCtx, Oops *), preemption preempt = preemption::full)
{
    document_machine m(board(preempt), symbols);
    m.load_module("oopslog(+)"); // its init function runs

    Flash flash{};
    Oops oops{};
    oops.length = 1;
    oops.flash = &flash;
    m.spawn({.comm = "insmod",
             .pid = 826,
             .stack_top = 0xef130000,
             .entry = {"ret_from_syscall", "sys_init_module"},
             .user = {.trap = 0xc01, .pc = 0xff29658, .link = 0x10031300}},
            [&] { init(kctx::assume_context<ProcessCtx>("sys_init_module() calls it"), &oops); });
    return m.run() == kctx::sim::outcome::idle ? 0 : 1;
}

/// The functions of the two sources, in the contexts that they are called in. Writing takes the
/// page cache and jffs2 to the flash, which both sources leave out.
static void name_functions()
{
    const std::vector<const char *> read_by_write = {"generic_file_aio_write",
                                                     "__generic_file_aio_write_nolock",
                                                     "generic_file_buffered_write",
                                                     "jffs2_write_begin",
                                                     "jffs2_do_readpage_nolock",
                                                     "jffs2_read_inode_range",
                                                     "jffs2_read_dnode",
                                                     "jffs2_flash_read",
                                                     "part_read",
                                                     "nand_read"};
    {
        using namespace rejected;
        using locked = SpinLocked<rejected::oops_lock, ProcessCtx>;
        name_function(fsl_elbc_run_command<locked>, {"fsl_elbc_run_command"});
        name_function(nand_do_read_ops<locked>, {"nand_do_read_ops"});
        name_function(nand_read<locked>, read_by_write);
        name_function(do_sync_write<locked>, {"do_sync_write"});
        name_function(oops_log, {"oops_log"});
        name_function(oops_log_init, {"oops_log_init"});
    }
    {
        using namespace fixed;
        name_function(fsl_elbc_run_command<ProcessCtx>, {"fsl_elbc_run_command"});
        name_function(nand_do_read_ops<ProcessCtx>, {"nand_do_read_ops"});
        name_function(nand_read<ProcessCtx>, read_by_write);
        name_function(do_sync_write<ProcessCtx>, {"do_sync_write"});
        name_function(oops_log, {"oops_log"});
        name_function(oops_log_init, {"oops_log_init"});
    }
}

int main(int argc, char **argv)
{
    name_functions();
    const std::string_view which = argc == 2 ? argv[1] : "";
    if (argc == 1)
        return load<rejected::flash_controller>(rejected::oops_log_init);
    if (which == "not-preemptible")
        return load<rejected::flash_controller>(rejected::oops_log_init, preemption::none);
    if (which == "fixed")
        return load<fixed::flash_controller>(fixed::oops_log_init);
    std::cerr << "usage: reproduce [not-preemptible | fixed]\n";
    return 2;
}

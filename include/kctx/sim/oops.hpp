// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the kernel does not go on from as if nothing was: Oops, BUG(), panic; and tasks that hang.
/// @par Kernel source
/// arch/x86/mm/fault.c, arch/x86/kernel/dumpstack.c; arch/arm/mm/fault.c, arch/arm/kernel/traps.c;
/// arch/arm64/mm/fault.c, arch/arm64/kernel/traps.c; arch/powerpc/mm/fault.c,
/// arch/powerpc/kernel/traps.c; kernel/exit.c, kernel/panic.c, kernel/hung_task.c.
#pragma once

#include <kctx/sim/fault.hpp>
#include <kctx/sim/reports.hpp>

namespace kctx::sim {

// What is on the stack of a function that does not return is never destroyed: these keep their
// words in the machine.

void machine::panic(std::string_view why)
{
    const frame in("panic");
    print_panic(why);
    panicked_ = true;
    leave();
}

void machine::print_panic(std::string_view why)
{
    const std::string words = "Kernel panic - not syncing: " + std::string(why);
    printk(level::emerg, words);
    dump_stack();
    if (config.since(4, 4))
        printk(level::emerg, "---[ end " + words + (config.since(5, 4) ? " ]---" : ""));
}

/// What follows the words of a die() line: ` PREEMPT SMP`.
std::string machine::die_suffix() const
{
    std::string out;
    if (config.rt() && config.since(5, 4))
        out += " PREEMPT_RT";
    else if (config.preemptible())
        out += " PREEMPT";
    if (config.cpus > 1)
        out += " SMP";
    if (config.arch == kernel::arch::arm && config.since(3, 0))
        out += " ARM";
    // 6.18 has it in the line of the CPU.
    if (config.since(6, 18) &&
        (config.arch == kernel::arch::x86 || config.arch == kernel::arch::arm))
        out.clear();
    return out;
}

/// The die line, the trace, and what becomes of the task: @p word is the part of what die_words_
/// say that panics of later kernels repeat.
void machine::die(const char *word)
{
    print_die(die_words_);
    add_taint('D');
    const bool repeats = config.arch == kernel::arch::arm64 && config.since(5, 10);
    die_words_ = repeats ? std::string(word) + ": Fatal exception" : "Fatal exception";
    if (in_interrupt())
        panic(die_words_ += " in interrupt");
    if (config.panic_on_oops)
        panic(die_words_);
    make_task_dead();
}

void machine::print_die(const std::string &what)
{
    task_struct &me = current();
    const std::string count = text(" [#%u]", ++oopses_);
    switch (config.arch) {
    case kernel::arch::x86:
        printk(level::alert, (config.since(6, 12) ? "Oops: " : "") + what + count + die_suffix() +
                                 (config.since(4, 14) ? "" : " "));
        break;
    case kernel::arch::powerpc:
        printk(level::emerg, what + count);
        printk(level::emerg, die_suffix().empty() ? "" : die_suffix().substr(1));
        break;
    default:
        printk(level::emerg, "Internal error: " + what + count + die_suffix());
    }
    print_modules();
    if (!me.frames.empty()) {
        const symbol s = symbols.find(me.frames.back(), text_start(config.arch));
        const std::string where = describe(me.frames.back(), s, s.offset);
        const auto at = static_cast<unsigned long long>(s.returns_to);
        switch (config.arch) {
        case kernel::arch::x86:
            printk(level::warning, config.since(4, 10) ? "RIP: 0010:" + where
                                                       : text("RIP: 0010:[<%016llx>]  ", at) +
                                                             text("[<%016llx>] ", at) + where);
            break;
        case kernel::arch::powerpc:
            printk(level::warning, text("NIP [%08llx] ", at) + where);
            break;
        case kernel::arch::arm64:
            printk(level::warning, "pc : " + where);
            break;
        default:
            printk(level::warning, "PC is at " + where);
        }
    }
    print_trace({}, true);
    printk(level::warning, "---[ end trace 0000000000000000 ]---");
}

void machine::bug(source_line at)
{
    if (config.since(2, 6, 33))
        printk(level::warning, "------------[ cut here ]------------");
    printk(level::crit, text("kernel BUG at %s:%d!", at.file, at.line));
    switch (config.arch) {
    case kernel::arch::x86:
        die_words_ = "invalid opcode: 0000";
        break;
    case kernel::arch::powerpc:
        die_words_ = "Oops: Exception in kernel mode, sig: 5";
        break;
    case kernel::arch::arm64: // brk #0x800 on 64 bits, whose ESR is shown since 6.1
        die_words_ = config.since(6, 1) ? "Oops - BUG: 00000000f2000800" : "Oops - BUG: 0";
        break;
    default:
        die_words_ = config.since(3, 8) ? "Oops - BUG: 0" : "Oops: 0";
    }
    die("Oops - BUG");
}

void machine::fault(std::uint64_t address, bool write)
{
    print_fault(address, write);
    die("Oops");
}

/// What the access was, and into die_words_ how the architecture numbers it.
void machine::print_fault(std::uint64_t address, bool write)
{
    const bool null = address < 4096;
    const auto at = static_cast<unsigned long long>(address);
    const page_tables &tables = cpu_->tables;
    const std::string ip =
        current().frames.empty() ? std::string("?") : address_of(current().frames.back());
    switch (config.arch) {
    case kernel::arch::x86: {
        const unsigned error = write ? 2 : 0; // not present, supervisor
        if (config.since(5, 4)) {
            printk(level::alert,
                   null ? text("BUG: kernel NULL pointer dereference, address: %016llx", at)
                        : text("BUG: unable to handle page fault for address: %016llx", at));
            printk(level::alert,
                   text("#PF: supervisor %s access in kernel mode", write ? "write" : "read"));
            printk(level::alert, text("#PF: error_code(0x%04x) - not-present page", error));
            printk(level::info, "PGD 0 P4D 0 ");
        } else {
            printk(level::alert, text("BUG: unable to handle kernel %s at %016llx",
                                      null ? "NULL pointer dereference" : "paging request", at));
            if (!config.since(4, 19))
                printk(level::alert, "IP: " + ip);
            printk(level::info, config.since(4, 12) ? "PGD 0 P4D 0 " : "PGD 0 ");
        }
        die_words_ = text("Oops: %04x", error);
        break;
    }
    case kernel::arch::powerpc:
        if (config.since(5, 2))
            printk(level::alert, text("BUG: %s on %s at 0x%08llx",
                                      null ? "Kernel NULL pointer dereference"
                                           : "Unable to handle kernel data access",
                                      write ? "write" : "read", at));
        else
            printk(level::alert,
                   text("Unable to handle kernel paging request for data at address 0x%08llx", at));
        printk(level::alert, "Faulting instruction address: 0x" + ip.substr(ip.find('<') + 9, 8));
        die_words_ = "Oops: Kernel access of bad area, sig: 11";
        break;
    case kernel::arch::arm: {
        if (config.since(5, 4))
            printk(level::alert, "8<--- cut here ---");
        const char *what = null ? "NULL pointer dereference" : "paging request";
        printk(level::alert,
               text("Unable to handle kernel %s at virtual address %08llx", what, at) +
                   (config.since(5, 10) ? (write ? " when write" : " when read") : ""));
        if (!config.since(5, 10))
            printk(level::alert,
                   text("pgd = %08llx", static_cast<unsigned long long>(tables.pgdp)));
        printk(level::alert,
               text("[%08llx] *pgd=%08llx", at, static_cast<unsigned long long>(tables.pgd)));
        // FSR: a translation fault of a section, or of a page in the user's domain.
        const unsigned fsr = (tables.pgd == 0 ? 0x5u : 0x17u) | (write ? 0x800u : 0u);
        die_words_ = text("Oops: %x", fsr);
        break;
    }
    default:
        print_arm64_fault(at, write);
    }
}

/// arch/arm64/mm/fault.c, __do_kernel_fault(), mem_abort_decode(), show_pte().
void machine::print_arm64_fault(std::uint64_t address, bool write)
{
    const bool null = address < 4096;
    const auto at = static_cast<unsigned long long>(address);
    const page_tables &tables = cpu_->tables;
    const auto pgd = static_cast<unsigned long long>(tables.pgd);
    const auto pmd = static_cast<unsigned long long>(tables.pmd);
    // With 39 bits there are three levels, the first of which is 1.
    const unsigned first = config.va_bits == 39 ? 1 : 0;
    const unsigned fsc = 4 + (pgd == 0 ? first : pmd == 0 ? 2u : 3u);
    const unsigned iss = fsc | (write ? 0x40u : 0u);
    const unsigned esr = 0x25u << 26 | 1u << 25 | iss; // data abort of the kernel, IL
    const bool wide = config.since(6, 1);
    die_words_ = text(wide ? "Oops: %016x" : "Oops: %x", esr);
    printk(level::alert,
           text(config.since(4, 19) ? "Unable to handle kernel %s at virtual address %016llx"
                                    : "Unable to handle kernel %s at virtual address %08llx",
                null ? "NULL pointer dereference" : "paging request", at));
    if (config.since(4, 14)) {
        printk(level::alert, "Mem abort info:");
        if (config.since(4, 16))
            printk(level::alert, text(wide ? "  ESR = 0x%016x" : "  ESR = 0x%08x", esr));
        printk(level::alert, config.since(5, 1)
                                 ? "  EC = 0x25: DABT (current EL), IL = 32 bits"
                                 : "  Exception class = DABT (current EL), IL = 32 bits");
        printk(level::alert, "  SET = 0, FnV = 0");
        printk(level::alert, "  EA = 0, S1PTW = 0");
        if (config.since(5, 12))
            printk(level::alert, text("  FSC = 0x%02x: level %u translation fault", fsc, fsc - 4));
        printk(level::alert, "Data abort info:");
        printk(level::alert, text("  ISV = 0, ISS = 0x%08x", iss) +
                                 (config.since(6, 6) ? ", ISS2 = 0x00000000" : ""));
        printk(level::alert, text("  CM = 0, WnR = %d", write ? 1 : 0) +
                                 (config.since(6, 6) ? ", TnD = 0, TagAccess = 0" : ""));
        if (config.since(6, 6))
            printk(level::alert, "  GCS = 0, Overlay = 0, DirtyBit = 0, Xs = 0");
    }
    const auto pgdp = static_cast<unsigned long long>(tables.pgdp);
    if (config.since(4, 19) && pgdp == 0) {
        printk(level::alert, text("[%016llx] user address but active_mm is swapper", at));
        return;
    }
    printk(level::alert,
           config.since(4, 14)
               ? text("user pgtable: 4k pages, %u-bit VAs, pgdp=%016llx", config.va_bits, pgdp)
               : text("pgd = %016llx", pgdp));
    std::string walk = text("[%016llx] pgd=%016llx", at, pgd);
    if (pgd != 0) {
        if (config.since(5, 8))
            walk += text(", p4d=%016llx", pgd);
        walk += text(", pud=%016llx, pmd=%016llx", pgd, pmd);
    }
    printk(level::alert, walk);
}

/// The task that runs ends in the middle of what it did, with all that it holds.
void machine::make_task_dead()
{
    task_struct &me = current();
    if (me.is.pid == 0)
        panic("Attempted to kill the idle task!");
    if (me.is.pid == 1)
        panic(config.since(3, 10) ? "Attempted to kill init! exitcode=0x0000000b"
                                  : "Attempted to kill init!");
    if (config.since(5, 17)) {
        if (cpu_->irqs_off && config.since(6, 2)) {
            printk(level::info,
                   text("note: %s[%d] exited with irqs disabled", me.is.comm.c_str(), me.is.pid));
            cpu_->irqs_off = false;
        }
        if (in_atomic()) {
            printk(level::info, text("note: %s[%d] exited with preempt_count %u",
                                     me.is.comm.c_str(), me.is.pid, me.preempt_count));
            me.preempt_count = 0;
        }
    }
    do_exit();
    leave();
}

/// khungtaskd looks: reports who sleeps too long, and returns whether there was anybody.
bool machine::report_hung_tasks()
{
    bool found = false;
    const std::uint64_t limit = std::uint64_t{config.hung_task_timeout} * 1'000'000'000;
    if (limit == 0)
        return false;
    for (const auto &t : tasks_) {
        if (t->exited || t->reported_hung || t->state != TASK_UNINTERRUPTIBLE || t->is.pid == 0)
            continue;
        now_ = std::max(now_, t->blocked_since + limit);
        const std::uint64_t seconds = config.since(5, 0) ? (now_ - t->blocked_since) / 1'000'000'000
                                                         : config.hung_task_timeout;
        t->reported_hung = found = true;
        printk(level::err,
               text("INFO: task %s:%d blocked for more than %llu seconds.", t->is.comm.c_str(),
                    t->is.pid, static_cast<unsigned long long>(seconds)));
        if (config.since(3, 14))
            printk(level::err, "      " + taint() + " " + config.release + " " + config.build);
        printk(level::err, "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this "
                           "message.");
        printk(level::info,
               config.since(5, 11)
                   ? text("task:%-15.15s state:D stack:0     pid:%-5d ppid:2      "
                          "flags:0x00000000",
                          t->is.comm.c_str(), t->is.pid)
                   : text("%-15.15s D    0 %5d      2 0x00000000", t->is.comm.c_str(), t->is.pid));
        for (const std::string &line : trace_lines(config, symbols, t->frames, *t))
            printk(level::warning, line);
    }
    return found;
}

// A fault of the program is one of the machine's: the signal takes the task back to its entry, from
// where it dies with its frames as they were.

void machine::on_signal(int, siginfo_t *info, [[maybe_unused]] void *context)
{
    std::uint64_t address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    const bool runs = here_ != nullptr && here_->cpu_ != nullptr;
    const std::uint64_t unmapped =
        runs && here_->unmapped_address ? here_->unmapped_address(address) : 0;
    if (unmapped != 0)
        address = unmapped;
    if (!runs || (address >= null_page_bytes && unmapped == 0)) {
        // A fault of the program itself: it comes again, to whom it belongs.
        sigaction(SIGSEGV, &fault_catcher::former(), nullptr);
        return;
    }
    here_->fault_address_ = address;
#if defined(__x86_64__)
    // The error code of the host's page fault: bit 1 is a write.
    here_->fault_writes_ = (static_cast<ucontext_t *>(context)->uc_mcontext.gregs[19] & 2) != 0;
#else
    here_->fault_writes_ = false;
#endif
    siglongjmp(here_->current().at_entry, 1);
}

void machine::task_entry(void *task)
{
    here_->reap();
    here_->cpu_->irqs_off = false;
    auto *const me = static_cast<task_struct *>(task);
    if (sigsetjmp(me->at_entry, 1) != 0) {
        me->fiber.leave_callees();
        here_->fault(here_->fault_address_, here_->fault_writes_);
    }
    try {
        me->body();
        here_->do_exit();
    } catch (...) {
        here_->failed_ = std::current_exception();
    }
    here_->leave();
}

} // namespace kctx::sim

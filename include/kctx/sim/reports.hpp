// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the kernel says when something is wrong and goes on: scheduling while atomic, sleeping
/// function, WARN(), and the blocks that belong to them.
/// @par Kernel source
/// kernel/sched.c, kernel/sched/core.c __schedule_bug(), __might_sleep(), __might_resched();
/// kernel/panic.c __warn(), print_tainted(); lib/dump_stack.c; lib/smp_processor_id.c;
/// kernel/locking/lockdep.c print_irqtrace_events().
#pragma once

#include <kctx/sim/lockdep.hpp>
#include <kctx/sim/lockdep_report.hpp>
#include <kctx/sim/trace.hpp>

namespace kctx::sim {

void machine::printk(level at, std::string_view line) { print_message(at, line, {}); }
void machine::print_message(level at, std::string_view text, message_part part)
{
    const unsigned cpu = cpu_ ? cpu_->id : 0;
    const bool by_task = cpu_ && cpu_->current && in_task(); // printk_caller_id()
    const auto caller = by_task ? static_cast<unsigned>(current().is.pid) : 0x80000000U + cpu;
    log.print({now_, at, cpu, caller, std::string()}, text, part);
}

void machine::dump_stack() { print_trace(printing_functions(config)); }

void machine::print_modules()
{
    if (config.modules)
        printk(level::warning,
               "Modules linked in:" + modules_ +
                   (last_unloaded_.empty() ? "" : " [last unloaded: " + last_unloaded_ + "]"));
}

void machine::show_held_locks()
{
    if (config.prove_locking)
        lockdep_report(*this).held_locks(part<lockdep>().off());
}

/// `[<ffffffff8117b151>] cf_spin_lock+0x11/0x30`, of a function that is known.
std::string machine::address_of(const char *function)
{
    if (!function)
        return "[<0000000000000000>] 0x0";
    const symbol s = symbols.find(function, text_start(config.arch));
    return text("[<%016llx>] ", static_cast<unsigned long long>(s.returns_to)) +
           describe(function, s, s.offset);
}

void machine::print_irq_trace()
{
    if (!config.prove_locking)
        return;
    const irq_trace &t = current().irqs;
    printk(level::warning, text("irq event stamp: %u", t.events));
    const auto last = [this](const char *what, const irq_trace::event &e) {
        printk(level::warning, text("%s at (%u): ", what, e.number) + address_of(e.at));
    };
    last("hardirqs last  enabled", t.hardirqs_on);
    last("hardirqs last disabled", t.hardirqs_off);
    last("softirqs last  enabled", t.softirqs_on);
    last("softirqs last disabled", t.softirqs_off);
}

void machine::print_preempt_disabled_at(const char *at)
{
    if (!config.debug_preempt || !config.since(4, 4))
        return;
    if (config.since(5, 10)) {
        printk(level::err, "Preemption disabled at:");
        printk(level::err, address_of(at));
    } else {
        printk(level::err, "Preemption disabled at:" + address_of(at));
    }
}

void machine::scheduling_while_atomic()
{
    task_struct &me = current();
    const frame in("__schedule_bug");
    const char *disabled_at = me.preempt_disabled_at;
    printk(level::err, text("BUG: scheduling while atomic: %s/%d/0x%08x", me.is.comm.c_str(),
                            me.is.pid, me.preempt_count & ~units.fields.hidden));
    show_held_locks();
    print_modules();
    if (irqs_disabled())
        print_irq_trace();
    if (config.since(6, 12) || in_atomic_preempt_off())
        print_preempt_disabled_at(disabled_at);
    if (config.panic_on_warn && config.since(4, 14))
        panic(config.since(6, 1) ? "scheduling while atomic: panic_on_warn set ..."
                                 : "scheduling while atomic\n");
    // In an interrupt old kernels show the registers of what it interrupted.
    if (!config.since(3, 10) && in_hardirq())
        show_regs();
    else
        dump_stack();
    if (config.since(3, 10))
        add_taint('W');
    if (config.since(4, 4)) // preempt_count_set(PREEMPT_DISABLED)
        me.preempt_count = units.preempt;
}

void machine::might_sleep(const char *file, int line)
{
    if (config.debug_atomic_sleep) {
        task_struct &me = current();
        if (config.since(3, 19) && me.state != TASK_RUNNING && me.state_set_at) {
            warn_once(
                {"kernel/sched/core.c", config.since(6, 12) ? 8654 : 0}, "__might_sleep",
                text("do not call blocking ops when !TASK_RUNNING; state=%x set at ", me.state) +
                    address_of(me.state_set_at));
        }
        const frame in("__might_sleep");
        might_resched({file, line});
    }
    if (config.preempt == preemption::voluntary)
        cond_resched();
}

void machine::might_resched(source_line at, unsigned offsets)
{
    if (!config.debug_atomic_sleep)
        return;
    task_struct &me = current();
    if (config.prove_locking && !part<lockdep>().off()) { // rcu_sleep_check()
        const auto &locks = part<lockdep>();
        const int line = config.since(6, 12) ? 8693 : 0;
        if (locks.holds_kind(rcu_bh_kind))
            suspicious_rcu({"kernel/sched/core.c", line},
                           "Illegal context switch in RCU-bh read-side critical section!");
        if (locks.holds_kind(rcu_sched_kind))
            suspicious_rcu({"kernel/sched/core.c", line},
                           "Illegal context switch in RCU-sched read-side critical section!");
    }
    const unsigned count = me.preempt_count & ~units.preempt_active;
    const unsigned rcu = config.since(5, 17) || config.rt() ? me.rcu_nesting : 0;
    const bool good = count == (offsets & 0xff) && rcu == offsets >> 8;
    const bool idle = config.since(4, 4) && me.is.pid == 0;
    if (good && !cpu_->irqs_off && !idle && me.non_block_count == 0)
        return;
    // At most one report a second, whoever is meant.
    if (last_complaint_ && jiffies() < *last_complaint_ + config.hz)
        return;
    last_complaint_ = jiffies();
    const char *disabled_at = me.preempt_disabled_at;

    printk(level::err,
           text("BUG: sleeping function called from invalid context at %s:%d", at.file, at.line));
    // irqs_disabled() is a bit of the register, not a truth value, on ARM.
    const bool arm = config.arch == kernel::arch::arm || config.arch == kernel::arch::arm64;
    const int irqs_off = cpu_->irqs_off ? (arm ? 128 : 1) : 0;
    const std::string non_block =
        config.since(5, 4) ? text("non_block: %u, ", me.non_block_count) : "";
    printk(level::err, text("in_atomic(): %d, irqs_disabled(): %d, %spid: %d, name: %s", count != 0,
                            irqs_off, non_block.c_str(), me.is.pid, me.is.comm.c_str()));
    if (config.since(5, 17)) {
        printk(level::err, text("preempt_count: %x, expected: %x", count, offsets & 0xff));
        if (config.preemptible()) // CONFIG_PREEMPT_RCU
            printk(level::err,
                   text("RCU nest depth: %u, expected: %u", me.rcu_nesting, offsets >> 8));
    }
    show_held_locks();
    if (irqs_disabled())
        print_irq_trace();
    if (count != (offsets & 0xff))
        print_preempt_disabled_at(disabled_at);
    call_path innermost;
    if (config.since(3, 19))
        innermost.push_back(config.since(5, 17) ? "__might_resched" : "___might_sleep");
    for (const char *function : printing_functions(config))
        innermost.push_back(function);
    print_trace(innermost);
    if (config.since(4, 14))
        add_taint('W');
}

void machine::suspicious_rcu(source_line at, std::string_view what)
{
    if (!warned_.insert({std::string(at.file) + std::string(what), at.line}).second)
        return;
    const lockdep_report report(*this);
    report.line("");
    report.line("=============================");
    report.line(config.since(4, 11) ? "WARNING: suspicious RCU usage"
                                    : "[ INFO: suspicious RCU usage. ]");
    report.line(report.kernel());
    report.line("-----------------------------");
    report.line(text("%s:%d ", at.file, at.line) + std::string(what));
    report.line("");
    report.line("other info that might help us debug this:");
    report.line("");
    report.line("");
    report.line("rcu_scheduler_active = 2, debug_locks = 1");
    show_held_locks();
    report.line("");
    report.backtrace({}, {"lockdep_rcu_suspicious"});
}

void machine::warn(source_line at, const char *function, std::string_view message)
{
    print_warning(at, function, message);
    if (config.panic_on_warn)
        panic(config.since(6, 1) ? "kernel: panic_on_warn set ..." : "panic_on_warn set ...\n");
    call_path innermost{function};
    const bool trapped = config.since(4, 14);
    if (!trapped)
        for (const char *printing : printing_functions(config))
            innermost.push_back(printing);
    print_trace(innermost, trapped);
    print_irq_trace();
    printk(level::warning, "---[ end trace 0000000000000000 ]---");
    add_taint('W');
}

/// The head of a warning.
void machine::print_warning(source_line at, const char *function, std::string_view message)
{
    printk(level::warning, "------------[ cut here ]------------");
    const symbol s = symbols.find(function, text_start(config.arch));
    const std::string where = describe(function, s, s.offset) + (config.since(4, 0) ? "" : "()");
    // Since 4.6 the words come first.
    if (config.since(4, 6) && !message.empty())
        printk(level::warning, message);
    if (config.since(3, 12))
        printk(level::warning, text("WARNING: CPU: %u PID: %d at %s:%d ", cpu_->id,
                                    current().is.pid, at.file, at.line) +
                                   where);
    else
        printk(level::warning, text("WARNING: at %s:%d ", at.file, at.line) + where);
    if (!config.since(4, 6) && !message.empty())
        printk(level::warning, message);
    print_modules();
}

void machine::warn_once(source_line at, const char *function, std::string_view message)
{
    if (warned_.insert({at.file + std::string(function), at.line}).second)
        warn(at, function, message);
}

void machine::check_preemption_disabled(const char *what)
{
    task_struct &me = current();
    if (!config.debug_preempt || !is_preemptible() || me.migration_disabled != 0 || me.bound_to_cpu)
        return;
    printk(level::err, text("BUG: using %s() in preemptible [%08x] code: %s/%d", what,
                            me.preempt_count, me.is.comm.c_str(), me.is.pid));
    const char *caller = "debug_smp_processor_id";
    const symbol s = symbols.find(caller, text_start(config.arch));
    printk(level::err, "caller is " + describe(caller, s, s.offset));
    call_path innermost{caller, "check_preemption_disabled"};
    for (const char *function : printing_functions(config))
        innermost.push_back(function);
    print_trace(innermost);
}

void machine::add_taint(char letter) { tainted_.insert(letter); }

std::string machine::taint() const
{
    if (tainted_.empty())
        return "Not tainted";
    // A letter or a blank for each flag, of which there were ever more.
    static constexpr std::pair<unsigned, unsigned> flags[] = {
        {KCTX_VERSION(6, 15, 0), 20}, {KCTX_VERSION(5, 19, 0), 19},
        {KCTX_VERSION(4, 19, 0), 18}, {KCTX_VERSION(4, 15, 0), 17},
        {KCTX_VERSION(4, 0, 0), 16},  {KCTX_VERSION(3, 17, 0), 15},
        {KCTX_VERSION(3, 15, 0), 14}, {KCTX_VERSION(3, 2, 0), 13},
        {KCTX_VERSION(2, 6, 35), 12}, {0, 11},
    };
    const auto *const now =
        std::ranges::find_if(flags, [this](auto f) { return config.version >= f.first; });
    static constexpr std::string_view letters = "PFSRMBUDAWCIOELKXTN";
    std::string shown(now->second, ' ');
    shown[0] = tainted_.contains('P') ? 'P' : 'G';
    for (std::size_t i = 1; i < std::min(shown.size(), letters.size()); ++i)
        if (tainted_.contains(letters[i]))
            shown[i] = letters[i];
    return "Tainted: " + shown;
}

void machine::print_trace(const call_path &innermost, bool trapped)
{
    const task_struct &me = current();
    const char *comm = me.is.comm.c_str();
    const std::string kernel = taint() + " " + config.release + " " + config.build;
    if (config.since(3, 10)) {
        const std::string uid = config.since(6, 12) ? "UID: 0 " : "";
        printk(level::warning,
               text("CPU: %u %sPID: %d Comm: %.20s ", cpu_->id, uid.c_str(), me.is.pid, comm) +
                   kernel);
        if (config.since(6, 12) && !tainted_.empty())
            printk(level::warning, taint_words());
        if (!config.hardware.empty())
            printk(level::warning, "Hardware name: " + config.hardware);
        if (!me.workqueue.empty())
            printk(level::warning, "Workqueue: " + me.workqueue);
    } else if (config.arch == kernel::arch::x86) {
        printk(level::warning, text("Pid: %d, comm: %.20s ", me.is.pid, comm) + kernel);
    }
    call_path frames = me.frames;
    frames.insert(frames.end(), innermost.begin(), innermost.end());
    for (const std::string &line : trace_lines(config, symbols, frames, me, trapped))
        printk(level::warning, line);
}

/// `Tainted: [W]=WARN` (6.10 and later).
std::string machine::taint_words() const
{
    static constexpr std::pair<char, const char *> words[] = {
        {'P', "PROPRIETARY_MODULE"},
        {'F', "FORCED_MODULE"},
        {'D', "DIE"},
        {'W', "WARN"},
        {'C', "CRAP"},
        {'O', "OOT_MODULE"},
        {'E', "UNSIGNED_MODULE"},
        {'L', "SOFTLOCKUP"},
    };
    std::string out = "Tainted:";
    for (const auto &[letter, word] : words)
        if (tainted_.contains(letter))
            out += text("%s [%c]=%s", out.back() == ':' ? "" : ",", letter, word);
    return out;
}

void machine::show_regs()
{
    // What the other registers were, nobody knows.
    if (config.arch == kernel::arch::arm) {
        const task_struct &me = current();
        printk(level::warning, "");
        printk(level::warning, text("Pid: %d, comm: %20s", me.is.pid, me.is.comm.c_str()));
        printk(level::warning, text("CPU: %u    ", cpu_->id) + taint() + "  (" + config.release +
                                   " " + config.build + ")");
        if (const char *function = cpu_->interrupted) {
            const symbol s = symbols.find(function, text_start(config.arch));
            printk(level::warning, "PC is at " + describe(function, s, s.offset));
        }
    }
    print_trace({"show_regs"});
}

} // namespace kctx::sim

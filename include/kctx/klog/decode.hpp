// SPDX-License-Identifier: BSL-1.0
/// @file
/// The upper layer of log reading: a report to statements. The count of "scheduling while atomic"
/// and of "sleeping function called" field by field, the mode of a page allocation failure flag by
/// flag, and what follows from them. The rules are those of kernel/preempt_count.hpp,
/// kernel/gfp_bits.hpp and kernel/gfp_zone.hpp.
#pragma once

#include <kctx/kernel/gfp_zone.hpp>
#include <kctx/klog/machine.hpp>

#include <cstdio>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog {

/// A field of a count or a flag of a mode: its bits, how many levels they are, what it means.
struct decoded_part {
    std::string name;
    unsigned bits = 0;
    unsigned level = 0;
    std::string meaning;
};

/// What the page allocator was asked for.
struct decoded_request {
    std::string names; ///< as the kernel prints the mode
    bool may_sleep = false;
    kernel::zone_type zone{};
    kernel::migratetype type{};
    unsigned long pages = 0;
    unsigned page_kb = 0;
    bool page_size_assumed = false;
};

/// A report, decoded. Sentences are complete and need no other.
struct decoded {
    machine from;
    std::optional<unsigned> count;    ///< the count that `parts` takes apart
    bool underflow = false;           ///< it fell below what the kernel expects: parts are empty
    std::vector<decoded_part> parts;  ///< highest bits first
    std::string own;                  ///< what schedule() itself added
    std::vector<std::string> context; ///< what was going on
    std::string path; ///< the trace, from the call that the kernel objects to outward
    std::optional<decoded_request> request;
    std::vector<std::string> warnings;
};

constexpr std::string_view zone_name(kernel::zone_type zone)
{
    switch (zone) {
    case kernel::zone_type::ZONE_DMA:
        return "ZONE_DMA";
    case kernel::zone_type::ZONE_DMA32:
        return "ZONE_DMA32";
    case kernel::zone_type::ZONE_NORMAL:
        return "ZONE_NORMAL";
    case kernel::zone_type::ZONE_HIGHMEM:
        return "ZONE_HIGHMEM";
    case kernel::zone_type::ZONE_MOVABLE:
        return "ZONE_MOVABLE";
    default:
        return "none: the zone flags exclude each other";
    }
}

constexpr std::string_view migratetype_name(kernel::migratetype type)
{
    switch (type) {
    case kernel::migratetype::MIGRATE_UNMOVABLE:
        return "MIGRATE_UNMOVABLE";
    case kernel::migratetype::MIGRATE_MOVABLE:
        return "MIGRATE_MOVABLE";
    case kernel::migratetype::MIGRATE_RECLAIMABLE:
        return "MIGRATE_RECLAIMABLE";
    default:
        return "none: both mobility flags are set";
    }
}

inline std::string hex_text(unsigned value, int digits = 1)
{
    char text[16];
    std::snprintf(text, sizeof text, "0x%0*x", digits, value);
    return text;
}

namespace detail {

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words)
{
    for (const std::string_view w : words) {
        if (w == word)
            return true;
    }
    return false;
}

/// "one level", "3 levels"
inline std::string levels(unsigned n)
{
    return n == 1 ? "one level" : std::to_string(n) + " levels";
}

inline std::string times(unsigned n)
{
    return n == 1 ? "once" : n == 2 ? "twice" : std::to_string(n) + " times";
}

/// What raises the preempt field.
inline std::string_view level_holders(bool rt)
{
    return rt ? "raw_spinlock_t, preempt_disable(), get_cpu(), bit spinlock; not spinlock_t, which "
                "on PREEMPT_RT sleeps and counts nothing"
              : "spinlock, preempt_disable(), get_cpu(), ...";
}

/// How the trace says the report came about.
enum class entry : unsigned char {
    unknown,      ///< no trace, or nothing known in it
    blocking,     ///< schedule() called by something that waits
    user_return,  ///< schedule() on the way back to user space
    preemption,   ///< the kernel preempted itself where its count was 0
    cond_resched, ///< a voluntary preemption point
    task_exit,    ///< do_task_dead()
    idle,         ///< schedule_idle()
    rt_lock,      ///< a spinlock_t on PREEMPT_RT
};

struct entry_point {
    entry how = entry::unknown;
    std::size_t from = 0; ///< index of the frame that called into the scheduler
};

inline entry_point entry_of(const std::vector<std::string> &frames)
{
    std::size_t i = 0;
    while (i < frames.size() && frames[i] != "__schedule_bug")
        ++i;
    if (i == frames.size()) { // a trace may have been cut; it must then start in the scheduler
        i = 0;
        if (frames.empty() || !is_one_of(frames[0], {"__schedule", "schedule", "schedule_debug"}))
            return {};
    } else {
        ++i;
    }
    while (i < frames.size() && is_one_of(frames[i], {"__schedule", "schedule_debug"}))
        ++i;
    // Behind the scheduler's own functions stands who called it.
    bool preempted = false;
    bool lock = false;
    for (; i < frames.size(); ++i) {
        const std::string_view f = frames[i];
        if (is_one_of(f,
                      {"__cond_resched", "_cond_resched", "__might_resched",
                       "preempt_schedule_common", "preempt_schedule", "preempt_schedule_notrace",
                       "preempt_schedule_irq", "schedule", "schedule_rtlock", "rt_mutex_schedule",
                       "io_schedule", "schedule_preempt_disabled", "schedule_user"})) {
            preempted = preempted || f.starts_with("preempt_schedule");
            lock = lock || f == "schedule_rtlock";
            if (is_one_of(f, {"__cond_resched", "_cond_resched"}))
                return {entry::cond_resched, i};
            continue;
        }
        if (is_one_of(f, {"do_task_dead"}))
            return {entry::task_exit, i};
        if (f == "schedule_idle")
            return {entry::idle, i};
        if (f.starts_with("rt_spin_lock") || f.starts_with("rt_read_lock") ||
            f.starts_with("rt_write_lock") || f.starts_with("rtlock_slowlock"))
            return {entry::rt_lock, i};
        break;
    }
    if (i == frames.size())
        return {};
    if (preempted)
        return {entry::preemption, i};
    if (lock)
        return {entry::rt_lock, i};
    const std::string_view f = frames[i];
    if (f.starts_with("exit_to_user") || f.starts_with("prepare_exit_to_user") ||
        f.starts_with("syscall_exit_to_user") || f.starts_with("irqentry_exit_to_user") ||
        is_one_of(f, {"do_notify_resume", "do_work_pending", "work_pending", "work_resched",
                      "retint_careful", "sysret_careful", "int_careful", "int_with_check"}))
        return {entry::user_return, i};
    return {entry::blocking, i};
}

/// What the innermost context is that a trace shows: a trace goes from the offender outward, so the
/// first of these functions decides.
enum class trace_context : unsigned char { unknown, process, softirq, hardirq };

inline trace_context context_of(const std::vector<std::string> &frames, std::string_view &mark)
{
    for (const std::string &frame : frames) {
        mark = frame;
        if (is_one_of(frame,
                      {"__do_softirq", "handle_softirqs", "do_softirq", "do_current_softirqs",
                       "run_ksoftirqd", "tasklet_action", "tasklet_action_common", "net_rx_action",
                       "run_timer_softirq", "blk_done_softirq"}))
            return trace_context::softirq;
        if (is_one_of(frame,
                      {"handle_irq_event", "handle_irq_event_percpu", "__handle_irq_event_percpu",
                       "handle_IRQ_event", "generic_handle_irq", "hrtimer_interrupt", "asm_do_IRQ",
                       "do_IRQ", "tick_handle_periodic", "tick_sched_timer"}))
            return trace_context::hardirq;
        if (is_one_of(frame, {"process_one_work", "worker_thread", "irq_thread", "kthread",
                              "do_syscall_64", "invoke_syscall", "el0_svc", "el0_svc_common",
                              "ret_fast_syscall", "system_call_exception", "sys_init_module",
                              "start_kernel", "kernel_init"}))
            return trace_context::process;
    }
    mark = {};
    return trace_context::unknown;
}

/// The trace from a frame on, up to eight functions.
inline std::string path_from(const std::vector<std::string> &frames, std::size_t first)
{
    std::string path;
    for (std::size_t i = first; i < frames.size(); ++i) {
        if (i == first + 8)
            return path + " <- ...";
        if (!path.empty())
            path += " <- ";
        path += frames[i];
    }
    return path;
}

/// Behind the functions that print a report.
inline std::size_t reporting_frames(const std::vector<std::string> &frames)
{
    std::size_t first = 0;
    for (std::size_t i = 0; i < frames.size() && i < 10; ++i) {
        if (is_one_of(frames[i],
                      {"dump_backtrace", "show_stack", "__dump_stack", "dump_stack",
                       "dump_stack_lvl", "unwind_backtrace", "show_regs", "__schedule_bug",
                       "___might_sleep", "__might_sleep", "__might_resched", "__might_fault",
                       "warn_alloc", "warn_alloc_failed", "__alloc_pages_slowpath"}))
            first = i + 1;
    }
    return first;
}

} // namespace detail

/// Decodes the reports of one log, in their order: a report may follow from one before it.
class decoder
{
public:
    explicit decoder(known_machine known = {}) : known_(std::move(known)) {}

    decoded decode(const report &r)
    {
        decoded d;
        d.from = machine_of(r, known_);
        switch (r.kind) {
        case report_kind::scheduling_while_atomic:
            decode_schedule(r, d);
            earlier_ = r.line;
            break;
        case report_kind::sleeping_function:
            decode_sleep(r, d);
            break;
        case report_kind::page_allocation_failure:
            decode_failure(r, d);
            break;
        }
        return d;
    }

private:
    static bool is_idle(const report &r) { return r.pid == 0u && r.comm.starts_with("swapper"); }

    /// The trace comes from an Oops that ends its task.
    static bool is_dying(const report &r)
    {
        for (const std::string_view function : {"make_task_dead", "rewind_stack_do_exit",
                                                "rewind_stack_and_make_dead", "oops_end", "die"}) {
            if (has_frame(r, function))
                return true;
        }
        return r.died && has_frame(r, "do_exit");
    }

    static kernel::preempt_layout layout_of(const machine &m)
    {
        return kernel::preempt_count_layout(m.version.value, m.architecture.value, m.rt.value);
    }

    /// Whose the one level is that __schedule() expects. Its callers add it, but for two that run
    /// with preemption disabled already (kernel/sched/core.c: schedule_idle(), do_task_dead()).
    static std::string_view owner_of_expected_level(detail::entry how)
    {
        switch (how) {
        case detail::entry::idle:
            return "the idle loop's own";
        case detail::entry::task_exit:
            return "do_exit()'s own";
        default:
            return "schedule()'s own";
        }
    }

    /// The fields as rows: those that are set, and always the preempt field. `owner`: whose level
    /// is among them, empty if the count was not printed by schedule().
    static void add_fields(unsigned count, const kernel::preempt_layout &l, std::string_view owner,
                           decoded &d)
    {
        const kernel::preempt_fields f = kernel::decode_preempt_count(count, l);
        const auto add = [&](std::string name, unsigned mask, unsigned level, std::string meaning) {
            d.parts.push_back({std::move(name), count & mask, level, std::move(meaning)});
        };
        if (f.preempt_active)
            add("PREEMPT_ACTIVE", l.preempt_active, 1,
                "schedule() was entered at a preemption point, not by a call that waits");
        if (f.nmi != 0)
            add("nmi", l.nmi, f.nmi, "in a non-maskable interrupt, which also counts as hard irq");
        if (f.hardirq != 0)
            add("hardirq", l.hardirq, f.hardirq,
                f.hardirq == 1 ? "in a hard interrupt handler"
                               : "hard interrupts nested, or NMIs, which count here too");
        if (l.bh_disable == 0x100 && f.softirq != 0)
            add("softirq", l.softirq, f.softirq,
                "serving a softirq, or bottom halves disabled: kernels before 2.6.37 count both "
                "alike");
        if (f.bh_disable != 0)
            add("bh-disable", l.softirq & ~kernel::field_unit(l.softirq), f.bh_disable,
                "bottom halves disabled " + detail::times(f.bh_disable) +
                    " (local_bh_disable(), spin_lock_bh())");
        if (l.bh_disable == 0x200 && f.softirq != 0)
            add("softirq", kernel::field_unit(l.softirq), 1,
                "serving a softirq (timer, tasklet, network receive, ...)");
        const unsigned held = !owner.empty() && f.preempt != 0 ? f.preempt - 1 : f.preempt;
        std::string levels = "no level counted";
        if (held != f.preempt)
            levels = std::string(owner) + " level" +
                     (held != 0 ? " and " + std::to_string(held) + " held" : "");
        else if (held != 0)
            levels = detail::levels(held) + " held";
        if (held != 0)
            levels += ": " + std::string(detail::level_holders(d.from.rt.value));
        add("preempt", l.preempt, f.preempt, levels);
        if (f.rest != 0) {
            add("unknown", f.rest, 0, "no field of this kernel");
            d.warnings.push_back("the count has bits that no field of this kernel covers (" +
                                 hex_text(f.rest) +
                                 "): the version or architecture it is read as may be wrong");
        }
    }

    /// In which context the fields say that code ran. `held`: preempt levels besides schedule()'s.
    static void add_context(const kernel::preempt_layout &l, const kernel::preempt_fields &f,
                            unsigned held, detail::entry how, const report &r, decoded &d)
    {
        const bool old = l.bh_disable == 0x100;
        const bool idle = is_idle(r) && held != 0 && how != detail::entry::idle;
        const unsigned others = idle ? held - 1 : held;
        std::string text;
        std::string_view holder = "by the handler or by what it interrupted";
        if (f.nmi != 0) {
            text = "a non-maskable interrupt (NMI) handler";
        } else if (f.hardirq != 0) {
            text = f.hardirq == 1 ? "a hard interrupt handler" : "nested hard interrupt handlers";
            if (old && f.softirq != 0)
                text += " that interrupted a softirq or code with bottom halves disabled";
            else if (f.softirq != 0)
                text += " that interrupted a softirq";
            else if (f.bh_disable != 0)
                text += " that interrupted code with bottom halves disabled";
        } else if (f.softirq != 0 && old) {
            text = "a softirq, or code with bottom halves disabled (local_bh_disable(), "
                   "spin_lock_bh())";
            holder = "there or by what the softirq interrupted";
        } else if (f.softirq != 0) {
            text = "a softirq";
            if (f.bh_disable != 0) // it cannot have interrupted such code: softirqs wait for it
                text += " that disabled bottom halves " + detail::times(f.bh_disable);
            holder = r.comm.starts_with("ksoftirqd/") ? "by it"
                                                      : "by the softirq or by what it interrupted";
        } else if (f.bh_disable != 0) {
            text = "code that runs with bottom halves disabled (";
            if (!d.from.counting.value_or(true))
                text += "local_bh_disable() or spin_lock_bh()";
            else if (others != 0)
                text += "spin_lock_bh() counts one of these and one preempt level";
            else
                text += "local_bh_disable()";
            text += r.comm.starts_with("irq/") ? "; the threads of forced-threaded handlers run so)"
                                               : ")";
            holder = "by it";
        } else if (held != 0) {
            std::string_view mark;
            const detail::trace_context shown = detail::context_of(r.frames, mark);
            if (is_idle(r))
                text = "the idle task";
            else if (d.from.rt.value && shown == detail::trace_context::softirq)
                text = "a softirq, which on PREEMPT_RT runs in a thread and does not count here";
            else if (d.from.rt.value && shown == detail::trace_context::unknown)
                text = "a task, or a softirq: on PREEMPT_RT it runs in a thread and does not count "
                       "here";
            else
                text = "process context";
            holder = "by it";
        } else {
            return;
        }
        if (others != 0)
            text += ", with " + detail::levels(others) + " held " + std::string(holder);
        d.context.push_back(text);
        if (idle)
            d.context.push_back("one preempt level is the idle loop's own: it runs with preemption "
                                "disabled");
        if (f.hardirq == 0 && f.softirq != 0 && !old && held != 0 &&
            has_frame(r, "__local_bh_enable_ip"))
            d.context.push_back(
                "one preempt level is local_bh_enable()'s own: it holds one while it "
                "runs softirqs");
        if ((f.hardirq != 0 || f.nmi != 0) && !r.comm.empty())
            d.context.push_back(r.comm + " is only the task that was interrupted");
        else if (f.softirq != 0 && !old && r.comm.starts_with("ksoftirqd/"))
            d.context.push_back(r.comm + " serves softirqs in its own thread");
        else if (f.softirq != 0 && !old && !r.comm.empty())
            d.context.push_back(r.comm + " is only the task on which the softirq ran");
    }

    void decode_schedule(const report &r, decoded &d) const
    {
        machine &m = d.from;
        const kernel::preempt_layout l = layout_of(m);
        const kernel::preempt_fields f = kernel::decode_preempt_count(r.count, l);
        d.count = r.count;
        const detail::entry_point at = detail::entry_of(r.frames);

        // A count of 0 is reported only where 1 is expected.
        d.underflow = f.underflow || r.count == 0;
        if (!d.underflow) {
            const bool counts = f.preempt != 0;
            const bool other_bits = (r.count & ~l.preempt_active) != 0;
            add_fields(r.count, l, owner_of_expected_level(at.how), d);
            if (counts) {
                m.counting = true;
                d.own = "1 of the preempt field is " +
                        std::string(owner_of_expected_level(at.how)) + " preempt_disable()";
                if (at.how != detail::entry::idle && at.how != detail::entry::task_exit)
                    d.own += ": its caller came with " + hex_text(r.count - 1, 8);
                if ((r.count & ~l.preempt_active) == 1)
                    d.warnings.push_back("a count of 1 is what schedule() expects: the report does "
                                         "not follow from this number");
            } else if (m.counting.value_or(false) && other_bits) {
                d.own = "this kernel counts preemption levels, so schedule() has added 1 and the "
                        "preempt field was one too low before: one enable more than disables";
                d.context.push_back("more preempt_enable() or unlock than disables: the preempt "
                                    "field lost a level");
            } else {
                m.counting = false;
                d.own = "nothing: the preempt field is 0, so this kernel does not count preemption "
                        "levels (no ";
                d.own += m.version.value < KCTX_VERSION(3, 1, 0) ? "CONFIG_PREEMPT"
                                                                 : "CONFIG_PREEMPT_COUNT";
                d.own += "); schedule() adds no level and locks do not show";
            }
            add_context(l, f, counts ? f.preempt - 1 : 0, at.how, r, d);
        } else {
            add_underflow(r, at.how, d);
        }
        if (f.preempt_active && !d.underflow)
            d.context.push_back("PREEMPT_ACTIVE: called from cond_resched(), or from might_sleep() "
                                "with CONFIG_PREEMPT_VOLUNTARY; preempt_schedule() would not have "
                                "started with this count");
        add_entry(r, at, f.preempt_active, d);
        add_disabled_at(r, d);
        if (at.how != detail::entry::unknown)
            d.path = detail::path_from(r.frames, at.from);
        else
            d.path = detail::path_from(r.frames, detail::reporting_frames(r.frames));
    }

    /// The count is lower than __schedule() expects: what is missing, and where it may have gone.
    void add_underflow(const report &r, detail::entry how, decoded &d) const
    {
        // Bit 31 is missing where preempt_count() masks it off.
        const unsigned value = r.count == 0 ? 0 : r.count | 0x80000000;
        const unsigned missing = kernel::schedule_offset(true) - value;
        const unsigned levels = missing & 0xff;
        const unsigned bh = (missing >> 8) & 0xff;
        d.from.counting = true;
        d.own = "the 1 that is expected is " + std::string(owner_of_expected_level(how)) +
                " preempt_disable()";
        if (how == detail::entry::task_exit && has_frame(r, "make_task_dead") && missing == 1) {
            d.context.push_back(
                "do_task_dead() expects preemption disabled, as do_exit() leaves it; "
                "make_task_dead() calls it as it is for a task that faults again "
                "while it exits. No enable is one too many here");
            return;
        }
        std::string text = "underflow: schedule() expects 1 on a kernel that counts preemption "
                           "levels and finds " +
                           hex_text(missing) + " less";
        if ((missing >> 16) == 0) {
            text += ": more enables than disables";
            std::string parts;
            if (bh / 2 != 0)
                parts = "local_bh_enable() " + detail::times(bh / 2);
            if (bh % 2 != 0)
                parts += std::string(parts.empty() ? "" : ", ") + "the end of a softirq (0x100)";
            if (levels != 0)
                parts += std::string(parts.empty() ? "" : " and ") +
                         "preempt_enable() or an unlock " + detail::times(levels);
            text += ", " + parts + " too many";
            if (missing == 0x201)
                text += ", which together is one spin_unlock_bh()";
        }
        d.context.push_back(text);
        const std::string reset = "since 4.4 the scheduler sets the count back to 1 after it "
                                  "reports, so giving back what was held then takes the count too "
                                  "low";
        if (earlier_ != 0 && d.from.version.value >= KCTX_VERSION(4, 4, 0))
            d.context.push_back("likely a consequence of the report in line " +
                                std::to_string(earlier_) + ": " + reset);
        else if (r.warned && d.from.version.value >= KCTX_VERSION(4, 4, 0))
            d.context.push_back(
                "the kernel is tainted W, so there was a report before this one; if "
                "it was of this kind, this is its consequence: " +
                reset);
    }

    static void add_entry(const report &r, const detail::entry_point &at, bool preempt_active,
                          decoded &d)
    {
        using detail::entry;
        switch (at.how) {
        case entry::blocking:
            d.context.push_back("schedule() was called by " + r.frames[at.from]);
            break;
        case entry::cond_resched:
            if (!preempt_active)
                d.context.push_back("called from cond_resched(), a point where code that may sleep "
                                    "offers the CPU");
            break;
        case entry::user_return:
            d.context.push_back(
                "the task was on its way back to user space (" + r.frames[at.from] +
                "): whoever changed the count has returned already and left it wrong");
            break;
        case entry::preemption:
            d.context.push_back("nothing here called a function that sleeps: the kernel preempted "
                                "the task, which it begins only at a count of 0. Suspect what "
                                "changed the count since: tracing, interrupt entry and exit");
            break;
        case entry::task_exit:
            d.context.push_back(is_dying(r) ? "the task was being killed after an Oops, which is "
                                              "the report to read first"
                                            : "the task was exiting");
            break;
        case entry::idle:
            d.context.push_back("the idle loop itself called schedule_idle()");
            break;
        case entry::rt_lock:
            d.context.push_back("what wanted to sleep is a spinlock_t or rwlock_t: on PREEMPT_RT "
                                "they are sleeping locks");
            break;
        case entry::unknown:
            break;
        }
    }

    static void decode_sleep(const report &r, decoded &d)
    {
        const might_sleep_state &s = r.sleep;
        const kernel::preempt_layout l = layout_of(d.from);
        bool reason = false;
        if (s.count) {
            d.count = s.count;
            const kernel::preempt_fields f = kernel::decode_preempt_count(*s.count, l);
            d.underflow = f.underflow;
            const unsigned expected = s.expected_count.value_or(0);
            if (f.underflow)
                d.context.push_back("the count is below zero: more enables than disables before");
            else
                add_fields(*s.count, l, {}, d);
            d.own = "nothing: might_sleep() prints its caller's own count; it expects " +
                    hex_text(expected);
            if (!f.underflow && *s.count != expected)
                add_context(l, f, f.preempt, detail::entry::unknown, r, d);
            reason = *s.count != expected;
        } else if (s.in_atomic.value_or(0) != 0) {
            d.context.push_back(
                "the preempt_count was not 0 (in_atomic); kernels before 5.17 do not "
                "print it here");
            reason = true;
        }
        const bool in_hardirq = d.count && !d.underflow && (*d.count & l.hardirq) != 0;
        if (s.irqs_disabled.value_or(0) != 0 && in_hardirq) {
            reason = true; // as in every handler
        } else if (s.irqs_disabled.value_or(0) != 0) {
            std::string text = "interrupts were disabled on this CPU (local_irq_disable(), "
                               "spin_lock_irqsave(), or an exception that never enabled them)";
            if (*s.irqs_disabled == 128)
                text += "; 128 is the I bit of the ARM status register";
            d.context.push_back(text);
            reason = true;
        }
        const unsigned rcu = s.rcu_depth.value_or(0);
        if (rcu > s.expected_rcu_depth.value_or(0)) {
            d.context.push_back("inside rcu_read_lock(), " + detail::levels(rcu) +
                                " deep (on PREEMPT_RT each spinlock_t held is one of them)");
            reason = true;
        }
        if (s.non_block.value_or(0) != 0) {
            d.context.push_back("inside non_block_start(), which forbids sleeping");
            reason = true;
        }
        if (!reason && s.in_atomic) {
            d.context.push_back(is_idle(r) ? "the idle task may never sleep"
                                           : "none of the printed values forbids sleeping. What "
                                             "remains is rcu_read_lock(), which is not printed "
                                             "here before 5.17, or a check that expects a lock to "
                                             "be held (cond_resched_lock())");
        } else if (!s.in_atomic) {
            d.warnings.push_back("the lines that say why (in_atomic(), preempt_count, ...) are not "
                                 "in the log");
        }
        add_trace_context(r, s.count.has_value() && *s.count != 0, d);
        if (is_dying(r))
            d.context.push_back("the task was being killed after an Oops, which is the report to "
                                "read first");
        if (d.from.rt.value && (r.sleep.location.find("spinlock_rt.c") != std::string::npos ||
                                (r.sleep.location.find("rtmutex.c") != std::string::npos &&
                                 has_frame(r, "rt_spin_lock"))))
            d.context.push_back(
                "what may sleep is a spinlock_t or rwlock_t: on PREEMPT_RT they are "
                "sleeping locks");
        add_disabled_at(r, d);
        d.path = detail::path_from(r.frames, detail::reporting_frames(r.frames));
    }

    /// DEBUG_PREEMPT's record. The _notrace forms of preempt_disable() do not write it.
    static void add_disabled_at(const report &r, decoded &d)
    {
        if (!r.preempt_disabled_at.empty() && r.preempt_disabled_at != "0x0")
            d.context.push_back("the last place on record that disabled preemption: " +
                                r.preempt_disabled_at);
    }

    /// What the trace adds where no number says it.
    static void add_trace_context(const report &r, bool number_says, decoded &d)
    {
        std::string_view mark;
        const detail::trace_context context = detail::context_of(r.frames, mark);
        if (context == detail::trace_context::unknown || number_says)
            return;
        std::string text = "the trace shows ";
        if (context == detail::trace_context::softirq)
            text += "a softirq";
        else if (context == detail::trace_context::hardirq)
            text += "a hard interrupt handler";
        else
            text += "process context";
        d.context.push_back(text + " (" + std::string(mark) + ")");
    }

    static void decode_failure(const report &r, decoded &d)
    {
        using kernel::gfp_flag;
        const unsigned version = table_version(r, d);
        decoded_request q;
        for (unsigned i = 0; i < static_cast<unsigned>(kernel::gfp_first_composite); ++i) {
            const auto flag = static_cast<gfp_flag>(i);
            if (kernel::gfp_has(version, r.mode, flag))
                d.parts.push_back({kernel::gfp_name(flag), kernel::gfp_value(version, flag), 1,
                                   kernel::gfp_meaning(flag)});
        }
        unsigned rest = r.mode;
        for (const decoded_part &part : d.parts)
            rest &= ~part.bits;
        if (rest != 0)
            add_configured(version, rest, d);

        q.names = kernel::format_gfp(version, r.mode).text;
        q.may_sleep = kernel::gfp_may_sleep(version, r.mode);
        q.zone = kernel::gfp_zone(version, r.mode);
        q.type = kernel::gfp_migratetype(version, r.mode);
        q.pages = 1ul << (r.order < 40 ? r.order : 40);
        q.page_kb = r.page_kb.value_or(4);
        q.page_size_assumed = !r.page_kb;
        d.request = q;

        const std::string bytes = std::to_string(q.pages * q.page_kb) + " kB in one piece";
        d.context.push_back(why_it_failed(r, version, q, bytes));
        if (r.order != 0)
            d.context.push_back("needs " + bytes + ": free memory in smaller pieces does not help");
        std::string_view mark;
        const detail::trace_context context = detail::context_of(r.frames, mark);
        if (context == detail::trace_context::softirq || context == detail::trace_context::hardirq)
            d.context.push_back("the trace shows " +
                                std::string(context == detail::trace_context::softirq
                                                ? "a softirq"
                                                : "a hard interrupt handler") +
                                " (" + std::string(mark) +
                                "): " + (r.comm.empty() ? "the task" : r.comm) +
                                " is only what was running on the CPU");
        else if (mark == "start_kernel")
            d.context.push_back(
                "early boot (start_kernel()): until the kernel can schedule it strips "
                "the reclaim, IO and FS flags from every request (gfp_allowed_mask)");
        else if (context == detail::trace_context::process && !q.may_sleep && !is_reclaiming(r))
            d.context.push_back("the trace shows process context (" + std::string(mark) +
                                "): if no lock is held there, it may sleep and use GFP_KERNEL");
        else if (!r.work.empty() && !q.may_sleep)
            d.context.push_back(
                "the task is a worker (" + r.work +
                ") and the trace shows no interrupt: a work item is process context, "
                "if no lock is held there it may sleep and use GFP_KERNEL");
        if (is_idle(r) && r.frames.empty() && !q.may_sleep)
            d.context.push_back(
                "the idle task allocates nothing by itself: an interrupt or softirq "
                "did");
        d.path = detail::path_from(r.frames, detail::reporting_frames(r.frames));
    }

    /// Allocates while it reclaims memory for others (PF_MEMALLOC).
    static bool is_reclaiming(const report &r)
    {
        if (r.comm.starts_with("kswapd"))
            return true;
        for (const std::string_view function :
             {"try_to_free_pages", "shrink_node", "balance_pgdat"}) {
            if (has_frame(r, function))
                return true;
        }
        return false;
    }

    /// What the slow path of mm/page_alloc.c does before it gives up on such a request.
    static std::string why_it_failed(const report &r, unsigned version, const decoded_request &q,
                                     const std::string &bytes)
    {
        constexpr unsigned costly_order = 3; // PAGE_ALLOC_COSTLY_ORDER
        if (!q.may_sleep)
            return "must not sleep: no reclaim and no compaction by the caller. It fails if no "
                   "free "
                   "block of " +
                   bytes + " can be had above the watermark that applies to it at that moment";
        if (is_reclaiming(r))
            return "may sleep by its flags, but the task is reclaiming memory itself "
                   "(PF_MEMALLOC): "
                   "it cannot reclaim once more, and fails when what is free will not do";
        if (kernel::gfp_has(version, r.mode, kernel::gfp_flag::__GFP_NORETRY))
            return "may sleep, but gives up after one light attempt to reclaim and compact "
                   "(__GFP_NORETRY)";
        if (r.order > costly_order)
            return "may sleep: it reclaimed and compacted before it failed. An order above 3 is "
                   "costly: the kernel does not invoke the OOM killer for it, it gives up";
        if (q.zone == kernel::zone_type::ZONE_DMA || q.zone == kernel::zone_type::ZONE_DMA32)
            return "may sleep: it reclaimed before it failed. For a low zone (" +
                   std::string(zone_name(q.zone)) + ") the kernel does not invoke the OOM killer";
        return "may sleep: up to order 3 the kernel as a rule goes on reclaiming and invokes the "
               "OOM "
               "killer before it fails. Look for what made it give up: a task that is reclaiming "
               "or being killed, a node or cpuset that it was bound to";
    }

    /// The version whose flag table fits: the machine's own; if it lies between two trees read, the
    /// one of them that the printed names agree with.
    static unsigned table_version(const report &r, decoded &d)
    {
        unsigned version = d.from.version.value;
        if (version < kernel::gfp_oldest) {
            d.warnings.push_back("no tree as old was read: the flags are those of " +
                                 version_text(kernel::gfp_oldest));
            version = kernel::gfp_oldest;
        }
        const unsigned tree = kernel::gfp_tree(version);
        unsigned next = 0;
        for (const unsigned candidate : kernel::gfp_versions) {
            if (candidate > version && next == 0)
                next = candidate;
        }
        const bool between = (version & ~0xffu) != (tree & ~0xffu) && next != 0;
        if (!r.mode_names) {
            if (between && std::string_view(kernel::format_gfp(tree, r.mode).text) !=
                               kernel::format_gfp(next, r.mode).text)
                d.warnings.push_back(
                    "this kernel lies between " + version_text(tree) + " and " +
                    version_text(next) +
                    ", where the flags of this mode changed; they are read as in " +
                    version_text(tree));
            return version;
        }
        if (gfp_names_agree(*r.mode_names, r.mode, version))
            return version;
        if (between && gfp_names_agree(*r.mode_names, r.mode, next)) {
            d.warnings.push_back("the names fit the flags of " + version_text(next) +
                                 " and not those of " + version_text(tree) +
                                 "; they changed in between, so they are read as in " +
                                 version_text(next));
            return next;
        }
        std::string text = "the names in the log disagree with the value: " + hex_text(r.mode) +
                           " is " + kernel::format_gfp(version, r.mode).text + " in " +
                           version_text(tree) + ", ";
        const auto value = gfp_names_value(*r.mode_names, version, kernel::gfp_config::base);
        if (value)
            text += *r.mode_names + " is " + hex_text(*value);
        else
            text += *r.mode_names + " has a name that it does not have";
        d.warnings.push_back(text + ". Another version, or a changed kernel?");
        return version;
    }

    /// Bits that only some configurations use.
    static void add_configured(unsigned version, unsigned rest, decoded &d)
    {
        using kernel::gfp_config;
        using kernel::gfp_flag;
        for (unsigned i = 0; i < static_cast<unsigned>(kernel::gfp_first_composite); ++i) {
            const auto flag = static_cast<gfp_flag>(i);
            for (unsigned c = 1; c < static_cast<unsigned>(gfp_config::count); ++c) {
                const auto config = static_cast<gfp_config>(c);
                const unsigned value = kernel::gfp_value(version, flag, config);
                if (value == 0 || value == kernel::gfp_absent || (rest & value) != value)
                    continue;
                if (value == kernel::gfp_value(version, flag))
                    continue;
                constexpr std::string_view names[] = {"",
                                                      "LOCKDEP",
                                                      "SLAB_OBJ_EXT",
                                                      "LOCKDEP and SLAB_OBJ_EXT",
                                                      "KMEMCHECK",
                                                      "KASAN_HW_TAGS, LOCKDEP and SLAB_OBJ_EXT"};
                d.parts.push_back({kernel::gfp_name(flag), value, 1,
                                   std::string(kernel::gfp_meaning(flag)) + " (in a kernel with " +
                                       std::string(names[c]) + ")"});
                rest &= ~value;
            }
        }
        if (rest != 0) {
            d.parts.push_back({"unknown", rest, 0, "no flag of this version"});
            d.warnings.push_back("the mode has bits that are no flag of this version (" +
                                 hex_text(rest) + ")");
        }
    }

    known_machine known_;
    unsigned long earlier_ = 0; ///< line of the last "scheduling while atomic"
};

} // namespace kctx::klog

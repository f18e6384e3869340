// SPDX-License-Identifier: BSL-1.0
/// @file
/// The count of "scheduling while atomic" and of "sleeping function called" field by field, and
/// what follows from it. The rules are those of kernel/preempt_count.hpp.
#pragma once

#include <kctx/klog/decoded.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kctx::klog::detail {

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

inline entry_point entry_of(const std::vector<frame> &frames)
{
    std::size_t i = 0;
    while (i < frames.size() && frames[i].function != "__schedule_bug")
        ++i;
    if (i == frames.size()) { // a trace may have been cut; it must then start in the scheduler
        i = 0;
        if (frames.empty() ||
            !is_one_of(frames[0].function, {"__schedule", "schedule", "schedule_debug"}))
            return {};
    } else {
        ++i;
    }
    while (i < frames.size() && is_one_of(frames[i].function, {"__schedule", "schedule_debug"}))
        ++i;
    // Behind the scheduler's own functions stands who called it.
    bool preempted = false;
    bool lock = false;
    for (; i < frames.size(); ++i) {
        const std::string_view f = frames[i].function;
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
    const std::string_view f = frames[i].function;
    if (f.starts_with("exit_to_user") || f.starts_with("prepare_exit_to_user") ||
        f.starts_with("syscall_exit_to_user") || f.starts_with("irqentry_exit_to_user") ||
        is_one_of(f, {"do_notify_resume", "do_work_pending", "work_pending", "work_resched",
                      "retint_careful", "sysret_careful", "int_careful", "int_with_check"}))
        return {entry::user_return, i};
    return {entry::blocking, i};
}

inline kernel::preempt_layout layout_of(const machine &m)
{
    return kernel::preempt_count_layout(m.version.value, m.architecture.value, m.rt.value);
}

/// Whose the one level is that __schedule() expects. Its callers add it, but for two that run
/// with preemption disabled already (kernel/sched/core.c: schedule_idle(), do_task_dead()).
inline std::string_view owner_of_expected_level(entry how)
{
    switch (how) {
    case entry::idle:
        return "the idle loop's own";
    case entry::task_exit:
        return "do_exit()'s own";
    default:
        return "schedule()'s own";
    }
}

/// The fields as rows: those that are set, and always the preempt field. `owner`: whose level
/// is among them, empty if the count was not printed by schedule().
inline void add_fields(unsigned count, const kernel::preempt_layout &l, std::string_view owner,
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
            "bottom halves disabled " + times(f.bh_disable) +
                " (local_bh_disable(), spin_lock_bh())");
    if (l.bh_disable == 0x200 && f.softirq != 0)
        add("softirq", kernel::field_unit(l.softirq), 1,
            "serving a softirq (timer, tasklet, network receive, ...)");
    const unsigned held = !owner.empty() && f.preempt != 0 ? f.preempt - 1 : f.preempt;
    std::string text = "no level counted";
    if (held != f.preempt)
        text = std::string(owner) + " level" +
               (held != 0 ? " and " + std::to_string(held) + " held" : "");
    else if (held != 0)
        text = levels(held) + " held";
    if (held != 0)
        text += ": " + std::string(level_holders(d.from.rt.value));
    add("preempt", l.preempt, f.preempt, text);
    if (f.rest != 0) {
        add("unknown", f.rest, 0, "no field of this kernel");
        d.warnings.push_back("the count has bits that no field of this kernel covers (" +
                             hex_text(f.rest) +
                             "): the version or architecture it is read as may be wrong");
    }
}

/// In which context the fields say that code ran. `held`: preempt levels besides schedule()'s.
inline void add_context(const kernel::preempt_layout &l, const kernel::preempt_fields &f,
                        unsigned held, entry how, const report &r, decoded &d)
{
    const bool old = l.bh_disable == 0x100;
    const bool idle = is_idle(r) && held != 0 && how != entry::idle;
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
            text += " that disabled bottom halves " + times(f.bh_disable);
        holder =
            r.comm.starts_with("ksoftirqd/") ? "by it" : "by the softirq or by what it interrupted";
    } else if (f.bh_disable != 0) {
        text = "code that runs with bottom halves disabled (";
        if (!d.from.counting.value_or(true))
            text += "local_bh_disable() or spin_lock_bh()";
        else if (others != 0)
            text += "spin_lock_bh() counts one of these and one preempt level";
        else
            text += "local_bh_disable()";
        text +=
            r.comm.starts_with("irq/") ? "; the threads of forced-threaded handlers run so)" : ")";
        holder = "by it";
    } else if (held != 0) {
        std::string_view mark;
        const trace_context shown = context_of(r.frames, mark);
        if (is_idle(r))
            text = "the idle task";
        else if (d.from.rt.value && shown == trace_context::softirq)
            text = "a softirq, which on PREEMPT_RT runs in a thread and does not count here";
        else if (d.from.rt.value && shown == trace_context::unknown)
            text = "a task, or a softirq: on PREEMPT_RT it runs in a thread and does not count "
                   "here";
        else
            text = "process context";
        holder = "by it";
    } else {
        return;
    }
    if (others != 0)
        text += ", with " + levels(others) + " held " + std::string(holder);
    d.context.push_back(text);
    if (idle)
        d.context.push_back("one preempt level is the idle loop's own: it runs with preemption "
                            "disabled");
    if (f.hardirq == 0 && f.softirq != 0 && !old && held != 0 &&
        has_frame(r, "__local_bh_enable_ip"))
        d.context.push_back("one preempt level is local_bh_enable()'s own: it holds one while it "
                            "runs softirqs");
    if ((f.hardirq != 0 || f.nmi != 0) && !r.comm.empty())
        d.context.push_back(r.comm + " is only the task that was interrupted");
    else if (f.softirq != 0 && !old && r.comm.starts_with("ksoftirqd/"))
        d.context.push_back(r.comm + " serves softirqs in its own thread");
    else if (f.softirq != 0 && !old && !r.comm.empty())
        d.context.push_back(r.comm + " is only the task on which the softirq ran");
}

/// The count is lower than __schedule() expects: what is missing, and where it may have gone.
inline void add_underflow(const report &r, unsigned long earlier, entry how, decoded &d)
{
    // Bit 31 is missing where preempt_count() masks it off.
    const unsigned value = r.count == 0 ? 0 : r.count | 0x80000000;
    const unsigned missing = kernel::schedule_offset(true) - value;
    const unsigned levels = missing & 0xff;
    const unsigned bh = (missing >> 8) & 0xff;
    d.from.counting = true;
    d.own = "the 1 that is expected is " + std::string(owner_of_expected_level(how)) +
            " preempt_disable()";
    if (how == entry::task_exit && has_frame(r, "make_task_dead") && missing == 1) {
        d.context.push_back("do_task_dead() expects preemption disabled, as do_exit() leaves it; "
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
            parts = "local_bh_enable() " + times(bh / 2);
        if (bh % 2 != 0)
            parts += std::string(parts.empty() ? "" : ", ") + "the end of a softirq (0x100)";
        if (levels != 0)
            parts += std::string(parts.empty() ? "" : " and ") + "preempt_enable() or an unlock " +
                     times(levels);
        text += ", " + parts + " too many";
        if (missing == 0x201)
            text += ", which together is one spin_unlock_bh()";
    }
    d.context.push_back(text);
    const std::string reset = "since 4.4 the scheduler sets the count back to 1 after it "
                              "reports, so giving back what was held then takes the count too "
                              "low";
    if (earlier != 0 && d.from.version.value >= KCTX_VERSION(4, 4, 0))
        d.context.push_back("likely a consequence of the report in line " +
                            std::to_string(earlier) + ": " + reset);
    else if (r.warned && d.from.version.value >= KCTX_VERSION(4, 4, 0))
        d.context.push_back("the kernel is tainted W, so there was a report before this one; if "
                            "it was of this kind, this is its consequence: " +
                            reset);
}

inline void add_entry(const report &r, const entry_point &at, bool preempt_active, decoded &d)
{
    switch (at.how) {
    case entry::blocking:
        d.context.push_back("schedule() was called by " + r.frames[at.from].function);
        break;
    case entry::cond_resched:
        if (!preempt_active)
            d.context.push_back("called from cond_resched(), a point where code that may sleep "
                                "offers the CPU");
        break;
    case entry::user_return:
        d.context.push_back("the task was on its way back to user space (" +
                            r.frames[at.from].function +
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

/// DEBUG_PREEMPT's record. The _notrace forms of preempt_disable() do not write it.
inline void add_disabled_at(const report &r, decoded &d)
{
    if (!r.preempt_disabled_at.empty() && r.preempt_disabled_at != "0x0")
        d.context.push_back("the last place on record that disabled preemption: " +
                            r.preempt_disabled_at);
}

/// What the trace adds where no number says it.
inline void add_trace_context(const report &r, bool number_says, decoded &d)
{
    std::string_view mark;
    const trace_context context = context_of(r.frames, mark);
    if (context == trace_context::unknown || number_says)
        return;
    std::string text = "the trace shows ";
    if (context == trace_context::softirq)
        text += "a softirq";
    else if (context == trace_context::hardirq)
        text += "a hard interrupt handler";
    else
        text += "process context";
    d.context.push_back(text + " (" + std::string(mark) + ")");
}

inline void decode_schedule(const report &r, unsigned long earlier, decoded &d)
{
    machine &m = d.from;
    const kernel::preempt_layout l = layout_of(m);
    const kernel::preempt_fields f = kernel::decode_preempt_count(r.count, l);
    d.count = r.count;
    const entry_point at = entry_of(r.frames);

    // A count of 0 is reported only where 1 is expected.
    d.underflow = f.underflow || r.count == 0;
    if (!d.underflow) {
        const bool counts = f.preempt != 0;
        const bool other_bits = (r.count & ~l.preempt_active) != 0;
        add_fields(r.count, l, owner_of_expected_level(at.how), d);
        if (counts) {
            m.counting = true;
            d.own = "1 of the preempt field is " + std::string(owner_of_expected_level(at.how)) +
                    " preempt_disable()";
            if (at.how != entry::idle && at.how != entry::task_exit)
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
            d.own +=
                m.version.value < KCTX_VERSION(3, 1, 0) ? "CONFIG_PREEMPT" : "CONFIG_PREEMPT_COUNT";
            d.own += "); schedule() adds no level and locks do not show";
        }
        add_context(l, f, counts ? f.preempt - 1 : 0, at.how, r, d);
    } else {
        add_underflow(r, earlier, at.how, d);
    }
    if (f.preempt_active && !d.underflow)
        d.context.push_back("PREEMPT_ACTIVE: called from cond_resched(), or from might_sleep() "
                            "with CONFIG_PREEMPT_VOLUNTARY; preempt_schedule() would not have "
                            "started with this count");
    add_entry(r, at, f.preempt_active, d);
    add_disabled_at(r, d);
    if (at.how != entry::unknown)
        d.path = path_from(r.frames, at.from);
    else
        d.path = path_from(r.frames, reporting_frames(r.frames));
}

inline void decode_sleep(const report &r, decoded &d)
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
            add_context(l, f, f.preempt, entry::unknown, r, d);
        reason = *s.count != expected;
    } else if (s.in_atomic.value_or(0) != 0) {
        d.context.push_back("the preempt_count was not 0 (in_atomic); kernels before 5.17 do not "
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
        d.context.push_back("inside rcu_read_lock(), " + levels(rcu) +
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
    } else if (!s.in_atomic && !s.count) {
        d.warnings.push_back("the lines that say why (in_atomic(), preempt_count, ...) are not "
                             "in the log");
    }
    add_trace_context(r, s.count.has_value() && *s.count != 0, d);
    if (is_dying(r))
        d.context.push_back("the task was being killed after an Oops, which is the report to "
                            "read first");
    if (d.from.rt.value &&
        (r.sleep.location.find("spinlock_rt.c") != std::string::npos ||
         (r.sleep.location.find("rtmutex.c") != std::string::npos && has_frame(r, "rt_spin_lock"))))
        d.context.push_back("what may sleep is a spinlock_t or rwlock_t: on PREEMPT_RT they are "
                            "sleeping locks");
    add_disabled_at(r, d);
    d.path = path_from(r.frames, reporting_frames(r.frames));
}

} // namespace kctx::klog::detail

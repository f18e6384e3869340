// SPDX-License-Identifier: BSL-1.0
/// @file
/// From a report of sleeping to its cause: the call, who made it, in which context, what made that
/// context atomic, the rule and the fixes.
#pragma once

#include <kctx/klog/explanation.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog::detail {

inline const decoded_part *part_of(const decoded &d, std::string_view name)
{
    for (const decoded_part &p : d.parts) {
        if (p.name == name)
            return &p;
    }
    return nullptr;
}

inline unsigned level_of(const decoded &d, std::string_view name)
{
    const decoded_part *p = part_of(d, name);
    return p == nullptr ? 0 : p->level;
}

inline std::string function_text(std::string_view function, std::string_view module)
{
    std::string text = std::string(function) + "()";
    if (!module.empty())
        text += " [" + std::string(module) + "]";
    return text;
}

/// "a, b and c"
inline std::string list_text(const std::vector<std::string> &words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i)
        text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
    return text;
}

/// The functions of the report itself: dump_stack(), warn_alloc(). Lockdep's too.
inline bool is_reporting(std::string_view f)
{
    return is_one_of(f, {"dump_backtrace",
                         "show_stack",
                         "__dump_stack",
                         "dump_stack",
                         "dump_stack_lvl",
                         "unwind_backtrace",
                         "show_regs",
                         "__schedule_bug",
                         "walk_stackframe",
                         "show_trace_log_lvl",
                         "lock_acquire",
                         "__lock_acquire",
                         "print_lock_invalid_wait_context",
                         "print_usage_bug",
                         "mark_lock",
                         "check_wait_context",
                         "mark_usage",
                         "warn_alloc",
                         "warn_alloc_failed",
                         "__might_resched_fail",
                         "print_unlock_imbalance_bug"}) ||
           f.starts_with("__lock_acquire") || f.starts_with("lock_acquire");
}

/// What might_sleep() was called for, by its place, where the trace has no function for it: inline
/// functions of headers, or the body of the caller itself.
inline std::string_view call_of_location(std::string_view location, wait_kind &kind)
{
    struct place {
        std::string_view file;
        std::string_view call;
        wait_kind kind;
    };
    constexpr place places[] = {
        {"mm/slab.h", "kmalloc", wait_kind::allocates},
        {"mm/slab.c", "kmalloc", wait_kind::allocates},
        {"mm/slub.c", "kmalloc", wait_kind::allocates},
        {"include/linux/sched/mm.h", "kmalloc", wait_kind::allocates},
        {"mm/page_alloc.c", "alloc_pages", wait_kind::allocates},
        {"mm/vmalloc.c", "vmalloc", wait_kind::allocates},
        {"locking/mutex.c", "mutex_lock", wait_kind::locks},
        {"kernel/mutex.c", "mutex_lock", wait_kind::locks},
        {"locking/rwsem.c", "down_read", wait_kind::locks},
        {"kernel/rwsem.c", "down_read", wait_kind::locks},
        {"locking/semaphore.c", "down", wait_kind::locks},
        {"locking/spinlock_rt.c", "spin_lock", wait_kind::rt_lock},
        {"locking/rtmutex", "spin_lock", wait_kind::rt_lock},
        {"include/linux/uaccess.h", "copy_from_user", wait_kind::faults},
        {"asm/uaccess.h", "copy_from_user", wait_kind::faults},
        {"mm/memory.c", "copy_from_user", wait_kind::faults},
        {"include/linux/percpu-rwsem.h", "percpu_down_read", wait_kind::locks},
        {"include/linux/pagemap.h", "lock_page", wait_kind::locks},
        {"include/linux/buffer_head.h", "lock_buffer", wait_kind::locks},
        {"kernel/workqueue.c", "flush_work", wait_kind::waits},
        {"sched/completion.c", "wait_for_completion", wait_kind::waits},
        {"irq/manage.c", "free_irq", wait_kind::waits},
        {"kernel/printk", "console_lock", wait_kind::locks},
    };
    for (const place &p : places) {
        if (location.find(p.file) != location.npos) {
            kind = p.kind;
            return p.call;
        }
    }
    return {};
}

/// The call that a report is about: behind the report's own functions the trace goes on with those
/// that wait; the first that is none of them made the call.
inline std::optional<guilty_call> find_call(const report &r)
{
    std::size_t i = 0;
    // What is printed above the report's own functions is not of this stack.
    for (std::size_t k = 0; k < r.frames.size() && k < 12; ++k) {
        if (is_reporting(r.frames[k].function))
            i = k + 1;
    }
    guilty_call g;
    std::size_t first_wait = ~std::size_t{0};
    std::string_view call;
    for (; i < r.frames.size(); ++i) {
        const primitive *p = find_primitive(r.frames[i].function);
        if (p == nullptr)
            break;
        if (p->kind != wait_kind::inner) {
            if (first_wait == ~std::size_t{0}) {
                first_wait = i;
                g.slept_in = r.frames[i].function;
            }
            g.kind = p->kind;
        }
        const std::string_view name = !p->call.empty()              ? p->call
                                      : p->kind != wait_kind::inner ? r.frames[i].function
                                                                    : std::string_view();
        if (!name.empty()) {
            call = name;
            g.line = r.frames[i].line;
        }
    }
    if (i == r.frames.size())
        return std::nullopt; // cut before the caller
    g.caller = r.frames[i].function;
    g.module = r.frames[i].module;
    g.caller_frame = i;
    if (call.ends_with("_noprof"))
        call.remove_suffix(7);
    g.call = std::string(call);
    // A might_sleep() of the function itself: then it is the call, and the next one made it.
    if (g.call.empty() && r.kind == report_kind::sleeping_function && i + 1 < r.frames.size() &&
        find_entry(r.frames[i + 1].function) == nullptr) {
        wait_kind kind = wait_kind::none;
        if (call_of_location(r.sleep.location, kind).empty()) {
            g.call = g.slept_in = g.caller;
            g.line = r.frames[i].line;
            g.kind = wait_kind::offers;
            g.caller = r.frames[i + 1].function;
            g.module = r.frames[i + 1].module;
            g.caller_frame = i + 1;
        }
    }
    return g;
}

/// Where the trace enters a context, and the function that it enters: the innermost entry counts.
inline void find_entry_of(const report &r, std::size_t from, call_context &c)
{
    for (std::size_t i = from; i < r.frames.size(); ++i) {
        const entry_function *e = find_entry(r.frames[i].function);
        if (e == nullptr)
            continue;
        c.token = std::string(e->token);
        c.words = std::string(e->words);
        c.how = certainty::proved;
        std::size_t entry = i - 1;
        if (e->function == "__hrtimer_run_queues" && i + 1 < r.frames.size()) {
            // Callbacks run in the timer interrupt or in its softirq: the next function tells.
            const bool hard = r.frames[i + 1].function == "hrtimer_interrupt";
            c.token = hard ? "HardIrqCtx" : "SoftirqCtx";
            c.words = hard ? "the callback of a high-resolution timer, in the timer interrupt"
                           : "the callback of a high-resolution timer, in softirq context";
            if (r.frames[i + 1].function == "hrtimer_run_softirq")
                entry = i + 1;
        }
        if (i > from) {
            c.entry = r.frames[i - 1].function;
            c.entry_module = r.frames[i - 1].module;
            c.entry_frame = entry;
        }
        return;
    }
}

/// The count and the printed states over the trace: they are proof.
inline void apply_state(const report &r, const decoded &d, call_context &c)
{
    const bool hard = level_of(d, "hardirq") != 0;
    const bool nmi = level_of(d, "nmi") != 0;
    const bool soft = level_of(d, "softirq") != 0;
    const unsigned bh = level_of(d, "bh-disable");
    const bool rt = d.from.rt.value;
    unsigned preempt = level_of(d, "preempt");
    if (r.kind == report_kind::scheduling_while_atomic && preempt != 0)
        --preempt; // schedule()'s own
    const auto is_token = [&c](std::initializer_list<std::string_view> tokens) {
        return is_one_of(c.token, tokens);
    };
    if (nmi) {
        c.token = "NmiCtx";
        c.words = "an NMI";
        c.how = certainty::proved;
    } else if (hard) {
        if (!is_token({"IrqCtx", "HardIrqCtx", "IrqWorkCtx"})) {
            c.token = "IrqCtx";
            c.words = "a hard interrupt handler";
        }
        if (soft)
            c.words += " that interrupted a softirq";
        c.how = certainty::proved;
    } else if (soft && !rt) {
        if (!is_token({"SoftirqCtx", "TimerCtx", "TaskletCtx", "RcuCallbackCtx", "IrqWorkCtx"})) {
            c.token = "SoftirqCtx";
            c.words = "a softirq";
        }
        c.how = certainty::proved;
    } else if (!d.parts.empty() && is_token({"IrqCtx", "HardIrqCtx", "NmiCtx"})) {
        // The interrupt is further out than what the count is about.
        c.how = certainty::likely;
    }
    if (c.how == certainty::unknown && !d.parts.empty() && !hard && !soft && !nmi) {
        c.how = rt ? certainty::likely : certainty::proved;
        c.words = "process context";
    }

    if (hard || nmi || (soft && !rt))
        return; // atomic already, whatever else is held
    const might_sleep_state &s = r.sleep;
    const bool any =
        preempt != 0 || (d.parts.empty() && s.in_atomic.value_or(0) != 0 && !d.underflow);
    if (any && bh == 0)
        c.held = rt ? section::raw : section::preemption;
    else if (bh != 0)
        c.held = section::bh;
    else if (s.irqs_disabled.value_or(0) != 0)
        c.held = section::irqs;
    else if (s.rcu_depth.value_or(0) > s.expected_rcu_depth.value_or(0))
        c.held = section::rcu;
    // Without a printed count a softirq of the trace is what makes it atomic.
    if (d.parts.empty() && !s.count && !rt &&
        is_token({"IrqCtx", "HardIrqCtx", "SoftirqCtx", "TimerCtx", "TaskletCtx", "NmiCtx",
                  "RcuCallbackCtx"}))
        c.held = section::none;
}

/// Is this lock of a kind that makes its holder atomic? By its wait type where lockdep prints it,
/// else by what lockdep says of its use: a sleeping lock was never taken in an interrupt.
inline bool makes_atomic(const lock_line &l, bool rt)
{
    if (l.inner)
        return *l.inner == 2 || (*l.inner == 3 && !rt && l.outer == l.inner && *l.outer == 3 &&
                                 l.usage.find('-') != std::string::npos);
    return l.usage.starts_with("-") || l.usage.starts_with("..") ||
           (l.usage.size() > 2 && l.usage[2] == '-');
}

/// Who holds what made a task's context atomic.
inline void find_holder(const report &r, const decoded &d, std::size_t from, call_context &c)
{
    if (c.held == section::none)
        return;
    if (!r.preempt_disabled_at.empty() && r.preempt_disabled_at != "0x0" &&
        (c.held == section::preemption || c.held == section::raw || c.held == section::bh)) {
        c.holder = std::string(
            std::string_view(r.preempt_disabled_at).substr(0, r.preempt_disabled_at.find('+')));
        c.holder_how = certainty::likely;
        // DEBUG_PREEMPT names the caller of preempt_disable(), often a lock function.
        if (c.holder.find("spin_lock") == std::string::npos)
            return;
    }
    for (std::size_t i = r.held.size(); i-- > 0;) {
        if (!makes_atomic(r.held[i], d.from.rt.value) || r.held[i].name == "rcu_read_lock")
            continue;
        if (c.held == section::rcu)
            break;
        c.lock = r.held[i].name;
        c.holder = r.held[i].at;
        c.holder_how = certainty::proved;
        return;
    }
    if (c.held == section::rcu) {
        for (std::size_t i = r.held.size(); i-- > 0;) {
            if (r.held[i].name.starts_with("rcu_read_lock")) {
                c.lock = r.held[i].name;
                c.holder = r.held[i].at;
                c.holder_how = certainty::proved;
                return;
            }
        }
    }
    if (!c.holder.empty())
        return;
    // The module that is nearest to the call, in its innermost function: kernel functions on the
    // way are those of every caller.
    const std::size_t end =
        std::min(r.frames.size(), c.entry_frame + (c.entry_frame == ~std::size_t{0} ? 0 : 1));
    for (std::size_t i = from; i < end; ++i) {
        if (!r.frames[i].module.empty()) {
            c.holder = r.frames[i].function;
            c.holder_how = certainty::unknown;
            return;
        }
    }
}

/// What a section is, for a sentence: "with ...".
inline std::string section_words(const call_context &c, const decoded &d, const report &r)
{
    const unsigned preempt = level_of(d, "preempt");
    const unsigned levels_held =
        r.kind == report_kind::scheduling_while_atomic && preempt != 0 ? preempt - 1 : preempt;
    const std::string many =
        levels_held > 1 ? std::to_string(levels_held) + " preempt levels" : "one preempt level";
    switch (c.held) {
    case section::preemption:
        return "with " + (levels_held == 0 ? std::string("a preempt level") : many) +
               " held (a spinlock or preempt_disable())";
    case section::raw:
        return "with " + (levels_held == 0 ? std::string("a preempt level") : many) +
               " held, which on PREEMPT_RT is a raw_spinlock_t or preempt_disable()";
    case section::bh:
        return "with bottom halves disabled (spin_lock_bh() or local_bh_disable())";
    case section::irqs:
        return "with interrupts disabled";
    case section::rcu:
        return "inside rcu_read_lock()";
    default:
        return {};
    }
}

/// The rule that was broken, by the call and the place.
inline std::string_view slug_of(const guilty_call &g, const call_context &c, bool rt)
{
    switch (g.kind) {
    case wait_kind::allocates:
        return rt && c.held == section::raw ? "alloc-in-raw-section" : "gfp-may-sleep";
    case wait_kind::rt_lock:
        return "rt-lock-in-raw-section";
    default:
        return "sleep-in-atomic";
    }
}

/// What can be done, the best first.
inline std::vector<std::string> fixes_of(const guilty_call &g, const call_context &c, bool rt)
{
    const bool irq = is_one_of(c.token, {"IrqCtx", "HardIrqCtx", "SoftirqCtx", "TimerCtx",
                                         "TaskletCtx", "RcuCallbackCtx", "IrqWorkCtx"});
    const std::string later =
        irq ? "leave what may wait to a work item (schedule_work()) or to a threaded handler "
              "(request_threaded_irq()), and do only the urgent part here"
            : "call it before the section begins or after it ends: copy under the lock what is "
              "needed, and wait without it";
    std::vector<std::string> fixes;
    if (c.token == "NmiCtx") {
        fixes.push_back("irq_work_queue(), and the call from there or later: in an NMI nothing may "
                        "wait, and no lock be taken that the NMI may have interrupted");
        return fixes;
    }
    const std::string call = g.call.empty() ? g.caller + "()" : g.call + "()";
    switch (g.kind) {
    case wait_kind::allocates:
        if (g.call == "vmalloc" || g.call == "kvmalloc") {
            fixes.push_back(
                "allocate before, where it may wait: vmalloc() has no form that may not");
            break;
        }
        if (rt && c.held == section::raw) {
            fixes.push_back(
                "allocate before the raw section begins: on PREEMPT_RT no allocation is "
                "legal inside, GFP_ATOMIC included");
            break;
        }
        if (irq)
            fixes.push_back("GFP_ATOMIC instead of GFP_KERNEL, with its result checked: it fails "
                            "when memory is short");
        fixes.push_back(
            irq ? "allocate earlier, where it may wait (probe, open), and keep the memory"
                : "allocate before the section begins, and free after it what was not "
                  "needed");
        if (!irq)
            fixes.push_back("GFP_ATOMIC (in rcu_read_lock() GFP_NOWAIT), with its result checked");
        fixes.push_back(irq ? later : "a mutex instead of the spinlock, if no interrupt takes it");
        break;
    case wait_kind::rt_lock:
        if (!irq || c.held != section::none)
            fixes.push_back("leave the raw section before the call: the kernel's own answer for "
                            "callbacks is to give the raw lock back while they run");
        fixes.push_back("raw_spinlock_t instead of spinlock_t for the inner lock, if its sections "
                        "are short and all that is called in them takes raw locks only");
        fixes.push_back(irq && c.held == section::none
                            ? "a handler that may be threaded (without IRQF_NO_THREAD), or the "
                              "call in a threaded handler or a work item"
                            : "defer the call: an irq_work or a work item");
        break;
    case wait_kind::locks:
        fixes.push_back(irq ? "a spinlock_t instead of the sleeping lock, if all its sections are "
                              "short and none sleeps"
                            : "take the sleeping lock first and the spinning one inside it");
        fixes.push_back(later);
        if (g.call == "mutex_lock" && !irq)
            fixes.push_back(
                "a mutex instead of the spinlock around it, if no interrupt takes that");
        break;
    case wait_kind::faults:
        fixes.push_back("copy from or to user memory outside the section, through a kernel buffer");
        fixes.push_back("copy_from_user_nofault() and its like, where a page that is not there may "
                        "be an error");
        break;
    case wait_kind::offers:
        fixes.push_back(later);
        break;
    default:
        if (g.call.find("cancel") != std::string::npos && g.call.find("work") != std::string::npos)
            fixes.push_back("cancel_work() or cancel_delayed_work(), which do not wait, if it may "
                            "still be running");
        else if (g.call == "msleep" || g.call == "usleep_range" || g.call == "fsleep")
            fixes.push_back("udelay() for a few microseconds; for more, a timer or a delayed work "
                            "item");
        else if (g.call == "synchronize_rcu")
            fixes.push_back("call_rcu() or kfree_rcu(), which do not wait");
        else if (g.call == "timer_delete_sync")
            fixes.push_back("timer_delete(), which does not wait, or call it without the lock");
        fixes.push_back(later);
        break;
    }
    if (fixes.empty())
        fixes.push_back("call " + call + " where sleeping is allowed");
    return fixes;
}

/// Why the call may sleep, as a clause.
inline std::string why_it_sleeps(const guilty_call &g)
{
    switch (g.kind) {
    case wait_kind::allocates:
        return "which may sleep, for its flags allow reclaim";
    case wait_kind::rt_lock:
        return "which takes a spinlock_t or rwlock_t, and on PREEMPT_RT they sleep";
    case wait_kind::locks:
        return "which sleeps while another holds the lock";
    case wait_kind::faults:
        return "which may have to bring in a page of user memory";
    case wait_kind::offers:
        return "which may sleep, by its own might_sleep()";
    case wait_kind::waits:
        return g.call == "schedule" ? "which gives up the CPU" : "which waits";
    default:
        return "which may sleep";
    }
}

} // namespace kctx::klog::detail

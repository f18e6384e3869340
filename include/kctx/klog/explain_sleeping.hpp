// SPDX-License-Identifier: BSL-1.0
/// @file
/// Explains "scheduling while atomic" and "sleeping function called": the call, where it was made,
/// what the kernel checked, who made the context atomic, what to do instead.
#pragma once

#include <kctx/klog/cause_sleeping.hpp>
#include <kctx/klog/decode_count.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog::detail {

/// The call, the context and the holder of a report of sleeping.
inline void find_cause(const report &r, explanation &e)
{
    e.call = find_call(r);
    call_context c;
    const std::size_t from = e.call ? e.call->caller_frame : 0;
    if (!r.frames.empty())
        find_entry_of(r, from, c);
    apply_state(r, e.said, c);
    find_holder(r, e.said, from, c);
    e.context = c;
    if (!r.sleep.location.empty()) {
        wait_kind kind = wait_kind::none;
        const std::string_view call = call_of_location(r.sleep.location, kind);
        if (!e.call && !r.frames.empty())
            return;
        if (e.call && e.call->call.empty()) {
            e.call->call = std::string(call);
            e.call->kind = kind;
        }
    }
}

/// "in a hard interrupt handler", "in process context, with ... held"
inline std::string place_text(const report &r, const explanation &e)
{
    const call_context &c = set_by_kind(e.context);
    std::string text = "in " + c.words;
    if (!c.entry.empty() && !(e.call && e.call->caller == c.entry))
        text += " (" + function_text(c.entry, c.entry_module) + ")";
    const std::string held = section_words(c, e.said, r);
    if (!held.empty())
        text += ", " + held;
    return text;
}

inline void explain_underflow(const report &r, explanation &e)
{
    e.call.reset();
    if (e.context)
        e.context->held = section::none;
    const bool follow_up =
        std::any_of(e.said.context.begin(), e.said.context.end(), [](const std::string &text) {
            return text.find("consequence") != std::string::npos;
        });
    const bool exits =
        std::any_of(e.said.context.begin(), e.said.context.end(), [](const std::string &text) {
            return text.find("No enable is one too many") != std::string::npos;
        });
    const unsigned count = e.said.count.value_or(r.count);
    if (exits) {
        e.say("The count " + hex_text(count, 8) +
              " is not decoded: do_task_dead() expects "
              "preemption disabled and found it enabled, in a task that died of an Oops. "
              "The Oops "
              "is the report to read.");
        return;
    }
    e.say("The count " + hex_text(count, 8) +
          " is below what schedule() expects, so it is not "
          "decoded: more was enabled than disabled before.");
    if (follow_up) {
        e.say("It follows from an earlier report: the scheduler resets the count after it "
              "reports, "
              "so that the unlock that comes later takes it too low. Read the first report.");
        e.fixes.push_back("mend what the first report says; this one then does not come");
    } else {
        e.say("Nobody slept wrongly here: look for an unlock or preempt_enable() without its "
              "partner.");
        e.fixes.push_back("find the unbalanced unlock or preempt_enable(); CONFIG_DEBUG_PREEMPT "
                          "and lockdep report it where it happens");
    }
}

/// What the kernel checked.
inline void add_why(const report &r, explanation &e)
{
    if (r.kind == report_kind::scheduling_while_atomic) {
        std::string parts;
        for (const decoded_part &p : e.said.parts)
            parts += (parts.empty() ? "" : ", ") + p.name + " " + std::to_string(p.level);
        e.say("The kernel says so because schedule() found preempt_count " + hex_text(r.count, 8) +
              " (" + parts + ")" +
              (e.said.own.starts_with("1 of the preempt field")
                   ? ", of which only one preempt level is schedule()'s own."
                   : "."));
        return;
    }
    const might_sleep_state &s = r.sleep;
    std::vector<std::string> why;
    if (s.count && *s.count != s.expected_count.value_or(0))
        why.push_back("preempt_count " + hex_text(*s.count) + " instead of " +
                      hex_text(s.expected_count.value_or(0)));
    else if (s.in_atomic.value_or(0) != 0)
        why.push_back("a preempt_count that is not 0 (in_atomic)");
    if (s.irqs_disabled.value_or(0) != 0)
        why.push_back("interrupts disabled");
    if (const unsigned depth = s.rcu_depth.value_or(0); depth > s.expected_rcu_depth.value_or(0))
        why.push_back("an RCU reader of depth " + std::to_string(depth));
    if (s.non_block.value_or(0) != 0)
        why.push_back("a non-blocking section");
    if (!why.empty())
        e.say("The kernel says so because might_sleep()" +
              (s.location.empty() ? "" : " at " + s.location) + " found " + list_text(why) + ".");
}

/// Who made the context atomic.
inline void add_holder(const report &r, explanation &e)
{
    const call_context &c = set_by_kind(e.context);
    if (is_one_of(c.token, {"IrqCtx", "HardIrqCtx", "SoftirqCtx", "TimerCtx", "TaskletCtx",
                            "NmiCtx", "RcuCallbackCtx", "IrqWorkCtx"}) &&
        c.held == section::none) {
        if (!c.entry.empty())
            e.findings.push_back({"the context: " + c.words + " begins with " +
                                      function_text(c.entry, c.entry_module),
                                  c.how,
                                  {r.frames[c.entry_frame].line}});
        return;
    }
    if (c.held == section::none)
        return;
    if (c.holder_how == certainty::proved) {
        e.say("It is " + c.holder + "() that holds " +
              (c.lock.empty() ? "it" : "the lock " + c.lock) + ".");
        e.findings.push_back(
            {"held: " + c.lock + ", taken in " + c.holder + "()", certainty::proved, {}});
    } else if (c.holder_how == certainty::likely) {
        e.say("Preemption was last disabled in " + c.holder + "(), by the kernel's own record.");
        e.findings.push_back({"preemption disabled in " + c.holder + "()", certainty::likely, {}});
    } else {
        std::string text = "Who holds it the log does not say";
        if (!c.holder.empty())
            text += "; the nearest function of a module is " + c.holder + "()";
        e.say(text + ".");
        e.findings.push_back(
            {"which lock is held, and by which function of the trace", certainty::unknown, {}});
    }
}

/// What a reader of the trace should not conclude, and what else it shows.
inline void add_notes(const report &r, explanation &e, const entry_point &how)
{
    const call_context &c = set_by_kind(e.context);
    if (e.call && e.call->kind == wait_kind::allocates) {
        const bool offered =
            how.how == entry::cond_resched || r.kind == report_kind::sleeping_function;
        if (offered)
            e.findings.push_back({"memory was not short: the allocator checks or offers the CPU "
                                  "whenever its flags allow waiting, before it looks for memory",
                                  certainty::proved,
                                  {}});
    }
    if (e.call && e.call->kind == wait_kind::waits && how.how == entry::blocking) {
        bool lock = false;
        for (const frame &f : r.frames) {
            const primitive *p = find_primitive(f.function);
            lock = lock ||
                   (p != nullptr && (p->kind == wait_kind::locks || p->kind == wait_kind::rt_lock));
        }
        if (!lock)
            e.findings.push_back({"nobody waits for a lock in this trace: what slept is " +
                                      e.call->slept_in + "(), for " + e.call->call + "()",
                                  certainty::proved,
                                  {}});
    }
    if (!r.interrupted.empty() && e.call && e.call->call.find("work") != std::string::npos) {
        for (std::size_t i = 1; i < r.interrupted.size(); ++i) {
            if (r.interrupted[i] == "worker_thread" || r.interrupted[i] == "process_one_work" ||
                r.interrupted[i] == "run_workqueue") {
                const std::string work = r.interrupted[i - 1].function;
                e.say("What was interrupted is a work item, " + work +
                      "(): if it is the one that is waited for, the wait would never end "
                      "even "
                      "if sleeping were allowed.");
                e.findings.push_back({"the interrupt came in the middle of " + work + "()",
                                      certainty::proved,
                                      {r.interrupted[i - 1].line}});
                break;
            }
        }
    }
    if (c.token == "IrqCtx" && !r.interrupted_at.empty())
        e.findings.push_back({"the register dump (PC is at " + r.interrupted_at +
                                  ") shows what was interrupted, not who called",
                              certainty::proved,
                              {}});
    if (is_one_of(c.token, {"IrqCtx", "HardIrqCtx", "SoftirqCtx", "TimerCtx", "TaskletCtx"}) &&
        c.how == certainty::proved && !r.comm.empty() && !r.comm.starts_with("ksoftirqd") &&
        !r.comm.starts_with("ktimersoftd"))
        e.say(r.comm + " is only the task that was on the CPU.");
    if (c.token == "WorkCtx" && c.held == section::none && e.call)
        e.findings.push_back(
            {"a work item is process context and may sleep; something else made it "
             "atomic",
             certainty::proved,
             {}});
    if (e.said.from.rt.value && e.call && e.call->kind == wait_kind::rt_lock)
        e.say("Without PREEMPT_RT a spinlock_t spins, and the same code is legal.");
}

inline void explain_sleeping(const report &r, explanation &e)
{
    const bool schedule = r.kind == report_kind::scheduling_while_atomic;
    const bool rt = e.said.from.rt.value;
    const entry_point how = entry_of(r.frames);
    find_cause(r, e);

    if (e.said.underflow) {
        explain_underflow(r, e);
        return;
    }
    if (schedule && (how.how == entry::user_return || how.how == entry::preemption)) {
        e.call.reset();
        e.say("No function that sleeps was called: the preempt_count " + hex_text(r.count, 8) +
              " was wrong already when the scheduler was entered " +
              (how.how == entry::user_return ? "on the way back to user space" : "by preemption") +
              ". Somebody took a lock or disabled preemption and returned without giving it "
              "back.");
        e.fixes.push_back("look for a path that returns with a lock held or preemption disabled; "
                          "CONFIG_DEBUG_PREEMPT and lockdep name it");
        return;
    }
    if (is_dying(r)) {
        e.say("The task was being killed after an Oops while it was atomic; the Oops before it "
              "is the report to read.");
        return;
    }
    const call_context &c = set_by_kind(e.context);
    if (const std::optional<guilty_call> g = e.call) {
        const std::string call = g->call.empty() ? "a function that may sleep" : g->call + "()";
        const std::string caller = function_text(g->caller, g->module);
        if (g->call == "page_fault")
            e.say("A page fault came in " + caller + ", and its handler may sleep, " +
                  place_text(r, e) + ".");
        else
            e.say(caller + " called " + call + ", " + why_it_sleeps(*g) + ", " + place_text(r, e) +
                  ".");
        e.slug = std::string(slug_of(*g, c, rt));
        e.fixes = fixes_of(*g, c, rt);
        e.findings.push_back(
            {(g->call == "page_fault" ? "the page fault in " : "the call: " + call + " by ") +
                 caller,
             g->call.empty() ? certainty::likely : certainty::proved,
             {g->line}});
    } else {
        const std::string what =
            schedule ? "schedule() was called" : "A function that may sleep was called";
        wait_kind kind = wait_kind::none;
        const std::string_view call = call_of_location(r.sleep.location, kind);
        e.say((call.empty() ? what : std::string(call) + "() was called") + " " + place_text(r, e) +
              "; the log has no trace that would say by whom.");
        guilty_call unknown;
        unknown.call = std::string(call);
        unknown.kind = kind;
        e.slug = std::string(slug_of(unknown, c, rt));
        e.fixes = fixes_of(unknown, c, rt);
        e.findings.push_back({"who made the call: there is no trace", certainty::unknown, {}});
    }
    add_why(r, e);
    add_holder(r, e);
    add_notes(r, e, how);
    if (!e.fixes.empty())
        e.say("Fix: " + e.fixes.front() + ".");
}

} // namespace kctx::klog::detail

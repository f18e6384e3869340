// SPDX-License-Identifier: BSL-1.0
/// @file
/// The top of log reading: a report to its explanation, kind by kind. One paragraph of verdict, the
/// evidence, the rule, the fixes.
#pragma once

#include <kctx/klog/cause_oops.hpp>
#include <kctx/klog/cause_sleeping.hpp>
#include <kctx/klog/decode.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kctx::klog {

/// Explains the reports of one log, in their order.
class explainer
{
public:
    explicit explainer(known_machine known = {}) : decoder_(std::move(known)) {}

    explanation explain(const report &r)
    {
        explanation e;
        e.said = decoder_.decode(r);
        switch (r.kind) {
        case report_kind::scheduling_while_atomic:
        case report_kind::sleeping_function:
            explain_sleeping(r, e);
            break;
        case report_kind::invalid_wait_context:
            explain_wait_context(r, e);
            break;
        case report_kind::inconsistent_lock_state:
            explain_inconsistent(r, e);
            break;
        case report_kind::page_allocation_failure:
        case report_kind::slab_failure:
            explain_failure(r, e);
            failed_ = r.line;
            failed_in_ = caller_of(e);
            break;
        case report_kind::vmalloc_failure:
            explain_vmalloc(r, e);
            break;
        case report_kind::out_of_memory:
            explain_oom(r, e);
            break;
        case report_kind::memory_info:
            explain_memory(r, e);
            break;
        case report_kind::oops:
            explain_oops(r, e);
            break;
        case report_kind::kernel_panic:
            explain_panic(r, e);
            break;
        default:
            explain_proc(r, e);
            break;
        }
        if (r.panic && r.kind != report_kind::kernel_panic && r.kind != report_kind::oops)
            add_panic(r, e);
        for (const std::string &text : e.said.context)
            e.findings.push_back({text, certainty::proved, {}});
        if (!r.taint.empty())
            e.findings.push_back(
                {"tainted: " + detail::taint_words(r.taint), certainty::proved, {}});
        return e;
    }

private:
    static void say(explanation &e, const std::string &text)
    {
        if (!e.verdict.empty())
            e.verdict += ' ';
        e.verdict += text;
    }

    static std::string caller_of(const explanation &e)
    {
        return e.call ? detail::function_text(e.call->caller, e.call->module) : std::string();
    }

    /// The call, the context and the holder of a report of sleeping.
    static void find_cause(const report &r, explanation &e)
    {
        e.call = detail::find_call(r);
        call_context c;
        const std::size_t from = e.call ? e.call->caller_frame : 0;
        if (!r.frames.empty())
            detail::find_entry_of(r, from, c);
        detail::apply_state(r, e.said, c);
        detail::find_holder(r, e.said, from, c);
        e.context = c;
        if (!r.sleep.location.empty()) {
            wait_kind kind = wait_kind::none;
            const std::string_view call = detail::call_of_location(r.sleep.location, kind);
            if (!e.call && !r.frames.empty())
                return;
            if (e.call && e.call->call.empty()) {
                e.call->call = std::string(call);
                e.call->kind = kind;
            }
        }
    }

    /// "in a hard interrupt handler", "in process context, with ... held"
    static std::string place_text(const report &r, const explanation &e)
    {
        const call_context &c = set_by_kind(e.context);
        std::string text = "in " + c.words;
        if (!c.entry.empty() && !(e.call && e.call->caller == c.entry))
            text += " (" + detail::function_text(c.entry, c.entry_module) + ")";
        const std::string held = detail::section_words(c, e.said, r);
        if (!held.empty())
            text += ", " + held;
        return text;
    }

    void explain_sleeping(const report &r, explanation &e)
    {
        const bool schedule = r.kind == report_kind::scheduling_while_atomic;
        const bool rt = e.said.from.rt.value;
        const detail::entry_point how = detail::entry_of(r.frames);
        find_cause(r, e);

        if (e.said.underflow) {
            explain_underflow(r, e);
            return;
        }
        if (schedule &&
            (how.how == detail::entry::user_return || how.how == detail::entry::preemption)) {
            e.call.reset();
            say(e,
                "No function that sleeps was called: the preempt_count " + hex_text(r.count, 8) +
                    " was wrong already when the scheduler was entered " +
                    (how.how == detail::entry::user_return ? "on the way back to user space"
                                                           : "by preemption") +
                    ". Somebody took a lock or disabled preemption and returned without giving it "
                    "back.");
            e.fixes.push_back(
                "look for a path that returns with a lock held or preemption disabled; "
                "CONFIG_DEBUG_PREEMPT and lockdep name it");
            return;
        }
        if (detail::is_dying(r)) {
            say(e,
                "The task was being killed after an Oops while it was atomic; the Oops before it "
                "is the report to read.");
            return;
        }
        const call_context &c = set_by_kind(e.context);
        if (e.call) {
            const std::string call =
                e.call->call.empty() ? "a function that may sleep" : e.call->call + "()";
            say(e, detail::function_text(e.call->caller, e.call->module) + " called " + call +
                       ", " + detail::why_it_sleeps(*e.call) + ", " + place_text(r, e) + ".");
            e.slug = std::string(detail::slug_of(*e.call, c, rt));
            e.fixes = detail::fixes_of(*e.call, c, rt);
            e.findings.push_back({"the call: " + call + " by " +
                                      detail::function_text(e.call->caller, e.call->module),
                                  e.call->call.empty() ? certainty::likely : certainty::proved,
                                  {e.call->line}});
        } else {
            const std::string what =
                schedule ? "schedule() was called" : "a function that may sleep was called";
            wait_kind kind = wait_kind::none;
            const std::string_view call = detail::call_of_location(r.sleep.location, kind);
            say(e, (call.empty() ? what : std::string(call) + "() was called") + " " +
                       place_text(r, e) + "; the log has no trace that would say by whom.");
            guilty_call g;
            g.call = std::string(call);
            g.kind = kind;
            e.slug = std::string(detail::slug_of(g, c, rt));
            e.fixes = detail::fixes_of(g, c, rt);
            e.findings.push_back({"who made the call: there is no trace", certainty::unknown, {}});
        }
        add_why(r, e, how);
        add_holder(r, e);
        add_notes(r, e, how);
        if (!e.fixes.empty())
            say(e, "Fix: " + e.fixes.front() + ".");
    }

    /// What the kernel checked.
    static void add_why(const report &r, explanation &e, const detail::entry_point &)
    {
        if (r.kind == report_kind::scheduling_while_atomic) {
            std::string parts;
            for (const decoded_part &p : e.said.parts)
                parts += (parts.empty() ? "" : ", ") + p.name + " " + std::to_string(p.level);
            say(e, "The kernel says so because schedule() found preempt_count " +
                       hex_text(r.count, 8) + " (" + parts + ")" +
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
        if (s.rcu_depth.value_or(0) > s.expected_rcu_depth.value_or(0))
            why.push_back("an RCU reader of depth " + std::to_string(*s.rcu_depth));
        if (s.non_block.value_or(0) != 0)
            why.push_back("a non-blocking section");
        if (!why.empty())
            say(e, "The kernel says so because might_sleep()" +
                       (s.location.empty() ? "" : " at " + s.location) + " found " +
                       detail::list_text(why) + ".");
    }

    /// Who made the context atomic.
    static void add_holder(const report &r, explanation &e)
    {
        const call_context &c = set_by_kind(e.context);
        if (detail::is_one_of(c.token, {"IrqCtx", "HardIrqCtx", "SoftirqCtx", "TimerCtx",
                                        "TaskletCtx", "NmiCtx", "RcuCallbackCtx", "IrqWorkCtx"}) &&
            c.held == section::none) {
            if (!c.entry.empty())
                e.findings.push_back({"the context: " + c.words + " begins with " +
                                          detail::function_text(c.entry, c.entry_module),
                                      c.how,
                                      {r.frames[c.entry_frame].line}});
            return;
        }
        if (c.held == section::none)
            return;
        if (c.holder_how == certainty::proved) {
            say(e, "It is " + c.holder + "() that holds " +
                       (c.lock.empty() ? "it" : "the lock " + c.lock) + ".");
            e.findings.push_back(
                {"held: " + c.lock + ", taken in " + c.holder + "()", certainty::proved, {}});
        } else if (c.holder_how == certainty::likely) {
            say(e,
                "Preemption was last disabled in " + c.holder + "(), by the kernel's own record.");
            e.findings.push_back(
                {"preemption disabled in " + c.holder + "()", certainty::likely, {}});
        } else {
            std::string text = "Who holds it the log does not say";
            if (!c.holder.empty())
                text += "; the nearest function of a module is " + c.holder + "()";
            say(e, text + ".");
            e.findings.push_back(
                {"which lock is held, and by which function of the trace", certainty::unknown, {}});
        }
    }

    /// What a reader of the trace should not conclude, and what else it shows.
    static void add_notes(const report &r, explanation &e, const detail::entry_point &how)
    {
        const call_context &c = set_by_kind(e.context);
        if (e.call && e.call->kind == wait_kind::allocates) {
            const bool offered =
                how.how == detail::entry::cond_resched || r.kind == report_kind::sleeping_function;
            if (offered)
                e.findings.push_back(
                    {"memory was not short: the allocator checks or offers the CPU "
                     "whenever its flags allow waiting, before it looks for memory",
                     certainty::proved,
                     {}});
        }
        if (e.call && e.call->kind == wait_kind::waits && how.how == detail::entry::blocking) {
            bool lock = false;
            for (const frame &f : r.frames) {
                const primitive *p = find_primitive(f.function);
                lock = lock || (p != nullptr &&
                                (p->kind == wait_kind::locks || p->kind == wait_kind::rt_lock));
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
                    say(e, "What was interrupted is a work item, " + work +
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
        if (detail::is_one_of(c.token,
                              {"IrqCtx", "HardIrqCtx", "SoftirqCtx", "TimerCtx", "TaskletCtx"}) &&
            c.how == certainty::proved && !r.comm.empty() && !r.comm.starts_with("ksoftirqd") &&
            !r.comm.starts_with("ktimersoftd"))
            say(e, r.comm + " is only the task that was on the CPU.");
        if (c.token == "WorkCtx" && c.held == section::none && e.call)
            e.findings.push_back(
                {"a work item is process context and may sleep; something else made it "
                 "atomic",
                 certainty::proved,
                 {}});
        if (e.said.from.rt.value && e.call && e.call->kind == wait_kind::rt_lock)
            say(e, "Without PREEMPT_RT a spinlock_t spins, and the same code is legal.");
    }

    static void explain_underflow(const report &r, explanation &e)
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
            say(e, "The count " + hex_text(count, 8) +
                       " is not decoded: do_task_dead() expects "
                       "preemption disabled and found it enabled, in a task that died of an Oops. "
                       "The Oops "
                       "is the report to read.");
            return;
        }
        say(e, "The count " + hex_text(count, 8) +
                   " is below what schedule() expects, so it is not "
                   "decoded: more was enabled than disabled before.");
        if (follow_up) {
            say(e, "It follows from an earlier report: the scheduler resets the count after it "
                   "reports, "
                   "so that the unlock that comes later takes it too low. Read the first report.");
            e.fixes.push_back("mend what the first report says; this one then does not come");
        } else {
            say(e, "Nobody slept wrongly here: look for an unlock or preempt_enable() without its "
                   "partner.");
            e.fixes.push_back(
                "find the unbalanced unlock or preempt_enable(); CONFIG_DEBUG_PREEMPT "
                "and lockdep report it where it happens");
        }
    }

    /// "a spinlock_t", by a wait type. With CONFIG_PROVE_RAW_LOCK_NESTING there is one type more.
    static std::string lock_type(unsigned inner, bool nesting)
    {
        if (inner == 1)
            return "an RCU reader";
        if (inner == 2)
            return nesting ? "a raw_spinlock_t" : "a spinning lock";
        if (inner == 3)
            return nesting ? "a spinlock_t, rwlock_t or local_lock_t" : "a lock that sleeps";
        if (inner == 4)
            return "a lock that sleeps";
        return "a lock that is not checked";
    }

    static void explain_wait_context(const report &r, explanation &e)
    {
        const lockdep_state &s = set_by_kind(r.lockdep);
        bool nesting = s.context_inner.value_or(0) == 5;
        unsigned highest = s.wanted ? s.wanted->inner.value_or(0) : 0;
        for (const lock_line &l : r.held)
            highest = std::max(highest, l.inner.value_or(0));
        nesting = nesting || highest >= 4 || s.context_inner.value_or(0) != 4;
        const unsigned wants =
            s.wanted
                ? s.wanted->outer.value_or(0) != 0 ? *s.wanted->outer : s.wanted->inner.value_or(0)
                : 0;
        const lock_line *limit = nullptr;
        for (const lock_line &l : r.held) {
            if (l.inner.value_or(0) != 0 && *l.inner < wants &&
                (limit == nullptr || *l.inner < limit->inner.value_or(0)))
                limit = &l;
        }
        const bool by_context = s.context_inner && *s.context_inner < wants &&
                                (limit == nullptr || *s.context_inner <= limit->inner.value_or(0));
        call_context c;
        detail::find_entry_of(r, 0, c);
        const std::string who = r.comm.empty() ? "A task" : r.comm;
        const std::string lock = s.wanted ? s.wanted->name : "a lock";
        const std::string type = wants != 0 ? lock_type(wants, nesting) : "a lock";
        std::string in;
        if (by_context)
            in = *s.context_inner == 2
                     ? "in a hard interrupt, where only raw spinlocks may be taken"
                     : "in an interrupt";
        else if (limit != nullptr)
            in = "while it holds " + limit->name + ", " +
                 lock_type(limit->inner.value_or(0), nesting);
        else
            in = "where lockdep does not allow it";
        say(e, who + " takes " + lock + ", " + type + "," +
                   (s.wanted && !s.wanted->at.empty() ? " in " + s.wanted->at + "()," : "") + " " +
                   in + ".");
        const bool config = nesting && wants == 3;
        e.slug = config ? "rt-lock-in-raw-section" : "sleep-in-atomic";
        if (config)
            say(e, "On PREEMPT_RT such a lock sleeps, so lockdep objects on every kernel, though "
                   "without PREEMPT_RT it works.");
        else
            say(e, "It may sleep until its owner gives it back, which is not allowed here on any "
                   "kernel.");
        say(e, "The report turns lockdep off, so it is the only one since boot.");
        if (limit != nullptr && !by_context) {
            c.held = limit->inner == 1u ? section::rcu
                     : nesting          ? section::raw
                                        : section::preemption;
            c.lock = limit->name;
            c.holder = limit->at;
            c.holder_how = certainty::proved;
            e.findings.push_back(
                {"held: " + limit->name + " {" + std::to_string(limit->outer.value_or(0)) + ":" +
                     std::to_string(limit->inner.value_or(0)) + "}, taken in " + limit->at + "()",
                 certainty::proved,
                 {limit->line}});
        } else if (by_context) {
            c.how = certainty::proved;
            if (*s.context_inner == 2 && c.token != "NmiCtx") {
                c.token = "HardIrqCtx";
                c.words = "a hard interrupt";
            }
            e.findings.push_back({"the context allows wait type " +
                                      std::to_string(*s.context_inner) + " and the lock needs " +
                                      std::to_string(wants),
                                  certainty::proved,
                                  {}});
        }
        if (s.wanted)
            e.findings.push_back({"wanted: " + s.wanted->name + " {" +
                                      std::to_string(s.wanted->outer.value_or(0)) + ":" +
                                      std::to_string(s.wanted->inner.value_or(0)) + "}",
                                  certainty::proved,
                                  {s.wanted->line}});
        else
            e.findings.push_back({"which lock was wanted", certainty::unknown, {}});
        guilty_call g;
        g.kind = config ? wait_kind::rt_lock : wait_kind::locks;
        g.call = config ? "spin_lock" : "mutex_lock";
        if (s.wanted) {
            g.caller = s.wanted->at;
            g.line = s.wanted->line;
            for (std::size_t i = 0; i < r.frames.size(); ++i) {
                if (r.frames[i].function == g.caller) {
                    g.caller_frame = i;
                    g.module = r.frames[i].module;
                    break;
                }
            }
        }
        e.fixes = detail::fixes_of(g, c, true);
        e.context = c;
        if (!g.caller.empty())
            e.call = g;
        say(e, "Fix: " + e.fixes.front() + ".");
    }

    static void explain_inconsistent(const report &r, explanation &e)
    {
        const lockdep_state &s = set_by_kind(r.lockdep);
        const bool soft = (s.usage_before + s.usage_now).find("SOFTIRQ") != std::string::npos;
        const bool reclaim = (s.usage_before + s.usage_now).find("RECLAIM_FS") != std::string::npos;
        const std::string lock = s.wanted ? s.wanted->name : "a lock";
        const std::string at =
            s.wanted && !s.wanted->at.empty() ? " in " + s.wanted->at + "()" : std::string();
        const bool now_in_irq = s.usage_now.starts_with("IN-");
        if (reclaim) {
            say(e, lock + " is taken by memory reclaim, and held" + at +
                       " while memory is allocated: the two can wait for each other for ever.");
            e.fixes.push_back("GFP_NOFS, or memalloc_nofs_save(), where the lock is held");
        } else {
            const std::string irq = soft ? "softirq" : "hard interrupt";
            say(e, lock + " is taken in a " + irq + " and, elsewhere, with " +
                       (soft ? "softirqs" : "interrupts") + " enabled (" + s.usage_before +
                       ", now " + s.usage_now + at + "). If the " + irq +
                       " comes on the CPU that holds it, it waits for itself for ever.");
            e.slug = "irq-unsafe-lock";
            e.fixes.push_back(
                soft ? "spin_lock_bh() wherever it is taken in process context"
                     : "spin_lock_irqsave() wherever it is taken outside the interrupt");
            e.fixes.push_back(now_in_irq
                                  ? "or do not take it in the interrupt: leave that to a work "
                                    "item or a threaded handler"
                                  : "or leave what the interrupt does under it to a work item");
            say(e,
                "Nothing has hung yet: lockdep reports that it can. Fix: " + e.fixes.front() + ".");
        }
        if (s.wanted)
            e.findings.push_back({"the lock: " + s.wanted->name + " {" + s.wanted->usage + "}",
                                  certainty::proved,
                                  {s.wanted->line}});
    }

    static bool in_interrupt(const report &r)
    {
        std::string_view mark;
        const detail::trace_context shown = detail::context_of(r.frames, mark);
        return shown == detail::trace_context::softirq || shown == detail::trace_context::hardirq;
    }

    void explain_failure(const report &r, explanation &e)
    {
        e.call = detail::find_call(r);
        const std::string who = r.comm.empty() ? "A task" : r.comm;
        const std::string caller =
            e.call ? detail::function_text(e.call->caller, e.call->module) : std::string();
        if (r.kind == report_kind::slab_failure) {
            const slab_request &s = set_by_kind(r.slab);
            say(e,
                "The slab cache " + (s.cache.empty() ? std::string("of this request") : s.cache) +
                    (s.object_bytes ? " (objects of " + std::to_string(*s.object_bytes) + " bytes)"
                                    : "") +
                    " could not get pages for more objects" +
                    (s.node >= 0 ? " on node " + std::to_string(s.node) : "") + ".");
        } else if (!e.said.request) {
            say(e,
                who + " did not get the pages it asked for; the line with order and flags is cut.");
            return;
        }
        if (e.said.request) {
            const decoded_request &q = *e.said.request;
            const std::string size = "order " + std::to_string(r.order) + ", " +
                                     std::to_string(q.pages * q.page_kb) + " kB in one piece";
            if (r.kind == report_kind::page_allocation_failure)
                say(e, (caller.empty() ? who : caller) + " asked for " + size + " with " +
                           (q.names.empty() ? hex_text(r.mode) : q.names) + " and did not get it" +
                           (caller.empty() ? "" : ", in task " + who) + ".");
            else
                say(e, "It asked for order " + std::to_string(r.order) + " with " + q.names + ".");
            const bool memalloc = detail::is_reclaiming(r);
            e.memory = explain_shortage(r, e.said, in_interrupt(r), memalloc);
        }
        if (e.memory && !e.memory->why.empty()) {
            say(e, e.memory->why + ".");
            if (e.memory->largest_order >= 0 && !e.memory->would_have.empty())
                say(e, "The largest usable order was " + std::to_string(e.memory->largest_order) +
                           ".");
        } else if (e.said.request) {
            e.findings.push_back({"how the zones stood: the log has no Mem-Info that is whole",
                                  certainty::unknown,
                                  {}});
            say(e, "The log has no Mem-Info that would say why.");
        }
        add_request_notes(r, e);
    }

    /// Could the caller have asked otherwise?
    static void add_request_notes(const report &r, explanation &e)
    {
        if (!e.said.request || r.kind != report_kind::page_allocation_failure)
            return;
        const decoded_request &q = *e.said.request;
        const bool atomic = !q.may_sleep;
        std::string_view mark;
        const detail::trace_context shown = detail::context_of(r.frames, mark);
        const bool worker = !r.work.empty() || shown == detail::trace_context::process;
        const bool interrupt = in_interrupt(r);
        const bool nowait = q.names.find("GFP_ATOMIC") == std::string::npos; // meant not to wait
        if (atomic && !nowait && !interrupt && worker && !detail::is_reclaiming(r)) {
            const std::string where = !r.work.empty()
                                          ? "in a work item (" + r.work + ")"
                                          : "in process context (" + std::string(mark) + ")";
            say(e,
                "It was asked " + where + ", which may sleep: " + q.names +
                    " was not needed, unless a lock is held that the log does not show. GFP_KERNEL "
                    "would have reclaimed and compacted first.");
            e.fixes.push_back(
                "GFP_KERNEL, if no lock is held there; it cannot use CMA either, but it "
                "reclaims and compacts");
        } else if (atomic && interrupt) {
            say(e, "It was asked in an interrupt (" + std::string(mark) +
                       "), which must not sleep; " + (r.comm.empty() ? "the task" : r.comm) +
                       " only happened to run.");
        }
        if (r.order > 3) {
            if (atomic)
                e.slug = "costly-atomic-order";
            say(e, "Orders above 3 are costly: no kernel promises them" +
                       std::string(atomic ? ", and without reclaim they are luck."
                                          : ", not even with "
                                            "GFP_KERNEL, which gives up after it has tried."));
            e.fixes.push_back(
                "smaller pieces: single pages in a scatter list, or at most order 3 (" +
                std::to_string(8 * q.page_kb) + " kB)");
            e.fixes.push_back("allocate once, early (probe, module load), and keep it");
            e.fixes.push_back("kvmalloc(), if no device reaches the memory by DMA");
        } else if (r.order > 0) {
            e.fixes.push_back(
                "single pages, or kvmalloc() where the memory need not be contiguous");
        }
        e.fixes.push_back(
            "check the result, and go on without the memory: any allocation may fail");
        if (atomic && r.order == 0)
            e.fixes.push_back("a mempool, or more min_free_kbytes, for bursts that reclaim cannot "
                              "follow");
    }

    static void explain_vmalloc(const report &r, explanation &e)
    {
        e.call = detail::find_call(r);
        const vmalloc_request &v = set_by_kind(r.vmalloc);
        const std::string caller = e.call ? detail::function_text(e.call->caller, e.call->module)
                                   : r.comm.empty() ? "A task"
                                                    : r.comm;
        say(e, caller + " asked vmalloc() for " +
                   (v.bytes && *v.bytes != 0 ? std::to_string(*v.bytes) + " bytes"
                                             : std::string("memory")) +
                   " and did not get it" + (v.reason.empty() ? "." : ": " + v.reason + "."));
        const auto has = [&v](std::string_view words) {
            return v.reason.find(words) != std::string::npos;
        };
        if (has("exceeds total pages")) {
            say(e, "That is more than the machine has memory: the size itself is wrong, often a "
                   "length "
                   "from user space that nobody checked.");
            e.slug = "allocation-too-large";
            e.fixes.push_back("check the size against a limit of your own before you allocate");
        } else if (has("vm_struct") || has("vmap") || has("free range")) {
            say(e, "There was no free range of addresses for it; the memory itself was not short. "
                   "On 32 "
                   "bits the vmalloc area is small, and on all for modules.");
            e.fixes.push_back(
                "free what is mapped and not needed, or enlarge the area (vmalloc= on 32 "
                "bits)");
        } else {
            say(e, "Its pages could not be had one by one.");
            e.memory = explain_shortage(r, e.said, in_interrupt(r), detail::is_reclaiming(r));
            if (e.memory && !e.memory->why.empty())
                say(e, e.memory->why + ".");
            e.fixes.push_back("check the result; ask for less, or later");
        }
    }

    static void explain_oom(const report &r, explanation &e)
    {
        const oom_state &s = set_by_kind(r.oom);
        const std::string who = r.comm.empty() ? "A task" : r.comm;
        if (e.said.request)
            say(e, who + " asked for order " + std::to_string(r.order) + " with " +
                       e.said.request->names +
                       ", reclaim found nothing more, and the OOM killer was invoked.");
        else
            say(e, "The OOM killer killed; the line that says who asked is not in the log.");
        if (s.cgroup)
            say(e,
                "It is the limit of a memory cgroup that was reached, not the machine's memory.");
        if (!s.killed_comm.empty())
            say(e, "It killed " + s.killed_comm +
                       (s.killed_pid ? ", pid " + std::to_string(*s.killed_pid) : "") +
                       (s.killed_anon_rss_kb ? " (" + std::to_string(*s.killed_anon_rss_kb) +
                                                   " kB of anonymous memory)"
                                             : "") +
                       ".");
        if (!s.cgroup && e.said.request) {
            e.memory = explain_shortage(r, e.said, false, false);
            if (e.memory && !e.memory->why.empty())
                say(e, e.memory->why + ".");
        }
        if (r.memory)
            add_memory_findings(*r.memory, e);
        e.fixes.push_back(s.cgroup ? "raise the group's limit, or make what runs in it use less"
                                   : "find what holds the memory: the process table, slab and the "
                                     "unreclaimable part of the Mem-Info say where it went");
    }

    /// What a dump shows by itself.
    static void add_memory_findings(const memory_info &m, explanation &e)
    {
        const auto pages = [&m](std::string_view name) { return find_amount(m.global, name); };
        const auto free = pages("free");
        const auto cma = pages("free_cma");
        const unsigned kb = m.page_kb().value_or(4);
        if (free && cma && *cma > *free / 2)
            e.findings.push_back({std::to_string(*cma * kb) + " of " + std::to_string(*free * kb) +
                                      " kB free are CMA, which only movable pages may use",
                                  certainty::proved,
                                  {m.line}});
        for (const zone_memory &z : m.zones) {
            const auto zone_free = z.kb("free");
            if (zone_free && *zone_free < z.kb("min").value_or(0))
                e.findings.push_back(
                    {z.name + " is below its min watermark: " + std::to_string(*zone_free) +
                         " kB of " + std::to_string(z.kb("min").value_or(0)) + " kB",
                     certainty::proved,
                     {z.line}});
            // The dump is not taken at one moment.
            if (zone_free && z.orders_total_kb && *zone_free != *z.orders_total_kb)
                e.findings.push_back({z.name + ": free:" + std::to_string(*zone_free) +
                                          "kB and the blocks' " +
                                          std::to_string(*z.orders_total_kb) +
                                          "kB differ, for the dump is not taken at one moment",
                                      certainty::proved,
                                      {z.line}});
        }
    }

    static void explain_memory(const report &r, explanation &e)
    {
        const memory_info &m = set_by_kind(r.memory);
        if (m.zones.empty()) {
            say(e, "A Mem-Info of which the log has no zones.");
            return;
        }
        const unsigned kb = m.page_kb().value_or(4);
        std::uint64_t free = 0;
        int largest = -1;
        int unmovable = -1;
        for (const zone_memory &z : m.zones) {
            free += z.kb("free").value_or(0);
            for (std::size_t o = 0; o < z.orders.size(); ++o) {
                if (z.orders[o].blocks == 0)
                    continue;
                largest = std::max(largest, static_cast<int>(o));
                if (z.orders[o].types.empty() ||
                    z.orders[o].types.find_first_of("UME") != std::string::npos)
                    unmovable = std::max(unmovable, static_cast<int>(o));
            }
        }
        say(e, "A Mem-Info without the failure it belongs to: " + std::to_string(free) +
                   " kB free in " + std::to_string(m.zones.size()) + " zone" +
                   (m.zones.size() == 1 ? "" : "s") + ".");
        if (largest >= 0)
            say(e, "The largest free block is of order " + std::to_string(largest) + " (" +
                       std::to_string((1ul << largest) * kb) +
                       " kB); the largest that a request which "
                       "is not movable may use is " +
                       (unmovable < 0 ? std::string("none")
                                      : "of order " + std::to_string(unmovable) + " (" +
                                            std::to_string((1ul << unmovable) * kb) + " kB)") +
                       ".");
        add_memory_findings(m, e);
    }

    void explain_oops(const report &r, explanation &e)
    {
        const oops_state &s = set_by_kind(r.exception);
        const arch a = e.said.from.architecture.value;
        const access_code code = detail::decode_code(s, a);
        const std::string access = !s.access.empty() ? s.access : code.access;
        std::string in;
        if (!s.at.empty())
            in = " in " + s.at + "()";
        else if (!r.frames.empty())
            in = " in " + r.frames.front().function + "()";
        if (s.words == "BUG()") {
            say(e, "A BUG() was hit" + in + (s.source.empty() ? "" : " at " + s.source) +
                       ": a condition that the kernel takes for impossible.");
        } else {
            say(e, "The kernel " +
                       (access == "write"     ? std::string("wrote to")
                        : access == "execute" ? std::string("jumped to")
                        : access == "read"    ? std::string("read from")
                                              : std::string("accessed")) +
                       (s.address ? " address " + address_text(*s.address)
                                  : std::string(" an address that it must not")) +
                       in + " (" + s.words + ").");
            const std::string address =
                s.address ? detail::address_words(*s.address) : std::string();
            if (!address.empty())
                say(e, "That is " + address + ".");
            if (!code.what.empty())
                say(e, "The code says: " + (access.empty() ? "" : access + "; ") + code.what + ".");
        }
        for (const std::string &row : code.rows)
            e.findings.push_back(
                {"code " + long_hex(s.code.value_or(0)) + ": " + row, certainty::proved, {}});
        const bool null = s.address && *s.address < 4096;
        if (null && failed_ != 0) {
            say(e, "An allocation failed before (line " + std::to_string(failed_) +
                       (failed_in_.empty() ? "" : ", in " + failed_in_) +
                       "): most likely its result was used unchecked.");
            e.slug = "unchecked-result";
            e.fixes.push_back("check the result of the allocation before using it");
            e.findings.push_back({"the NULL pointer is the result of the failed allocation",
                                  certainty::likely,
                                  {failed_}});
        } else if (null) {
            e.fixes.push_back(
                "find where the pointer comes from: a result that was not checked, an "
                "object not yet set up, or one already gone");
        }
        if (s.number && *s.number > 1)
            say(e, "It is number " + std::to_string(*s.number) +
                       " since boot: the first one is the one to read.");
        if (r.panic)
            add_panic(r, e);
        else
            say(e, "An Oops kills its task and leaves what it held locked; in an interrupt, in pid "
                   "0 or "
                   "1, or with panic_on_oops it is a panic.");
        if (r.frames.empty())
            e.findings.push_back(
                {"which path led there: the log has no trace", certainty::unknown, {}});
    }

    static void add_panic(const report &r, explanation &e)
    {
        const std::string words = detail::panic_words(set_by_kind(r.panic).text);
        const bool exception = r.kind == report_kind::oops || r.kind == report_kind::kernel_panic;
        const bool by_report =
            set_by_kind(r.panic).text.find("scheduling while atomic") != std::string::npos ||
            set_by_kind(r.panic).text.find("panic_on_warn") != std::string::npos ||
            set_by_kind(r.panic).text.find("panic_on_oom") != std::string::npos ||
            set_by_kind(r.panic).text.find("killable") != std::string::npos ||
            set_by_kind(r.panic).text.find("deadlocked on memory") != std::string::npos;
        std::string text = "The panic in line " + std::to_string(set_by_kind(r.panic).line) +
                           " (\"" + set_by_kind(r.panic).text + "\") ";
        if (exception || by_report) {
            text += words.empty() ? "ends it." : "says: " + words + ".";
        } else {
            text += "does not follow from this report";
            if (r.kind == report_kind::scheduling_while_atomic)
                text += ", which with panic_on_warn would end in \"scheduling while atomic\"";
            text += ".";
            if (!words.empty())
                text += " It means: " + words + ". That report is not in the log.";
        }
        say(e, text);
        e.findings.push_back({text, certainty::proved, {set_by_kind(r.panic).line}});
    }

    static void explain_panic(const report &r, explanation &e)
    {
        say(e, "The kernel stopped: \"" + set_by_kind(r.panic).text + "\".");
        const std::string words = detail::panic_words(set_by_kind(r.panic).text);
        if (!words.empty())
            say(e, "It means: " + words + ".");
        say(e, "The report that led to it is not in the log, or stands further up.");
    }

    static void explain_proc(const report &r, explanation &e)
    {
        const proc_memory &p = set_by_kind(r.proc);
        if (r.kind == report_kind::zoneinfo) {
            say(e, "The watermarks and reserves of " + std::to_string(p.zones.size()) + " zones.");
            for (const zoneinfo_zone &z : p.zones) {
                const auto free = z.value("free");
                const auto min = z.value("min");
                if (free && min && *free < *min)
                    e.findings.push_back(
                        {"Node " + std::to_string(z.node) + " " + z.zone +
                             " is below its min watermark: " + std::to_string(*free) + " of " +
                             std::to_string(*min) + " pages",
                         certainty::proved,
                         {}});
            }
            return;
        }
        struct zone_rows {
            unsigned node;
            std::string_view zone;
            std::vector<std::uint64_t> all, plain;
        };
        std::vector<zone_rows> zones;
        for (const free_row &row : p.free) {
            auto at = std::find_if(zones.begin(), zones.end(), [&row](const zone_rows &z) {
                return z.node == row.node && z.zone == row.zone;
            });
            if (at == zones.end()) {
                zones.push_back({row.node, row.zone, {}, {}});
                at = zones.end() - 1;
            }
            const bool plain =
                row.type != "CMA" && row.type != "Isolate" && row.type != "HighAtomic";
            at->all.resize(std::max(at->all.size(), row.blocks.size()));
            at->plain.resize(at->all.size());
            for (std::size_t o = 0; o < row.blocks.size(); ++o) {
                at->all[o] += row.blocks[o];
                if (plain)
                    at->plain[o] += row.blocks[o];
            }
        }
        say(e, "Free blocks of " + std::to_string(zones.size()) + " zone" +
                   (zones.size() == 1 ? "" : "s") + " by order" +
                   (r.kind == report_kind::pagetypeinfo ? " and type." : "."));
        for (const zone_rows &z : zones) {
            const auto largest = [](const std::vector<std::uint64_t> &blocks) {
                int order = -1;
                for (std::size_t o = 0; o < blocks.size(); ++o) {
                    if (blocks[o] != 0)
                        order = static_cast<int>(o);
                }
                return order;
            };
            const int all = largest(z.all);
            const int plain = largest(z.plain);
            std::string text = "Node " + std::to_string(z.node) + " " + std::string(z.zone) + ": ";
            text += all < 0 ? "nothing free" : "largest free block of order " + std::to_string(all);
            if (plain != all)
                text += ", for requests that are not movable " +
                        (plain < 0 ? std::string("none") : "of order " + std::to_string(plain));
            e.findings.push_back({text, certainty::proved, {}});
        }
        for (const free_row &row : p.free) {
            if (row.at_least) {
                e.findings.push_back(
                    {"counts marked > are lower bounds: the kernel stops counting at "
                     "100000",
                     certainty::proved,
                     {}});
                break;
            }
        }
    }

    static std::string long_hex(std::uint64_t value)
    {
        char text[24];
        std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
        return text;
    }

    static std::string address_text(std::uint64_t address) { return long_hex(address); }

    decoder decoder_;
    unsigned long failed_ = 0; ///< line of the last allocation failure
    std::string failed_in_;    ///< who made it
};

} // namespace kctx::klog

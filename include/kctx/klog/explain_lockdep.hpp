// SPDX-License-Identifier: BSL-1.0
/// @file
/// Explains lockdep's two reports about contexts: invalid wait context, inconsistent lock state.
#pragma once

#include <kctx/klog/cause_sleeping.hpp>

#include <algorithm>
#include <string>

namespace kctx::klog::detail {

/// "a spinlock_t", by a wait type. With CONFIG_PROVE_RAW_LOCK_NESTING there is one type more.
inline std::string lock_type(unsigned inner, bool nesting)
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

inline void explain_wait_context(const report &r, explanation &e)
{
    const lockdep_state &s = set_by_kind(r.lockdep);
    bool nesting = s.context_inner.value_or(0) == 5;
    unsigned highest = s.wanted ? s.wanted->inner.value_or(0) : 0;
    for (const lock_line &l : r.held)
        highest = std::max(highest, l.inner.value_or(0));
    nesting = nesting || highest >= 4 || s.context_inner.value_or(0) != 4;
    const unsigned wants =
        s.wanted ? s.wanted->outer.value_or(0) != 0 ? *s.wanted->outer : s.wanted->inner.value_or(0)
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
    find_entry_of(r, 0, c);
    const std::string who = r.comm.empty() ? "A task" : r.comm;
    const std::string lock = s.wanted ? s.wanted->name : "a lock";
    const std::string type = wants != 0 ? lock_type(wants, nesting) : "a lock";
    std::string in;
    if (by_context)
        in = *s.context_inner == 2 ? "in a hard interrupt, where only raw spinlocks may be taken"
                                   : "in an interrupt";
    else if (limit != nullptr)
        in = "while it holds " + limit->name + ", " + lock_type(limit->inner.value_or(0), nesting);
    else
        in = "where lockdep does not allow it";
    e.say(who + " takes " + lock + ", " + type + "," +
          (s.wanted && !s.wanted->at.empty() ? " in " + s.wanted->at + "()," : "") + " " + in +
          ".");
    const bool config = nesting && wants == 3;
    e.slug = config ? "rt-lock-in-raw-section" : "sleep-in-atomic";
    if (config)
        e.say("On PREEMPT_RT such a lock sleeps, so lockdep objects on every kernel, though "
              "without PREEMPT_RT it works.");
    else
        e.say("It may sleep until its owner gives it back, which is not allowed here on any "
              "kernel.");
    e.say("The report turns lockdep off, so it is the only one since boot.");
    if (limit != nullptr && !by_context) {
        c.held = limit->inner == 1u ? section::rcu : nesting ? section::raw : section::preemption;
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
        e.findings.push_back({"the context allows wait type " + std::to_string(*s.context_inner) +
                                  " and the lock needs " + std::to_string(wants),
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
    e.fixes = fixes_of(g, c, true);
    e.context = c;
    if (!g.caller.empty())
        e.call = g;
    e.say("Fix: " + e.fixes.front() + ".");
}

inline void explain_inconsistent(const report &r, explanation &e)
{
    const lockdep_state &s = set_by_kind(r.lockdep);
    const bool soft = (s.usage_before + s.usage_now).find("SOFTIRQ") != std::string::npos;
    const bool reclaim = (s.usage_before + s.usage_now).find("RECLAIM_FS") != std::string::npos;
    const std::string lock = s.wanted ? s.wanted->name : "a lock";
    const std::string at =
        s.wanted && !s.wanted->at.empty() ? " in " + s.wanted->at + "()" : std::string();
    const bool now_in_irq = s.usage_now.starts_with("IN-");
    if (reclaim) {
        e.say(lock + " is taken by memory reclaim, and held" + at +
              " while memory is allocated: the two can wait for each other for ever.");
        e.fixes.push_back("GFP_NOFS, or memalloc_nofs_save(), where the lock is held");
    } else {
        const std::string irq = soft ? "softirq" : "hard interrupt";
        e.say(lock + " is taken in a " + irq + " and, elsewhere, with " +
              (soft ? "softirqs" : "interrupts") + " enabled (" + s.usage_before + ", now " +
              s.usage_now + at + "). If the " + irq +
              " comes on the CPU that holds it, it waits for itself for ever.");
        e.slug = "irq-unsafe-lock";
        e.fixes.push_back(soft ? "spin_lock_bh() wherever it is taken in process context"
                               : "spin_lock_irqsave() wherever it is taken outside the interrupt");
        e.fixes.push_back(now_in_irq ? "or do not take it in the interrupt: leave that to a work "
                                       "item or a threaded handler"
                                     : "or leave what the interrupt does under it to a work item");
        e.say("Nothing has hung yet: lockdep reports that it can. Fix: " + e.fixes.front() + ".");
    }
    if (s.wanted)
        e.findings.push_back({"the lock: " + s.wanted->name + " {" + s.wanted->usage + "}",
                              certainty::proved,
                              {s.wanted->line}});
}

} // namespace kctx::klog::detail

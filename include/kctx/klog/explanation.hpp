// SPDX-License-Identifier: BSL-1.0
/// @file
/// What an explanation of a report consists of. What is said says how sure it is: what the log
/// proves, what is likely, what it cannot tell.
#pragma once

#include <kctx/klog/decoded.hpp>
#include <kctx/klog/primitives.hpp>
#include <kctx/klog/shortage.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog {

/// How sure a sentence is: the log proves it, something else is less likely, nobody can say.
enum class certainty : unsigned char { proved, likely, unknown };

/// For the reader: "the log proves".
constexpr std::string_view certainty_name(certainty c)
{
    switch (c) {
    case certainty::proved:
        return "the log proves";
    case certainty::likely:
        return "likely";
    default:
        return "the log cannot tell";
    }
}

/// A sentence, how sure it is, and the lines of the log that say so.
struct finding {
    std::string text;                  ///< without the full stop
    certainty how = certainty::proved; ///< how sure it is
    std::vector<unsigned long> lines;  ///< of the log, from 1 on
};

/// The call that should not have been made.
struct guilty_call {
    std::string call;     ///< as the caller writes it: "kmalloc", "mutex_lock"
    std::string slept_in; ///< the innermost function of the trace that waits: "schedule_timeout"
    wait_kind kind = wait_kind::none; ///< what it waits for
    std::string caller;               ///< the function that made the call
    std::string module;               ///< of the caller, if the trace says
    std::size_t caller_frame = 0;     ///< its index in the trace
    unsigned long line = 0;           ///< of the log, that names it
};

/// What is held where the call was made.
enum class section : unsigned char {
    none,
    preemption, ///< a spinlock_t, a raw_spinlock_t or preempt_disable(): the count tells no more
    raw,        ///< on PREEMPT_RT: a raw_spinlock_t or preempt_disable()
    bh,         ///< bottom halves disabled
    irqs,       ///< interrupts disabled
    rcu,        ///< in rcu_read_lock()
};

/// The context of the call, and who made it atomic.
struct call_context {
    std::string token = "ProcessCtx";          ///< kctx's name of it
    std::string words = "process context";     ///< for the reader
    certainty how = certainty::unknown;        ///< how sure the context is
    std::string entry;                         ///< the function that the kernel called there
    std::string entry_module;                  ///< whose module; empty: built in
    std::size_t entry_frame = ~std::size_t{0}; ///< its index in the trace
    section held = section::none;              ///< what was held there, or was off
    std::string holder;                        ///< the function that holds, if the log shows it
    std::string lock;                          ///< its lock, if the log names it
    certainty holder_how = certainty::unknown; ///< how sure it is who holds it
};

/// A report, explained: who called what in which context, and why that is wrong.
struct explanation {
    decoded said;                        ///< the numbers
    std::string verdict;                 ///< one paragraph
    std::string slug;                    ///< the rule, or empty
    std::vector<std::string> fixes;      ///< in order of merit
    std::vector<finding> findings;       ///< the evidence
    std::optional<guilty_call> call;     ///< the call that sleeps, of a report on sleeping
    std::optional<call_context> context; ///< where it was made
    std::optional<shortage> memory;      ///< why no pages were to be had

    /// Adds a sentence to the verdict.
    void say(const std::string &text)
    {
        if (!verdict.empty())
            verdict += ' ';
        verdict += text;
    }
};

} // namespace kctx::klog

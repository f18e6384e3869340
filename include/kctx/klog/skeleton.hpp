// SPDX-License-Identifier: BSL-1.0
/// @file
/// From a report to code for kctx: the functions of its trace, with the context that the kernel
/// entered, so that the guilty call does not compile and says the report's rule; with -DKCTX_FIXED
/// the fix is in place and it does. A starting point for a design review, not a model of the
/// driver.
#pragma once

#include <kctx/klog/explanation.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog {

namespace detail {

/// How a call is written for kctx: what it includes, which objects it needs, the statement.
struct call_code {
    std::string_view call;
    std::string_view header;
    std::string_view object;
    std::string_view statement;
};

inline constexpr call_code call_codes[] = {
    {"schedule", "kctx/api/sched.hpp", "", "schedule(ctx);"},
    {"schedule_timeout", "kctx/api/sched.hpp", "", "schedule_timeout(ctx, 1);"},
    {"schedule_timeout_interruptible", "kctx/api/sched.hpp", "",
     "schedule_timeout_interruptible(ctx, 1);"},
    {"schedule_timeout_uninterruptible", "kctx/api/sched.hpp", "",
     "schedule_timeout_uninterruptible(ctx, 1);"},
    {"io_schedule", "kctx/api/sched.hpp", "", "io_schedule(ctx);"},
    {"cond_resched", "kctx/api/sched.hpp", "", "cond_resched(ctx);"},
    {"might_sleep", "kctx/api/sched.hpp", "", "might_sleep(ctx);"},
    {"msleep", "kctx/api/delay.hpp", "", "msleep(ctx, 10);"},
    {"usleep_range", "kctx/api/delay.hpp", "", "usleep_range(ctx, 100, 200);"},
    {"wait_for_completion", "kctx/api/completion.hpp", "completion done;",
     "wait_for_completion(ctx, &done);"},
    {"cancel_work_sync", "kctx/api/workqueue.hpp", "work_struct waited_for;",
     "cancel_work_sync(ctx, &waited_for);"},
    {"flush_work", "kctx/api/workqueue.hpp", "work_struct waited_for;",
     "flush_work(ctx, &waited_for);"},
    {"cancel_delayed_work_sync", "kctx/api/workqueue.hpp", "delayed_work waited_for;",
     "cancel_delayed_work_sync(ctx, &waited_for);"},
    {"mutex_lock", "kctx/lock/mutex.hpp", "struct wanted_lock : mutex {} wanted;",
     "KCTX_MUTEX_LOCK(ctx, wanted) {}"},
    {"spin_lock", "kctx/lock/spinlock.hpp", "struct wanted_lock : spinlock_t {} wanted;",
     "KCTX_SPIN_LOCK(ctx, wanted) {}"},
    {"synchronize_rcu", "kctx/lock/rcu.hpp", "", "synchronize_rcu(ctx);"},
    {"free_irq", "kctx/api/interrupt.hpp", "", "free_irq(ctx, 1, nullptr);"},
    {"disable_irq", "kctx/api/interrupt.hpp", "", "disable_irq(ctx, 1);"},
};

/// A function's name as C++ can have it.
inline std::string identifier(std::string_view function)
{
    std::string name;
    for (const char c : function)
        name += is_alpha(c) || is_digit(c) || c == '_' ? c : '_';
    if (name.empty() || is_digit(name[0]) ||
        is_one_of(name, {"main",    "new",      "delete",   "class",     "try",     "catch",
                         "this",    "template", "or",       "and",       "not",     "xor",
                         "public",  "private",  "operator", "namespace", "using",   "typename",
                         "virtual", "friend",   "export",   "requires",  "concept", "explicit"}))
        name = "f_" + name;
    return name;
}

/// The macro that opens what is held, and the object it needs.
struct section_code {
    std::string object;
    std::string opens; ///< KCTX_SPIN_LOCK(ctx, held)
    std::string_view header;
};

inline section_code section_of(section held)
{
    switch (held) {
    case section::preemption:
        return {"struct held_lock : spinlock_t {} held;", "KCTX_SPIN_LOCK(ctx, held)",
                "kctx/lock/spinlock.hpp"};
    case section::raw:
        return {"struct held_lock : raw_spinlock_t {} held;", "KCTX_RAW_SPIN_LOCK(ctx, held)",
                "kctx/lock/spinlock.hpp"};
    case section::bh:
        return {"struct held_lock : spinlock_t {} held;", "KCTX_SPIN_LOCK_BH(ctx, held)",
                "kctx/lock/spinlock.hpp"};
    case section::irqs:
        return {"struct held_lock : raw_spinlock_t {} held;",
                "KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, held)", "kctx/lock/spinlock.hpp"};
    case section::rcu:
        return {"", "KCTX_RCU_READ_LOCK(ctx)", "kctx/lock/rcu.hpp"};
    default:
        return {};
    }
}

inline bool is_atomic_token(std::string_view token)
{
    return is_one_of(token, {"IrqCtx", "HardIrqCtx", "SoftirqCtx", "TimerCtx", "TaskletCtx",
                             "NmiCtx", "RcuCallbackCtx", "IrqWorkCtx"});
}

} // namespace detail

/// The code; empty if the report has no call with a caller, or nothing that makes its place atomic.
inline std::string skeleton_of(const report &r, const explanation &e)
{
    using namespace detail;
    if (!e.call || !e.context || e.slug.empty() || e.call->caller_frame >= r.frames.size())
        return {};
    const guilty_call &g = *e.call;
    const call_context &c = *e.context;
    const bool atomic = is_atomic_token(c.token);
    if (!atomic && c.held == section::none)
        return {};

    // The functions, from the caller of the guilty call to the one that the kernel entered.
    constexpr std::size_t most = 24;
    std::size_t last = c.entry_frame < r.frames.size() ? c.entry_frame : r.frames.size() - 1;
    last = std::max(g.caller_frame, std::min(last, g.caller_frame + most - 1));
    std::vector<std::string> names;
    std::size_t holder = last;
    for (std::size_t i = g.caller_frame; i <= last; ++i) {
        std::string name = identifier(r.frames[i].function);
        if (std::find(names.begin(), names.end(), name) != names.end())
            name += "_" + std::to_string(i);
        names.push_back(name);
        if (r.frames[i].function == c.holder && holder == last)
            holder = i;
    }

    const bool allocates =
        g.kind == wait_kind::allocates && g.call != "vmalloc" && g.call != "kvmalloc";
    const section_code held =
        section_of(atomic && c.held == section::none ? section::none : c.held);
    const call_code *code = nullptr;
    for (const call_code &known : call_codes) {
        if (known.call == g.call && !allocates)
            code = &known;
    }
    const std::string call = g.call.empty() ? "wait_here" : g.call;
    const std::string fallback = "from_log_" + identifier(call);

    std::string out = "// From the log, line " + std::to_string(r.line) + ": " + r.header + "\n" +
                      "// " + e.verdict +
                      "\n//\n"
                      "// Does not compile at the call marked below, with kctx[" +
                      e.slug + "]; with -DKCTX_FIXED the fix is in place.\n";
    if (c.held != section::none && c.holder_how == certainty::unknown)
        out +=
            "// Which function holds what, the log does not say: the section is put where it seems "
            "likely.\n";
    const unsigned v = e.said.from.version.value;
    out += "#define KCTX_KERNEL_VERSION KCTX_VERSION(" + std::to_string(v >> 16) + ", " +
           std::to_string(v >> 8 & 255) + ", " + std::to_string(v & 255) + ")\n";
    std::vector<std::string_view> headers{"kctx/kctx.hpp"};
    const auto include = [&headers](std::string_view header) {
        if (!header.empty() && std::find(headers.begin(), headers.end(), header) == headers.end())
            headers.push_back(header);
    };
    if (code != nullptr)
        include(code->header);
    include(held.header);
    const bool defers = atomic && c.held == section::none &&
                        !(allocates && c.token != "HardIrqCtx" && c.token != "NmiCtx");
    if (defers)
        include("kctx/api/workqueue.hpp");
    std::sort(headers.begin(), headers.end());
    for (const std::string_view header : headers)
        out += "#include <" + std::string(header) + ">\n";
    out += "\n";
    if (code == nullptr && !allocates) {
        const std::string_view kind = g.kind == wait_kind::rt_lock ? "locks" : "sleeps";
        out += "namespace kctx {\n/// Stands for " + call + "() of the kernel.\nKCTX_CALL(" +
               std::string(kind) + ", void, " + fallback +
               ", (), (), \"may sleep\", "
               "\"call it where sleeping is allowed\", \"the log\")\n} // namespace kctx\n\n";
    }
    out += "namespace from_the_log {\n\nusing namespace kctx;\n\n";
    if (code != nullptr && !code->object.empty())
        out += "static " + std::string(code->object) + "\n";
    if (!held.object.empty())
        out += "static " + held.object + (c.lock.empty() ? "" : " // " + c.lock) + "\n";
    if (code != nullptr || !held.object.empty())
        out += "\n";

    const auto statement = [&](std::string_view flags) {
        if (allocates)
            return "    [[maybe_unused]] void *memory = KCTX_TRY(kmalloc(ctx, 64, " +
                   std::string(flags) + "), return);";
        return code != nullptr ? "    " + std::string(code->statement)
                               : "    " + fallback + "(ctx);";
    };
    const std::string guilty = " // <-- " + call + "() in the log";
    for (std::size_t i = g.caller_frame; i <= last; ++i) {
        const std::string &name = names[i - g.caller_frame];
        const bool outermost = i == last;
        out += (outermost && !defers ? "void " : "static void ") + name + "(" +
               (outermost && !defers ? c.token : std::string("context auto")) + " ctx)";
        if (!r.frames[i].module.empty())
            out += " // [" + r.frames[i].module + "]";
        out += "\n{\n";
        std::string inner;
        if (i == g.caller_frame) {
            const std::string_view flags =
                e.slug == "alloc-in-raw-section" ? "GFP_ATOMIC" : "GFP_KERNEL";
            if (allocates && atomic && !defers)
                inner = "#ifndef KCTX_FIXED\n" + statement(flags) + guilty + "\n#else\n" +
                        statement("GFP_ATOMIC") + "\n#endif\n";
            else
                inner = statement(flags) + guilty + "\n";
        } else {
            inner = "    from_the_log::" + names[i - g.caller_frame - 1] + "(ctx);\n";
        }
        if (i == holder && !held.opens.empty()) {
            out.append("#ifndef KCTX_FIXED\n    ").append(held.opens).append(" {\n");
            out.append(inner).append("    }\n#else\n    ").append(held.opens);
            out.append(" {\n        // what needs the section, and no more\n    }\n");
            out.append(inner).append("#endif\n");
        } else {
            out += inner;
        }
        out += "}\n\n";
    }
    if (defers) {
        const std::string &entry = names.back();
        out += "static void do_later(WorkCtx ctx, work_struct *)\n{\n    from_the_log::" + entry +
               "(ctx);\n}\n\nwork_struct later;\n\nvoid set_up()\n{\n    INIT_WORK(&later, "
               "handler<do_later>);\n}\n\nvoid entered_by_the_kernel(" +
               c.token + " ctx)\n{\n#ifndef KCTX_FIXED\n    from_the_log::" + entry +
               "(ctx);\n#else\n    schedule_work(ctx, &later);\n#endif\n}\n\n";
    }
    out += "} // namespace from_the_log\n";
    return out;
}

} // namespace kctx::klog

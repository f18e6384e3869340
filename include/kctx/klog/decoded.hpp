// SPDX-License-Identifier: BSL-1.0
/// @file
/// What decoding a report gives: its number taken apart, and sentences. And what the trace of any
/// report tells.
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
    std::string name;    ///< "PREEMPT", "__GFP_HIGH"
    unsigned bits = 0;   ///< where they are in the word
    unsigned level = 0;  ///< levels of a field; 1 for a flag
    std::string meaning; ///< in words
};

/// What the page allocator was asked for.
struct decoded_request {
    std::string names;              ///< as the kernel prints the mode
    bool may_sleep = false;         ///< __GFP_DIRECT_RECLAIM, or __GFP_WAIT up to 4.3
    kernel::zone_type zone{};       ///< the highest zone that it may come from
    kernel::migratetype type{};     ///< the kind of pageblock that it is to come from
    unsigned long pages = 0;        ///< 2^order
    unsigned page_kb = 0;           ///< kB of a page
    bool page_size_assumed = false; ///< the log does not say, 4 kB is the rule
};

/// A report, decoded. Sentences are complete and need no other.
struct decoded {
    machine from;                     ///< the kernel and machine that it was read as
    std::optional<unsigned> count;    ///< the count that `parts` takes apart
    bool underflow = false;           ///< it fell below what the kernel expects: parts are empty
    std::vector<decoded_part> parts;  ///< highest bits first
    std::string own;                  ///< what schedule() itself added
    std::vector<std::string> context; ///< what was going on
    std::string path; ///< the trace, from the call that the kernel objects to outward
    std::optional<decoded_request> request; ///< of a report on an allocation
    std::vector<std::string> warnings;      ///< what the reader should know of the reading
};

/// As logs name it: "DMA32".
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

/// As the kernel names it; of no type, why.
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

/// 0x and the number, with at least @p digits digits.
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

/// What the innermost context is that a trace shows: a trace goes from the offender outward, so the
/// first of these functions decides.
enum class trace_context : unsigned char { unknown, process, softirq, hardirq };

inline trace_context context_of(const std::vector<frame> &frames, std::string_view &mark)
{
    for (const frame &f : frames) {
        mark = f.function;
        if (is_one_of(f.function,
                      {"__do_softirq", "handle_softirqs", "do_softirq", "do_current_softirqs",
                       "run_ksoftirqd", "tasklet_action", "tasklet_action_common", "net_rx_action",
                       "run_timer_softirq", "blk_done_softirq"}))
            return trace_context::softirq;
        if (is_one_of(f.function,
                      {"handle_irq_event", "handle_irq_event_percpu", "__handle_irq_event_percpu",
                       "handle_IRQ_event", "generic_handle_irq", "hrtimer_interrupt", "asm_do_IRQ",
                       "do_IRQ", "tick_handle_periodic", "tick_sched_timer"}))
            return trace_context::hardirq;
        if (is_one_of(f.function, {"process_one_work", "worker_thread", "irq_thread", "kthread",
                                   "do_syscall_64", "invoke_syscall", "el0_svc", "el0_svc_common",
                                   "ret_fast_syscall", "system_call_exception", "sys_init_module",
                                   "start_kernel", "kernel_init"}))
            return trace_context::process;
    }
    mark = {};
    return trace_context::unknown;
}

/// The trace from a frame on, up to eight functions.
inline std::string path_from(const std::vector<frame> &frames, std::size_t first)
{
    std::string path;
    for (std::size_t i = first; i < frames.size(); ++i) {
        if (i == first + 8)
            return path + " <- ...";
        if (!path.empty())
            path += " <- ";
        path += frames[i].function;
    }
    return path;
}

/// Behind the functions that print a report.
inline std::size_t reporting_frames(const std::vector<frame> &frames)
{
    std::size_t first = 0;
    for (std::size_t i = 0; i < frames.size() && i < 10; ++i) {
        if (is_one_of(frames[i].function,
                      {"dump_backtrace", "show_stack", "__dump_stack", "dump_stack",
                       "dump_stack_lvl", "unwind_backtrace", "show_regs", "__schedule_bug",
                       "___might_sleep", "__might_sleep", "__might_resched", "__might_fault",
                       "warn_alloc", "warn_alloc_failed", "__alloc_pages_slowpath"}))
            first = i + 1;
    }
    return first;
}

inline bool is_idle(const report &r) { return r.pid == 0u && r.comm.starts_with("swapper"); }

/// The trace comes from an Oops that ends its task.
inline bool is_dying(const report &r)
{
    for (const std::string_view function : {"make_task_dead", "rewind_stack_do_exit",
                                            "rewind_stack_and_make_dead", "oops_end", "die"}) {
        if (has_frame(r, function))
            return true;
    }
    return r.died && has_frame(r, "do_exit");
}

} // namespace detail

} // namespace kctx::klog

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a kernel log's reports hold, as the log has it and with nothing concluded: one struct a
/// kind of report, and what all have in common. Values are in the units of their names; an empty
/// one is not in the log.
#pragma once

#include <kctx/klog/evidence.hpp>
#include <kctx/klog/memory_info.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog {

/// What a report is about, by its header.
enum class report_kind : unsigned char {
    scheduling_while_atomic, ///< BUG: scheduling while atomic (__schedule_bug)
    sleeping_function,       ///< BUG: sleeping function called from invalid context (__might_sleep)
    invalid_wait_context,    ///< [ BUG: Invalid wait context ] (lockdep)
    inconsistent_lock_state, ///< inconsistent lock state (lockdep)
    page_allocation_failure, ///< page allocation failure (warn_alloc)
    slab_failure,            ///< SLUB: Unable to allocate memory (slab_out_of_memory)
    vmalloc_failure,         ///< vmalloc: allocation failure, vmalloc error (warn_alloc)
    out_of_memory,           ///< ... invoked oom-killer (dump_header), killed process lines
    memory_info,             ///< Mem-Info without any of these
    oops,                    ///< an exception in the kernel: Oops, BUG(), bad access
    kernel_panic,            ///< Kernel panic, with no report that it belongs to
    buddyinfo,               ///< /proc/buddyinfo
    pagetypeinfo,            ///< /proc/pagetypeinfo
    zoneinfo,                ///< /proc/zoneinfo
    count,
};

/// What a kind is called in the output for programs.
constexpr std::string_view kind_name(report_kind kind)
{
    constexpr std::array<std::string_view, 14> names = {"scheduling-while-atomic",
                                                        "sleeping-function",
                                                        "invalid-wait-context",
                                                        "inconsistent-lock-state",
                                                        "page-allocation-failure",
                                                        "slab-failure",
                                                        "vmalloc-failure",
                                                        "out-of-memory",
                                                        "memory-info",
                                                        "oops",
                                                        "panic",
                                                        "buddyinfo",
                                                        "pagetypeinfo",
                                                        "zoneinfo"};
    return names[static_cast<std::size_t>(kind)];
}

/// A field of a report and the bytes of the log that it was read from.
struct mark {
    std::string_view field; ///< its name: "count", "order", "mode"
    span where;             ///< the bytes of the log
};

/// In which part of the stack a frame of the trace is, where the trace says so (<IRQ>, <TASK>).
enum class stack_part : unsigned char { unknown, task, irq, softirq, nmi };

/// A function of a trace.
struct frame {
    std::string function; ///< without what a compiler appends (.constprop.0, .isra.0, .cold)
    std::string module;   ///< empty: built in, or the trace does not say
    stack_part in = stack_part::unknown; ///< the task's stack, an interrupt's, ...
    unsigned long line = 0;              ///< of the log, from 1 on

    friend bool operator==(const frame &f, std::string_view name) { return f.function == name; }
};

/// The lines after "sleeping function called from invalid context". Empty: the kernel does not
/// print it, or the log does not have it.
struct might_sleep_state {
    std::string location;              ///< file:line of the check
    std::optional<unsigned> in_atomic; ///< printed as 0 or 1
    std::optional<unsigned>
        irqs_disabled;                 ///< 0, or what the architecture has: 1, arm and arm64 128
    std::optional<unsigned> non_block; ///< 5.4 and later
    std::optional<unsigned> count;     ///< preempt_count, 5.17 and later
    std::optional<unsigned> expected_count;     ///< preempt_count that was expected
    std::optional<unsigned> rcu_depth;          ///< with CONFIG_PREEMPT_RCU
    std::optional<unsigned> expected_rcu_depth; ///< RCU nesting that was expected
};

/// A lock as lockdep prints it: "ffff888100b94598 (&n->list_lock){....}-{3:3}, at: f+0x3d/0x210".
struct lock_line {
    std::string name;              ///< of its class: "&n->list_lock"
    std::string usage;             ///< "-.-.": one character a context, see lockdep's doc
    std::optional<unsigned> outer; ///< wait types, 5.8 and later: {outer:inner}
    std::optional<unsigned> inner; ///< the wait type that it needs inside
    std::string at;                ///< the function that takes or took it
    unsigned long line = 0;        ///< of the log, from 1 on
};

/// What lockdep says besides the locks.
struct lockdep_state {
    std::optional<lock_line> wanted;       ///< the lock that it is about
    std::optional<unsigned> context_outer; ///< context-{outer:inner}
    std::optional<unsigned> context_inner; ///< context-{outer:inner}, the second number
    std::string usage_before;              ///< inconsistent {before} -> {now} usage
    std::string usage_now;                 ///< "IN-HARDIRQ-W", the second of the two
};

/// A vmalloc failure: "vmalloc error: size 65536, vm_struct allocation failed".
struct vmalloc_request {
    std::optional<std::uint64_t> bytes; ///< asked for
    std::string reason;                 ///< the kernel's words: "vm_struct allocation failed"
};

/// A SLUB failure and the cache's lines below it.
struct slab_request {
    int node = -1;                         ///< -1: any
    std::string cache;                     ///< of the cache
    std::optional<unsigned> object_bytes;  ///< bytes that its user gets
    std::optional<unsigned> buffer_bytes;  ///< bytes with what SLUB adds
    std::optional<unsigned> default_order; ///< order of a slab
    std::optional<unsigned> min_order;     ///< order of a slab when memory is short
};

/// An OOM report: who asked, who died.
struct oom_state {
    std::optional<int> adjustment;      ///< oom_adj, oom_score_adj
    bool cgroup = false;                ///< a memory cgroup's limit, not the machine's memory
    std::string constraint;             ///< CONSTRAINT_NONE, ...
    std::string killed_comm;            ///< of the task that was killed
    std::optional<unsigned> killed_pid; ///< of the task that was killed
    std::optional<std::uint64_t> killed_anon_rss_kb; ///< in kB
};

/// An exception in the kernel.
struct oops_state {
    std::string words;                    ///< "NULL pointer dereference", "paging request", "BUG"
    std::optional<std::uint64_t> address; ///< that was accessed
    std::optional<std::uint64_t> code;    ///< x86 error code, arm FSR, arm64 ESR
    std::optional<unsigned> number;       ///< [#1]: the first since boot
    std::string access;                   ///< read, write or execute, where the header says so
    std::string at;                       ///< the function that the instruction is in
    std::string source;                   ///< file:line of a BUG()
};

/// A panic's line.
struct panic_line {
    std::string text;       ///< behind "not syncing: "
    unsigned long line = 0; ///< of the log, from 1 on
};

/// A row of /proc/buddyinfo, or of one type in /proc/pagetypeinfo.
struct free_row {
    unsigned node = 0;                 ///< NUMA node
    std::string zone;                  ///< "Normal"
    std::string type;                  ///< of pagetypeinfo
    std::vector<std::uint64_t> blocks; ///< by order; of "Number of blocks" by type
    bool at_least = false;             ///< a count of pagetypeinfo was cut off (">100000")
};

/// A zone of /proc/zoneinfo.
struct zoneinfo_zone {
    unsigned node = 0;          ///< NUMA node
    std::string zone;           ///< "Normal"
    std::vector<amount> values; ///< pages: free, min, low, high, present, managed, nr_...
    std::vector<std::uint64_t> protection_pages; ///< lowmem_reserve[], in pages

    /// The value of the first amount of this name, if there is one.
    std::optional<std::uint64_t> value(std::string_view name) const
    {
        return find_amount(values, name);
    }
};

/// The files of /proc about free memory, in one report if they stand together.
struct proc_memory {
    std::vector<free_row> free;          ///< buddyinfo, pagetypeinfo
    std::vector<std::string> types;      ///< the columns of "Number of blocks type"
    std::vector<free_row> blocks;        ///< pageblocks by zone and type
    std::optional<unsigned> block_order; ///< "Page block order: 9"
    std::vector<zoneinfo_zone> zones;    ///< of /proc/zoneinfo
};

/// A line of the log that belongs to a report.
struct kept_line {
    unsigned long number = 0; ///< of the log, from 1 on
    span where;               ///< its bytes in the log
    std::string text;         ///< printable
};

/// A report as the log has it.
struct report {
    report_kind kind = report_kind::scheduling_while_atomic; ///< what it reports
    unsigned long line = 0;                                  ///< of the log, on which its header is
    std::string header; ///< the line, without prefix, wrapped parts joined

    std::string comm;            ///< current->comm
    std::optional<unsigned> pid; ///< of that task

    unsigned count = 0;                   ///< scheduling_while_atomic
    might_sleep_state sleep;              ///< of "sleeping function called from invalid context"
    std::vector<lock_line> held;          ///< "2 locks held by": outermost first
    std::optional<lockdep_state> lockdep; ///< of a report of lockdep

    // page_allocation_failure, and of the others with a request what they print of it
    unsigned order = 0;       ///< 2^order pages
    unsigned mode = 0;        ///< the GFP mask in bits
    bool has_request = false; ///< order and mode are in the log
    std::optional<std::string>
        mode_names;            ///< what stands in brackets; empty brackets are a name too
    bool full_stop = false;    ///< "failure." instead of "failure:": up to 2.6.37 at least
    bool has_nodemask = false; ///< nodemask= was printed
    bool has_cpuset = false;   ///< cpuset= was printed

    std::optional<vmalloc_request> vmalloc; ///< of a vmalloc failure
    std::optional<slab_request> slab;       ///< of a SLUB failure
    std::optional<oom_state> oom;           ///< of an OOM report
    std::optional<memory_info> memory;      ///< the Mem-Info that follows
    std::optional<oops_state> exception;    ///< of an Oops
    std::optional<proc_memory> proc;        ///< of the files of /proc
    std::optional<panic_line> panic;        ///< if one follows

    std::vector<frame> frames;      ///< the trace, innermost first
    std::vector<frame> interrupted; ///< the stack below the interrupt, behind an exception frame
    std::string work; ///< the work item, if the task is a worker: "usb_hub_wq hub_event"
    std::string preempt_disabled_at; ///< "Preemption disabled at:" and its symbol, "0x0" if none
    std::string interrupted_at;      ///< show_regs() of 2.6: the function below the interrupt
    std::string taint;               ///< letters, in the order of the line
    bool pid_line = false;           ///< "Pid: 1, comm: sh": kernels before 3.10
    bool died = false;               ///< taint D: an Oops came before
    bool warned = false;             ///< taint W: a warning or a report came before

    std::vector<mark> marks;      ///< where the fields stand
    std::vector<kept_line> lines; ///< the report's, at most report_lines
    evidence about;               ///< the machine: from these lines, else from the rest of the log

    /// The size of an order-0 block in the buddy lines.
    std::optional<unsigned> page_kb() const { return memory ? memory->page_kb() : std::nullopt; }

    /// Notes where field @p field stands in the log.
    void put_mark(std::string_view field, span where)
    {
        if (where.length != 0 && marks.size() < 4096)
            marks.push_back({field, where});
    }
};

/// What reports of a kind have: the reader has set it, and an empty one stands in if not.
template <class T> const T &set_by_kind(const std::optional<T> &value)
{
    static const T none{};
    return value ? *value : none;
}

/// How many lines of a report are kept.
inline constexpr std::size_t report_lines = 400;

/// Whether a function of this name is in the trace.
inline bool has_frame(const report &r, std::string_view function)
{
    for (const frame &f : r.frames) {
        if (f == function)
            return true;
    }
    return false;
}

} // namespace kctx::klog

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The middle layer of log reading: lines to reports. Reads three kinds,
///   BUG: scheduling while atomic: comm/pid/0x%08x                         (__schedule_bug)
///   BUG: sleeping function called from invalid context at file:line      (__might_sleep and heirs)
///   comm: page allocation failure: order:%u, mode:%#x(%pGg)              (warn_alloc and before)
/// with what follows each: the might_sleep lines, the trace, what says kernel and architecture.
/// Everything is tolerated: junk between the lines, wrapped lines, missing ends.
#pragma once

#include <kctx/klog/evidence.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog {

enum class report_kind : unsigned char {
    scheduling_while_atomic,
    sleeping_function,
    page_allocation_failure,
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
    std::optional<unsigned> expected_count;
    std::optional<unsigned> rcu_depth; ///< with CONFIG_PREEMPT_RCU
    std::optional<unsigned> expected_rcu_depth;
};

/// A report as the log has it, nothing concluded yet.
struct report {
    report_kind kind = report_kind::scheduling_while_atomic;
    unsigned long line = 0;
    std::string header; ///< the line, without prefix, wrapped parts joined

    std::string comm;
    std::optional<unsigned> pid;

    unsigned count = 0; ///< scheduling_while_atomic
    might_sleep_state sleep;

    unsigned order = 0; ///< page_allocation_failure
    unsigned mode = 0;
    std::optional<std::string>
        mode_names;         ///< what stands in brackets; empty brackets are a name too
    bool full_stop = false; ///< "failure." instead of "failure:": up to 2.6.37 at least
    bool has_nodemask = false;
    bool has_cpuset = false;
    std::optional<unsigned> page_kb; ///< size of an order-0 block in the Mem-Info that follows

    std::vector<std::string> frames; ///< functions of the trace, innermost first
    std::string work; ///< the work item, if the task is a worker: "usb_hub_wq hub_event"
    std::string preempt_disabled_at; ///< "Preemption disabled at:" and its symbol, "0x0" if none
    bool pid_line = false;           ///< "Pid: 1, comm: sh": kernels before 3.10
    bool died = false;               ///< taint D: an Oops came before
    bool warned = false;             ///< taint W: a warning or a report came before

    evidence about; ///< the machine: from these lines, else from the rest of the log
};

/// comm/pid/0x%08x behind "BUG: scheduling while atomic: ". A comm may hold slashes itself.
inline bool parse_schedule_task(std::string_view text, report &r)
{
    const std::size_t mark = text.find("/0x");
    if (mark == text.npos || mark == 0)
        return false;
    cursor count(text.substr(mark + 3));
    const auto value = count.hex();
    if (!value)
        return false;
    const std::string_view task = text.substr(0, mark);
    const std::size_t slash = task.rfind('/');
    if (slash == task.npos)
        return false;
    cursor number(task.substr(slash + 1));
    const auto pid = number.decimal();
    if (!pid || !number.at_end())
        return false;
    r.comm = printable(trim(task.substr(0, slash)).substr(0, 64));
    r.pid = pid;
    r.count = *value;
    return true;
}

namespace detail {

inline constexpr std::string_view swa_mark = "BUG: scheduling while atomic: ";
inline constexpr std::string_view sleep_mark =
    "BUG: sleeping function called from invalid context at";
inline constexpr std::string_view paf_mark = ": page allocation failure";

/// The task name before ": page allocation failure": at most 15 characters (TASK_COMM_LEN), so what
/// is longer has something else before it.
inline std::string_view failing_task(std::string_view before)
{
    if (before.size() <= 15)
        return before;
    if (const std::size_t bracket = before.rfind("] "); bracket != before.npos)
        return trim(before.substr(bracket + 2));
    const std::size_t space = before.rfind(' ');
    return space == before.npos ? before.substr(before.size() - 15) : before.substr(space + 1);
}

/// Behind "page allocation failure": the order, and the mode if it is on this line.
inline bool parse_failure(std::string_view text, report &r, bool &complete)
{
    cursor c(text);
    r.full_stop = c.skip(".");
    if (!r.full_stop && !c.skip(":"))
        return false;
    c.skip_spaces();
    if (!c.skip("order:"))
        return false;
    const auto order = c.decimal();
    if (!order || *order > 63)
        return false;
    r.order = *order;
    complete = false;
    if (!c.skip_past("mode:0x"))
        return true;
    const auto mode = c.hex();
    if (!mode)
        return true;
    r.mode = *mode;
    complete = true;
    if (c.skip("(")) {
        const std::string_view names = c.take_while([](char ch) { return ch != ')'; });
        r.mode_names = printable(names.substr(0, 1024));
    }
    r.has_nodemask = c.rest().find("nodemask=") != std::string_view::npos;
    r.has_cpuset = c.rest().find("cpuset=") != std::string_view::npos;
    return true;
}

/// "kernel/locking/mutex.c:281" alone on a line, after a header that was wrapped before it.
constexpr bool is_location(std::string_view body)
{
    const std::size_t colon = body.rfind(':');
    if (colon == body.npos || colon + 1 == body.size() || body.find('.') == body.npos)
        return false;
    for (const char c : body.substr(0, colon)) {
        if (!is_symbol_char(c) && c != '/' && c != '-' && c != '+')
            return false;
    }
    cursor number(body.substr(colon + 1));
    return number.decimal() && trim(number.rest()).empty();
}

/// The base name of a function: what a compiler appends (.constprop.0, .isra.0, .cold) is dropped.
constexpr std::string_view base_name(std::string_view symbol)
{
    return symbol.substr(0, symbol.find('.', 1));
}

/// Takes the function off a line of a trace; nullopt if the line is none. `caller` gets the second
/// function of 32-bit ARM's "f from g" lines.
constexpr std::optional<std::string_view> trace_function(std::string_view body,
                                                         std::string_view &caller)
{
    caller = {};
    cursor c(body);
    // [<c0027de4>]  [ef12f700] [c00081e0]  [ffffffc0200eb240+ 64][<ffffffc0100c63b4>]
    bool bracket = false;
    while (c.rest().starts_with('[')) {
        const std::size_t end = c.rest().find(']');
        if (end > 28 || end < 9) // or npos
            return std::nullopt;
        for (const char ch : c.rest().substr(1, end - 1)) {
            if (hex_value(ch) < 0 && ch != '<' && ch != '>' && ch != '+' && ch != ' ')
                return std::nullopt;
        }
        c = cursor(c.rest().substr(end + 1));
        c.skip_spaces();
        bracket = true;
    }
    if (c.skip("? "))
        return std::nullopt; // an address found on the stack, not a caller for sure
    const bool arm_old = bracket && c.skip("(");
    const std::string_view symbol = c.take_while(is_symbol_char);
    if (symbol.empty() || is_digit(symbol[0]))
        return std::nullopt;
    cursor offset = c;
    const bool has_offset = offset.skip("+0x");
    if (arm_old) { // "(f+0x0/0x4c) from [<…>] (g+0x…", 3.10 to 5.18 "(f) from [<…>] (g+0x…"
        if (!has_offset && !c.rest().starts_with(") from"))
            return std::nullopt;
        if (c.skip_past("from [<") && c.skip_past(">] ("))
            caller = base_name(c.take_while(is_symbol_char));
        return base_name(symbol);
    }
    cursor module = c;
    if (module.skip(" [") && module.skip_past("]"))
        c = module;
    if (c.skip(" from")) {
        c.skip_spaces();
        const std::string_view from = c.take_while(is_symbol_char);
        if (!c.skip("+0x") && !from.empty())
            return std::nullopt;
        caller = base_name(from);
        return base_name(symbol);
    }
    if (!has_offset) {
        // Traces with source lines: "schedule_debug kernel/sched/core.c:4288 [inline]" of a
        // function that has no offset of its own, "__might_resched (kernel/sched/core.c:10188)" of
        // any.
        if (!c.skip(" "))
            return std::nullopt;
        const bool brackets = c.skip("(");
        const std::string_view place = c.take_while([](char ch) { return ch != ' ' && ch != ')'; });
        if (brackets ? place.find(':') == place.npos
                     : !is_location(place) || c.rest() != " [inline]")
            return std::nullopt;
    }
    return base_name(symbol);
}

/// Lines that end the trace of a report.
constexpr bool ends_trace(std::string_view body)
{
    for (const std::string_view mark :
         {"---[ end", "------------[", "=====", "Mem-Info:", "Mem-info:", "Kernel panic",
          "WARNING: ", "BUG: ", "INFO: task ",
          "Kernel Offset:", "RIP: 0033:", "Exception stack("}) {
        if (body.starts_with(mark))
            return true;
    }
    return false;
}

} // namespace detail

/// Reads lines, hands out reports in their order. A report that does not say which kernel it is
/// from waits for a line that does, to the end of the log if need be.
class report_reader
{
public:
    explicit report_reader(std::function<void(const report &)> sink) : sink_(std::move(sink)) {}

    void read(const line &l)
    {
        if (continue_header(l))
            return;
        if (start_report(l))
            return;
        if (l.body.find("Linux version ") != l.body.npos)
            close_report(); // another boot
        if (open_)
            read_report_line(l);
        log_.read_any(l);
        if (!open_ && log_.now.kernel)
            release_waiting();
    }

    void finish()
    {
        close_report();
        for (report &r : waiting_)
            sink_(r);
        waiting_.clear();
    }

private:
    /// How many lines after its header a report may have, and how many reports may wait.
    static constexpr unsigned longest_report = 400;
    static constexpr std::size_t most_frames = 64;
    static constexpr std::size_t most_waiting = 10000;

    bool start_report(const line &l)
    {
        report r;
        r.line = l.number;
        bool complete = true;
        std::size_t at = 0;
        if ((at = l.text.find(detail::swa_mark)) != l.text.npos) {
            r.kind = report_kind::scheduling_while_atomic;
            if (!parse_schedule_task(l.text.substr(at + detail::swa_mark.size()), r))
                return false;
        } else if ((at = l.text.find(detail::sleep_mark)) != l.text.npos) {
            r.kind = report_kind::sleeping_function;
            const std::string_view location = trim(l.text.substr(at + detail::sleep_mark.size()));
            complete = !location.empty();
            r.sleep.location = printable(location.substr(0, 256));
        } else if ((at = l.body.find(detail::paf_mark)) != l.body.npos) {
            r.kind = report_kind::page_allocation_failure;
            if (!detail::parse_failure(l.body.substr(at + detail::paf_mark.size()), r, complete))
                return false;
            const std::string_view task = detail::failing_task(l.body.substr(0, at));
            r.comm = printable(task);
            at = static_cast<std::size_t>(task.data() - l.text.data());
        } else {
            return false;
        }
        close_report();
        r.header = printable(trim(l.text.substr(at)).substr(0, 512));
        current_ = std::move(r);
        own_ = evidence_reader(evidence_reader::keeps::first);
        open_ = true;
        lines_ = 0;
        in_trace_ = true;
        trace_head_ = false;
        state_open_ = false;
        disabled_at_open_ = false;
        header_lines_ = complete ? 0 : 2;
        own_.read_report_line(l); // kernel/locking/spinlock_rt.c in the header says PREEMPT_RT
        return true;
    }

    /// A header that a mailer wrapped goes on in one of the next two lines.
    bool continue_header(const line &l)
    {
        if (header_lines_ == 0)
            return false;
        --header_lines_;
        if (current_.kind == report_kind::sleeping_function) {
            if (!detail::is_location(l.body))
                return false;
            current_.sleep.location = printable(l.body.substr(0, 256));
            own_.read_report_line(l);
        } else {
            if (!l.body.starts_with("mode:0x"))
                return false;
            report whole = current_;
            bool complete = false;
            const std::string text = current_.header + " " + std::string(l.body.substr(0, 2048));
            const std::size_t at = text.find(detail::paf_mark);
            if (at == text.npos ||
                !detail::parse_failure(std::string_view(text).substr(at + detail::paf_mark.size()),
                                       whole, complete) ||
                !complete)
                return false;
            current_ = std::move(whole);
        }
        current_.header += " " + printable(l.body.substr(0, 512));
        header_lines_ = 0;
        return true;
    }

    void read_report_line(const line &l)
    {
        if (++lines_ > longest_report) {
            close_report();
            return;
        }
        if (detail::ends_trace(l.body))
            in_trace_ = false;
        if (l.body.starts_with("Call Trace:") || l.body.starts_with("Call trace:")) {
            if (trace_head_)
                in_trace_ = false; // of another report, which we do not read
            else if (in_trace_)
                current_.frames.clear(); // what looked like a trace before it was a list of locks
            trace_head_ = true;
        }
        if (in_trace_)
            own_.read_report_line(l);
        else
            own_.read_any(l);

        read_task(l.body);
        if (current_.kind == report_kind::sleeping_function)
            read_sleep_state(l.body);
        else if (current_.kind == report_kind::page_allocation_failure)
            read_page_size(l.body);
        if (in_trace_ && !read_disabled_at(l.body))
            read_frame(l.body);
    }

    /// "CPU: 3 PID: 9 Comm: sh Not tainted …", before 3.10 "Pid: 9, comm: sh Not tainted …";
    /// "Workqueue: usb_hub_wq hub_event" if that task is a worker.
    void read_task(std::string_view body)
    {
        constexpr std::string_view worker = "Workqueue: ";
        if (current_.work.empty() && body.starts_with(worker))
            current_.work = printable(trim(body.substr(worker.size())).substr(0, 128));
        if (body.find("Tainted: ") != body.npos) {
            const std::string_view letters = detail::after_taint(body).substr(0, 32);
            const std::string_view only = letters.substr(0, letters.find_first_of("0123456789("));
            current_.died = current_.died || only.find('D') != only.npos;
            current_.warned = current_.warned || only.find('W') != only.npos;
        }
        cursor c(body);
        bool old = false;
        if (c.skip("Pid: "))
            old = true;
        else if (!(c.skip("CPU: ") && c.skip_past("PID: ")))
            return;
        current_.pid_line = current_.pid_line || old;
        const auto pid = c.decimal();
        if (!pid || !c.skip_past(old ? "comm: " : "Comm: "))
            return;
        c.skip_spaces();
        std::string_view comm = c.rest();
        for (const std::string_view end : {" Not tainted", " Tainted: ", " xid: "})
            comm = comm.substr(0, comm.find(end));
        const std::string name = printable(trim(comm).substr(0, 64));
        if (current_.comm.empty())
            current_.comm = name;
        if (!current_.pid && current_.comm == name)
            current_.pid = pid;
    }

    /// in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: init
    /// preempt_count: 1, expected: 0
    /// RCU nest depth: 0, expected: 0
    void read_sleep_state(std::string_view body)
    {
        might_sleep_state &s = current_.sleep;
        if (state_open_) { // wrapped before the name, or before its value
            state_open_ = false;
            const std::string text = state_ + " " + std::string(body.substr(0, 256));
            read_state_line(text);
            return;
        }
        if (body.find("in_atomic(): ") != body.npos) {
            if (!s.in_atomic && !read_state_line(body)) {
                state_open_ = true;
                state_ = std::string(body.substr(0, 256));
            }
        } else if (!s.count && body.find("preempt_count: ") != body.npos) {
            s.count = hex_after(body, "preempt_count: ");
            s.expected_count = hex_after(body, "expected: ");
        } else if (!s.rcu_depth && body.find("RCU nest depth: ") != body.npos) {
            s.rcu_depth = number_after(body, "RCU nest depth: ");
            s.expected_rcu_depth = number_after(body, "expected: ");
        }
    }

    /// False if the line ends before the name.
    bool read_state_line(std::string_view body)
    {
        might_sleep_state &s = current_.sleep;
        s.in_atomic = number_after(body, "in_atomic(): ");
        s.irqs_disabled = number_after(body, "irqs_disabled(): ");
        s.non_block = number_after(body, "non_block: ");
        const auto pid = number_after(body, "pid:");
        const std::size_t name = body.find("name:");
        const std::string_view comm =
            name == body.npos ? std::string_view() : trim(body.substr(name + 5));
        if (!pid || comm.empty())
            return false;
        current_.pid = pid;
        current_.comm = printable(comm.substr(0, 64));
        return true;
    }

    /// "Normal: 2*4kB (U) 3*8kB …": the first block is a page.
    void read_page_size(std::string_view body)
    {
        if (current_.page_kb || body.find("kB ") == body.npos)
            return;
        cursor c(body);
        if (!c.skip_past(": ") || !c.decimal() || !c.skip("*"))
            return;
        const auto kb = c.decimal();
        if (kb && c.skip("kB") && *kb >= 4 && *kb <= 256 && (*kb & (*kb - 1)) == 0)
            current_.page_kb = kb;
    }

    /// "Preemption disabled at:" with its symbol on the same line (before 4.9) or on the next.
    bool read_disabled_at(std::string_view body)
    {
        constexpr std::string_view mark = "Preemption disabled at:";
        const bool here = body.starts_with(mark);
        if (!here && !disabled_at_open_)
            return false;
        disabled_at_open_ = false;
        std::string_view rest = trim(here ? body.substr(mark.size()) : body);
        if (rest.empty()) {
            disabled_at_open_ = here;
            return true;
        }
        if (!rest.starts_with("[<"))
            return false;
        cursor c(rest);
        c.skip_past("] ");
        c.skip_past(">] ");
        current_.preempt_disabled_at =
            printable(c.take_while([](char ch) { return !is_space(ch); }).substr(0, 128));
        return true;
    }

    void read_frame(std::string_view body)
    {
        std::string_view caller;
        const auto function = detail::trace_function(body, caller);
        if (!function)
            return;
        add_frame(*function);
        add_frame(caller);
    }

    void add_frame(std::string_view function)
    {
        std::vector<std::string> &frames = current_.frames;
        if (function.empty() || frames.size() >= most_frames)
            return;
        if (frames.empty() || frames.back() != function)
            frames.emplace_back(function.substr(0, 128));
    }

    void close_report()
    {
        if (!open_)
            return;
        open_ = false;
        header_lines_ = 0;
        current_.about = own_.now;
        log_.now.add_missing(own_.now);
        waiting_.push_back(std::move(current_));
        if (log_.now.kernel) {
            release_waiting();
        } else if (waiting_.size() > most_waiting) {
            sink_(waiting_.front());
            waiting_.pop_front();
        }
    }

    /// The log has named its kernel: that goes for the reports before it that did not.
    void release_waiting()
    {
        for (report &r : waiting_) {
            r.about.add_missing(log_.now);
            sink_(r);
        }
        waiting_.clear();
    }

    std::function<void(const report &)> sink_;
    std::deque<report> waiting_;
    evidence_reader log_{evidence_reader::keeps::latest};
    evidence_reader own_{evidence_reader::keeps::first};
    report current_;
    std::string state_;
    bool open_ = false;
    bool in_trace_ = false;
    bool trace_head_ = false;
    bool state_open_ = false;
    bool disabled_at_open_ = false;
    unsigned header_lines_ = 0;
    unsigned lines_ = 0;
};

} // namespace kctx::klog

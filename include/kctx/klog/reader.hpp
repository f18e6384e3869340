// SPDX-License-Identifier: BSL-1.0
/// @file
/// The middle layer of log reading: lines to reports, all kinds, in one pass. Everything is
/// tolerated: junk between the lines, wrapped lines, missing ends, reports of several CPUs at once
/// where the lines bear a caller ([T123], [C0], a cpu number).
#pragma once

#include <kctx/klog/read_allocation.hpp>
#include <kctx/klog/read_lockdep.hpp>
#include <kctx/klog/read_oops.hpp>
#include <kctx/klog/read_proc.hpp>
#include <kctx/klog/read_sleeping.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kctx::klog {

/// What a line begins: a report, and whether its header is whole or a mailer broke it.
struct report_start {
    report r;                 ///< of what kind it is, and what the header says
    std::size_t at = 0;       ///< of the header in the body
    bool complete = true;     ///< false: the header goes on in the next line
    bool begins_dump = false; ///< "Mem-Info:"
};

/// Does a report begin with this line? Most lines of a log are answered by looking at their colons.
inline std::optional<report_start> parse_start(const line &l)
{
    using namespace detail;
    const std::string_view body = l.body;
    if (body.size() < 8)
        return std::nullopt;
    const auto starting = [&](report_kind kind, std::size_t at) {
        report_start s;
        s.r.kind = kind;
        s.r.line = l.number;
        s.at = at;
        return s;
    };
    const auto task_before = [&](report_start &s, std::size_t at) {
        const std::string_view task = failing_task(body.substr(0, at));
        s.r.comm = printable(task);
        s.r.put_mark("comm", l.where(task));
        s.at = static_cast<std::size_t>(task.data() - body.data());
    };

    std::size_t colon = body.find(':');
    for (; colon != body.npos; colon = body.find(':', colon + 1)) {
        if (colon == 0)
            continue;
        const std::string_view before = body.substr(0, colon);
        switch (body[colon - 1]) {
        case 'G':
            if (!ends_in(before, "BUG"))
                break;
            if (const std::string_view from = body.substr(colon - 3); from.starts_with(swa_mark)) {
                report_start s = starting(report_kind::scheduling_while_atomic, colon - 3);
                const std::string_view task = trim(from.substr(swa_mark.size()));
                s.complete = !task.empty();
                if (s.complete && !parse_schedule_task(l, task, s.r))
                    return std::nullopt;
                return s;
            } else if (is_broken_mark(from)) {
                report_start s = starting(report_kind::sleeping_function, colon - 3);
                s.complete = false;
                return s;
            } else if (from.starts_with(sleep_mark)) {
                report_start s = starting(report_kind::sleeping_function, colon - 3);
                const std::string_view location = trim(from.substr(sleep_mark.size()));
                s.complete = !location.empty();
                s.r.sleep.location = printable(location.substr(0, 256));
                s.r.put_mark("location", l.where(location));
                return s;
            } else if (from.starts_with("BUG: Invalid wait context")) {
                report_start s = starting(report_kind::invalid_wait_context, colon - 3);
                s.r.lockdep.emplace();
                return s;
            }
            break;
        case 'B':
            if (ends_in(before, "SLUB") &&
                body.substr(colon + 1).starts_with(" Unable to allocate memory on")) {
                report_start s = starting(report_kind::slab_failure, colon - 4);
                parse_slab(l, body.substr(colon + 1), s.r);
                return s;
            }
            break;
        case 'r':
            if (ends_in(before, " invoked oom-killer")) {
                report_start s = starting(report_kind::out_of_memory, 0);
                parse_oom(l, body.substr(colon + 1), s.r, s.complete);
                task_before(s, colon - 19);
                return s;
            }
            if (ends_in(before, "vmalloc error")) {
                report_start s = starting(report_kind::vmalloc_failure, 0);
                if (!parse_vmalloc(l, body.substr(colon + 1), s.r, s.complete))
                    break;
                task_before(s, colon < 15 ? 0 : colon - 15);
                return s;
            }
            break;
        case 'o':
            if (ends_in(before, "Mem-Info") || ends_in(before, "Mem-info")) {
                report_start s = starting(report_kind::memory_info, colon - 8);
                s.begins_dump = true;
                return s;
            }
            break;
        default:
            break;
        }
        if (colon + 1 == body.size() || body[colon + 1] != ' ')
            continue;
        const std::string_view after = body.substr(colon + 1);
        if (begins_with(after, " page allocation failure")) {
            report_start s = starting(report_kind::page_allocation_failure, 0);
            if (!parse_failure(l, after.substr(24), s.r, s.complete))
                return std::nullopt;
            task_before(s, colon);
            return s;
        }
        if (begins_with(after, " allocation failure") && ends_in(before, "vmalloc")) {
            report_start s = starting(report_kind::vmalloc_failure, 0);
            if (!parse_vmalloc(l, after.substr(19), s.r, s.complete))
                return std::nullopt;
            task_before(s, colon < 9 ? 0 : colon - 9);
            return s;
        }
        if (begins_with(after, " inconsistent lock state")) {
            report_start s = starting(report_kind::inconsistent_lock_state, 0);
            s.r.lockdep.emplace();
            return s;
        }
    }

    switch (body[0]) {
    case 'N':
    case 'P':
    case 'F':
        if (const auto kind = proc_reader::starts(body)) {
            report_start s = starting(*kind, 0);
            s.r.proc.emplace();
            return s;
        }
        break;
    case 'i':
    case 'p':
        if (is_sleep_state(body))
            return starting(report_kind::sleeping_function, 0);
        break;
    case 'v':
        if (body.starts_with("vmap allocation for size ")) {
            report_start s = starting(report_kind::vmalloc_failure, 0);
            s.r.vmalloc = vmalloc_request{number_after(body, "for size "),
                                          "no free range of vmalloc addresses"};
            return s;
        }
        break;
    default:
        break;
    }
    if (const std::string_view words = oops_words(body); !words.empty()) {
        report_start s = starting(report_kind::oops, 0);
        if (start_oops(l, words, s.r))
            return s;
    }
    if (memory_info_reader::starts(body))
        return starting(report_kind::memory_info, 0);
    return std::nullopt;
}

/// Collects the lines of one report.
class report_builder
{
public:
    report_builder(report_start start, const line &l)
        : r_(std::move(start.r)), own_(evidence_reader::keeps::first),
          header_lines_(start.complete ? 0 : 2), caller_(l.caller)
    {
        r_.header = printable(trim(l.body.substr(start.at)).substr(0, 512));
        if (r_.kind == report_kind::memory_info)
            start_memory(l);
        else if (r_.proc)
            proc_.emplace(*r_.proc);
        keep(l);
        own_.read_report_line(l); // kernel/locking/spinlock_rt.c in the header says PREEMPT_RT
        read_kind(l);
    }
    // Readers point into r_.
    report_builder(const report_builder &) = delete;
    report_builder &operator=(const report_builder &) = delete;

    unsigned long first_line() const { return r_.line; } ///< of the log, from 1 on
    /// That of its first line: T<pid>, C<cpu>; may be empty.
    const std::string &caller() const { return caller_; }
    report_kind kind() const { return r_.kind; } ///< of the report

    /// Does a line that could begin a report belong to this one instead?
    bool takes(const report_start &start) const
    {
        const report_kind kind = start.r.kind;
        switch (r_.kind) {
        case report_kind::sleeping_function: // its own state; a header has a location
            return kind == r_.kind && start.complete && start.r.sleep.location.empty();
        case report_kind::page_allocation_failure:
        case report_kind::slab_failure:
        case report_kind::vmalloc_failure:
        case report_kind::out_of_memory:
            return kind == report_kind::memory_info &&
                   (!r_.memory || (memory_open_ && !names_dump(start)));
        case report_kind::memory_info:
            return kind == report_kind::memory_info && !names_dump(start);
        case report_kind::oops:
            // "Oops: 0002 [#1]" behind "BUG: unable to handle", "invalid opcode" behind "kernel
            // BUG"
            return kind == report_kind::oops && lines_ < 40 &&
                   (!set_by_kind(r_.exception).number || !set_by_kind(start.r.exception).number ||
                    set_by_kind(r_.exception).number == set_by_kind(start.r.exception).number) &&
                   !(set_by_kind(start.r.exception).words == "BUG()" &&
                     !set_by_kind(start.r.exception).number);
        case report_kind::buddyinfo:
        case report_kind::pagetypeinfo:
        case report_kind::zoneinfo:
            // The rows of one file; another file is another report.
            return kind == r_.kind ||
                   (r_.kind == report_kind::pagetypeinfo && kind == report_kind::buddyinfo &&
                    !set_by_kind(r_.proc).types.empty() &&
                    set_by_kind(r_.proc).blocks.size() < zones_seen());
        default:
            return false;
        }
    }

    /// False if the report is over.
    bool read(const line &l)
    {
        if (continue_header(l))
            return true;
        if (is_cut() && header_lines_ == 0)
            return false;
        if (++lines_ > (r_.oom ? longest_oom : longest_report))
            return false;
        keep(l);
        if (detail::ends_trace(l.body))
            in_trace_ = false;
        if (l.body.starts_with("Call Trace:") || l.body.starts_with("Call trace:")) {
            if (trace_head_)
                in_trace_ = false; // of another report, which we do not read
            else if (in_trace_)
                r_.frames.clear(); // what looked like a trace before it was a list of locks
            trace_head_ = true;
        }
        if (in_trace_)
            own_.read_report_line(l);
        else
            own_.read_any(l);
        read_kind(l);
        return true;
    }

    /// A header without what it is about is no report.
    bool is_cut() const { return r_.kind == report_kind::scheduling_while_atomic && !r_.pid; }

    /// The report, with what was found in it; call it once.
    report finish()
    {
        r_.about = own_.now;
        return std::move(r_);
    }

    const evidence &about() const { return own_.now; } ///< what its lines say of the machine

private:
    /// How many lines after its header a report may have.
    static constexpr unsigned longest_report = 400;
    static constexpr unsigned longest_oom = 4000; // with its table of tasks
    static constexpr std::size_t most_frames = 64;

    /// "Mem-Info:" itself, and not a line from its middle.
    static bool names_dump(const report_start &s) { return s.begins_dump; }

    std::size_t zones_seen() const
    {
        std::size_t zones = 0;
        std::string_view last;
        for (const free_row &row : set_by_kind(r_.proc).free) {
            if (row.zone != last)
                ++zones;
            last = row.zone;
        }
        return zones;
    }

    void keep(const line &l)
    {
        if (r_.lines.size() < report_lines)
            r_.lines.push_back({l.number, l.where(l.text), printable(l.text.substr(0, 1024))});
    }

    void start_memory(const line &l)
    {
        r_.memory.emplace();
        r_.memory->line = l.number;
        memory_.emplace(*r_.memory);
        memory_open_ = true;
    }

    /// A header that a mailer wrapped goes on in one of the next two lines.
    bool continue_header(const line &l)
    {
        if (header_lines_ == 0)
            return false;
        --header_lines_;
        if (r_.kind == report_kind::scheduling_while_atomic) {
            if (!detail::parse_schedule_task(l, l.body, r_))
                return false;
        } else if (r_.kind == report_kind::sleeping_function) {
            const std::string_view place = l.body.substr(l.body.find_last_of(' ') + 1);
            if (!detail::is_location(place))
                return false;
            r_.sleep.location = printable(place.substr(0, 256));
            r_.put_mark("location", l.where(place));
            own_.read_report_line(l);
        } else if (r_.kind == report_kind::out_of_memory) {
            bool complete = false;
            if (!l.body.starts_with("gfp_mask=") && !l.body.starts_with("order=") &&
                !l.body.starts_with("oom_"))
                return false;
            detail::parse_oom(l, l.body, r_, complete);
        } else if (!detail::continue_failure(l, r_)) {
            return false;
        }
        keep(l);
        r_.header += " " + printable(l.body.substr(0, 512));
        header_lines_ = 0;
        return true;
    }

    /// What a line has for a report of this kind.
    void read_kind(const line &l)
    {
        if (proc_) {
            proc_->read(l, r_);
            return;
        }
        if (!r_.panic) {
            if (auto panic = detail::parse_panic(l)) {
                r_.panic = std::move(panic);
                r_.put_mark("panic", l.where(l.body));
            }
        }
        const bool first = l.number == r_.line;
        switch (r_.kind) {
        case report_kind::sleeping_function:
            state_.read(l, r_);
            break;
        case report_kind::invalid_wait_context:
        case report_kind::inconsistent_lock_state:
            lockdep_.read(l, r_);
            break;
        case report_kind::slab_failure:
            detail::read_slab(l, r_);
            break;
        case report_kind::out_of_memory:
            detail::read_oom(l, r_);
            break;
        case report_kind::oops:
            detail::read_oops(l, r_);
            break;
        default:
            break;
        }
        if (memory_open_ && memory_) {
            if (memory_->read(l))
                return;
        } else if (takes_memory() &&
                   (l.body.starts_with("Mem-Info:") || l.body.starts_with("Mem-info:") ||
                    memory_info_reader::starts(l.body))) {
            start_memory(l);
            if (memory_)
                memory_->read(l);
            return;
        }
        if (first)
            return;
        read_task(l);
        const bool about_locks = held_.read(l, r_);
        if (l.body.starts_with("Exception stack("))
            interrupted_ = true;
        if (about_locks)
            return;
        if (in_trace_ && !disabled_at_.read(l, r_))
            read_frame(l, r_.frames);
        else if (interrupted_)
            read_frame(l, r_.interrupted);
    }

    bool takes_memory() const
    {
        return r_.kind == report_kind::page_allocation_failure ||
               r_.kind == report_kind::slab_failure || r_.kind == report_kind::vmalloc_failure ||
               r_.kind == report_kind::out_of_memory;
    }

    /// "CPU: 3 PID: 9 Comm: sh Not tainted …", before 3.10 "Pid: 9, comm: sh Not tainted …";
    /// "Workqueue: usb_hub_wq hub_event" if that task is a worker.
    void read_task(const line &l)
    {
        const std::string_view body = l.body;
        constexpr std::string_view worker = "Workqueue: ";
        if (r_.work.empty() && body.starts_with(worker)) {
            r_.work = printable(trim(body.substr(worker.size())).substr(0, 128));
            r_.put_mark("work", l.where(body));
        }
        constexpr std::string_view pc = "PC is at ";
        if (r_.interrupted_at.empty() && !r_.exception && body.starts_with(pc)) {
            cursor c(body.substr(pc.size()));
            r_.interrupted_at =
                printable(detail::base_name(c.take_while(is_symbol_char)).substr(0, 128));
        }
        if (body.find("Tainted: ") != body.npos) {
            const std::string_view letters = detail::after_taint(body).substr(0, 32);
            for (const char c : letters.substr(0, letters.find_first_of("0123456789(["))) {
                if (c >= 'A' && c <= 'Z' && r_.taint.find(c) == std::string::npos)
                    r_.taint += c;
            }
            r_.died = r_.taint.find('D') != std::string::npos;
            r_.warned = r_.taint.find('W') != std::string::npos;
        }
        cursor c(body);
        bool old = false;
        if (c.skip("Pid: "))
            old = true;
        else if (!(c.skip("CPU: ") && c.skip_past("PID: ")))
            return;
        r_.pid_line = r_.pid_line || old;
        const auto pid = c.decimal();
        if (!pid || !c.skip_past(old ? "comm: " : "Comm: "))
            return;
        c.skip_spaces();
        std::string_view comm = c.rest();
        for (const std::string_view end : {" Not tainted", " Tainted: ", " xid: ", " Kdump: "})
            comm = comm.substr(0, comm.find(end));
        const std::string name = printable(trim(comm).substr(0, 64));
        if (r_.comm.empty()) {
            r_.comm = name;
            r_.put_mark("comm", l.where(trim(comm)));
        }
        if (!r_.pid && r_.comm == name)
            r_.pid = pid;
    }

    void read_frame(const line &l, std::vector<frame> &frames)
    {
        if (const auto part = detail::stack_part_of(l.body)) {
            part_ = *part;
            return;
        }
        const auto t = detail::parse_trace_line(l.body);
        if (!t)
            return;
        add_frame(l, frames, t->function, t->module);
        add_frame(l, frames, t->caller, t->caller_module);
    }

    void add_frame(const line &l, std::vector<frame> &frames, std::string_view function,
                   std::string_view module)
    {
        if (function.empty() || frames.size() >= most_frames)
            return;
        if (!frames.empty() && frames.back() == function) {
            if (frames.back().module.empty())
                frames.back().module = printable(module.substr(0, 64));
            return;
        }
        frames.push_back({std::string(function.substr(0, 128)), printable(module.substr(0, 64)),
                          part_, l.number});
        r_.put_mark("frame", l.where(function));
    }

    report r_;
    evidence_reader own_;
    detail::sleep_state_reader state_;
    detail::disabled_at_reader disabled_at_;
    detail::held_reader held_;
    detail::lockdep_reader lockdep_;
    std::optional<memory_info_reader> memory_;
    std::optional<detail::proc_reader> proc_;
    unsigned header_lines_;
    std::string caller_;
    stack_part part_ = stack_part::unknown;
    bool memory_open_ = false;
    bool interrupted_ = false; ///< behind "Exception stack"
    bool in_trace_ = true;
    bool trace_head_ = false;
    unsigned lines_ = 0;
};

/// Reads lines, hands out reports in their order. A report that does not say which kernel it is
/// from waits for a line that does, to the end of the log if need be.
class report_reader
{
public:
    explicit report_reader(std::function<void(const report &)> sink) : sink_(std::move(sink)) {}

    /// Reads the next line of the log; may hand out reports.
    void read(const line &l)
    {
        report_builder *mine = open_of(l.caller);
        if (auto start = parse_start(l); start && !(mine != nullptr && mine->takes(*start))) {
            close_all_of(l.caller);
            open_.push_back(std::make_unique<report_builder>(std::move(*start), l));
            if (open_.size() > most_open)
                close(0);
            log_.read_any(l);
            return;
        }
        const bool version = detail::names_version(l.body);
        if (version) { // another boot
            close_everything();
            mine = nullptr;
        }
        if (mine != nullptr) {
            if (!mine->read(l))
                close_all_of(l.caller);
        } else if (auto panic = detail::parse_panic(l)) {
            open_panic(l, std::move(*panic));
        } else if (detail::is_oom_kill(l.body)) {
            report_start start;
            start.r.kind = report_kind::out_of_memory;
            start.r.line = l.number;
            start.r.oom.emplace();
            open_.push_back(std::make_unique<report_builder>(std::move(start), l));
        }
        if (version || mine != nullptr || log_.expects(l.body))
            log_.read_any(l);
        if (open_.empty() && log_.now.kernel && !waiting_.empty())
            release_waiting();
    }

    /// The log is at its end: hands out what is left.
    void finish()
    {
        close_everything();
        for (report &r : waiting_)
            hand_out(r);
        waiting_.clear();
    }

private:
    static constexpr std::size_t most_open = 8;
    static constexpr std::size_t most_waiting = 2000;

    /// The report that a line belongs to: the latest of the same caller. Lines without a caller go
    /// to the latest of all, and those with one to a report whose lines have none.
    report_builder *open_of(std::string_view caller)
    {
        for (std::size_t i = open_.size(); i-- > 0;) {
            if (caller.empty() || open_[i]->caller().empty() || open_[i]->caller() == caller)
                return open_[i].get();
        }
        return nullptr;
    }

    void close_all_of(std::string_view caller)
    {
        for (std::size_t i = open_.size(); i-- > 0;) {
            if (caller.empty() || open_[i]->caller().empty() || open_[i]->caller() == caller)
                close(i);
        }
    }

    void close_everything()
    {
        while (!open_.empty())
            close(0);
    }

    void close(std::size_t i)
    {
        const bool cut = open_[i]->is_cut();
        report r = open_[i]->finish();
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
        if (cut)
            return;
        log_.now.add_missing(r.about);
        const auto later = [](unsigned long number, const report &other) {
            return number < other.line;
        };
        const auto at = std::upper_bound(waiting_.begin(), waiting_.end(), r.line, later);
        waiting_.insert(at, std::move(r));
        if (log_.now.kernel)
            release_waiting();
        else if (waiting_.size() > most_waiting)
            release_first();
    }

    /// A panic that no open report takes.
    void open_panic(const line &l, panic_line panic)
    {
        report_start start;
        start.r.kind = report_kind::kernel_panic;
        start.r.line = l.number;
        start.r.panic = std::move(panic);
        open_.push_back(std::make_unique<report_builder>(std::move(start), l));
    }

    unsigned long first_open() const
    {
        unsigned long first = ~0ul;
        for (const auto &b : open_)
            first = std::min(first, b->first_line());
        return first;
    }

    /// The log has named its kernel: that goes for the reports before it that did not.
    void release_waiting()
    {
        const unsigned long limit = first_open();
        while (!waiting_.empty() && waiting_.front().line < limit)
            release_first();
    }

    void release_first()
    {
        report r = std::move(waiting_.front());
        waiting_.pop_front();
        hand_out(r);
    }

    void hand_out(report &r)
    {
        r.about.add_missing(log_.now);
        sink_(r);
    }

    std::function<void(const report &)> sink_;
    std::vector<std::unique_ptr<report_builder>> open_;
    std::deque<report> waiting_;
    evidence_reader log_{evidence_reader::keeps::latest};
};

} // namespace kctx::klog

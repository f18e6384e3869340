// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reading the reports of sleeping where it is not allowed:
///   BUG: scheduling while atomic: comm/pid/0x%08x                        (__schedule_bug)
///   BUG: sleeping function called from invalid context at file:line     (__might_sleep and heirs)
#pragma once

#include <kctx/klog/trace.hpp>

#include <string>
#include <string_view>

namespace kctx::klog::detail {

inline constexpr std::string_view swa_mark = "BUG: scheduling while atomic:";
inline constexpr std::string_view sleep_mark =
    "BUG: sleeping function called from invalid context at";

/// A header that a mailer broke before its end: "BUG: sleeping function called from".
inline bool is_broken_mark(std::string_view text)
{
    text = trim(text);
    return text.size() < sleep_mark.size() && text.starts_with("BUG: sleeping function called") &&
           sleep_mark.starts_with(text);
}

/// comm/pid/0x%08x behind "BUG: scheduling while atomic:". A comm may hold slashes itself.
inline bool parse_schedule_task(const line &l, std::string_view text, report &r)
{
    const std::size_t begin = text.find("/0x");
    if (begin == text.npos || begin == 0)
        return false;
    cursor count(text.substr(begin + 3));
    const auto value = count.hex();
    if (!value)
        return false;
    const std::string_view task = text.substr(0, begin);
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
    r.put_mark("comm", l.where(task.substr(0, slash)));
    r.put_mark("pid", l.where(task.substr(slash + 1)));
    const std::size_t digits = text.size() - begin - 3 - count.rest().size();
    r.put_mark("count", l.where(text.substr(begin + 1, digits + 2)));
    return true;
}

/// The state of a report whose header is cut off. __cant_sleep() prints a line that looks alike,
/// but with both at 0; what is printed here is what should not be.
inline bool is_sleep_state(std::string_view body)
{
    if (begins_with(body, "in_atomic(): "))
        return number_after(body, "in_atomic(): ").value_or(0) != 0 ||
               number_after(body, "irqs_disabled(): ").value_or(0) != 0;
    if (!begins_with(body, "preempt_count: "))
        return false;
    const auto count = hex_after(body, "preempt_count: ");
    const auto expected = hex_after(body, ", expected: ");
    return count && expected && *count != *expected;
}

/// in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: init
/// preempt_count: 1, expected: 0
/// RCU nest depth: 0, expected: 0
class sleep_state_reader
{
public:
    void read(const line &l, report &r)
    {
        const std::string_view body = l.body;
        might_sleep_state &s = r.sleep;
        if (open_) { // wrapped before the name, or before its value
            open_ = false;
            read_state(text_ + " " + std::string(body.substr(0, 256)), r);
            return;
        }
        if (const std::size_t at = body.find("in_atomic(): "); at != body.npos) {
            if (s.in_atomic)
                return;
            r.put_mark("state", l.where(body.substr(at)));
            if (!read_state(body, r)) {
                open_ = true;
                text_ = std::string(body.substr(0, 256));
            }
        } else if (!s.count && body.find("preempt_count: ") != body.npos) {
            s.count = hex_after(body, "preempt_count: ");
            s.expected_count = hex_after(body, "expected: ");
            r.put_mark("count", l.where(body));
        } else if (!s.rcu_depth && body.find("RCU nest depth: ") != body.npos) {
            s.rcu_depth = number_after(body, "RCU nest depth: ");
            s.expected_rcu_depth = number_after(body, "expected: ");
            r.put_mark("rcu_depth", l.where(body));
        }
    }

private:
    /// False if the line ends before the name.
    static bool read_state(std::string_view body, report &r)
    {
        might_sleep_state &s = r.sleep;
        s.in_atomic = number_after(body, "in_atomic(): ");
        s.irqs_disabled = number_after(body, "irqs_disabled(): ");
        s.non_block = number_after(body, "non_block: ");
        const auto pid = number_after(body, "pid:");
        const std::size_t name = body.find("name:");
        const std::string_view comm =
            name == body.npos ? std::string_view() : trim(body.substr(name + 5));
        if (!pid || comm.empty())
            return false;
        r.pid = pid;
        r.comm = printable(comm.substr(0, 64));
        return true;
    }

    std::string text_;
    bool open_ = false;
};

/// "Preemption disabled at:" with its symbol on the same line (before 4.9) or on the next.
class disabled_at_reader
{
public:
    /// True if the line is about that.
    bool read(const line &l, report &r)
    {
        constexpr std::string_view mark = "Preemption disabled at:";
        const bool here = l.body.starts_with(mark);
        if (!here && !open_)
            return false;
        open_ = false;
        const std::string_view rest = trim(here ? l.body.substr(mark.size()) : l.body);
        if (rest.empty()) {
            open_ = here;
            return true;
        }
        if (!rest.starts_with("[<"))
            return false;
        cursor c(rest);
        c.skip_past("] ");
        c.skip_past(">] ");
        const std::string_view symbol =
            c.take_while([](char ch) { return !is_space(ch); }).substr(0, 128);
        r.preempt_disabled_at = printable(symbol);
        r.put_mark("preempt_disabled_at", l.where(symbol));
        return true;
    }

private:
    bool open_ = false;
};

} // namespace kctx::klog::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reading lockdep's lines: locks, who holds them, and its two reports about contexts:
///   [ BUG: Invalid wait context ]             (print_lock_invalid_wait_context)
///   WARNING: inconsistent lock state          (print_usage_bug; up to 4.10 [ INFO: ... ])
#pragma once

#include <kctx/klog/trace.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace kctx::klog::detail {

/// "ffff888100b94598 (&n->list_lock){....}-{3:3}, at: f+0x3d/0x210", before 5.8 without pointer and
/// wait types and with the address in brackets. `complete`: it ends with the function.
inline std::optional<lock_line> parse_lock(std::string_view text, bool &complete)
{
    complete = false;
    lock_line lock;
    // The name may hold brackets itself: it ends where the usage begins.
    const std::size_t usage = text.find("){");
    const std::size_t open = text.find('(');
    if (usage == text.npos || open == text.npos || open > usage)
        return std::nullopt;
    lock.name = printable(text.substr(open + 1, usage - open - 1).substr(0, 128));
    cursor c(text.substr(usage + 2));
    const std::string_view letters =
        c.take_while([](char ch) { return ch == '.' || ch == '-' || ch == '+' || ch == '?'; });
    if (letters.size() < 4 || letters.size() > 8 || !c.skip("}"))
        return std::nullopt;
    lock.usage = std::string(letters);
    if (c.skip("-{")) {
        lock.outer = c.decimal();
        c.skip(":");
        lock.inner = c.decimal();
        c.skip("}");
    }
    cursor at = c;
    if (!at.skip_past("at:"))
        return lock;
    at.skip_spaces();
    if (at.rest().starts_with("[<") && !at.skip_past("] "))
        return lock;
    const std::string_view function = at.take_while(is_symbol_char);
    if (function.empty())
        return lock;
    lock.at = printable(base_name(function).substr(0, 128));
    complete = true;
    return lock;
}

/// Reads locks, broken over two or three lines too.
class lock_reader
{
public:
    std::optional<lock_line> read(const line &l)
    {
        bool complete = false;
        if (text_.empty()) {
            if (l.body.find('(') == l.body.npos && !begins_with_pointer(l.body))
                return std::nullopt;
            text_ = std::string(l.body.substr(0, 512));
            line_ = l.number;
            pieces_ = 1;
        } else {
            text_ += ' ';
            text_ += l.body.substr(0, 512);
            ++pieces_;
        }
        std::optional<lock_line> lock = parse_lock(text_, complete);
        if (lock)
            lock->line = line_;
        if (lock && complete) {
            text_.clear();
            return lock;
        }
        const bool goes_on = pieces_ < 3 && (lock || begins_with_pointer(text_) || text_[0] == '#');
        if (!goes_on) {
            text_.clear();
            return lock;
        }
        return std::nullopt;
    }

    void reset() { text_.clear(); }
    /// In the middle of a lock
    bool busy() const { return !text_.empty(); }

private:
    /// %px of the lock, since 5.9
    static bool begins_with_pointer(std::string_view body)
    {
        cursor c(body);
        if (c.skip("#")) {
            c.decimal();
            c.skip(":");
            c.skip_spaces();
        }
        return c.take_while([](char ch) { return hex_value(ch) >= 0; }).size() >= 8;
    }

    std::string text_;
    unsigned long line_ = 0;
    unsigned pieces_ = 0;
};

/// "2 locks held by kworker/5:1/68:" and the locks below; "no locks held by"
class held_reader
{
public:
    /// True if the line is about that.
    bool read(const line &l, report &r)
    {
        const std::string_view body = l.body;
        if (body.find(" held by ") != body.npos && !body.empty() &&
            (is_digit(body[0]) || body.starts_with("no lock"))) {
            cursor c(body);
            expected_ = c.decimal().value_or(0);
            number_.reset();
            reader_.reset();
            return true;
        }
        if (expected_ == 0 || expected_ > 64)
            return false;
        if (body.starts_with("#")) {
            cursor c(body.substr(1));
            const auto number = c.decimal();
            // Inline functions come first, each with the lock again.
            if (number_ && number == number_ && !r.held.empty()) {
                r.held.pop_back();
            } else if (r.held.size() >= expected_) {
                expected_ = 0;
                return false;
            }
            number_ = number;
            reader_.reset();
        } else if (!reader_.busy()) {
            return false;
        }
        if (const auto lock = reader_.read(l)) {
            r.held.push_back(*lock);
            r.put_mark("held", l.where(body));
        }
        return true;
    }

private:
    lock_reader reader_;
    unsigned expected_ = 0;
    std::optional<unsigned> number_;
};

/// The task of "migration/1/23 is trying to lock:", "swapper/0 [HC0[0]:SC0[0]:HE1:SE1] takes:".
inline void parse_lockdep_task(const line &l, std::string_view task, report &r)
{
    task = trim(task);
    const std::size_t slash = task.rfind('/');
    if (slash == task.npos)
        return;
    cursor number(task.substr(slash + 1));
    const auto pid = number.decimal();
    if (!pid || !number.at_end())
        return;
    r.comm = printable(task.substr(0, slash).substr(0, 64));
    r.pid = pid;
    r.put_mark("comm", l.where(task.substr(0, slash)));
    r.put_mark("pid", l.where(task.substr(slash + 1)));
}

/// The lines of the two reports besides locks held and trace.
class lockdep_reader
{
public:
    void read(const line &l, report &r)
    {
        const std::string_view body = l.body;
        if (!r.lockdep)
            return;
        lockdep_state &s = *r.lockdep;
        if (const std::size_t at = body.find(" is trying to lock:"); at != body.npos) {
            parse_lockdep_task(l, body.substr(0, at), r);
            want_lock_ = true;
            return;
        }
        if (body.find("] takes:") != body.npos) {
            const std::size_t at = body.find(" [HC");
            if (at != body.npos)
                parse_lockdep_task(l, body.substr(0, at), r);
            want_lock_ = true;
            return;
        }
        if (body.starts_with("inconsistent {")) {
            cursor c(body.substr(14));
            const auto inside = [](char ch) { return ch != '}'; };
            s.usage_before = printable(c.take_while(inside).substr(0, 32));
            if (c.skip_past("{"))
                s.usage_now = printable(c.take_while(inside).substr(0, 32));
            r.put_mark("usage", l.where(body));
            return;
        }
        if (body.starts_with("context-{") && !s.context_outer) {
            cursor c(body.substr(9));
            s.context_outer = c.decimal();
            if (c.skip(":"))
                s.context_inner = c.decimal();
            r.put_mark("context", l.where(body));
            want_lock_ = false;
            return;
        }
        if (!want_lock_)
            return;
        if (const auto lock = lock_.read(l)) {
            if (!s.wanted)
                r.put_mark("wanted", l.where(body));
            // Inline functions come first, each with the lock again.
            if (!s.wanted || s.wanted->name == lock->name)
                s.wanted = lock;
            if (body.find(" [inline]") == body.npos)
                want_lock_ = false;
        }
    }

private:
    lock_reader lock_;
    bool want_lock_ = false;
};

} // namespace kctx::klog::detail

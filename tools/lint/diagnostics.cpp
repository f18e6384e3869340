// SPDX-License-Identifier: BSL-1.0
// What clang says of a file: the calls of its functions, and what is held there.
#include "lint.hpp"
#include "overlay.hpp"

#include <algorithm>
#include <charconv>

namespace kctx::tools::lint {
namespace {

/// "FILE:LINE:COLUMN: KIND: TEXT"
struct diagnostic {
    std::string_view file;
    int line = 0;
    int column = 0;
    std::string_view kind;
    std::string_view text;
};
bool read_diagnostic(std::string_view said, diagnostic &d)
{
    constexpr std::string_view kinds[] = {
        ": warning: ", ": error: ", ": fatal error: ", ": note: "};
    for (const std::string_view kind : kinds) {
        const std::size_t at = said.find(kind);
        if (at == said.npos)
            continue;
        const std::size_t column = said.rfind(':', at - 1);
        const std::size_t line =
            column == said.npos || column == 0 ? said.npos : said.rfind(':', column - 1);
        if (line == said.npos)
            return false;
        d.file = said.substr(0, line);
        const auto number = [said](std::size_t from, std::size_t to, int &value) {
            const char *const last = said.data() + to;
            const auto read = std::from_chars(said.data() + from, last, value);
            return read.ec == std::errc() && read.ptr == last && value >= 0;
        };
        if (!number(line + 1, column, d.line) || !number(column + 1, at, d.column))
            return false;
        d.kind = kind.substr(2, kind.size() - 4);
        d.text = said.substr(at + kind.size());
        return true;
    }
    return false;
}

/// The n-th word in single quotes.
std::string_view quoted(std::string_view text, int n)
{
    std::size_t at = 0;
    for (;; --n) {
        const std::size_t begin = text.find('\'', at);
        const std::size_t end = begin == text.npos ? begin : text.find('\'', begin + 1);
        if (end == text.npos)
            return {};
        if (n == 0)
            return text.substr(begin + 1, end - begin - 1);
        at = end + 1;
    }
}

/// Reads what clang said of one file into its functions.
class reader
{
    facts &facts_;
    const std::string &path_;

    call_site *site_ = nullptr; // that the notes which follow belong to
    function *unknown_in_ = nullptr;
    std::vector<std::string> via_;
    std::string last_called_;
    diagnostic effect_;

    function *at(int line)
    {
        for (function &f : facts_.functions) {
            if (f.first_line <= line && line <= f.last_line)
                return &f;
        }
        return nullptr;
    }
    bool in_file(std::string_view name) const
    {
        return std::ranges::any_of(facts_.functions,
                                   [name](const function &f) { return f.name == name; });
    }
    call_site &site(function &f, const diagnostic &d, std::string_view callee)
    {
        const called_name called = name_of_call(callee);
        for (call_site &known : f.calls) {
            if (known.line == d.line && known.column == d.column && known.callee == called.name)
                return known;
        }
        call_site fresh;
        fresh.callee = called.name;
        fresh.flags = static_cast<call_site::mask>(called.flags);
        fresh.line = d.line;
        fresh.column = d.column;
        fresh.in_file = in_file(called.name);
        return f.calls.emplace_back(std::move(fresh));
    }

    void section(const diagnostic &d)
    {
        function *f = at(d.line);
        if (!f)
            return;
        if (d.text.starts_with("cannot call function '")) {
            call_site &call = site(*f, d, quoted(d.text, 0));
            if (const std::string_view held = quoted(d.text, 1); held != "kctx_entered")
                call.held.emplace(held);
            site_ = &call;
        } else if (d.text.starts_with("releasing section '")) {
            f->gives_back.try_emplace(std::string(quoted(d.text, 0)), d.line);
        }
    }

    /// "function with 'nonblocking' attribute must not call non-'nonblocking' function 'f'"
    void effect(const diagnostic &d)
    {
        end_of_effect();
        if (d.text.find("must not call non-'nonblocking'") == d.text.npos)
            return;
        unknown_in_ = at(d.line);
        effect_ = d;
        last_called_ = quoted(d.text, 2);
    }
    void note(const diagnostic &d)
    {
        if (site_ && d.text.starts_with("expanded from macro '"))
            site_->macro = quoted(d.text, 0); // the outermost comes first
        if (d.text.starts_with("expanded from macro '"))
            site_ = nullptr;
        if (!unknown_in_)
            return;
        if (d.text.find("because it calls non-") != d.text.npos) {
            via_.push_back(last_called_);
            last_called_ = quoted(d.text, 2);
        } else if (d.text.find("function pointer cannot") != d.text.npos) {
            ++unknown_in_->through_pointers;
            unknown_in_ = nullptr;
        }
    }
    void end_of_effect()
    {
        if (unknown_in_ && !last_called_.empty()) {
            const called_name called = name_of_call(last_called_);
            // What the overlay itself declares is reported by section().
            if (last_called_.starts_with("kctx_") || via_.empty()) {
                if (!last_called_.starts_with("kctx_") && !in_file(last_called_))
                    unknown_in_->unknown.insert(last_called_);
            } else {
                call_site &call = site(*unknown_in_, effect_, called.name);
                call.via = via_;
            }
        }
        unknown_in_ = nullptr;
        via_.clear();
        last_called_.clear();
    }

public:
    reader(facts &into, const std::string &path) : facts_(into), path_(path) {}

    void read(std::string_view said)
    {
        while (!said.empty()) {
            const std::size_t end = std::min(said.find('\n'), said.size());
            const std::string_view line = said.substr(0, end);
            diagnostic d;
            if (!read_diagnostic(line, d)) {
                // Without a place in a file it is about the command, or the compiler itself.
                if (line.starts_with("error: ") || line.starts_with("fatal error: ") ||
                    line.find(": error: ") != line.npos || line.find(": warning: ") != line.npos ||
                    line.find(": fatal error: ") != line.npos)
                    facts_.errors.emplace_back(line);
            } else {
                if (d.kind != "note")
                    site_ = nullptr;
                if (d.kind.ends_with("error")) {
                    facts_.errors.emplace_back(line);
                } else if (d.kind == "note") {
                    note(d);
                } else if (d.file != path_) {
                    end_of_effect();
                } else if (d.text.ends_with("[-Wthread-safety-analysis]")) {
                    end_of_effect();
                    section(d);
                } else if (d.text.ends_with("[-Wfunction-effects]")) {
                    effect(d);
                }
            }
            said.remove_prefix(std::min(end + 1, said.size()));
        }
        end_of_effect();
    }
};

} // namespace

void read_diagnostics(std::string_view said, const std::string &path, facts &into)
{
    reader(into, path).read(said);
}

} // namespace kctx::tools::lint

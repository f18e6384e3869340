// SPDX-License-Identifier: BSL-1.0
// kctx explain on a terminal, and which lines of the log the explanation rests on.
#include "explain.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace kctx::tools {

using namespace klog;

namespace {

constexpr std::size_t label_width = 12;
constexpr std::size_t width = 100;

template <class T> std::string source(const concluded<T> &c)
{
    std::string text = " (";
    text += origin_name(c.from);
    if (c.line != 0)
        text += c.from == origin::found ? " in line " + std::to_string(c.line)
                                        : " from line " + std::to_string(c.line);
    return text + ": " + c.why + ")";
}

} // namespace

std::vector<unsigned long> lines_of_evidence(const report &r, const explanation &e)
{
    std::set<unsigned long> lines{r.line};
    for (const finding &f : e.findings) {
        for (const unsigned long n : f.lines)
            lines.insert(n);
    }
    if (e.call) {
        lines.insert(e.call->line);
        if (e.call->caller_frame < r.frames.size())
            lines.insert(r.frames[e.call->caller_frame].line);
    }
    if (e.context && e.context->entry_frame < r.frames.size())
        lines.insert(r.frames[e.context->entry_frame].line);
    if (e.memory) {
        for (const zone_check &z : e.memory->zones) {
            lines.insert(z.zone->line);
            lines.insert(z.zone->orders_line);
        }
    }
    for (const mark &m : r.marks) {
        if (m.field == "frame")
            continue;
        for (const kept_line &l : r.lines) {
            if (m.where.begin >= l.where.begin && m.where.begin < l.where.begin + l.where.length)
                lines.insert(l.number);
        }
    }
    lines.erase(0);
    return {lines.begin(), lines.end()};
}

std::vector<std::pair<std::size_t, std::size_t>> marked(const report &r, const kept_line &l)
{
    std::vector<std::pair<std::size_t, std::size_t>> found;
    // A text with escapes is longer than its bytes: then there is nothing to point at.
    if (l.text.size() != l.where.length)
        return found;
    for (const mark &m : r.marks) {
        if (m.where.begin < l.where.begin ||
            m.where.begin + m.where.length > l.where.begin + l.where.length)
            continue;
        const auto begin = static_cast<std::size_t>(m.where.begin - l.where.begin);
        found.emplace_back(begin, begin + m.where.length);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::pair<std::size_t, std::size_t>> apart;
    for (const auto &range : found) {
        if (apart.empty() || range.first >= apart.back().second)
            apart.push_back(range);
    }
    return apart;
}

text_printer::text_printer()
{
    const char *term = std::getenv("TERM");
    const char *no_color = std::getenv("NO_COLOR");
    color_ = isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0') &&
             term != nullptr && std::string_view(term) != "dumb";
}

void text_printer::print(const std::string &file, const report &r, const explanation &e) const
{
    const decoded &d = e.said;
    std::printf("%s%s:%lu:%s %s%s%s\n", paint("\033[2m"), printable(file).c_str(), r.line,
                paint("\033[0m"), paint("\033[1m"), r.header.c_str(), paint("\033[0m"));
    row("verdict", e.verdict, "\033[1m");
    if (!e.slug.empty())
        row("rule", "kctx[" + e.slug + "]");
    for (const std::string &fix : e.fixes)
        row(&fix == &e.fixes.front() ? "fix" : "or", fix, "\033[32m");
    std::string task = r.comm.empty() ? "not in the log" : r.comm;
    if (r.pid)
        task += ", pid " + std::to_string(*r.pid);
    if (!r.work.empty())
        task += ", a worker: " + r.work;
    if (!r.proc && r.kind != report_kind::memory_info)
        row("task", task);
    row("kernel", d.from.kernel + source(d.from.version));
    row("arch", std::string(arch_name(d.from.architecture.value)) + source(d.from.architecture));
    row("rt", (d.from.rt.value ? "yes" : "no") + source(d.from.rt));
    if (d.request)
        request(r, d);
    else
        count(r, d);
    if (e.memory)
        zones(*e.memory);
    for (const certainty how : {certainty::proved, certainty::likely, certainty::unknown}) {
        bool first = true;
        for (const finding &f : e.findings) {
            if (f.how != how)
                continue;
            row(!first                     ? ""
                : how == certainty::proved ? "proved"
                : how == certainty::likely ? "likely"
                                           : "unknown",
                f.text);
            first = false;
        }
    }
    if (!d.path.empty())
        row("path", d.path);
    for (const std::string &warning : d.warnings)
        row("warning", warning, "\033[33m");
    log_lines(r, e);
    std::putchar('\n');
}

void text_printer::count(const report &r, const decoded &d) const
{
    const might_sleep_state &s = r.sleep;
    if (r.kind == report_kind::sleeping_function) {
        if (!s.location.empty())
            row("check at", s.location);
        std::string state;
        const auto value = [&state](const char *name, const std::optional<unsigned> &v) {
            if (v)
                state += (state.empty() ? "" : ", ") + std::string(name) + std::to_string(*v);
        };
        value("in_atomic ", s.in_atomic);
        value("irqs_disabled ", s.irqs_disabled);
        value("non_block ", s.non_block);
        value("RCU nest depth ", s.rcu_depth);
        value("expected RCU depth ", s.expected_rcu_depth);
        if (!state.empty())
            row("state", state);
    }
    if (!d.count)
        return;
    row("count", hex_text(*d.count, 8) + (d.underflow ? " (below what it can be)" : ""));
    parts(d);
    if (!d.own.empty())
        row("+1", d.own);
}

void text_printer::request(const report &r, const decoded &d) const
{
    const decoded_request &q = set_by_kind(d.request);
    std::string size = "order " + std::to_string(r.order) + " = " + std::to_string(q.pages) +
                       (q.pages == 1 ? " page = " : " pages = ") +
                       std::to_string(q.pages * q.page_kb * 1024) + " bytes (pages of " +
                       std::to_string(q.page_kb) + " kB";
    size += q.page_size_assumed ? ", assumed)" : ", found in the Mem-Info)";
    row("request", size);
    row("mode", hex_text(r.mode) + " = " + (q.names.empty() ? "no flags" : q.names) +
                    (r.mode_names ? "" : " (tracepoint names; this log prints none)"));
    parts(d);
    row("may sleep", q.may_sleep ? "yes" : "no");
    row("zone", std::string(zone_name(q.zone)) + " or lower" +
                    (q.zone == kernel::zone_type::ZONE_HIGHMEM
                         ? "; a kernel without high memory: ZONE_NORMAL"
                         : ""));
    row("type", std::string(migratetype_name(q.type)));
}

void text_printer::parts(const decoded &d) const
{
    std::size_t longest = 0;
    for (const decoded_part &part : d.parts)
        longest = part.name.size() > longest ? part.name.size() : longest;
    for (const decoded_part &part : d.parts) {
        const std::string name = part.name + std::string(longest - part.name.size(), ' ');
        row("", name + "  " + hex_text(part.bits, 8) + "  " + part.meaning, "", longest + 14);
    }
}

void text_printer::zones(const shortage &s) const
{
    row("rights", s.flags_text);
    for (const zone_check &z : s.zones) {
        row("zone", z.name + (z.why.empty() ? "" : ": " + z.why));
        for (const std::string &line : z.arithmetic)
            std::printf("%*s%s\n", static_cast<int>(label_width), "", line.c_str());
    }
    for (const std::string &text : s.would_have)
        row(&text == &s.would_have.front() ? "would do" : "", text);
}

void text_printer::print(const rebuilt &b) const
{
    if (!b.failure.empty()) {
        row("rebuilt", "no: " + b.failure, "\033[33m");
    } else {
        row("rebuilt", "a state that reproduces " +
                           std::to_string(b.numbers - b.not_reproduced.size()) + " of the " +
                           std::to_string(b.numbers) + " numbers of the dump that it holds");
        for (const std::string &text : b.not_reproduced)
            row("", "not: " + text);
        for (const std::string &text : b.chosen)
            row(&text == &b.chosen.front() ? "chosen" : "", text);
    }
    for (const contradiction &c : b.contradictions)
        row(c.expected ? "differs" : "wrong",
            c.text + (c.expected ? " (the dump is not taken at one moment)" : ""),
            c.expected ? "" : "\033[33m");
    for (const trial &t : b.trials)
        row(&t == &b.trials.front() ? "tried" : "",
            t.request + ": " + (t.works ? "works" : "fails") + " (" + t.note + ")");
    std::putchar('\n');
}

/// The lines that say so, what was read from them marked.
void text_printer::log_lines(const report &r, const explanation &e) const
{
    constexpr std::size_t most = 24;
    std::size_t shown = 0;
    const std::vector<unsigned long> numbers = lines_of_evidence(r, e);
    for (const kept_line &l : r.lines) {
        if (!std::binary_search(numbers.begin(), numbers.end(), l.number))
            continue;
        if (shown++ == most) {
            row("", "...");
            return;
        }
        std::printf("  %s%-*s%s%6lu  ", paint("\033[36m"), static_cast<int>(label_width - 2),
                    shown == 1 ? "log" : "", paint("\033[0m"), l.number);
        std::size_t at = 0;
        for (const auto &[begin, end] : marked(r, l)) {
            std::printf("%s%s%s%s", l.text.substr(at, begin - at).c_str(), paint("\033[7m"),
                        l.text.substr(begin, end - begin).c_str(), paint("\033[0m"));
            at = end;
        }
        std::printf("%s\n", l.text.substr(at).c_str());
    }
}

/// A labelled row, words wrapped with a hanging indent.
void text_printer::row(std::string_view label, std::string_view text, const char *code,
                       std::size_t hang) const
{
    std::printf("  %s%-*.*s", paint(*code != '\0' ? code : "\033[36m"),
                static_cast<int>(label_width - 2), static_cast<int>(label.size()), label.data());
    std::fputs(paint("\033[0m"), stdout);
    std::size_t column = label_width;
    bool first = true;
    while (!text.empty()) {
        std::size_t spaces = text.find_first_not_of(' ');
        if (spaces == std::string_view::npos)
            break;
        std::size_t end = text.find(' ', spaces);
        end = end == std::string_view::npos ? text.size() : end;
        if (!first && column + end > width) {
            std::printf("\n%*s", static_cast<int>(label_width + hang), "");
            column = label_width + hang;
            text.remove_prefix(spaces);
            end -= spaces;
        }
        std::fwrite(text.data(), 1, end, stdout);
        column += end;
        text.remove_prefix(end);
        first = false;
    }
    std::putchar('\n');
}

} // namespace kctx::tools

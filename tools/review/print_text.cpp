// SPDX-License-Identifier: BSL-1.0
// The report on a terminal.
#include "review.hpp"

#include "lab/screen.hpp"

#include <algorithm>

namespace kctx::tools::review {
namespace {

constexpr std::size_t widest = 46; // of a column; what is longer moves the next one

class text_page
{
    const report &report_;
    lab::look look_;
    std::string out_;

    const std::string &name(int function) const
    {
        return report_.code.functions[static_cast<std::size_t>(function)].name;
    }
    void heading(std::string_view text) { out_ += "\n" + look_.strong(text) + "\n"; }
    static std::string padded(std::string text, std::size_t width)
    {
        text.resize(std::max(text.size() + 1, width), ' ');
        return text;
    }
    /// The two verdicts side by side.
    std::string verdicts(unsigned refused) const
    {
        const auto one = [&](unsigned on) {
            return (refused & on) != 0 ? look_.bad("NO ") : look_.good("yes");
        };
        return one(rt_off) + "    " + one(rt_on) + "  ";
    }

    void illegal_calls()
    {
        if (report_.refused.empty()) {
            out_ += look_.good("No call is illegal, with PREEMPT_RT or without.") + "\n";
            return;
        }
        heading("Illegal: " + std::to_string(report_.refused.size()));
        for (const illegal &i : report_.refused) {
            out_ += "  " + position(report_, i.what.at) + "  " +
                    look_.bad(i.what.slug.empty() ? "error" : "kctx[" + i.what.slug + "]") + "  " +
                    std::string(kernels_in_words(i.what.on)) + "\n      " +
                    lab::wrapped(i.what.text, 92, "      ") + "\n";
            if (i.in)
                out_ += "      in:  " + i.in->words() + "\n";
            if (!i.ways.empty())
                out_ += "      way: " +
                        way_in_words(report_, i.ways.front().second,
                                     i.what.call.empty() ? "here" : i.what.call + "()") +
                        "\n";
            for (std::size_t w = 1; w < i.ways.size(); ++w)
                out_ +=
                    (w == 1 ? "      and from " : ", ") +
                    name(report_.code.entries[static_cast<std::size_t>(i.ways[w].first)].function) +
                    (w + 1 == i.ways.size() ? "\n" : "");
            if (!i.what.fix.empty())
                out_ += "      fix: " + lab::wrapped(i.what.fix, 87, "           ") + "\n";
        }
    }

    void entries()
    {
        heading("Entry points");
        out_ += look_.faint("  " + padded("function", 24) + padded("context", 34) +
                            padded("without PREEMPT_RT", 22) + "with PREEMPT_RT") +
                "\n";
        for (const entry &e : report_.code.entries) {
            out_ += "  " + padded(name(e.function), 24);
            if (e.in) {
                out_ += padded(e.in->words(), 34);
                if (const bearing b = bearing_of(*e.in); b.known)
                    out_ += padded(bears_in_words(b.off, false), 22) + bears_in_words(b.rt, true);
            } else {
                out_ += "no token";
            }
            out_ += "\n";
            if (!e.how.empty())
                out_ +=
                    look_.faint("    by " + e.how + ", " + position(report_, e.registered)) + "\n";
        }
    }

    void tree()
    {
        heading("Call structure");
        for (const entry &e : report_.code.entries) {
            out_ += "  " + look_.strong(name(e.function)) +
                    look_.faint("  " + (e.in ? e.in->words() : "no token")) + "\n";
            for (const tree_line &l : tree_of(report_, e)) {
                std::string text = std::string(4 + 2 * l.depth, ' ') + call_in_words(*l.call);
                const std::string place = ":" + std::to_string(l.call->at.line);
                if (l.refused != no_kernel) {
                    text += place;
                    text += "  illegal ";
                    text = look_.bad(text.append(kernels_in_words(l.refused)));
                } else {
                    text += look_.faint(place + (may_wait(*l.call) ? "  sleeps" : "") +
                                        (l.seen ? "  (above)" : ""));
                }
                out_ += text + "\n";
            }
        }
    }

    void table(std::string_view title, uses which)
    {
        const std::vector<use_row> rows = rows_of(report_, which);
        if (rows.empty())
            return;
        heading(title);
        out_ += look_.faint("  no RT  RT   ") + "\n";
        std::string lock;
        for (const use_row &row : rows) {
            if (which == uses::locks && row.call->lock != lock) {
                lock = row.call->lock;
                out_ += "  " + look_.strong(lock) + "\n";
            }
            const std::string what =
                which == uses::locks ? row.call->name : call_in_words(*row.call);
            out_ += "  " + verdicts(row.refused) + padded(what, std::min(widest, std::size_t{36})) +
                    padded(name(row.function) + ":" + std::to_string(row.call->at.line), 28);
            for (std::size_t i = 0; i < row.contexts.size(); ++i)
                out_ += (i == 0 ? "" : "; ") + row.contexts[i];
            out_ += "\n";
        }
    }

public:
    text_page(const report &r, bool color) : report_(r) { look_.color = color; }

    std::string text()
    {
        out_ = look_.strong("Review of " + report_.title) + "  Linux " + report_.kernel +
               ", verdicts by " + report_.compilers + "\n";
        illegal_calls();
        entries();
        tree();
        for (const use_table &t : use_tables)
            table(t.title, t.which);
        const std::vector<std::string> advice = lock_advice(report_);
        if (!advice.empty())
            heading("Locks that could wait for ever");
        for (const std::string &one : advice)
            out_ += lab::wrapped("  " + one, 100, "      ") + "\n";
        if (!report_.code.decrees.empty())
            heading("Contexts by decree");
        for (const decree &d : report_.code.decrees)
            out_ += "  " + position(report_, d.at) + "  " + d.what + "\n";
        for (const std::string &remark : report_.remarks)
            out_ += "\nNot looked at: " + remark + "\n";
        return std::move(out_);
    }
};

} // namespace

std::string as_text(const report &r, bool color) { return text_page(r, color).text(); }

} // namespace kctx::tools::review

// SPDX-License-Identifier: BSL-1.0
// The report as Markdown.
#include "review.hpp"

namespace kctx::tools::review {
namespace {

std::string code(std::string text)
{
    for (std::size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2)
        text.replace(at, 1, "\\|"); // a bar would end the cell
    return text.empty() ? "" : "`" + text + "`";
}

class markdown_page
{
    const report &report_;
    std::string out_;

    const std::string &name(int function) const
    {
        return report_.code.functions[static_cast<std::size_t>(function)].name;
    }
    static std::string verdict(unsigned refused, unsigned on)
    {
        return (refused & on) != 0 ? "**no**" : "yes";
    }

    void illegal_calls()
    {
        out_ += "## Illegal calls\n\n";
        if (report_.refused.empty()) {
            out_ += "None, with PREEMPT_RT or without.\n";
            return;
        }
        for (const illegal &i : report_.refused) {
            out_ += "### " + position(report_, i.what.at) + ": " +
                    (i.what.slug.empty() ? "error" : "kctx[" + i.what.slug + "]") + "\n\n" +
                    i.what.text + ".\n\n| | |\n| --- | --- |\n| illegal | " +
                    std::string(kernels_in_words(i.what.on)) + " |\n";
            if (i.in)
                out_ += "| context | " + code(i.in->words()) + " |\n";
            for (const auto &[entry, way] : i.ways)
                out_ += "| way | " +
                        code(way_in_words(report_, way,
                                          i.what.call.empty() ? "here" : i.what.call + "()")) +
                        " |\n";
            if (!i.what.fix.empty())
                out_ += "| fix | " + i.what.fix + " |\n";
            out_ += "\n";
        }
    }

    void entries()
    {
        out_ += "\n## Entry points\n\n"
                "| function | context | called by | without PREEMPT_RT | with PREEMPT_RT |\n"
                "| --- | --- | --- | --- | --- |\n";
        for (const entry &e : report_.code.entries) {
            out_ += "| " + code(name(e.function)) + " | " +
                    (e.in ? code(e.in->words()) : "no token") + " | " +
                    (e.how.empty() ? "" : code(e.how) + " in " + position(report_, e.registered));
            const bearing b = e.in ? bearing_of(*e.in) : bearing{};
            if (b.known)
                out_ += " | " + state_in_words(b.off) + ": " + bears_in_words(b.off, false) +
                        " | " + state_in_words(b.rt) + ": " + bears_in_words(b.rt, true) + " |\n";
            else
                out_ += " | | |\n";
        }
    }

    void tree()
    {
        out_ += "\n## Call structure\n\nIndented: inside a section, or a function of the driver. "
                "`!` is illegal, `~` may sleep.\n\n```text\n";
        for (const entry &e : report_.code.entries) {
            out_ += name(e.function) + "  [" + (e.in ? e.in->words() : "no token") + "]\n";
            for (const tree_line &l : tree_of(report_, e)) {
                out_ += l.refused != no_kernel ? "! " : may_wait(*l.call) ? "~ " : "  ";
                out_ += std::string(2 * l.depth + 2, ' ') + call_in_words(*l.call) + "  :" +
                        std::to_string(l.call->at.line);
                if (l.refused != no_kernel)
                    out_ += "  illegal " + std::string(kernels_in_words(l.refused));
                out_ += l.seen ? "  (above)\n" : "\n";
            }
        }
        out_ += "```\n";
    }

    void table(std::string_view title, uses which)
    {
        const std::vector<use_row> rows = rows_of(report_, which);
        if (rows.empty())
            return;
        const bool locks = which == uses::locks;
        out_ += "\n## " + std::string(title) + "\n\n| " + (locks ? "lock | " : "") +
                "call | in | contexts | without PREEMPT_RT | with PREEMPT_RT |\n|" +
                (locks ? " --- |" : "") + " --- | --- | --- | --- | --- |\n";
        for (const use_row &row : rows) {
            out_ += "| ";
            if (locks)
                out_ += code(row.call->lock) + " | " + code(row.call->name);
            else
                out_ += code(call_in_words(*row.call));
            out_ += " | " + code(name(row.function)) + ", line " +
                    std::to_string(row.call->at.line) + " | ";
            for (std::size_t i = 0; i < row.contexts.size(); ++i)
                out_ += (i == 0 ? "" : "<br>") + code(row.contexts[i]);
            out_ +=
                " | " + verdict(row.refused, rt_off) + " | " + verdict(row.refused, rt_on) + " |\n";
        }
    }

public:
    explicit markdown_page(const report &r) : report_(r) {}

    std::string text()
    {
        out_ = "# Review of " + report_.title + "\n\nLinux " + report_.kernel + ". Verdicts by " +
               report_.compilers + ".\n\n";
        illegal_calls();
        entries();
        tree();
        for (const use_table &t : use_tables)
            table(t.title, t.which);
        const std::vector<std::string> advice = lock_advice(report_);
        if (!advice.empty())
            out_ += "\n## Locks that could wait for ever\n\n";
        for (const std::string &one : advice)
            out_ += "- " + one + "\n";
        if (!report_.code.decrees.empty())
            out_ += "\n## Contexts by decree\n\n";
        for (const decree &d : report_.code.decrees)
            out_ += "- " + position(report_, d.at) + ": " + code(d.what) + "\n";
        if (!report_.remarks.empty())
            out_ += "\n## Not looked at\n\n";
        for (const std::string &remark : report_.remarks)
            out_ += "- " + remark + "\n";
        return std::move(out_);
    }
};

} // namespace

std::string as_markdown(const report &r) { return markdown_page(r).text(); }

} // namespace kctx::tools::review

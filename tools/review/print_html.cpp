// SPDX-License-Identifier: BSL-1.0
// The report as one page, nothing loaded from elsewhere.
#include "review.hpp"

#include "html.hpp"

namespace kctx::tools::review {
namespace {

constexpr std::string_view head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>
:root{color-scheme:light dark;--bg:#fff;--fg:#1c1e21;--soft:#5c636b;--line:#8885;--card:#f5f6f8;
--no:#c0261c;--yes:#1b7f46;--sleep:#2f6fb5;--config:#8a6500;--spin:#b4500b;--free:#9c2b7a}
@media(prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#e6e8ea;--soft:#9aa2ab;--card:#1f2226;
--no:#ff7a6e;--yes:#5fd08f;--sleep:#7db4f0;--config:#e0b64a;--spin:#f0975a;--free:#e58bc6}}
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:1.5rem auto;padding:0 1rem;background:var(--bg);color:var(--fg)}
h1{margin-bottom:.2rem;overflow-wrap:anywhere}h2{border-top:1px solid var(--line);padding-top:1rem;margin-top:2rem}
.meta,.faint{color:var(--soft)}code,.tree{font:13px/1.5 ui-monospace,monospace}code{overflow-wrap:anywhere}
.count{font-size:1.15rem;font-weight:600}.no{color:var(--no)}.yes{color:var(--yes)}
.card{background:var(--card);border-left:4px solid var(--no);border-radius:.3rem;padding:.6rem .9rem;margin:.8rem 0}
.card h3{margin:0;font:600 1rem ui-monospace,monospace;overflow-wrap:anywhere}.card p{margin:.35rem 0}
.card pre{overflow-x:auto;margin:.4rem 0;padding-bottom:.5rem;font:13px/1.4 ui-monospace,monospace}
.way{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem;padding:0;margin:.35rem 0}
.way li::after{content:" \2192 ";color:var(--soft)}.way li:last-child::after{content:""}
.way li:last-child{color:var(--no)}
.chip{display:inline-block;border:1px solid;border-radius:1rem;padding:0 .55rem;font-size:.8rem;white-space:nowrap}
.sleep{color:var(--sleep)}.config{color:var(--config)}.spin{color:var(--spin)}.free{color:var(--free)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600}
.tree{margin:.4rem 0 1rem;padding-bottom:.5rem;overflow-x:auto}.tree div{white-space:nowrap;border-left:2px solid transparent}
.tree div.bad{border-color:var(--no);color:var(--no);font-weight:600}details{margin:.5rem 0}summary{cursor:pointer}
@media(max-width:640px){body{padding:0 .7rem}thead{display:none}table,tbody,tr,td{display:block}
tr{background:var(--card);border-radius:.3rem;margin:.5rem 0;padding:.3rem .2rem}td{border:0;padding:.1rem .6rem}
td:empty{display:none}.card pre,.tree div{white-space:pre-wrap;overflow-wrap:anywhere}
td[data-h]::before{content:attr(data-h) ": ";color:var(--soft);font-size:.85rem}}
</style>
)";

std::string code(std::string_view text) { return "<code>" + html_escaped(text) + "</code>"; }

class html_page
{
    const report &report_;
    source_text source_;
    std::string out_;

    const std::string &name(int function) const
    {
        return report_.code.functions[static_cast<std::size_t>(function)].name;
    }
    static std::string cell(std::string_view header, const std::string &html)
    {
        return html.empty() ? "<td></td>"
                            : "<td data-h=\"" + std::string(header) + "\">" + html + "</td>";
    }
    static std::string verdict(unsigned refused, unsigned on)
    {
        return (refused & on) != 0 ? "<b class=\"no\">illegal</b>"
                                   : "<span class=\"yes\">legal</span>";
    }
    static std::string bears(const context_state &s, bool rt)
    {
        constexpr const char *levels[] = {"free", "spin", "config", "sleep"};
        // Without PREEMPT_RT a spinlock_t spins as well.
        const bool same = !rt && s.allows == wait_type::config;
        return "<span class=\"chip " +
               std::string(same ? "spin" : levels[static_cast<int>(s.allows)]) + "\">" +
               bears_in_words(s, rt) + "</span> <span class=\"faint\">" + state_in_words(s) +
               "</span>";
    }

    void illegal_call(const illegal &i)
    {
        out_ += "<section class=\"card\"><h3>" + html_escaped(position(report_, i.what.at)) +
                " <span class=\"no\">" +
                html_escaped(i.what.slug.empty() ? "error" : "kctx[" + i.what.slug + "]") +
                "</span></h3><p>" + html_escaped(i.what.text) + ".</p>";
        if (const std::string line = source_.line(i.what.at); !line.empty())
            out_ += "<pre>" + html_escaped(line) + "</pre>";
        out_ += "<p><b class=\"no\">Illegal</b> " + std::string(kernels_in_words(i.what.on));
        if (i.in)
            out_ += ", in " + code(i.in->words());
        out_ += "</p>";
        for (const auto &[entry, way] : i.ways) {
            out_ += "<ol class=\"way\">";
            for (const step &s : way)
                out_ += "<li>" +
                        code(name(s.function) + (s.line != 0 ? ":" + std::to_string(s.line) : "")) +
                        "</li>";
            out_ += "<li>" + code(i.what.call.empty() ? "here" : i.what.call + "()") + "</li></ol>";
        }
        if (!i.what.fix.empty())
            out_ += "<p><b>Fix</b> " + html_escaped(i.what.fix) + "</p>";
        out_ += "</section>";
    }

    void entries()
    {
        out_ += "<h2>Entry points</h2><div class=\"wide\"><table><thead><tr><th>function</th>"
                "<th>context</th><th>called by</th><th>without PREEMPT_RT</th>"
                "<th>with PREEMPT_RT</th></tr></thead><tbody>";
        for (const entry &e : report_.code.entries) {
            const bearing b = e.in ? bearing_of(*e.in) : bearing{};
            out_ += "<tr><td>" + code(name(e.function)) + "</td>" +
                    cell("context", e.in ? code(e.in->words()) : "no token") +
                    cell("called by", e.how.empty()
                                          ? ""
                                          : code(e.how) + " in " +
                                                html_escaped(position(report_, e.registered))) +
                    cell("without RT", b.known ? bears(b.off, false) : "") +
                    cell("with RT", b.known ? bears(b.rt, true) : "") + "</tr>";
        }
        out_ += "</tbody></table></div>";
    }

    void tree()
    {
        out_ += "<h2>Call structure</h2>";
        for (const entry &e : report_.code.entries) {
            const std::vector<tree_line> lines = tree_of(report_, e);
            out_ += "<details open><summary>" + code(name(e.function)) + " <span class=\"faint\">" +
                    html_escaped(e.in ? e.in->words() : "no token") +
                    "</span></summary><div class=\"tree\">";
            for (const tree_line &l : lines) {
                const bool own = l.call->is == call_site::kind::function;
                const std::string indent = std::to_string(1 + 2 * l.depth);
                out_ += std::string("<div") + (l.refused != no_kernel ? " class=\"bad\"" : "") +
                        " style=\"padding-left:" + indent + "ch\">" + (own ? "<b>" : "") +
                        html_escaped(call_in_words(*l.call)) + (own ? "</b>" : "") +
                        " <span class=\"faint\">:" + std::to_string(l.call->at.line) +
                        (l.seen ? " (above)" : "") + "</span>";
                if (l.refused != no_kernel)
                    out_ += " illegal " + std::string(kernels_in_words(l.refused));
                else if (may_wait(*l.call))
                    out_ += " <span class=\"chip sleep\">sleeps</span>";
                out_ += "</div>";
            }
            out_ += lines.empty() ? "<div class=\"faint\">nothing that a context could refuse</div>"
                                  : "";
            out_ += "</div></details>";
        }
    }

    void table(std::string_view title, uses which)
    {
        const std::vector<use_row> rows = rows_of(report_, which);
        if (rows.empty())
            return;
        const bool locks = which == uses::locks;
        out_ += "<h2>" + std::string(title) + "</h2><div class=\"wide\"><table><thead><tr>" +
                (locks ? "<th>lock</th>" : "") +
                "<th>call</th><th>in</th><th>contexts</th><th>without PREEMPT_RT</th>"
                "<th>with PREEMPT_RT</th></tr></thead><tbody>";
        for (const use_row &row : rows) {
            std::string contexts;
            for (const std::string &one : row.contexts)
                contexts += (contexts.empty() ? "" : "<br>") + code(one);
            out_ += "<tr>" + (locks ? "<td>" + code(row.call->lock) + "</td>" : std::string()) +
                    "<td>" + code(locks ? row.call->name : call_in_words(*row.call)) + "</td>" +
                    cell("in",
                         code(name(row.function)) + ", line " + std::to_string(row.call->at.line)) +
                    cell("contexts", contexts) + cell("without RT", verdict(row.refused, rt_off)) +
                    cell("with RT", verdict(row.refused, rt_on)) + "</tr>";
        }
        out_ += "</tbody></table></div>";
    }

public:
    explicit html_page(const report &r) : report_(r) {}

    std::string text()
    {
        out_ = std::string(head) + "<title>Review of " + html_escaped(report_.title) +
               "</title></head><body><h1>Review of " + html_escaped(report_.title) +
               "</h1><p class=\"meta\">Linux " + html_escaped(report_.kernel) + ". Verdicts by " +
               html_escaped(report_.compilers) + ".</p>";
        if (report_.refused.empty())
            out_ += "<p class=\"count yes\">No call is illegal, with PREEMPT_RT or without.</p>";
        else
            out_ += "<h2 class=\"no\">Illegal calls: " + std::to_string(report_.refused.size()) +
                    "</h2>";
        for (const illegal &i : report_.refused)
            illegal_call(i);
        entries();
        tree();
        for (const use_table &t : use_tables)
            table(t.title, t.which);
        const std::vector<std::string> advice = lock_advice(report_);
        if (!advice.empty())
            out_ += "<h2 class=\"no\">Locks that could wait for ever</h2><ul>";
        for (const std::string &one : advice)
            out_ += "<li>" + html_escaped(one) + "</li>";
        out_ += advice.empty() ? "" : "</ul>";
        if (!report_.code.decrees.empty() || !report_.remarks.empty()) {
            out_ += "<h2>For the reviewer</h2><ul>";
            for (const decree &d : report_.code.decrees)
                out_ += "<li>" + html_escaped(position(report_, d.at)) + ": a context by decree, " +
                        code(d.what) + "</li>";
            for (const std::string &remark : report_.remarks)
                out_ += "<li>Not looked at: " + html_escaped(remark) + "</li>";
            out_ += "</ul>";
        }
        return out_ + "</body></html>\n";
    }
};

} // namespace

std::string as_html(const report &r) { return html_page(r).text(); }

} // namespace kctx::tools::review

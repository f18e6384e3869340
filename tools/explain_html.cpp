// SPDX-License-Identifier: BSL-1.0
// kctx explain --html: one page, nothing loaded from elsewhere, with a picture of free memory.
#include "explain.hpp"
#include "html.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::tools {

using namespace klog;

namespace {

std::string number(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

/// Of what kind the blocks of an order are for the request: usable, CMA, reserved, of an unknown
/// mix.
std::string_view block_class(const order_blocks &b, bool movable)
{
    const bool plain = b.types.empty() || b.types.find_first_of("UME") != std::string::npos;
    const bool cma = b.types.find('C') != std::string::npos;
    const bool other = b.types.find_first_of("HIR") != std::string::npos;
    if (movable && cma)
        return other && !plain ? "mixed" : "usable";
    if (plain)
        return cma || other ? "mixed" : "usable";
    return cma ? "cma" : "reserve";
}

/// A zone's free memory: a bar an order, as high as the logarithm of its kB, and what the watermark
/// check leaves of it.
std::string zone_picture(const zone_memory &z, const zone_check *check, unsigned order,
                         bool movable)
{
    constexpr double left = 46, top = 18, height = 120, column = 52;
    const auto orders = static_cast<double>(z.orders.size());
    const double width = left + orders * column + 12;
    double most = 1;
    for (const order_blocks &b : z.orders)
        most = std::max(most, std::log2(1.0 + static_cast<double>(b.blocks * b.block_kb)));
    std::string svg = "<svg viewBox=\"0 0 " + number(width) + " 178\" width=\"" + number(width) +
                      "\" height=\"178\" role=\"img\" aria-label=\"free blocks of zone " +
                      html_escaped(z.name) + "\">";
    for (std::size_t o = 0; o < z.orders.size(); ++o) {
        const order_blocks &b = z.orders[o];
        const double bar =
            height * std::log2(1.0 + static_cast<double>(b.blocks * b.block_kb)) / most;
        const double x = left + static_cast<double>(o) * column;
        const std::string title = std::to_string(b.blocks) + " * " + std::to_string(b.block_kb) +
                                  " kB" + (b.types.empty() ? "" : " (" + b.types + ")");
        if (b.blocks != 0)
            svg += "<rect class=\"" + std::string(block_class(b, movable)) + "\" x=\"" +
                   number(x + 4) + "\" y=\"" + number(top + height - bar) + "\" width=\"" +
                   number(column - 8) + "\" height=\"" + number(bar) + "\"><title>" +
                   html_escaped(title) + "</title></rect>";
        svg += "<text x=\"" + number(x + column / 2) + "\" y=\"" +
               number(std::max(12.0, top + height - bar - 3)) + "\">" + std::to_string(b.blocks) +
               "</text><text x=\"" + number(x + column / 2) + "\" y=\"" +
               number(top + height + 14) + "\">" + std::to_string(b.block_kb) +
               "k</text><text class=\"types\" x=\"" + number(x + column / 2) + "\" y=\"" +
               number(top + height + 27) + "\">" + html_escaped(b.types) + "</text>";
    }
    if (check != nullptr && order < z.orders.size()) {
        const double x = left + static_cast<double>(order) * column;
        svg += "<line class=\"wanted\" x1=\"" + number(x) + "\" y1=\"4\" x2=\"" + number(x) +
               "\" y2=\"" + number(top + height) + "\"/><text class=\"wanted\" x=\"" +
               number(x + 3) + "\" y=\"12\">order " + std::to_string(order) + " and above</text>";
    }
    svg += "<text class=\"axis\" x=\"4\" y=\"" + number(top + height + 14) + "\">block</text>";
    return svg + "</svg>";
}

/// What is subtracted from a zone's free pages, as parts of one bar, and the mark they must reach.
std::string check_picture(const zone_check &c)
{
    const kernel::watermark_result &w = c.result;
    const double free = static_cast<double>(std::max(c.pages.free, 1L));
    constexpr double width = 640;
    double x = 0;
    std::string svg = "<svg viewBox=\"0 0 660 40\" width=\"660\" height=\"40\" role=\"img\" "
                      "aria-label=\"watermark check of " +
                      html_escaped(c.name) + "\">";
    const auto part = [&](std::string_view kind, long pages, std::string_view words) {
        const double length = width * std::max(0.0, static_cast<double>(pages)) / free;
        if (length <= 0)
            return;
        svg += "<rect class=\"" + std::string(kind) + "\" x=\"" + number(x) +
               "\" y=\"6\" width=\"" + number(std::min(length, width - x)) +
               "\" height=\"18\"><title>" + std::to_string(pages) + " pages " +
               html_escaped(words) + "</title></rect>";
        x = std::min(width, x + length);
    };
    part("usable", w.usable, "left for this request");
    part("cma", w.less_cma, "CMA");
    part("reserve", w.less_highatomic, "high-atomic reserve");
    part("mixed", w.less_order, "the block itself");
    const double mark =
        std::min(width, width * static_cast<double>(w.min + w.lowmem_reserve) / free);
    svg += "<line class=\"wanted\" x1=\"" + number(mark) + "\" y1=\"2\" x2=\"" + number(mark) +
           "\" y2=\"28\"/><text class=\"wanted\" x=\"" + number(std::min(mark + 3, width - 150)) +
           "\" y=\"38\">must exceed " + std::to_string(w.min + w.lowmem_reserve) + "</text>";
    return svg + "</svg>";
}

std::string log_lines(const report &r, const explanation &e)
{
    const std::vector<unsigned long> numbers = lines_of_evidence(r, e);
    std::string html = "<pre class=\"log\">";
    for (const kept_line &l : r.lines) {
        const bool evidence = std::binary_search(numbers.begin(), numbers.end(), l.number);
        html += evidence ? "<span class=\"evidence\" id=\"l" + std::to_string(r.line) + "-" +
                               std::to_string(l.number) + "\">"
                         : "<span>";
        std::size_t at = 0;
        char head[24];
        std::snprintf(head, sizeof head, "%6lu  ", l.number);
        html += head;
        for (const auto &[begin, end] : marked(r, l)) {
            html += html_escaped(std::string_view(l.text).substr(at, begin - at)) + "<mark>" +
                    html_escaped(std::string_view(l.text).substr(begin, end - begin)) + "</mark>";
            at = end;
        }
        html += html_escaped(std::string_view(l.text).substr(at)) + "</span>\n";
    }
    return html + "</pre>";
}

constexpr std::string_view head =
    R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>kctx explain</title><style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{font:600 1rem ui-monospace,monospace;overflow-wrap:anywhere;border-top:1px solid #8886;padding-top:1rem}
.verdict{font-size:1.1rem}
.rule{font-family:ui-monospace,monospace;background:#8883;border-radius:.3rem;padding:.1rem .4rem}
pre{overflow-x:auto;font:13px/1.4 ui-monospace,monospace}
.log{max-height:24rem;overflow:auto;border:1px solid #8886;padding:.5rem}
.log span{opacity:.55}.log .evidence{opacity:1}
mark{background:#fc06;color:inherit}
.likely::before{content:"likely: ";font-style:italic}
.unknown::before{content:"the log cannot tell: ";font-style:italic}
svg{display:block;max-width:100%;min-width:34rem;height:auto;margin:.5rem 0}.wide{overflow-x:auto}
svg text{font:11px ui-monospace,monospace;text-anchor:middle;fill:currentColor}
svg text.axis,svg text.wanted{text-anchor:start}svg text.types{font-size:9px;opacity:.7}
.usable{fill:#2a9d5c}.cma{fill:#4a78c4}.reserve{fill:#9b59b6}.mixed{fill:#c9a227}
line.wanted{stroke:#d33;stroke-width:2}svg text.wanted{fill:#d33}
.key span{display:inline-block;width:.8rem;height:.8rem;margin:0 .3rem 0 1rem}
.key .usable{background:#2a9d5c}.key .cma{background:#4a78c4}.key .reserve{background:#9b59b6}.key .mixed{background:#c9a227}
</style></head><body><h1>kctx explain</h1>
)";

} // namespace

void html_page::add(const std::string &file, const report &r, const explanation &e)
{
    std::string &html = body_;
    html += "<section><h2>" + html_escaped(printable(file)) + ":" + std::to_string(r.line) + ": " +
            html_escaped(r.header) + "</h2><p class=\"verdict\">" + html_escaped(e.verdict) +
            "</p>";
    if (!e.slug.empty())
        html += "<p>Rule <span class=\"rule\">kctx[" + html_escaped(e.slug) + "]</span></p>";
    if (!e.fixes.empty()) {
        html += "<h3>Fixes</h3><ol>";
        for (const std::string &fix : e.fixes)
            html += "<li>" + html_escaped(fix) + "</li>";
        html += "</ol>";
    }
    if (const memory_info &memory = set_by_kind(r.memory); !memory.zones.empty()) {
        const shortage &shortage_of = set_by_kind(e.memory);
        const bool movable = (shortage_of.alloc_flags & kernel::ALLOC_CMA) != 0;
        html += "<h3>Free memory</h3><p class=\"key\"><span class=\"usable\"></span>usable"
                "<span class=\"cma\"></span>CMA<span class=\"reserve\"></span>reserved or isolated"
                "<span class=\"mixed\"></span>of both</p>";
        for (const zone_memory &z : memory.zones) {
            const zone_check *check = nullptr;
            for (const zone_check &c : shortage_of.zones) {
                if (c.zone->line == z.line && c.zone->name == z.name)
                    check = &c;
            }
            const std::string name =
                (z.node ? "Node " + std::to_string(z.node.value_or(0)) + " " : "") + z.name;
            html += "<h4>" + html_escaped(name) + "</h4>";
            if (check != nullptr && !check->why.empty())
                html += "<p>It " + html_escaped(check->why) + ".</p>";
            if (!z.orders.empty())
                html +=
                    "<div class=\"wide\">" + zone_picture(z, check, r.order, movable) + "</div>";
            if (check != nullptr && !check->arithmetic.empty()) {
                html += "<div class=\"wide\">" + check_picture(*check) + "</div><pre>";
                for (const std::string &line : check->arithmetic)
                    html += html_escaped(line) + "\n";
                html += "</pre>";
            }
        }
    }
    html += "<h3>Evidence</h3><ul>";
    for (const finding &f : e.findings) {
        html += f.how == certainty::likely    ? "<li class=\"likely\">"
                : f.how == certainty::unknown ? "<li class=\"unknown\">"
                                              : "<li>";
        html += html_escaped(f.text);
        for (const unsigned long n : f.lines) {
            if (n != 0)
                html += " <a href=\"#l" + std::to_string(r.line) + "-" + std::to_string(n) +
                        "\">line " + std::to_string(n) + "</a>";
        }
        html += "</li>";
    }
    for (const decoded_part &p : e.said.parts)
        html += "<li><code>" + html_escaped(p.name) + " " + hex_text(p.bits, 8) + "</code> " +
                html_escaped(p.meaning) + "</li>";
    for (const std::string &warning : e.said.warnings)
        html += "<li class=\"likely\">" + html_escaped(warning) + "</li>";
    html += "</ul><p>Read as Linux " + html_escaped(e.said.from.kernel) + " on " +
            std::string(arch_name(e.said.from.architecture.value)) +
            (e.said.from.rt.value ? ", PREEMPT_RT" : "") + " (" +
            html_escaped(e.said.from.version.why) + ").</p>";
    html += "<h3>Log</h3>" + log_lines(r, e) + "</section>\n";
}

std::string html_page::text() const { return std::string(head) + body_ + "</body></html>\n"; }

} // namespace kctx::tools

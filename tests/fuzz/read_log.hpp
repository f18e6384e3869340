// SPDX-License-Identifier: BSL-1.0
/// @file
/// The entry of all fuzzing of the log reader: bytes in, every layer run, what must hold of any
/// input checked. A broken promise aborts.
#pragma once

#include <kctx/klog/explain.hpp>
#include <kctx/klog/rebuild.hpp>
#include <kctx/klog/skeleton.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

inline void require(bool holds, const char *what)
{
    if (holds)
        return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

inline bool is_printable(std::string_view text)
{
    for (const char c : text) {
        if (c < ' ' || c > '~')
            return false;
    }
    return true;
}

inline bool is_printable_code(std::string_view text)
{
    for (const char c : text) {
        if ((c < ' ' && c != '\n') || c > '~')
            return false;
    }
    return true;
}

inline void check(const kctx::klog::report &r, const kctx::klog::explanation &e,
                  unsigned long last_line, std::size_t size)
{
    using kctx::klog::report_kind;
    const kctx::klog::decoded &d = e.said;
    require(r.line > last_line, "reports come in the order of their lines");
    require(is_printable(r.header), "a header is printable");
    require(is_printable(r.comm) && is_printable(r.sleep.location) && is_printable(r.work) &&
                is_printable(r.preempt_disabled_at) && is_printable(r.mode_names.value_or("")) &&
                is_printable(d.from.kernel) && is_printable(d.path) && is_printable(e.verdict),
            "what is shown is printable");
    require(!e.verdict.empty(), "every report has a verdict");
    for (const kctx::klog::finding &f : e.findings)
        require(!f.text.empty() && is_printable(f.text), "a finding is a printable sentence");
    for (const std::string &fix : e.fixes)
        require(!fix.empty() && is_printable(fix), "a fix is a printable sentence");
    for (const kctx::klog::mark &m : r.marks)
        require(m.where.begin + m.where.length <= size, "a field stands in the log");
    for (const kctx::klog::kept_line &l : r.lines)
        require(l.where.begin + l.where.length <= size, "a line stands in the log");

    // Fields and flags are disjoint, and together they are the number.
    unsigned bits = 0;
    for (const kctx::klog::decoded_part &part : d.parts) {
        require((bits & part.bits) == 0, "parts do not overlap");
        bits |= part.bits;
        require(!part.name.empty() && !part.meaning.empty(), "every part is explained");
    }
    if (d.count && !d.underflow)
        require((bits | 0x80000000u) == (*d.count | 0x80000000u), "the fields are the whole count");
    if (d.underflow)
        require(d.parts.empty(), "an underflow is not taken apart");
    if (r.kind == report_kind::page_allocation_failure && r.has_request) {
        require(d.request.has_value(), "a failure has a request");
        require(bits == r.mode, "the flags are the whole mode");
    }
    if (e.memory) {
        for (const kctx::klog::zone_check &z : e.memory->zones) {
            const kctx::kernel::watermark_result &w = z.result;
            if (!z.arithmetic.empty())
                require(w.usable == z.pages.free - w.less_order - w.less_highatomic - w.less_cma,
                        "the arithmetic adds up");
        }
    }
    if (r.memory) {
        const kctx::klog::rebuilt b = kctx::klog::rebuild(r, d, 1u << 16);
        require(b.failure.empty() || b.trials.size() <= 1, "no state, no trials in it");
        for (const kctx::klog::contradiction &c : b.contradictions)
            require(is_printable(c.text), "a contradiction is a printable sentence");
    }
    require(is_printable_code(kctx::klog::skeleton_of(r, e)), "code is text");
}

/// The first byte chooses the size of the pieces in which the rest is fed.
inline int read_log(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::size_t piece = data[0] == 0 ? size : data[0];
    std::string_view text(reinterpret_cast<const char *>(data) + 1, size - 1);

    unsigned long last_line = 0;
    const std::size_t bytes = text.size();
    kctx::klog::explainer explainer;
    kctx::klog::report_reader reader([&](const kctx::klog::report &r) {
        check(r, explainer.explain(r), last_line, bytes);
        last_line = r.line;
    });
    kctx::klog::line_splitter splitter;
    const auto read = [&](const kctx::klog::line &l) { reader.read(l); };
    while (!text.empty()) {
        splitter.feed(text.substr(0, piece), read);
        text.remove_prefix(piece < text.size() ? piece : text.size());
    }
    splitter.finish(read);
    reader.finish();
    require(last_line <= splitter.lines(), "a report is in a line that exists");
    return 0;
}

} // namespace fuzz

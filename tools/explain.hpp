// SPDX-License-Identifier: BSL-1.0
/// @file
/// The outputs of kctx explain: for people on a terminal, for programs, as a page.
#pragma once

#include <kctx/klog/explain.hpp>
#include <kctx/klog/rebuild.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace kctx::tools {

/// Prints a report's explanation: the verdict, then the evidence with the log's lines.
class text_printer
{
public:
    text_printer();
    void print(const std::string &file, const klog::report &r, const klog::explanation &e) const;
    void print(const klog::rebuilt &b) const;

private:
    const char *paint(const char *code) const { return color_ ? code : ""; }
    void row(std::string_view label, std::string_view text, const char *code = "",
             std::size_t hang = 0) const;
    void count(const klog::report &r, const klog::decoded &d) const;
    void request(const klog::report &r, const klog::decoded &d) const;
    void parts(const klog::decoded &d) const;
    void zones(const klog::shortage &s) const;
    void log_lines(const klog::report &r, const klog::explanation &e) const;

    bool color_ = false;
};

/// One report as JSON: docs/explain.md has the schema.
nlohmann::ordered_json report_json(const std::string &file, const klog::report &r,
                                   const klog::explanation &e);

nlohmann::ordered_json rebuilt_json(const klog::rebuilt &b);

/// A page with all reports, nothing loaded from elsewhere.
class html_page
{
public:
    void add(const std::string &file, const klog::report &r, const klog::explanation &e);
    std::string text() const;

private:
    std::string body_;
};

/// Which lines of a report its explanation rests on: their numbers, in order.
std::vector<unsigned long> lines_of_evidence(const klog::report &r, const klog::explanation &e);

/// The bytes of a kept line that fields were read from: begin and end in its text, in order, not
/// overlapping.
std::vector<std::pair<std::size_t, std::size_t>> marked(const klog::report &r,
                                                        const klog::kept_line &l);

/// The text of a rule, docs/rules/SLUG.md; nullptr if there is none.
const char *rule_text(std::string_view slug);
/// All slugs that have a text.
std::vector<std::string_view> rule_slugs();

} // namespace kctx::tools

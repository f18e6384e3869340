// SPDX-License-Identifier: BSL-1.0
// What kctx lint found: as text, as JSON, as SARIF 2.1.0.
#include "lint.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace kctx::tools::lint {
namespace {

using nlohmann::json;

const char *kernels(const report &r)
{
    return r.off && r.rt ? "" : r.rt ? " on PREEMPT_RT" : " without PREEMPT_RT";
}

/// "in IrqCtx"; "under spin_lock", whoever calls.
std::string where(const report &r)
{
    constexpr std::string_view task = "SyscallCtx + ";
    return r.context.starts_with(task) ? "under " + r.context.substr(task.size())
                                       : "in " + r.context;
}

std::string context_text(const report &r)
{
    return r.how.empty() ? where(r)
                         : where(r) + ", by " + r.how + " in line " + std::to_string(r.how_line);
}

/// "isr:30 -> reset:12 -> msleep()"
std::string chain_text(const report &r)
{
    std::string text;
    for (const step &s : r.chain)
        text += s.function + ":" + std::to_string(s.line) + " -> ";
    if (!r.through.empty())
        text += r.through + " -> ";
    return text + r.call;
}

std::string message(const report &r)
{
    const std::string call = r.call.ends_with(')') ? r.call : r.call + "()";
    return "kctx[" + r.slug + "]: " + call + " is illegal " + where(r) + kernels(r) + " (it " +
           r.why + "); fix: " + r.fix;
}

void print_text(const std::vector<result> &results)
{
    std::size_t reports = 0;
    std::set<std::string> unknown;
    int undecided = 0;
    std::size_t unread = 0;
    for (const result &file : results) {
        for (const std::string &error : file.errors)
            std::printf("%s\n", error.c_str());
        unread += file.errors.empty() ? 0 : 1;
        for (const report &r : file.found.reports) {
            std::printf("%s:%d:%d: %s\n", file.path.c_str(), r.line, r.column, message(r).c_str());
            std::printf("    context: %s\n    chain:   %s\n    source:  %s\n",
                        context_text(r).c_str(), chain_text(r).c_str(), r.source.c_str());
        }
        reports += file.found.reports.size();
        unknown.insert(file.found.unknown.begin(), file.found.unknown.end());
        undecided += file.found.undecided;
    }
    std::printf("%zu files, %zu reports; not judged: %zu functions without a contract called in "
                "atomic context, %d calls that depend on their caller\n",
                results.size(), reports, unknown.size(), undecided);
    if (unread != 0)
        std::printf("%zu files with errors of clang: what is said of them may be incomplete\n",
                    unread);
}

json report_json(const report &r)
{
    json chain = json::array();
    for (const step &s : r.chain)
        chain.push_back({{"function", s.function}, {"line", s.line}});
    return {{"slug", r.slug},
            {"line", r.line},
            {"column", r.column},
            {"call", r.call},
            {"through", r.through},
            {"context", r.context},
            {"registered_by", r.how},
            {"registered_in_line", r.how_line},
            {"chain", chain},
            {"no_rt", r.off},
            {"rt", r.rt},
            {"why", r.why},
            {"fix", r.fix},
            {"source", r.source}};
}

void print_json(const std::vector<result> &results)
{
    json files = json::array();
    for (const result &file : results) {
        json reports = json::array();
        for (const report &r : file.found.reports)
            reports.push_back(report_json(r));
        files.push_back({{"file", file.path},
                         {"reports", reports},
                         {"unknown", file.found.unknown},
                         {"through_pointers", file.found.through_pointers},
                         {"undecided", file.found.undecided},
                         {"errors", file.errors},
                         {"unreadable", file.unreadable},
                         {"seconds", file.seconds}});
    }
    std::puts(json{{"files", files}}.dump(1, ' ', false, json::error_handler_t::replace).c_str());
}

/// A path as a URI reference, RFC 3986.
std::string uri(const std::string &path)
{
    constexpr std::string_view plain = "-._~/+,;=@";
    std::string text = path.starts_with('/') ? "file://" : "";
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x80 && std::isalnum(byte) != 0) || plain.find(c) != plain.npos) {
            text += c;
        } else {
            constexpr std::string_view digits = "0123456789ABCDEF";
            text += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return text;
}

json location(const std::string &path, int line, int column = 0)
{
    json region = {{"startLine", line}};
    if (column > 0)
        region["startColumn"] = column;
    return {{"physicalLocation", {{"artifactLocation", {{"uri", uri(path)}}}, {"region", region}}}};
}

void print_sarif(const std::vector<result> &results)
{
    json found = json::array();
    json notes = json::array(); // of what could not be read
    bool all_read = true;
    std::set<std::string> slugs;
    for (const result &file : results) {
        const auto note = [&](const std::string &text) {
            notes.push_back({{"level", "error"}, {"message", {{"text", text}}}});
        };
        std::ranges::for_each(file.errors, note);
        if (!file.unreadable.empty())
            note(file.unreadable);
        all_read = all_read && file.unreadable.empty();
        for (const report &r : file.found.reports) {
            slugs.insert(r.slug);
            json steps = json::array();
            for (const step &s : r.chain) {
                json at = location(file.path, s.line);
                at["message"] = {{"text", s.function + "()"}};
                steps.push_back({{"location", at}});
            }
            found.push_back(
                {{"ruleId", r.slug},
                 {"level", r.off ? "error" : "warning"},
                 {"message", {{"text", message(r) + "; context: " + context_text(r)}}},
                 {"locations", json::array({location(file.path, r.line, r.column)})},
                 {"codeFlows",
                  json::array({{{"threadFlows", json::array({{{"locations", steps}}})}}})}});
        }
    }
    json rule_list = json::array();
    for (const std::string &slug : slugs)
        rule_list.push_back({{"id", slug}});
    const json driver = {{"name", "kctx"}, {"version", KCTX_PROGRAM_VERSION}, {"rules", rule_list}};
    const json log = {
        {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
        {"version", "2.1.0"},
        {"runs",
         json::array({{{"tool", {{"driver", driver}}},
                       {"invocations", json::array({{{"executionSuccessful", all_read},
                                                     {"toolExecutionNotifications", notes}}})},
                       {"results", found}}})}};
    std::puts(log.dump(1, ' ', false, json::error_handler_t::replace).c_str());
}

} // namespace

void print(const std::vector<result> &results, format as)
{
    switch (as) {
    case format::text:
        return print_text(results);
    case format::json:
        return print_json(results);
    case format::sarif:
        return print_sarif(results);
    }
}

} // namespace kctx::tools::lint

// SPDX-License-Identifier: BSL-1.0
// kctx matrix: which call is legal in which context, without PREEMPT_RT, with it, and on both.
#include <kctx/rules/matrix.hpp>

#include "commands.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kctx::tools {
namespace {

using rules::call_row;
using rules::config;
using rules::story;

struct arguments {
    std::vector<std::string> calls;
    std::vector<std::string> contexts;
    std::string format = "md";
};

/// The verdict, or nothing where the context itself cannot be.
std::optional<bool> verdict(const call_row &call, const story &in, config on)
{
    return in.may_be(on) ? std::optional(rules::legal(call, in, on)) : std::nullopt;
}

constexpr const char *level_name(wait_type level)
{
    switch (level) {
    case wait_type::free:
        return "free";
    case wait_type::spin:
        return "spin";
    case wait_type::config:
        return "config";
    default:
        return "sleep";
    }
}

const char *word(std::optional<bool> off, std::optional<bool> rt)
{
    if (!off && !rt)
        return "";
    if (off == rt)
        return *off ? "yes" : "no";
    if (!rt)
        return *off ? "yes, not RT" : "no";
    if (!off)
        return *rt ? "RT only" : "no";
    return *off ? "not RT" : "RT only";
}

void print_markdown(const std::vector<const call_row *> &calls, const std::vector<story> &contexts)
{
    std::string head = "| call | needs |";
    std::string rule = "| --- | --- |";
    for (const story &in : contexts) {
        head += " " + in.text + " |";
        rule += " --- |";
    }
    std::printf("%s\n%s\n", head.c_str(), rule.c_str());
    for (const call_row *call : calls) {
        std::string name = call->name; // a bar would end the cell
        for (std::size_t at = 0; (at = name.find('|', at)) != name.npos; at += 2)
            name.replace(at, 1, "\\|");
        std::printf("| %s | %s%s%s |", name.c_str(), level_name(call->needs),
                    *call->rule ? ", " : "", call->rule);
        for (const story &in : contexts)
            std::printf(" %s |",
                        word(verdict(*call, in, config::off), verdict(*call, in, config::on)));
        std::putchar('\n');
    }
}

void print_tsv(const std::vector<const call_row *> &calls, const std::vector<story> &contexts)
{
    const auto cell = [](std::optional<bool> v) { return !v ? "" : *v ? "yes" : "no"; };
    std::puts("call\tcontext\tno_rt\trt\tportable");
    for (const call_row *call : calls) {
        for (const story &in : contexts)
            std::printf("%s\t%s\t%s\t%s\t%s\n", call->name.c_str(), in.text.c_str(),
                        cell(verdict(*call, in, config::off)), cell(verdict(*call, in, config::on)),
                        cell(verdict(*call, in, config::portable)));
    }
}

void print_json(const std::vector<const call_row *> &calls, const std::vector<story> &contexts)
{
    using nlohmann::json;
    json names = json::array();
    for (const story &in : contexts)
        names.push_back(in.text);
    json rows = json::array();
    for (const call_row *call : calls) {
        const auto verdicts = [&](config on) {
            json list = json::array();
            for (const story &in : contexts) {
                const auto v = verdict(*call, in, on);
                list.push_back(v ? json(*v) : json(nullptr));
            }
            return list;
        };
        rows.push_back({{"call", call->name},
                        {"needs", level_name(call->needs)},
                        {"rule", call->rule},
                        {"slug", call->text->slug},
                        {"why", call->text->why},
                        {"fix", call->text->fix},
                        {"source", call->text->source},
                        {"no_rt", verdicts(config::off)},
                        {"rt", verdicts(config::on)},
                        {"portable", verdicts(config::portable)}});
    }
    std::puts(json{{"contexts", names}, {"calls", rows}}.dump(1).c_str());
}

int matrix(const arguments &args)
{
    std::vector<const call_row *> calls;
    for (const call_row &row : rules::call_rows()) {
        if (args.calls.empty())
            calls.push_back(&row);
    }
    for (const std::string &name : args.calls) {
        const std::size_t before = calls.size();
        for (const call_row &row : rules::call_rows()) {
            if (row.name == name || row.text->call == name)
                calls.push_back(&row);
        }
        if (calls.size() == before) {
            std::fprintf(stderr, "kctx matrix: no call is declared as \"%s\"\n", name.c_str());
            return unusable;
        }
    }
    std::vector<story> contexts;
    if (args.contexts.empty())
        contexts = rules::all_stories();
    for (const std::string &text : args.contexts) {
        try {
            contexts.push_back(rules::read_story(text));
        } catch (const std::invalid_argument &e) {
            std::fprintf(stderr, "kctx matrix: %s\n", e.what());
            return unusable;
        }
    }
    if (args.format == "tsv")
        print_tsv(calls, contexts);
    else if (args.format == "json")
        print_json(calls, contexts);
    else
        print_markdown(calls, contexts);
    return done;
}

} // namespace

void add_matrix(CLI::App &program, int &status)
{
    auto args = std::make_shared<arguments>();
    CLI::App *command = program.add_subcommand(
        "matrix", "Say which call is legal in which context, without PREEMPT_RT and with it");
    command->add_option(
        "--call", args->calls,
        "Of these calls only: msleep, \"kmalloc(GFP_ATOMIC)\", kmalloc for all sets");
    command->add_option("--context", args->contexts,
                        "In these contexts only: IrqCtx, \"ProcessCtx + spin_lock\"");
    command->add_option("--format", args->format, "md, tsv or json")
        ->check(CLI::IsMember({"md", "tsv", "json"}));
    command->footer("Examples:\n"
                    "  kctx matrix --call msleep --context IrqCtx\n"
                    "  kctx matrix --call kmalloc --context 'ProcessCtx + spin_lock' --format tsv");
    command->callback([args, &status] { status = matrix(*args); });
}

} // namespace kctx::tools

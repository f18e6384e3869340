// SPDX-License-Identifier: BSL-1.0
// kctx review: a driver written with kctx, as a report for its design review.
#include "review.hpp"

#include "commands.hpp"
#include "include_folder.hpp"
#include "lab/screen.hpp"
#include "lab/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <unistd.h>

namespace kctx::tools {
namespace {

namespace fs = std::filesystem;
using namespace review;

struct arguments {
    options run;
    std::vector<std::string> folders, defines;
    std::string title, markdown, html, json;
    bool quiet = false, check = false;
};

/// "KCTX_KERNEL_VERSION KCTX_VERSION(2, 6, 32)" -> "2.6.32"; nothing if it is not there.
std::string kernel_version(std::string_view text)
{
    std::size_t at = text.find("KCTX_KERNEL_VERSION");
    at = at == text.npos ? at : text.find("KCTX_VERSION(", at);
    if (at == text.npos)
        return "";
    std::string version;
    for (const char c : text.substr(at + 13, text.find(')', at) - at - 13)) {
        if (c != ' ')
            version += c == ',' ? '.' : c;
    }
    return version.ends_with(".0") ? version.substr(0, version.size() - 2) : version;
}

/// What the sources say of how they are meant.
void look_into(const arguments &a, options &o, report &r)
{
    r.kernel = "6.12";
    std::string text;
    for (const std::string &flag : o.flags)
        text += flag + "\n";
    for (const std::string &file : o.files)
        text += lab::read_file(file, std::size_t{16} << 20) + "\n";
    if (const std::string told = kernel_version(text); !told.empty())
        r.kernel = told;
    o.plain = text.find("KCTX_PLAIN_CALLS") != text.npos;
    r.title = !a.title.empty() ? a.title : fs::path(o.files.front()).filename().string();
}

report make(const arguments &a)
{
    options o = a.run;
    report r;
    r.files = o.files;
    if (o.compiler.empty())
        o.compiler = o.clang;
    o.include = include_folder(o.include).string();
    for (const std::string &folder : a.folders)
        o.flags.push_back("-I" + folder);
    for (const std::string &name : a.defines)
        o.flags.push_back("-D" + name);
    look_into(a, o, r);
    r.compilers = o.compiler + (o.compiler == o.clang ? "" : ", structure by " + o.clang);
    std::vector<compiled> all = compile(o);
    for (const compiled &c : all) {
        const auto foreign =
            std::ranges::find_if(c.refusals, [](const refusal &e) { return e.slug.empty(); });
        if (!c.code && (foreign != c.refusals.end() || c.refusals.empty()))
            throw std::runtime_error(c.file + " does not compile, for a reason beside contexts:\n" +
                                     c.why_no_code);
        if (!c.code)
            r.remarks.push_back(c.file + ": not even unchecked does it compile; its structure is "
                                         "left out");
    }
    r.code = read_structure(all, o);
    r.refused = join(all, r.code);
    if (o.plain && o.compiler.find("clang") == std::string::npos)
        r.remarks.emplace_back("calls without tokens (KCTX_PLAIN_CALLS): only clang 20 and later "
                               "sees them, and the verdicts are of " +
                               o.compiler);
    return r;
}

void write(const std::string &file, const std::string &text)
{
    if (file == "-")
        std::fwrite(text.data(), 1, text.size(), stdout);
    else
        lab::write_file(file, text);
}

int run(const arguments &a)
{
    const report r = make(a);
    const bool any =
        std::ranges::any_of(r.code.functions, [](const function &f) { return f.in.has_value(); }) ||
        !r.code.entries.empty();
    if (!any && r.refused.empty()) {
        std::fputs("kctx review: no function here takes a token, and none is a handler\n", stderr);
        return nothing_found;
    }
    bool to_stdout = false;
    const std::pair<const std::string *, std::string (*)(const report &)> forms[] = {
        {&a.markdown, as_markdown}, {&a.html, as_html}, {&a.json, as_json}};
    for (const auto &[file, form] : forms) {
        if (!file->empty())
            write(*file, form(r));
        to_stdout = to_stdout || *file == "-";
    }
    if (!a.quiet && !to_stdout)
        write("-", as_text(r, lab::look::of(STDOUT_FILENO, false).color));
    return a.check && !r.refused.empty() ? nothing_found : done;
}

} // namespace

void add_review(CLI::App &program, int &status)
{
    auto a = std::make_shared<arguments>();
    CLI::App *command = program.add_subcommand(
        "review", "A driver written with kctx: who calls what where, and what is illegal");
    command->add_option("FILES", a->run.files, "The driver's C++ files")
        ->required()
        ->check(CLI::ExistingFile);
    command->add_option("-I", a->folders, "A folder for its own headers")->allow_extra_args(false);
    command->add_option("-D", a->defines, "A macro, as for the compiler")->allow_extra_args(false);
    command->add_option("--option", a->run.flags, "Any other option for the compilers")
        ->allow_extra_args(false);
    command->add_option("--include", a->run.include, "The folder that holds kctx/");
    command->add_option("--compiler", a->run.compiler,
                        "Whose verdict it is: g++-12, clang++-14, ...; by default that of --clang");
    command->add_option("--clang", a->run.clang, "For the structure: clang 22 or later")
        ->capture_default_str();
    command->add_option("--title", a->title, "What the report is called");
    command->add_option("--markdown", a->markdown, "Write Markdown to this file; - is stdout");
    command->add_option("--html", a->html, "Write a page of its own to this file");
    command->add_option("--json", a->json, "Write JSON to this file");
    command->add_flag("--quiet", a->quiet, "No report on the terminal");
    command->add_flag("--check", a->check, "Status 1 if anything is illegal");
    command->footer(
        "Exit status: 0 a report was made, 1 the files have no context, or with --check a call is "
        "illegal, 2 a file that cannot be reviewed.\n\n"
        "Examples:\n"
        "  kctx review uart_dma.cpp\n"
        "  kctx review *.cpp -I include -D CARD_DEBUG=1 --html card.html --quiet --check");
    command->callback([a, &status] { status = run(*a); });
}

} // namespace kctx::tools

// SPDX-License-Identifier: BSL-1.0
// kctx manual: the manual pages, made of what --help says, so that they cannot differ.
#include "commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>

namespace kctx::tools {
namespace {

using commands = std::vector<const CLI::App *>;

/// Text as roff reads it: its own characters escaped, beyond ASCII by code point.
std::string roff(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else if ((c == '.' || c == '\'') && (i == 0 || text[i - 1] == '\n')) {
            out += "\\&";
            out += text[i];
        } else if (c < 0x80) {
            out += text[i];
        } else if (c >= 0xc0) {
            unsigned value = c & (c < 0xe0 ? 0x1fU : c < 0xf0 ? 0x0fU : 0x07U);
            for (; i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xc0) == 0x80;
                 ++i)
                value = value << 6 | (static_cast<unsigned char>(text[i + 1]) & 0x3fU);
            char code[16];
            std::snprintf(code, sizeof code, "\\[u%04X]", value);
            out += code;
        }
    }
    return out;
}

/// A macro's argument, with its spaces.
std::string as_argument(std::string_view text)
{
    std::string out = "\"";
    for (const char c : roff(text))
        out += c == '"' ? std::string("\\(dq") : std::string(1, c);
    return out + "\"";
}

std::string capitals(std::string text)
{
    for (char &c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

/// A description as a sentence.
std::string sentence(std::string text)
{
    if (text.empty())
        return text;
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text + (text.ends_with('.') ? "" : ".");
}

/// What stands behind the name: up to a colon, and of a command as the rest of a sentence.
std::string summary(const CLI::App &command)
{
    std::string text = command.get_description();
    text = text.substr(0, text.find(": "));
    if (command.get_parent())
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

std::vector<const CLI::Option *> options(const CLI::App &command, bool positional)
{
    std::vector<const CLI::Option *> found = command.get_options();
    std::erase_if(found, [=](const CLI::Option *o) {
        return o->get_positional() != positional || o->get_group().empty();
    });
    return found;
}

commands subcommands(const CLI::App &command)
{
    commands found = command.get_subcommands([](const CLI::App *) { return true; });
    std::erase_if(found, [](const CLI::App *s) { return s->get_group().empty(); });
    return found;
}

/// "[FILE]..."
std::string positional(const CLI::Option &o)
{
    const std::string name = o.get_required() ? o.get_name(true) : "[" + o.get_name(true) + "]";
    return "\\fI" + roff(name) + "\\fR" + (o.get_expected_max() > 1 ? "..." : "");
}

std::string usage(const CLI::App &command, const std::string &name)
{
    std::string text = ".B " + as_argument(name) + "\n[\\fIOPTION\\fR]...";
    for (const CLI::Option *o : options(command, true))
        text += " " + positional(*o);
    return text + "\n";
}

std::string entry(const CLI::Option &o)
{
    std::string head = "\\fB" + roff(o.get_name(o.get_positional(), !o.get_positional())) + "\\fR";
    if (const std::size_t comma = head.find(','); comma != head.npos)
        head.replace(comma, 1, "\\fR, \\fB"); // -j,--jobs
    if (o.get_positional())
        head.replace(0, 3, "\\fI");
    else if (o.get_type_size() != 0)
        head += " \\fI" + roff(o.get_type_name().substr(0, o.get_type_name().find(':'))) + "\\fR";
    std::string text = ".TP\n" + head + "\n" + roff(sentence(o.get_description())) + "\n";
    if (o.get_description().empty())
        text += "See above.\n";
    if (!o.get_default_str().empty())
        text += "By default " + roff(o.get_default_str()) + ".\n";
    if (o.get_required() && !o.get_positional())
        text += "It must be given.\n";
    const auto others = [&text](const char *with, const std::set<CLI::Option *> &set) {
        std::vector<std::string> names;
        names.reserve(set.size());
        for (const CLI::Option *other : set)
            names.push_back("\\fB" + roff(other->get_name()) + "\\fR");
        std::ranges::sort(names);
        for (std::size_t i = 0; i < names.size(); ++i)
            text += (i == 0 ? with : i + 1 == names.size() ? " or " : ", ") + names[i];
        text += names.empty() ? "" : ".\n";
    };
    others("Not with ", o.get_excludes());
    others("Only with ", o.get_needs());
    return text;
}

std::string entries(const CLI::App &command)
{
    std::string text;
    for (const bool positional : {true, false})
        for (const CLI::Option *o : options(command, positional))
            text += entry(*o);
    return text;
}

struct foot {
    std::string before, sections; ///< what belongs to the description, and sections of its own
};
/// The paragraphs below a command's help. "Title: text" is a section; lines with two spaces in
/// front stay as they are.
foot read_footer(const std::string &footer)
{
    std::istringstream lines(footer + "\n\n");
    foot f;
    std::string *text = &f.before, line;
    for (bool first = true, verbatim = false; std::getline(lines, line); first = line.empty()) {
        if (line.starts_with("  ") != verbatim) {
            *text += verbatim ? ".fi\n" : ".nf\n";
            verbatim = !verbatim;
        }
        const std::size_t end = line.find(':');
        if (first && end != line.npos && std::ranges::count(line.substr(0, end), ' ') <= 1) {
            text = &f.sections;
            *text += ".SH " + as_argument(capitals(line.substr(0, end))) + "\n";
            line = sentence(line.substr(std::min(line.size(), end + 2)));
        } else if (first && !line.empty()) {
            *text += ".PP\n";
        }
        if (!line.empty())
            *text += roff(verbatim ? line.substr(2) : line) + "\n";
    }
    return f;
}

std::string page(const CLI::App &command, const std::string &name, const commands &others)
{
    std::string title = name;
    std::ranges::replace(title, ' ', '-');
    std::string text =
        ".\\\" SPDX-License-Identifier: BSL-1.0\n.TH " + as_argument(capitals(title));
    text += " 1 \"\" " + as_argument("kctx " KCTX_PROGRAM_VERSION) +
            " \"kctx manual\"\n.SH NAME\n" + roff(title) + " \\- " + roff(summary(command)) +
            "\n.SH SYNOPSIS\n";
    const commands own = subcommands(command);
    const CLI::App *last = others.back() == &command ? *std::prev(others.end(), 2) : others.back();
    if (own.empty())
        text += usage(command, name);
    else
        text += ".B " + as_argument(name) + "\n[\\fIOPTION\\fR]... \\fI" +
                (command.get_require_subcommand_min() == 0 ? "[COMMAND]" : "COMMAND") + "\\fR\n";
    for (const std::string &alias : command.get_aliases())
        text += ".br\n" + usage(command, name.substr(0, name.rfind(' ') + 1) + alias);
    const foot below = read_footer(command.get_footer());
    text += ".SH DESCRIPTION\n" + roff(sentence(command.get_description())) + "\n" + below.before;
    text += ".SH OPTIONS\n" + entries(command);
    if (!own.empty())
        text += ".SH COMMANDS\n";
    const bool have_pages = command.get_parent() == nullptr;
    for (const CLI::App *s : own) {
        if (have_pages)
            text += ".TP\n.BR " + as_argument(title + "-" + s->get_name()) + " (1)\n" +
                    roff(sentence(s->get_description())) + "\n";
        else
            text += ".SS " + as_argument(name + " " + s->get_name()) + "\n" +
                    roff(sentence(s->get_description())) + "\n.PP\n" +
                    usage(*s, name + " " + s->get_name()) + entries(*s);
    }
    text += below.sections + ".SH SEE ALSO\n";
    for (const CLI::App *other : others)
        if (other != &command)
            text += ".BR " +
                    as_argument(other->get_parent() ? "kctx-" + other->get_name() : "kctx") +
                    (other == last ? " (1)\n" : " (1),\n");
    return text;
}

int write_pages(const CLI::App &program, const std::string &folder)
{
    std::filesystem::create_directories(folder);
    commands all = subcommands(program);
    all.insert(all.begin(), &program);
    for (const CLI::App *command : all) {
        const std::string name = command == &program ? "kctx" : "kctx " + command->get_name();
        std::string file = name;
        std::ranges::replace(file, ' ', '-');
        const auto write = [&](const std::string &as, const std::string &text) {
            const std::filesystem::path path = std::filesystem::path(folder) / (as + ".1");
            if (!(std::ofstream(path) << text << std::flush))
                throw std::runtime_error("cannot write " + path.string());
        };
        write(file, page(*command, name, all));
        for (const std::string &alias : command->get_aliases())
            write("kctx-" + alias, ".so man1/" + file + ".1\n");
    }
    return done;
}

} // namespace

void add_manual(CLI::App &program, int &status)
{
    auto folder = std::make_shared<std::string>();
    CLI::App *command = program.add_subcommand("manual", "Writes the manual pages into a folder");
    command->group(""); // for who packs the program
    command->add_option("FOLDER", *folder)->required();
    command->callback([&program, &status, folder] { status = write_pages(program, *folder); });
}

} // namespace kctx::tools

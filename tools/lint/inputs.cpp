// SPDX-License-Identifier: BSL-1.0
// What names the files to read, and their flags.
#include "lint.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace kctx::tools::lint {
namespace {

namespace fs = std::filesystem;

/// The directory that "drivers/x/y.o" in drivers/x/.y.o.cmd is relative to.
fs::path directory_of_build(const fs::path &cmd_file, const fs::path &target,
                            const std::string &kdir)
{
    fs::path top = fs::absolute(cmd_file).parent_path();
    for (fs::path in = target.parent_path(); !in.empty(); in = in.parent_path()) {
        if (target.is_absolute() || top.filename() != in.filename())
            return kdir;
        top = top.parent_path();
    }
    return top;
}

} // namespace

job read_cmd_file(const std::string &path, std::string_view text, const std::string &kdir)
{
    // scripts/basic/fixdep.c: savedcmd_T := ..., source_T := ..., deps_T := \, and rules of T
    int number = 0;
    const auto refuse = [&path, &number](const std::string &reason) {
        throw std::runtime_error(path + ":" + std::to_string(number) + ": " + reason);
    };
    job found;
    fs::path top;
    std::string_view command;
    int command_line = 0;
    bool continued = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        const bool of_last = std::exchange(continued, line.ends_with('\\'));
        if (line.find('\0') != line.npos)
            refuse("a zero byte: this is no text");
        if (of_last || line.empty() || line.starts_with('#'))
            continue;
        const std::size_t value = line.find(" := ");
        if (value == line.npos) {
            if (line.find(':') == line.npos)
                refuse("neither a variable nor a rule");
            continue;
        }
        const std::string_view name = line.substr(0, value);
        const std::string_view target = name.substr(std::min(name.find('_') + 1, name.size()));
        if (name.starts_with("source_")) {
            if (!found.path.empty())
                refuse("a second source");
            found.path = line.substr(value + 4);
            if (!found.path.ends_with(".c"))
                refuse("the source \"" + found.path + "\" is no file of C");
            top = directory_of_build(path, target, kdir);
        } else if (name.starts_with("cmd_") || name.starts_with("savedcmd_")) {
            command = line.substr(value + 4);
            command_line = number;
        } else if (!name.starts_with("deps_")) {
            refuse("Kbuild writes no variable \"" + std::string(name) + "\"");
        }
    }
    if (found.path.empty())
        refuse("names no source: it is no .cmd file of an object");
    number = command_line;
    if (command.empty())
        refuse("has no command");
    found.path = (top / found.path).string();
    try {
        found.flags = usable_flags(command, top.string());
    } catch (const std::invalid_argument &e) {
        refuse(e.what());
    }
    return found;
}

std::vector<job> read_compile_commands(const std::string &path, std::string_view text,
                                       const std::vector<std::string> &wanted)
{
    using nlohmann::json;
    json list;
    try {
        list = json::parse(text);
    } catch (const json::exception &e) { // it says the line
        throw std::runtime_error(path + " is no compile_commands.json: " + e.what());
    }
    std::size_t number = 0;
    const auto refuse = [&path, &number](const std::string &reason) {
        throw std::runtime_error(path + ", entry " + std::to_string(number) + ": " + reason);
    };
    if (!list.is_array())
        throw std::runtime_error(path + " is no compile_commands.json: it is no list");
    std::set<std::string> left;
    for (const std::string &name : wanted)
        left.insert(fs::weakly_canonical(name).string());
    std::vector<job> jobs;
    for (const json &entry : list) {
        ++number;
        if (!entry.is_object())
            refuse("is no object");
        const auto text_at = [&](const char *key) {
            const auto found = entry.find(key);
            if (found == entry.end() || !found->is_string())
                refuse(std::string("has no text \"") + key + "\"");
            return found->get<std::string>();
        };
        const std::string directory = text_at("directory");
        const std::string file =
            fs::weakly_canonical(fs::path(directory) / text_at("file")).string();
        const bool chosen = wanted.empty() || left.erase(file) != 0;
        if (!chosen || !file.ends_with(".c"))
            continue;
        std::string command;
        if (const auto words = entry.find("arguments"); words != entry.end()) {
            if (!words->is_array() || !std::ranges::all_of(*words, &json::is_string))
                refuse("its \"arguments\" are no list of texts");
            for (const json &word : *words) {
                command += " '";
                for (const char c : word.get<std::string>())
                    command += c == '\'' ? "'\\''" : std::string(1, c);
                command += '\'';
            }
        } else {
            command = text_at("command");
        }
        try {
            jobs.push_back({file, usable_flags(command, directory)});
        } catch (const std::invalid_argument &e) {
            refuse(e.what());
        }
    }
    if (!left.empty())
        throw std::runtime_error(path + " does not have " + *left.begin());
    return jobs;
}

} // namespace kctx::tools::lint

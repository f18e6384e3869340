// SPDX-License-Identifier: BSL-1.0
// kctx link: a file with the headers that it needs as one link to Compiler Explorer, which holds
// all of it. kctx header: the library as one header.
#include "session.hpp"
#include "single_header.hpp"

#include "../commands.hpp"
#include "../html.hpp"
#include "../include_folder.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace kctx::tools {
namespace {

namespace fs = std::filesystem;
using namespace link;

constexpr const char *joined = "kctx/kctx.hpp"; // all that the file needs of the library

struct link_arguments {
    std::string file;
    std::string compiler = "g122";
    std::vector<std::string> options;
    std::string include;
    std::string page;
    std::string folder;
    bool run = false;
};
struct header_arguments {
    std::vector<std::string> names;
    std::string include;
};

void write(const fs::path &file, const std::string &text)
{
    std::ofstream out(file, std::ios::binary);
    out << text;
    if (!out.flush())
        throw std::runtime_error("cannot write " + file.string());
}

/// The files that @p text includes from beside it, by name.
std::vector<std::string> neighbours(const std::string &text)
{
    std::vector<std::string> names;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t quote = line.find('"');
        if (line.starts_with("#include") && quote != line.npos)
            names.push_back(line.substr(quote + 1, line.find('"', quote + 1) - quote - 1));
    }
    return names;
}

/// The file, what it includes from beside it, and what all of them need of the library: joined into
/// one header, which the others forward to.
session gather(const link_arguments &a)
{
    session s;
    s.compiler = a.compiler;
    s.runs = a.run;
    s.options = "-std=c++20 -I. -Wall -Wextra -Werror=unused-result";
    for (const std::string &option : a.options)
        s.options += " " + option;
    s.files.push_back({std::string(main_file), contents(a.file)});
    std::set<std::string> seen;
    for (std::size_t i = 0; i < s.files.size(); ++i) {
        for (const std::string &name : neighbours(s.files[i].text)) {
            if (name.starts_with('/') || name.find("..") != name.npos)
                throw std::runtime_error(a.file + " includes " + name + ", which is not beside it");
            const fs::path file = fs::path(a.file).parent_path() / name;
            if (seen.insert(name).second)
                s.files.push_back({name, contents(file)});
        }
    }
    std::vector<std::string> wanted;
    std::set<std::string> named;
    for (const source_file &file : s.files) {
        for (const std::string &name : included_headers(file.text)) {
            if (named.insert(name).second)
                wanted.push_back(name);
        }
    }
    if (wanted.empty())
        return s;
    s.files.push_back({joined, single_header(include_folder(a.include), wanted)});
    for (const std::string &name : named) {
        if (name != joined)
            s.files.push_back({name, "#include <kctx/kctx.hpp>\n"});
    }
    return s;
}

/// A page that goes to a link which is too long for where people would paste it.
std::string page_of(const std::string &title, const std::string &link)
{
    return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width\">\n"
           "<meta http-equiv=\"refresh\" content=\"0; url=" +
           html_escaped(link) +
           "\">\n"
           "<title>" +
           html_escaped(title) + "</title>\n<p>" + html_escaped(title) +
           " with all that it includes: <a href=\"" + html_escaped(link) +
           "\">open it in Compiler Explorer</a>.</p>\n</html>\n";
}

/// What a link holds, as files.
void unpack(const std::string &link_text, const fs::path &folder)
{
    const session s = from_link(link_text);
    for (const source_file &file : s.files) {
        const fs::path name = fs::path(file.name).lexically_normal();
        if (name.empty() || name.is_absolute() || *name.begin() == "..")
            throw std::runtime_error("the link has a file outside its folder: " + file.name);
        const fs::path path = folder / name;
        fs::create_directories(path.parent_path());
        write(path, file.text);
        std::printf("%s\n", path.c_str());
    }
    std::printf("%s %s %s\n", s.compiler.c_str(), s.options.c_str(), s.files.front().name.c_str());
}

void make_link(const link_arguments &a)
{
    if (!a.folder.empty()) {
        unpack(a.file, a.folder);
        return;
    }
    const std::string made = to_link(gather(a));
    if (a.page.empty())
        std::printf("%s\n", made.c_str());
    else
        write(a.page, page_of(fs::path(a.file).filename().string(), made));
}

} // namespace

void add_link(CLI::App &program, int &status)
{
    const auto a = std::make_shared<link_arguments>();
    CLI::App *link = program.add_subcommand(
        "link", "A file with all that it includes as a link to Compiler Explorer");
    link->add_option("FILE", a->file, "The file; with --unpack, a link")->required();
    link->add_option("--compiler", a->compiler, "By its id there: g122, clang1400, clang2210")
        ->capture_default_str();
    link->add_option("--option", a->options, "An option for the compiler: -DKCTX_PREEMPT_RT=1")
        ->allow_extra_args(false);
    link->add_flag("--run", a->run, "Show what the program prints");
    link->add_option("--page", a->page,
                     "Write a page that goes there, for a link too long to paste");
    link->add_option("--include", a->include, "The folder that holds kctx/");
    link->add_option("--unpack", a->folder, "Write the files of a link into this folder");
    link->footer(
        "The link holds the file, what it includes from beside it, and the headers of kctx that "
        "these need. Nothing is sent.\n\n"
        "Exit status: 0 done, 2 bad arguments, a file that cannot be read, or a link that is none "
        "or too long for a browser.\n\n"
        "Examples:\n"
        "  kctx link driver.cpp\n"
        "  kctx link driver.cpp --compiler clang2210 --page driver.html\n"
        "  kctx link --unpack folder 'https://godbolt.org/#z:...'");
    link->callback([a, &status] {
        make_link(*a);
        status = done;
    });

    const auto h = std::make_shared<header_arguments>();
    CLI::App *header =
        program.add_subcommand("header", "The library as a single header, on standard output");
    header->add_option("NAME", h->names,
                       "The headers that it stands for: kctx/api/usb.hpp; "
                       "by default all calls");
    header->add_option("--include", h->include, "The folder that holds kctx/");
    header->footer("Examples:\n"
                   "  kctx header > kctx_single.hpp\n"
                   "  kctx header kctx/kctx.hpp kctx/api/usb.hpp > small.hpp");
    header->callback([h, &status] {
        if (h->names.empty())
            h->names = {"kctx/all.hpp"};
        const std::string text = single_header(include_folder(h->include), h->names);
        std::fwrite(text.data(), 1, text.size(), stdout);
        status = done;
    });
}

} // namespace kctx::tools

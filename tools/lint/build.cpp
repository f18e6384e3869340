// SPDX-License-Identifier: BSL-1.0
// How the kernel of a build directory is compiled, and what Makefiles add for one file.
#include "lint.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace kctx::tools::lint {
namespace {

namespace fs = std::filesystem;

void replace_all(std::string &text, std::string_view what, const std::string &by)
{
    for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size())
        text.replace(at, what.size(), by);
}

/// The top of the kernel tree that a file is in, or nothing.
fs::path tree_of(const fs::path &file)
{
    for (fs::path dir = file.parent_path(); dir.has_relative_path(); dir = dir.parent_path()) {
        if (fs::exists(dir / "Kbuild") && fs::exists(dir / "Kconfig") && fs::exists(dir / "init"))
            return dir;
    }
    return {};
}

bool has_config(const std::string &autoconf, const std::string &name)
{
    return autoconf.find("#define CONFIG_" + name + " 1") != autoconf.npos;
}

/// A file that need not be there.
std::string contents(const fs::path &path)
{
    return fs::is_regular_file(path) ? text_of_file(path.string()) : std::string();
}

} // namespace

std::string text_of_file(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in || fs::is_directory(path))
        throw std::runtime_error("cannot read " + path);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

std::vector<std::string> words_of(std::string_view line)
{
    std::vector<std::string> words;
    std::string word;
    char quote = 0;
    bool any = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '\\' && i + 1 < line.size() && quote != '\'') {
            word += line[++i];
            any = true;
        } else if (quote != 0 ? c == quote : c == '"' || c == '\'') {
            quote = quote != 0 ? 0 : c;
            any = true;
        } else if (quote == 0 && std::isspace(static_cast<unsigned char>(c)) != 0) {
            if (any)
                words.push_back(std::move(word));
            word.clear();
            any = false;
        } else {
            word += c;
            any = true;
        }
    }
    if (quote != 0)
        throw std::invalid_argument(std::string("a ") + quote + " is not closed");
    if (any)
        words.push_back(std::move(word));
    return words;
}

kernel_build read_build(const std::string &directory)
{
    const fs::path top = fs::weakly_canonical(directory);
    const std::string autoconf = contents(top / "include/generated/autoconf.h");
    if (autoconf.empty())
        throw std::runtime_error(top.string() +
                                 " is no prepared kernel build: it has no "
                                 "include/generated/autoconf.h; make modules_prepare");
    kernel_build build;
    build.directory = top.string();
    fs::path tree = fs::exists(top / "include/linux/kernel.h") ? top : top / "source";
    const std::string makefile = contents(top / "Makefile"); // "include /usr/src/…-common/Makefile"
    if (!fs::exists(tree) && makefile.find("include ") != makefile.npos) {
        const std::size_t at = makefile.find("include ") + 8;
        tree = fs::path(makefile.substr(at, makefile.find('\n', at) - at)).parent_path();
    }
    if (!fs::exists(tree / "include/linux/kernel.h"))
        throw std::runtime_error("the kernel source of " + top.string() + " is not to be found");
    build.source_tree = fs::weakly_canonical(tree).string();

    const std::string release = contents(top / "include/generated/uapi/linux/version.h");
    const auto defined = [&](std::string_view name, int &value) {
        const std::size_t at = release.find(name);
        const char *const end = release.data() + release.size();
        if (at == release.npos ||
            std::from_chars(release.data() + at + name.size(), end, value).ec != std::errc())
            throw std::runtime_error(top.string() +
                                     "/include/generated/uapi/linux/version.h has no " +
                                     std::string(name));
    };
    defined("LINUX_VERSION_MAJOR ", build.major);
    defined("LINUX_VERSION_PATCHLEVEL ", build.minor);

    const bool arm64 = has_config(autoconf, "ARM64");
    if (!arm64 && !has_config(autoconf, "X86_64"))
        throw std::runtime_error(top.string() + " is for neither x86-64 nor arm64");
    const std::string arch = arm64 ? "arch/arm64/include" : "arch/x86/include";
    const std::string from = build.source_tree + "/";
    const std::string made = build.directory + "/";
    build.flags = {"-nostdinc",
                   "-I" + from + arch,
                   "-I" + made + arch + "/generated",
                   "-I" + from + "include",
                   "-I" + made + "include",
                   "-I" + from + arch + "/uapi",
                   "-I" + made + arch + "/generated/uapi",
                   "-I" + from + "include/uapi",
                   "-I" + made + "include/generated/uapi",
                   "-include",
                   from + "include/linux/compiler-version.h",
                   "-include",
                   from + "include/linux/kconfig.h",
                   "-include",
                   from + "include/linux/compiler_types.h",
                   "-D__KERNEL__",
                   "-DMODULE",
                   "-DKBUILD_BASENAME=\"lint\"",
                   "-DKBUILD_MODNAME=\"lint\"",
                   "-D__KBUILD_MODNAME=kmod_lint",
                   "-DCC_USING_FENTRY",
                   "-std=gnu11",
                   "-fshort-wchar",
                   "-funsigned-char",
                   "-fno-common",
                   "-fno-strict-aliasing",
                   "-fms-extensions",
                   "-O2",
                   "-Wno-everything"};
    if (arm64)
        build.flags.insert(build.flags.end(), {"--target=aarch64-linux-gnu", "-mgeneral-regs-only",
                                               "-DKASAN_SHADOW_SCALE_SHIFT="});
    else
        build.flags.insert(build.flags.end(), {"--target=x86_64-linux-gnu", "-m64",
                                               "-mcmodel=kernel", "-mno-red-zone", "-mno-sse"});
    return build;
}

std::vector<std::string> usable_flags(std::string_view command, const std::string &directory)
{
    std::vector<std::string> flags;
    const std::vector<std::string> words = words_of(command);
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string word = words[i];
        if (word == "-I" && i + 1 < words.size())
            word += words[++i];
        if (word.starts_with("-I") && word.size() > 2)
            flags.push_back("-I" + (fs::path(directory) / word.substr(2)).string());
        else if (word.starts_with("-D") && !word.starts_with("-DKBUILD_") &&
                 !word.starts_with("-D__KBUILD_") && word != "-D__KERNEL__" && word != "-DMODULE")
            flags.push_back(word);
    }
    return flags;
}

std::vector<std::string> makefile_flags(const std::string &file)
{
    const fs::path path = fs::weakly_canonical(file);
    const fs::path tree = tree_of(path);
    std::vector<std::string> flags;
    if (!tree.empty())
        flags.push_back("-I" + (tree / "include").string());
    bool own = true;
    for (fs::path dir = path.parent_path(); !dir.empty() && dir != tree; dir = dir.parent_path()) {
        const fs::path makefile = dir / (fs::exists(dir / "Kbuild") ? "Kbuild" : "Makefile");
        std::string text = contents(makefile);
        replace_all(text, "\\\n", " ");
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            line.resize(std::min(line.find('#'), line.size()));
            const std::size_t equals = line.find('=');
            const bool adds = line.starts_with("subdir-ccflags") ||
                              (own && (line.starts_with("ccflags") || line.starts_with("CFLAGS_") ||
                                       line.starts_with("EXTRA_CFLAGS")));
            if (!adds || equals == line.npos)
                continue;
            const std::string base = (tree.empty() ? dir : tree).string();
            for (const char *const name : {"$(srctree)", "${srctree}"})
                replace_all(line, name, base);
            const std::string here = dir.string();
            for (const char *const name : {"$(src)", "$(obj)"})
                replace_all(line, name, here);
            try {
                for (std::string &flag :
                     usable_flags(std::string_view(line).substr(equals + 1), base)) {
                    if (flag.find("$(") == flag.npos)
                        flags.push_back(std::move(flag));
                }
            } catch (const std::invalid_argument &e) {
                throw std::runtime_error(makefile.string() + ": " + e.what() + ": " + line);
            }
        }
        if (tree.empty())
            break;
        own = false;
    }
    return flags;
}

} // namespace kctx::tools::lint

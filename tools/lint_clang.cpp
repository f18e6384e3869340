// SPDX-License-Identifier: BSL-1.0
// The build of a kernel, and what clang says of a file of it.
#include "lint.hpp"
#include "overlay.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kctx::tools::lint {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Runs a program; returns what it says on its standard error.
std::string run(const std::vector<std::string> &command, int &status)
{
    std::vector<char *> argv;
    argv.reserve(command.size() + 1);
    for (const std::string &word : command)
        argv.push_back(const_cast<char *>(word.c_str()));
    argv.push_back(nullptr);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw std::runtime_error("cannot make a pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    pid_t child = 0;
    const int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed != 0) {
        close(ends[0]);
        throw std::runtime_error("cannot run " + command[0]);
    }
    std::string said;
    char buffer[65536];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
        said.append(buffer, static_cast<std::size_t>(n));
    close(ends[0]);
    waitpid(child, &status, 0);
    return said;
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
    if (any)
        words.push_back(std::move(word));
    return words;
}

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

/// "FILE:LINE:COLUMN: KIND: TEXT"
struct diagnostic {
    std::string_view file;
    int line = 0;
    int column = 0;
    std::string_view kind;
    std::string_view text;
};
bool read_diagnostic(std::string_view said, diagnostic &d)
{
    constexpr std::string_view kinds[] = {
        ": warning: ", ": error: ", ": fatal error: ", ": note: "};
    for (const std::string_view kind : kinds) {
        const std::size_t at = said.find(kind);
        if (at == said.npos)
            continue;
        const std::size_t column = said.rfind(':', at - 1);
        const std::size_t line =
            column == said.npos || column == 0 ? said.npos : said.rfind(':', column - 1);
        if (line == said.npos)
            return false;
        d.file = said.substr(0, line);
        const auto number = [said](std::size_t from, std::size_t to, int &value) {
            return std::from_chars(said.data() + from, said.data() + to, value).ec == std::errc();
        };
        if (!number(line + 1, column, d.line) || !number(column + 1, at, d.column))
            return false;
        d.kind = kind.substr(2, kind.size() - 4);
        d.text = said.substr(at + kind.size());
        return true;
    }
    return false;
}

/// The n-th word in single quotes.
std::string_view quoted(std::string_view text, int n)
{
    std::size_t at = 0;
    for (;; --n) {
        const std::size_t begin = text.find('\'', at);
        const std::size_t end = begin == text.npos ? begin : text.find('\'', begin + 1);
        if (end == text.npos)
            return {};
        if (n == 0)
            return text.substr(begin + 1, end - begin - 1);
        at = end + 1;
    }
}

/// Reads what clang said of one file into its functions.
class reader
{
    facts &facts_;
    const std::string &path_;

    call_site *site_ = nullptr; // that the notes which follow belong to
    function *unknown_in_ = nullptr;
    std::vector<std::string> via_;
    std::string last_called_;
    diagnostic effect_;

    function *at(int line)
    {
        for (function &f : facts_.functions) {
            if (f.first_line <= line && line <= f.last_line)
                return &f;
        }
        return nullptr;
    }
    bool in_file(std::string_view name) const
    {
        return std::ranges::any_of(facts_.functions,
                                   [name](const function &f) { return f.name == name; });
    }
    call_site &site(function &f, const diagnostic &d, std::string_view callee)
    {
        const called_name called = name_of_call(callee);
        for (call_site &known : f.calls) {
            if (known.line == d.line && known.column == d.column && known.callee == called.name)
                return known;
        }
        call_site fresh;
        fresh.callee = called.name;
        fresh.flags = static_cast<call_site::mask>(called.flags);
        fresh.line = d.line;
        fresh.column = d.column;
        fresh.in_file = in_file(called.name);
        return f.calls.emplace_back(std::move(fresh));
    }

    void section(const diagnostic &d)
    {
        function *f = at(d.line);
        if (!f)
            return;
        if (d.text.starts_with("cannot call function '")) {
            call_site &call = site(*f, d, quoted(d.text, 0));
            if (const std::string_view held = quoted(d.text, 1); held != "kctx_entered")
                call.held.emplace(held);
            site_ = &call;
        } else if (d.text.starts_with("releasing section '")) {
            f->gives_back.try_emplace(std::string(quoted(d.text, 0)), d.line);
        }
    }

    /// "function with 'nonblocking' attribute must not call non-'nonblocking' function 'f'"
    void effect(const diagnostic &d)
    {
        end_of_effect();
        if (d.text.find("must not call non-'nonblocking'") == d.text.npos)
            return;
        unknown_in_ = at(d.line);
        effect_ = d;
        last_called_ = quoted(d.text, 2);
    }
    void note(const diagnostic &d)
    {
        if (site_ && d.text.starts_with("expanded from macro '"))
            site_->macro = quoted(d.text, 0); // the outermost comes first
        if (d.text.starts_with("expanded from macro '"))
            site_ = nullptr;
        if (!unknown_in_)
            return;
        if (d.text.find("because it calls non-") != d.text.npos) {
            via_.push_back(last_called_);
            last_called_ = quoted(d.text, 2);
        } else if (d.text.find("function pointer cannot") != d.text.npos) {
            ++unknown_in_->through_pointers;
            unknown_in_ = nullptr;
        }
    }
    void end_of_effect()
    {
        if (unknown_in_ && !last_called_.empty()) {
            const called_name called = name_of_call(last_called_);
            // What the overlay itself declares is reported by section().
            if (last_called_.starts_with("kctx_") || via_.empty()) {
                if (!last_called_.starts_with("kctx_") && !in_file(last_called_))
                    unknown_in_->unknown.insert(last_called_);
            } else {
                call_site &call = site(*unknown_in_, effect_, called.name);
                call.via = via_;
            }
        }
        unknown_in_ = nullptr;
        via_.clear();
        last_called_.clear();
    }

public:
    reader(facts &into, const std::string &path) : facts_(into), path_(path) {}

    void read(std::string_view said)
    {
        while (!said.empty()) {
            const std::size_t end = std::min(said.find('\n'), said.size());
            diagnostic d;
            if (read_diagnostic(said.substr(0, end), d)) {
                if (d.kind != "note")
                    site_ = nullptr;
                if (d.kind.ends_with("error")) {
                    facts_.errors.emplace_back(said.substr(0, end));
                } else if (d.kind == "note") {
                    note(d);
                } else if (d.file != path_) {
                    end_of_effect();
                } else if (d.text.ends_with("[-Wthread-safety-analysis]")) {
                    end_of_effect();
                    section(d);
                } else if (d.text.ends_with("[-Wfunction-effects]")) {
                    effect(d);
                }
            }
            said.remove_prefix(std::min(end + 1, said.size()));
        }
        end_of_effect();
    }
};

} // namespace

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
    const auto defined = [&release](std::string_view name) {
        const std::size_t at = release.find(name);
        return at == release.npos ? 0 : std::atoi(release.c_str() + at + name.size());
    };
    build.major = defined("LINUX_VERSION_MAJOR ");
    build.minor = defined("LINUX_VERSION_PATCHLEVEL ");

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
        std::string text = contents(dir / (fs::exists(dir / "Kbuild") ? "Kbuild" : "Makefile"));
        replace_all(text, "\\\n", " ");
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
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
            for (std::string &flag :
                 usable_flags(std::string_view(line).substr(equals + 1), base)) {
                if (flag.find("$(") == flag.npos)
                    flags.push_back(std::move(flag));
            }
        }
        if (tree.empty())
            break;
        own = false;
    }
    return flags;
}

compiler::compiler(std::string program, const kernel_build &build)
    : program_(std::move(program)), build_(build)
{
    std::string name = (fs::temp_directory_path() / "kctx-lint-XXXXXX").string();
    if (!mkdtemp(name.data()))
        throw std::runtime_error("cannot make a directory in " +
                                 fs::temp_directory_path().string());
    scratch_ = name;
    const auto began = std::chrono::steady_clock::now();
    try {
        overlay_ = prepare("overlay", {});
    } catch (...) {
        fs::remove_all(scratch_);
        throw;
    }
    overlay_seconds_ =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

/// Compiles an overlay of some headers, or all. What the kernel does not declare is left out: clang
/// says so.
std::string compiler::prepare(const std::string &name, const std::set<std::string> &headers) const
{
    const std::string text = scratch_ + "/" + name + ".h";
    const std::string compiled = scratch_ + "/" + name + ".pch";
    overlay_options options{build_.major, build_.minor, true, true, {}, headers};
    std::vector<std::string> command{program_};
    command.insert(command.end(), build_.flags.begin(), build_.flags.end());
    for (const char *const word :
         {"-ferror-limit=0", "-fno-caret-diagnostics", "-x", "c-header", "-o"})
        command.emplace_back(word);
    command.push_back(compiled);
    command.push_back(text);
    for (int attempt = 0;; ++attempt) {
        std::ofstream(text) << overlay_text(options);
        int status = 0;
        const std::string said = run(command, status);
        if (status == 0)
            return compiled;
        constexpr std::string_view undeclared = "undeclared identifier '";
        bool learned = false;
        for (std::size_t at = 0; (at = said.find(undeclared, at)) != said.npos;) {
            at += undeclared.size();
            learned =
                options.absent.insert(said.substr(at, said.find('\'', at) - at)).second || learned;
        }
        if (!learned || attempt == 3)
            throw std::runtime_error("the headers of " + build_.directory +
                                     " do not compile with " + program_ + ":\n" +
                                     said.substr(0, 2000));
    }
}

compiler::~compiler()
{
    std::error_code ignored;
    fs::remove_all(scratch_, ignored);
}

facts compiler::read(const std::string &path, const source &text,
                     const std::vector<std::string> &more_flags) const
{
    facts known = read_with(overlay_, path, text, more_flags);
    // A header that the file does without may have names of its own for the same.
    if (!known.errors.empty() && known.errors[0].find("file not found") == std::string::npos) {
        try {
            facts alone =
                read_with(prepare("own", headers_of(path, more_flags)), path, text, more_flags);
            if (alone.errors.size() < known.errors.size())
                return alone;
        } catch (const std::runtime_error &) {
            return known; // its own headers do not go together
        }
    }
    return known;
}

/// The headers of the overlay that a file includes itself.
std::set<std::string> compiler::headers_of(const std::string &path,
                                           const std::vector<std::string> &more_flags) const
{
    const std::string list = scratch_ + "/headers";
    std::vector<std::string> command{program_};
    command.insert(command.end(), build_.flags.begin(), build_.flags.end());
    command.insert(command.end(), more_flags.begin(), more_flags.end());
    command.insert(command.end(), {"-M", "-MF", list, path});
    int status = 0;
    run(command, status);
    std::set<std::string> headers{"linux/kernel.h", "linux/spinlock.h", "linux/slab.h"};
    for (const std::string &word : words_of(contents(list))) {
        const std::size_t at = word.rfind("/include/");
        if (at != word.npos)
            headers.insert(word.substr(at + 9));
    }
    return headers;
}

facts compiler::read_with(const std::string &overlay, const std::string &path, const source &text,
                          const std::vector<std::string> &more_flags) const
{
    const std::string name = fs::weakly_canonical(path).string();
    const std::string copy = scratch_ + "/file.c";
    std::vector<std::string> command{program_};
    for (std::size_t i = 0; i < build_.flags.size(); ++i) {
        if (build_.flags[i] == "-include")
            ++i; // they are in the overlay
        else
            command.push_back(build_.flags[i]);
    }
    command.insert(command.end(), more_flags.begin(), more_flags.end());
    for (const char *const word :
         {"-Wthread-safety-analysis", "-Wfunction-effects", "-fno-caret-diagnostics",
          "-fmacro-backtrace-limit=0", "-ferror-limit=20", "-fsyntax-only", "-include-pch"})
        command.emplace_back(word);
    command.push_back(overlay);
    command.push_back("-iquote" + fs::path(name).parent_path().string());
    command.push_back(copy);

    // A name that the file uses for something of its own is no call of the kernel's.
    std::set<std::string> undefined;
    facts known;
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::ofstream(copy) << text.marked(name, undefined);
        int status = 0;
        const std::string said = run(command, status);
        known = facts{text.functions(), {}};
        reader(known, name).read(said);
        std::size_t before = undefined.size();
        for (const std::string &error : known.errors) {
            for (std::size_t at = 0; (at = error.find("kctx_", at)) != error.npos; ++at) {
                std::size_t end = at;
                while (std::isalnum(static_cast<unsigned char>(error[end])) != 0 ||
                       error[end] == '_')
                    ++end;
                undefined.emplace(name_of_call(std::string_view(error).substr(at, end - at)).name);
            }
        }
        if (undefined.size() == before)
            break;
    }
    return known;
}

} // namespace kctx::tools::lint

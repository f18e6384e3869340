// SPDX-License-Identifier: BSL-1.0
#include "guard.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <iterator>
#include <set>
#include <utility>

namespace kctx::tools::lab {
namespace {

using word_set = std::set<std::string, std::less<>>;

bool is_word(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

// Ways out of the contexts, out of the process, and into the checks.
constexpr std::string_view forbidden_words[] = {
    "asm", "extern", "main", "import", "module", "export", "friend", "throw", "try", "catch",
    "reinterpret_cast", "const_cast", "typeid", "thread_local",
    // attributes that place code or data
    "gnu", "clang", "constructor", "destructor", "ifunc", "weakref", "section", "alias",
    "visibility", "pragma", "_Pragma",
    // the library's inside
    "assume_context", "mint", "detail", "env", "host", "sim", "tools", "lab", "token_base",
    "KCTX_UNCHECKED", "KCTX_PLAIN_CALLS", "KCTX_STRICT", "KCTX_CALL", "KCTX_RULED_CALL",
    "KCTX_LEGAL_ANYWHERE", "KCTX_CONTEXT",
    // the C library's
    "std", "exit", "_exit", "_Exit", "quick_exit", "at_quick_exit", "atexit", "abort", "fork",
    "vfork", "clone", "execl", "execlp", "execle", "execv", "execvp", "execve", "fexecve",
    "posix_spawn", "posix_spawnp", "system", "popen", "syscall", "raise", "kill", "killpg",
    "signal", "sigaction", "alarm", "setjmp", "longjmp", "mmap", "munmap", "mprotect", "dlopen",
    "dlsym", "getenv", "setenv", "putenv", "environ", "ptrace", "printf", "fprintf", "dprintf",
    "puts", "fputs", "fwrite", "fopen", "fdopen", "freopen", "fclose", "remove", "unlink", "rename",
    "symlink", "link", "mkdir", "rmdir", "chmod", "stdin", "stdout", "stderr", "socket", "connect",
    "dup2", "prctl", "setrlimit", "pthread_create", "malloc", "calloc", "realloc", "free",
    "memfd_create"};

/// A name that begins like the compiler's own and is not the kernel's.
bool is_reserved(std::string_view word)
{
    if (!word.starts_with("__") && !word.starts_with("LAB_"))
        return false;
    for (const std::string_view allowed : {"__GFP_", "__free_", "__get_free_", "__builtin_mem",
                                           "__iomem", "__user", "__init", "__exit", "__must_check"})
        if (word.starts_with(allowed))
            return false;
    return true;
}

/// Joins continued lines and keeps their number: the newlines follow at the end of the last.
std::string spliced(std::string_view text)
{
    std::string out;
    std::size_t owed = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::size_t next = i + 1; // blanks between the backslash and the end do not count (g++)
        while (next < text.size() &&
               (text[next] == ' ' || text[next] == '\t' || text[next] == '\r'))
            ++next;
        if (text[i] == '\\' && next < text.size() && text[next] == '\n') {
            ++owed;
            i = next;
            continue;
        }
        out += text[i];
        if (text[i] == '\n')
            out.append(std::exchange(owed, 0), '\n');
    }
    return out;
}

/// Every identifier of @p code and its line.
template <class F> void for_each_word(std::string_view code, F f)
{
    std::size_t line = 1;
    for (std::size_t i = 0; i < code.size();) {
        if (!is_word(code[i])) {
            line += code[i++] == '\n' ? 1 : 0;
            continue;
        }
        std::size_t end = i;
        while (end < code.size() && is_word(code[end]))
            ++end;
        f(code.substr(i, end - i), line);
        i = end;
    }
}

std::string without_blanks(std::string_view text)
{
    std::string out;
    for (const char c : text)
        if (std::isspace(static_cast<unsigned char>(c)) == 0)
            out += c;
    return out;
}

/// A directive's line as it was written, without blanks: `#include<kctx/kctx.hpp>`.
std::optional<std::string> directive(std::string_view code_line, std::string_view line)
{
    const std::string_view code = trimmed(code_line);
    if (!code.starts_with("#") && !code.starts_with("%:") && !code.starts_with("?\?="))
        return std::nullopt;
    return without_blanks(line.substr(0, line.find("//")));
}

} // namespace

std::string code_of(std::string_view text)
{
    const std::string source = spliced(text);
    std::string out = source;
    const auto blank = [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < std::min(to, out.size()); ++i)
            if (out[i] != '\n')
                out[i] = ' ';
    };
    for (std::size_t i = 0; i < source.size();) {
        const std::string_view rest = std::string_view(source).substr(i);
        std::size_t end = i + 1;
        if (rest.starts_with("//")) {
            end = std::min(source.find('\n', i), source.size());
            blank(i, end);
        } else if (rest.starts_with("/*")) {
            const std::size_t close = source.find("*/", i + 2);
            end = close == std::string::npos ? source.size() : close + 2;
            blank(i, end);
        } else if (rest.starts_with("R\"") && (i == 0 || !is_word(source[i - 1]))) {
            const std::size_t open = source.find('(', i);
            const std::string close =
                open == std::string::npos ? ")" : ")" + source.substr(i + 2, open - i - 2) + "\"";
            const std::size_t at = source.find(close, open == std::string::npos ? i : open);
            end = at == std::string::npos ? source.size() : at + close.size();
            blank(i, end);
        } else if (rest[0] == '"' || (rest[0] == '\'' && (i == 0 || !is_word(source[i - 1])))) {
            while (end < source.size() && source[end] != rest[0] && source[end] != '\n')
                end += source[end] == '\\' ? 2 : 1;
            end = std::min(end + 1, source.size());
            blank(i + 1, end - 1);
        }
        i = end;
    }
    return out;
}

std::optional<guard_finding> look_for_forbidden(const exercise &e, std::string_view starter,
                                                std::string_view answer)
{
    if (answer.find('\0') != std::string_view::npos)
        return guard_finding{1, "the file holds a NUL"};
    const std::string given = code_of(starter), code = code_of(answer),
                      given_text = spliced(starter), text = spliced(answer);

    word_set directives, words(e.allow.begin(), e.allow.end());
    const auto given_code = lines_of(given), given_lines = lines_of(given_text);
    for (std::size_t i = 0; i < given_code.size() && i < given_lines.size(); ++i)
        if (const auto d = directive(given_code[i], given_lines[i]))
            directives.insert(*d);
    for_each_word(given, [&](std::string_view word, std::size_t) { words.emplace(word); });

    const auto code_lines = lines_of(code), text_lines = lines_of(text);
    for (std::size_t i = 0; i < code_lines.size() && i < text_lines.size(); ++i) {
        const auto d = directive(code_lines[i], text_lines[i]);
        if (!d || directives.contains(*d))
            continue;
        const bool library = d->starts_with("#include<kctx/api/") ||
                             d->starts_with("#include<kctx/lock/") ||
                             *d == "#include<kctx/kctx.hpp>" || *d == "#include<string.h>";
        if (!library || d->find("..") != std::string::npos)
            return guard_finding{i + 1,
                                 "`" + printable(trimmed(text_lines[i])).substr(0, 60) +
                                     "`: an answer has no directives but #include <kctx/api/...>, "
                                     "<kctx/lock/...> and <string.h>"};
    }

    std::optional<guard_finding> found;
    for_each_word(code, [&](std::string_view word, std::size_t line) {
        if (found || words.contains(word))
            return;
        if (std::ranges::find(forbidden_words, word) != std::end(forbidden_words) ||
            is_reserved(word) || std::ranges::find(e.forbid, word) != e.forbid.end())
            found = guard_finding{line, "`" + printable(word).substr(0, 60) +
                                            "` has no place in the answer of this exercise"};
    });
    if (found)
        return found;

    // The library's namespace is not to be added to.
    std::string_view last, last_but_one;
    for_each_word(code, [&](std::string_view word, std::size_t line) {
        if (!found && word == "kctx" && last == "namespace" && last_but_one != "using")
            found = guard_finding{line, "an answer adds nothing to the library's namespace"};
        last_but_one = last;
        last = word;
    });
    return found;
}

} // namespace kctx::tools::lab

// SPDX-License-Identifier: BSL-1.0
// The compilers on the sources: clang's intermediate code of everything that is there, refused or
// not, and the errors that a user of a compiler gets.
#include "review.hpp"

#include "lab/process.hpp"
#include "lab/text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <future>
#include <stdexcept>

namespace kctx::tools::review {
namespace {

using lab::finished;
using lab::run_limited;

constexpr lab::limits limits{.wall_seconds = 120,
                             .cpu_seconds = 100,
                             .address_space = 0,
                             .resident = std::size_t{3} << 30,
                             .output = std::size_t{16} << 20,
                             .file = std::size_t{512} << 20};

/// "FILE:LINE:COLUMN: error: TEXT"
struct diagnostic {
    place at;
    std::string_view kind, text;
};
std::optional<diagnostic> read_diagnostic(std::string_view line)
{
    for (const std::string_view kind : {"fatal error", "error", "note"}) {
        const std::size_t at = line.find(": " + std::string(kind) + ": ");
        if (at == line.npos || at == 0)
            continue;
        const std::size_t column = line.rfind(':', at - 1);
        const std::size_t row =
            column == line.npos || column == 0 ? line.npos : line.rfind(':', column - 1);
        if (row == line.npos)
            return std::nullopt;
        diagnostic d;
        d.at.file = line.substr(0, row);
        const auto number = [line](std::size_t from, std::size_t to, int &value) {
            return std::from_chars(line.data() + from, line.data() + to, value).ec == std::errc();
        };
        if (!number(row + 1, column, d.at.line) || !number(column + 1, at, d.at.column))
            return std::nullopt;
        d.kind = kind;
        d.text = line.substr(at + kind.size() + 4);
        return d;
    }
    return std::nullopt;
}

/// The template argument or name in @p text after @p begin, up to where its brackets close.
std::string_view balanced(std::string_view text, std::size_t begin)
{
    int nested = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
        if (text[i] == '<')
            ++nested;
        else if (text[i] == '>')
            --nested;
        const bool ends = nested == 0 && (text[i] == ',' || text[i] == ';' || text[i] == ']');
        if (nested < 0 || ends)
            return text.substr(begin, i - begin);
    }
    return text.substr(begin);
}

/// clang: 'msleep<kctx::IrqCtx>' is unavailable. g++: 'kctx::call::msleep::in<Context>::in() [with
/// Context = kctx::IrqCtx]' is unavailable.
void read_subject(std::string_view message, refusal &r)
{
    const std::string_view head = message.substr(0, message.find("kctx[" + r.slug));
    if (const std::size_t with = head.find("Context = "); with != head.npos)
        r.in = read_context(balanced(head, with + 10));
    else if (const std::size_t open = head.find('<'); open != head.npos)
        r.in = read_context(balanced(head, open + 1));
    constexpr std::string_view call = "kctx::call::";
    std::size_t name = head.find(call);
    name = name == head.npos ? head.find('\'') : name + call.size();
    if (name == head.npos)
        return;
    const auto is_word = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    while (name < head.size() && !is_word(head[name]))
        ++name;
    std::size_t end = name;
    while (end < head.size() && is_word(head[end]))
        ++end;
    r.call = head.substr(name, end - name);
}

refusal read_message(const diagnostic &d, unsigned on)
{
    refusal r;
    r.on = on;
    r.at = d.at;
    r.message = d.text;
    r.text = d.text;
    const std::size_t open = d.text.find("kctx[");
    const std::size_t close = open == d.text.npos ? open : d.text.find("]: ", open);
    if (close == d.text.npos) {
        if (d.text.find("thread-safety") != d.text.npos)
            r.slug = "guarded-data";
        else if (d.text.find("function-effects") != d.text.npos)
            r.slug = "function-effects";
        return r;
    }
    r.slug = d.text.substr(open + 5, close - open - 5);
    std::string_view text = d.text.substr(close + 3);
    for (const std::string_view word : {"; fix: ", " (fix: "}) {
        const std::size_t fix = text.find(word);
        if (fix == text.npos)
            continue;
        r.fix = text.substr(fix + word.size());
        if (word.starts_with(' '))
            r.fix = r.fix.substr(0, r.fix.find(") through"));
        text = text.substr(0, fix);
        break;
    }
    r.text = text;
    read_subject(d.text, r);
    return r;
}

/// What function effects say: the error is where the kernel would call the handler, and the notes
/// lead from there to the call.
void follow(const diagnostic &note, refusal &r)
{
    if (note.text.find("because it calls non-") == note.text.npos)
        return;
    const std::size_t close = note.text.rfind('\'');
    const std::size_t open =
        close == note.text.npos || close == 0 ? note.text.npos : note.text.rfind('\'', close - 1);
    if (open == note.text.npos)
        return;
    r.at = note.at;
    r.call = last_part(note.text.substr(open + 1, close - open - 1));
    r.call = r.call.substr(0, r.call.find('<'));
}

std::vector<refusal> read_errors(std::string_view said, unsigned on)
{
    std::vector<refusal> found;
    while (!said.empty()) {
        const std::size_t end = std::min(said.find('\n'), said.size());
        if (const auto d = read_diagnostic(said.substr(0, end))) {
            if (d->kind != "note")
                found.push_back(read_message(*d, on));
            else if (!found.empty() && found.back().slug == "function-effects")
                follow(*d, found.back());
        }
        said.remove_prefix(std::min(end + 1, said.size()));
    }
    for (refusal &r : found) {
        const rules::call_row *row =
            r.slug == "function-effects" ? rules::find_call(r.call) : nullptr;
        if (!row)
            continue;
        r.slug = row->text->slug;
        r.text = r.call + "() " + row->text->why;
        r.fix = row->text->fix;
    }
    return found;
}

std::vector<std::string> command(const options &o, const std::string &compiler, unsigned on)
{
    std::vector<std::string> words = {compiler, "-std=c++20", "-I" + o.include,
                                      "-fdiagnostics-color=never",
                                      "-DKCTX_PREEMPT_RT=" + std::string(on == rt_off  ? "0"
                                                                         : on == rt_on ? "1"
                                                                                       : "2")};
    words.insert(words.end(), o.flags.begin(), o.flags.end());
    return words;
}

finished run(const std::vector<std::string> &words, std::size_t first_flag)
{
    finished done = run_limited(words, limits);
    if (done.how == lab::ending::not_started ||
        (done.how == lab::ending::exited && done.code == 127))
        throw std::runtime_error("there is no " + words[0] + ": " + done.output);
    if (done.how != lab::ending::exited)
        throw std::runtime_error(words[0] + " on " + words[first_flag] + ": " +
                                 done.in_words(limits));
    return done;
}

compiled compile_one(const options &o, const std::string &file, unsigned on)
{
    compiled result;
    result.file = file;
    result.on = on;
    // What is refused compiles, too: unchecked, and with refusals as warnings that nobody reads.
    const lab::scratch_folder scratch;
    const std::string object = (scratch.path() / "code.ll").string();
    std::vector<std::string> words = command(o, o.clang, on);
    for (const char *flag : {"-DKCTX_UNCHECKED", "-Dunavailable(text)=deprecated(text)", "-w", "-S",
                             "-emit-llvm", "-O0", "-g", "-Xclang", "-disable-llvm-passes", "-o"})
        words.emplace_back(flag);
    words.push_back(object);
    words.push_back(file);
    finished done = run(words, words.size() - 1);
    if (!done.success()) {
        // Some calls are not there unchecked: a handler for another context.
        std::erase(words, "-DKCTX_UNCHECKED");
        done = run(words, words.size() - 1);
    }
    if (done.success())
        result.code = read_ir(lab::read_file(object, limits.file));
    else
        result.why_no_code = done.output;

    words = command(o, o.compiler, on);
    words.insert(words.end(), {"-fsyntax-only", "-Werror=unused-result"});
    if (o.compiler.find("clang") != std::string::npos) {
        words.insert(words.end(), {"-ferror-limit=0", "-Wthread-safety", "-Werror=thread-safety"});
        if (o.plain)
            words.insert(words.end(), {"-Wfunction-effects", "-Werror=function-effects"});
    }
    words.push_back(file);
    done = run(words, words.size() - 1);
    if (!done.success())
        result.refusals = read_errors(done.output, on);
    if (!done.success() && result.refusals.empty())
        throw std::runtime_error(o.compiler + " on " + file + ":\n" + done.output);
    return result;
}

} // namespace

std::vector<compiled> compile(const options &o)
{
    std::vector<compiled> all;
    for (const std::string &file : o.files) {
        std::vector<std::future<compiled>> running;
        for (const unsigned on : {rt_off, rt_on, portable})
            running.push_back(std::async(std::launch::async, compile_one, o, file, on));
        for (std::future<compiled> &r : running)
            all.push_back(r.get());
    }
    return all;
}

} // namespace kctx::tools::review

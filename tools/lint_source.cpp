// SPDX-License-Identifier: BSL-1.0
// A file of kernel C as text. Clang says which calls are made; this says who registers what.
#include "lint.hpp"
#include "lint_entries.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace kctx::tools::lint {
namespace {

bool is_word_character(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Words that stand before a body or a call without being a function's name.
bool is_keyword(std::string_view word)
{
    constexpr std::array<std::string_view, 12> keywords = {
        "if",     "while",      "for",     "switch",        "return", "sizeof",
        "typeof", "__typeof__", "defined", "__attribute__", "do",     "else"};
    return std::ranges::find(keywords, word) != keywords.end();
}

/// What the flags of a registration make of the context.
std::string context_of(const registration &how, const std::vector<std::string> &arguments)
{
    std::string context = how.context;
    if (how.flags < 0 || static_cast<std::size_t>(how.flags) >= arguments.size())
        return context;
    const std::string &flags = arguments[static_cast<std::size_t>(how.flags)];
    const auto has = [&flags](std::string_view flag) { return flags.find(flag) != flags.npos; };
    const std::string_view call = how.call;
    if (context == "IrqCtx") {
        // kernel/irq/manage.c, irq_setup_forced_threading(): a primary handler stays one.
        const auto thread = static_cast<std::size_t>(how.function) + 1;
        const bool has_thread = call.find("threaded") != call.npos && thread < arguments.size() &&
                                arguments[thread] != "NULL";
        if (has("IRQF_NO_THREAD") || has("IRQF_PERCPU") || has("IRQF_TIMER") ||
            (has("IRQF_ONESHOT") && has_thread))
            context = "HardIrqCtx";
    } else if (context == "TimerCtx" && has("TIMER_IRQSAFE")) {
        context = "TimerCtx + local_irq_save";
    } else if (context == "HrtimerCtx<either>") {
        context = has("_HARD") ? "HrtimerCtx<hard>" : has("_SOFT") ? "HrtimerCtx<soft>" : context;
    }
    return context;
}

} // namespace

source::source(std::string text) : text_(std::move(text))
{
    tokenize();
    find_functions();
    find_entries();
}

void source::tokenize()
{
    int line = 1;
    std::size_t line_start = 0;
    std::size_t i = 0;
    bool at_line_start = true;
    int depth = 0;
    std::vector<int> depth_at_if; // of the branches of #if, the first decides how deep it ends
    const auto newline = [&](std::size_t at) {
        ++line;
        line_start = at + 1;
        at_line_start = true;
    };
    const auto add = [&](token::kind kind, std::size_t begin, std::size_t end, int on_line,
                         std::size_t start) {
        tokens_.push_back({kind, std::string_view(text_).substr(begin, end - begin), on_line,
                           static_cast<int>(begin - start) + 1, begin});
    };
    while (i < text_.size()) {
        const char c = text_[i];
        if (c == '\n') {
            newline(i++);
        } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++i;
        } else if (c == '\\' && i + 1 < text_.size() && text_[i + 1] == '\n') {
            newline(i + 1);
            at_line_start = false;
            i += 2;
        } else if (text_.compare(i, 2, "/*") == 0) {
            const std::size_t end = std::min(text_.find("*/", i + 2), text_.size() - 2) + 2;
            for (; i < end; ++i) {
                if (text_[i] == '\n')
                    newline(i);
            }
        } else if (text_.compare(i, 2, "//") == 0) {
            i = std::min(text_.find('\n', i), text_.size());
        } else if (c == '#' && at_line_start) {
            std::size_t word = i + 1;
            while (word < text_.size() && (text_[word] == ' ' || text_[word] == '\t'))
                ++word;
            if (text_.compare(word, 2, "if") == 0) {
                depth_at_if.push_back(depth);
            } else if (text_.compare(word, 2, "el") == 0 && !depth_at_if.empty()) {
                // Braces of the other branch are closed by what comes after both.
                while (depth > depth_at_if.back()) {
                    tokens_.push_back({token::kind::sign, "}", line, 0, i});
                    --depth;
                }
            } else if (text_.compare(word, 5, "endif") == 0 && !depth_at_if.empty()) {
                depth_at_if.pop_back();
            }
            for (; i < text_.size() && text_[i] != '\n'; ++i) {
                if (text_[i] == '\\' && i + 1 < text_.size() && text_[i + 1] == '\n')
                    newline(++i);
            }
        } else if (c == '"' || c == '\'') {
            std::size_t end = i + 1;
            while (end < text_.size() && text_[end] != c && text_[end] != '\n')
                end += text_[end] == '\\' ? 2 : 1;
            end = std::min(end + 1, text_.size());
            add(token::kind::text, i, end, line, line_start);
            at_line_start = false;
            i = end;
        } else if (is_word_character(c)) {
            std::size_t end = i;
            while (end < text_.size() && is_word_character(text_[end]))
                ++end;
            const bool number = std::isdigit(static_cast<unsigned char>(c)) != 0;
            add(number ? token::kind::number : token::kind::word, i, end, line, line_start);
            at_line_start = false;
            i = end;
        } else {
            const std::size_t length = text_.compare(i, 2, "->") == 0 ? 2 : 1;
            add(token::kind::sign, i, i + length, line, line_start);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            at_line_start = false;
            i += length;
        }
    }
}

/// The position of what closes the bracket at @p open, or the end.
std::size_t source::closing(std::size_t open) const
{
    int depth = 0;
    for (std::size_t i = open; i < tokens_.size(); ++i) {
        const std::string_view t = tokens_[i].text;
        if (tokens_[i].is != token::kind::sign)
            continue;
        if (t == "(" || t == "[" || t == "{")
            ++depth;
        else if ((t == ")" || t == "]" || t == "}") && --depth == 0)
            return i;
    }
    return tokens_.size();
}

/// The texts between the commas of a bracket.
std::vector<std::string> source::split(std::size_t open) const
{
    std::vector<std::string> parts;
    const std::size_t end = closing(open);
    std::string part;
    int depth = 0;
    for (std::size_t i = open + 1; i < end; ++i) {
        const std::string_view t = tokens_[i].text;
        if (tokens_[i].is == token::kind::sign) {
            depth += t == "(" || t == "[" || t == "{" ? 1 : 0;
            depth -= t == ")" || t == "]" || t == "}" ? 1 : 0;
            if (t == "," && depth == 0) {
                parts.push_back(std::move(part));
                part.clear();
                continue;
            }
        }
        if (!part.empty() && is_word_character(part.back()) && is_word_character(t.front()))
            part += ' ';
        part += t;
    }
    if (end > open + 1)
        parts.push_back(std::move(part));
    return parts;
}

void source::find_functions()
{
    std::size_t begin = 0; // of the declaration that is being read
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
        const std::string_view t = tokens_[i].text;
        if (tokens_[i].is != token::kind::sign) {
            continue;
        }
        if (t == ";" || t == "}") {
            begin = i + 1;
        } else if (t == "(" || t == "[") {
            i = closing(i);
        } else if (t == "{") {
            const std::size_t end = closing(i);
            std::size_t name = tokens_.size();
            std::size_t reserved = name; // __release() is a name, __printf() an attribute
            bool initializer = false;
            for (std::size_t j = begin; j < i; ++j) {
                initializer = initializer || tokens_[j].text == "=";
                if (tokens_[j].is != token::kind::word || tokens_[j + 1].text != "(")
                    continue;
                if (!is_keyword(tokens_[j].text)) {
                    std::size_t &kind = tokens_[j].text.starts_with("__") ? reserved : name;
                    kind = std::min(kind, j);
                }
                j = closing(j + 1);
            }
            name = name == tokens_.size() ? reserved : name;
            if (name != tokens_.size() && !initializer && end < tokens_.size()) {
                function f;
                f.name = tokens_[name].text;
                f.first_line = tokens_[i].line;
                f.last_line = tokens_[end].line;
                for (std::string &parameter : split(name + 1)) {
                    const bool chooses =
                        parameter.starts_with("bool ") || parameter.starts_with("gfp_t ");
                    std::size_t last = parameter.size();
                    while (last > 0 && is_word_character(parameter[last - 1]))
                        --last;
                    f.parameters.push_back({parameter.substr(last), chooses});
                }
                functions_.push_back(std::move(f));
                bodies_.push_back(tokens_[i].offset);
                begin = end + 1;
            }
            i = end;
        }
    }
    for (const function &f : functions_)
        names_.insert(f.name);
}

void source::call_entries(std::size_t at)
{
    std::vector<std::string> arguments;
    for (const registration &how : registrations) {
        if (tokens_[at].text != how.call)
            continue;
        if (arguments.empty())
            arguments = split(at + 1);
        if (static_cast<std::size_t>(how.function) >= arguments.size())
            continue;
        std::string name = arguments[static_cast<std::size_t>(how.function)];
        if (name.starts_with('&'))
            name.erase(0, 1);
        if (names_.contains(name))
            entries_.push_back(
                {name, context_of(how, arguments), std::string(how.call) + "()", tokens_[at].line});
    }
    // hrtimer_init(&x->timer, CLOCK, MODE); x->timer.function = callback;
    if (tokens_[at].text == "hrtimer_init") {
        arguments = split(at + 1);
        if (arguments.size() != 3 || !arguments[0].starts_with('&'))
            return;
        const std::string member = arguments[0].substr(1) + ".function";
        const registration how{"hrtimer_init", 0, "HrtimerCtx<either>", 2};
        for (std::size_t i = 0; i + 3 < tokens_.size(); ++i) {
            if (tokens_[i].text != "function" || tokens_[i + 1].text != "=" ||
                !names_.contains(tokens_[tokens_[i + 2].text == "&" ? i + 3 : i + 2].text))
                continue;
            std::string path; // what stands before .function
            std::size_t j = i + 1;
            while (j > 0 && path.size() < member.size())
                path.insert(0, tokens_[--j].text);
            if (path == member)
                entries_.push_back(
                    {std::string(tokens_[tokens_[i + 2].text == "&" ? i + 3 : i + 2].text),
                     context_of(how, arguments), "hrtimer_init()", tokens_[i].line});
        }
    }
}

/// `.ndo_start_xmit = xmit,` in a table of a known type, or `dev->ndo_start_xmit = xmit;`
void source::member_entry(std::size_t at)
{
    const bool designated = at > 0 && (tokens_[at - 1].text == "." || tokens_[at - 1].text == "->");
    if (!designated || at + 2 >= tokens_.size() || tokens_[at + 1].text != "=")
        return;
    const std::size_t value = tokens_[at + 2].text == "&" ? at + 3 : at + 2;
    if (value >= tokens_.size() || !names_.contains(tokens_[value].text))
        return;
    std::string_view type;
    for (std::size_t i = at, depth = 0; i-- > 0;) { // the struct of the initializer around it
        if (tokens_[i].text == "}")
            ++depth;
        else if (tokens_[i].text == "{" && depth-- == 0) {
            while (i > 1 && tokens_[i].text != ";" && tokens_[i].text != "}" &&
                   tokens_[i - 1].text != "struct")
                --i;
            if (i > 1 && tokens_[i - 1].text == "struct")
                type = tokens_[i].text;
            break;
        }
    }
    for (const member &m : members) {
        if (tokens_[at].text == m.name && (!m.type || type == m.type))
            entries_.push_back({std::string(tokens_[value].text), m.context,
                                "." + std::string(m.name), tokens_[at].line});
    }
}

void source::find_entries()
{
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
        if (tokens_[i].is != token::kind::word)
            continue;
        if (tokens_[i + 1].text == "(")
            call_entries(i);
        else
            member_entry(i);
    }
}

std::vector<std::string> source::arguments(std::string_view name, int line, int column) const
{
    auto t = std::ranges::lower_bound(tokens_, std::pair(line, column), {}, [](const token &at) {
        return std::pair(at.line, at.column);
    });
    for (; t != tokens_.end() && t->line <= line + 1; ++t) {
        if (t->text == name && t + 1 != tokens_.end() && (t + 1)->text == "(")
            return split(static_cast<std::size_t>(t + 1 - tokens_.begin()));
    }
    return {};
}

std::set<std::string> source::conditions(const function &in, int line, int column) const
{
    struct open_condition {
        std::set<std::string> words;
        int depth;      ///< of the braces around it
        bool has_block; ///< else it ends with the statement
    };
    std::vector<open_condition> open;
    std::set<std::string> last; // of the if that an else belongs to
    std::set<std::string> all;
    int depth = 0;
    auto t = std::ranges::lower_bound(tokens_, in.first_line, {}, &token::line);
    for (; t != tokens_.end() && std::pair(t->line, t->column) < std::pair(line, column); ++t) {
        const std::string_view text = t->text;
        const auto at = static_cast<std::size_t>(t - tokens_.begin());
        if (text == "if" || text == "while" || text == "for" || text == "switch") {
            if (at + 1 >= tokens_.size() || tokens_[at + 1].text != "(")
                continue;
            const std::size_t end = closing(at + 1);
            if (end + 1 >= tokens_.size() || tokens_[end].line > line ||
                (tokens_[end].line == line && tokens_[end].column > column))
                break; // the call is in the condition
            open_condition condition{{}, depth, tokens_[end + 1].text == "{"};
            if (end == at + 3 || (end == at + 4 && tokens_[at + 2].text == "!"))
                condition.words.insert("alone " + std::string(tokens_[end - 1].text));
            for (std::size_t i = at + 2; i < end; ++i) {
                if (tokens_[i].is == token::kind::word)
                    condition.words.insert(std::string(tokens_[i].text));
            }
            // `if (in_interrupt()) return;` decides about all that follows.
            const std::size_t first = condition.has_block ? end + 2 : end + 1;
            const std::string_view then = first < tokens_.size() ? tokens_[first].text : "";
            if (text == "if" && (then == "return" || then == "goto" || then == "continue")) {
                for (const std::string &word : condition.words)
                    all.insert("left by " + word);
            }
            if (text != "while" || condition.has_block || tokens_[end + 1].text != ";")
                open.push_back(std::move(condition));
            t += static_cast<std::ptrdiff_t>(end - at);
        } else if (text == "else") {
            if (at + 1 < tokens_.size() && tokens_[at + 1].text != "if")
                open.push_back({last, depth, tokens_[at + 1].text == "{"});
        } else if (text == "{") {
            ++depth;
        } else if (text == "}" || text == ";") {
            depth -= text == "}" ? 1 : 0;
            while (!open.empty() && open.back().depth >= depth &&
                   (text == "}" ? open.back().depth == depth || !open.back().has_block
                                : !open.back().has_block)) {
                last = open.back().words;
                open.pop_back();
            }
        }
    }
    for (const open_condition &condition : open)
        all.insert(condition.words.begin(), condition.words.end());
    return all;
}

bool source::mentions(std::string_view part) const { return text_.find(part) != text_.npos; }

std::string source::marked(const std::string &path, const std::set<std::string> &undefined) const
{
    std::string out;
    for (const std::string &name : undefined)
        out += "#undef " + name + "\n";
    out += "#line 1 \"" + path + "\"\n";
    std::size_t from = 0;
    for (const std::size_t body : bodies_) {
        out.append(text_, from, body - from);
        out += "KCTX_FN ";
        from = body;
    }
    out.append(text_, from);
    return out;
}

} // namespace kctx::tools::lint

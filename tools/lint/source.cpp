// SPDX-License-Identifier: BSL-1.0
// A file of kernel C as text. Clang says which calls are made; this says who registers what.
#include "entries.hpp"
#include "lint.hpp"

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

/// Where the statement that begins at @p at ends: its ; or }, or the end of the text.
std::size_t source::statement_end(std::size_t at) const
{
    enum class outer { if_arm, do_body, other };
    std::vector<outer> open; // the statements that this one is the last part of
    while (at < tokens_.size()) {
        const std::string_view t = tokens_[at].text;
        const bool condition = at + 1 < tokens_.size() && tokens_[at + 1].text == "(" &&
                               (t == "if" || t == "while" || t == "for" || t == "switch");
        if (condition) {
            open.push_back(t == "if" ? outer::if_arm : outer::other);
            at = closing(at + 1) + 1;
            continue;
        }
        if (t == "do") {
            open.push_back(outer::do_body);
            ++at;
            continue;
        }
        const bool block = t == "{";
        std::size_t end = at;
        while (end < tokens_.size() && tokens_[end].text != ";" && tokens_[end].text != "}") {
            const std::string_view sign = tokens_[end].text;
            const bool bracket = sign == "(" || sign == "[" || sign == "{";
            if (bracket && tokens_[end].is == token::kind::sign)
                end = closing(end);
            if (sign == "{" && block)
                break;
            ++end;
        }
        bool goes_on = false;
        for (; !open.empty() && !goes_on; open.pop_back()) {
            const std::string_view next = end + 1 < tokens_.size() ? tokens_[end + 1].text : "";
            if (open.back() == outer::if_arm && next == "else") {
                at = end + 2;
                goes_on = true;
            } else if (open.back() == outer::do_body && next == "while") {
                end = end + 2 < tokens_.size() ? closing(end + 2) + 1 : tokens_.size();
            }
        }
        if (!goes_on)
            return std::min(end, tokens_.size());
    }
    return tokens_.size();
}

/// Adds the words from @p begin to @p end.
void source::add_words(std::size_t begin, std::size_t end, std::set<std::string> &to) const
{
    for (std::size_t i = begin; i < std::min(end, tokens_.size()); ++i) {
        if (tokens_[i].is == token::kind::word)
            to.emplace(tokens_[i].text);
    }
}

/// The condition between @p begin and @p end.
void source::add_condition(std::size_t begin, std::size_t end, conditions_of_call &to) const
{
    add_words(begin, end, to.words);
    const bool negated = end == begin + 2 && tokens_[begin].text == "!";
    if ((end == begin + 1 || negated) && tokens_[end - 1].is == token::kind::word)
        to.alone.emplace(tokens_[end - 1].text);
}

/// The conditional operators that the token @p at is in an arm of, from the inside out.
void source::add_conditional_operators(std::size_t at, conditions_of_call &to) const
{
    const auto is = [this](std::size_t i, std::string_view sign) {
        return tokens_[i].is == token::kind::sign && tokens_[i].text == sign;
    };
    const auto compares = [&is, this](std::size_t i) { // the = of ==, <=, !=
        return (i + 1 < tokens_.size() && is(i + 1, "=")) ||
               (i > 0 && (is(i - 1, "=") || is(i - 1, "!") || is(i - 1, "<") || is(i - 1, ">")));
    };
    const auto ends = [&](std::size_t i) { // what an operand of ?: does not reach beyond
        return is(i, ";") || is(i, ",") || is(i, "{") || is(i, "}") || is(i, "(") || is(i, "[") ||
               tokens_[i].text == "return" || (is(i, "=") && !compares(i));
    };
    const auto opening = [&is](std::size_t i) { // of the bracket that i closes
        int depth = 0;
        for (;; --i) {
            depth += is(i, ")") || is(i, "]") ? 1 : 0;
            depth -= is(i, "(") || is(i, "[") ? 1 : 0;
            if (depth == 0 || i == 0)
                return i;
        }
    };
    std::size_t colon = 0; // of the operator whose last arm this is
    int inner = 0;         // whole operators passed on the way
    for (std::size_t i = at; i-- > 0;) {
        if (is(i, ")") || is(i, "]")) {
            i = opening(i);
        } else if (is(i, ";") || is(i, "{") || is(i, "}")) {
            return;
        } else if (is(i, ":")) {
            if (colon != 0)
                ++inner;
            else
                colon = i;
        } else if (is(i, "?") && inner > 0) {
            --inner;
        } else if (is(i, "?")) {
            std::size_t begin = i;
            while (begin > 0 && !ends(begin - 1) && !is(begin - 1, ":") && !is(begin - 1, "?"))
                begin = is(begin - 1, ")") || is(begin - 1, "]") ? opening(begin - 1) : begin - 1;
            add_condition(begin, i, to);
            if (colon != 0) {
                add_words(i + 1, colon, to.instead);
            } else {
                std::size_t end = i + 1;
                for (int depth = 0, open = 0; end < tokens_.size() && !is(end, ";"); ++end) {
                    depth += is(end, "(") || is(end, "[") ? 1 : 0;
                    depth -= is(end, ")") || is(end, "]") ? 1 : 0;
                    if (depth < 0 || (depth == 0 && is(end, ",")))
                        break;
                    open += depth == 0 && is(end, "?") ? 1 : 0;
                    if (depth > 0 || !is(end, ":") || open-- > 0)
                        continue;
                    if (colon != 0)
                        break; // of an operator around this one
                    colon = end;
                    open = 0;
                }
                if (colon != 0)
                    add_words(colon, end, to.instead);
            }
            colon = 0;
            i = begin;
        } else if (ends(i)) {
            colon = 0;
            inner = 0;
        }
    }
}

conditions_of_call source::conditions(const function &in, int line, int column) const
{
    conditions_of_call found;
    const auto place = [](const token &t) { return std::pair(t.line, t.column); };
    const auto call = static_cast<std::size_t>(
        std::ranges::lower_bound(tokens_, std::pair(line, column), {}, place) - tokens_.begin());
    auto at = static_cast<std::size_t>(
        std::ranges::lower_bound(tokens_, in.first_line, {}, &token::line) - tokens_.begin());
    for (; at + 1 < call; ++at) {
        const std::string_view text = tokens_[at].text;
        if ((text != "if" && text != "while" && text != "for" && text != "switch") ||
            tokens_[at + 1].text != "(")
            continue;
        const std::size_t close = closing(at + 1);
        if (close >= call)
            break; // the call is in the condition
        const std::size_t then = close + 1;
        const std::size_t then_end = statement_end(then);
        const bool in_then = call >= then && call <= then_end;
        const std::size_t otherwise = then_end + 2; // behind "else"
        const bool has_else =
            text == "if" && otherwise < tokens_.size() && tokens_[otherwise - 1].text == "else";
        const std::size_t otherwise_end = has_else ? statement_end(otherwise) : 0;
        if (in_then || (has_else && call >= otherwise && call <= otherwise_end)) {
            add_condition(at + 2, close, found);
            if (has_else && in_then)
                add_words(otherwise, otherwise_end, found.instead);
            else if (!in_then)
                add_words(then, then_end, found.instead);
        } else if (text == "if") { // `if (in_interrupt()) return;` decides about all that follows
            const bool block = then < tokens_.size() && tokens_[then].text == "{";
            const std::size_t first = block ? then + 1 : then;
            const std::string_view does = first < tokens_.size() ? tokens_[first].text : "";
            if (does == "return" || does == "goto" || does == "continue")
                add_words(at + 2, close, found.left_by);
        }
        at = close;
    }
    add_conditional_operators(call, found);
    return found;
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

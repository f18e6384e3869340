// SPDX-License-Identifier: BSL-1.0
#include "context.hpp"

namespace kctx::tools::review {
namespace {

std::string_view trimmed(std::string_view text)
{
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

const rules::section_row *section_of(std::string_view token)
{
    for (const rules::section_row &row : rules::section_rows()) {
        if (token == row.token)
            return &row;
    }
    return nullptr;
}

constexpr int depth = 64; // of sections in sections

std::optional<context> read(std::string_view type, int more)
{
    type = trimmed(type);
    if (type.starts_with("const "))
        type.remove_prefix(6);
    if (more == 0 || type.ends_with('*') || type.ends_with('&'))
        return std::nullopt;
    template_name parts = read_name(type);
    if (!parts.name.starts_with("kctx::"))
        return std::nullopt;
    const std::string name = last_part(parts.name);
    std::string entry = name;
    for (std::size_t i = 0; i < parts.arguments.size(); ++i)
        entry += (i == 0 ? "<" : ", ") + last_part(parts.arguments[i]);
    if (!parts.arguments.empty())
        entry += ">";
    for (const rules::entry_row &row : rules::entry_rows()) {
        if (entry == row.name)
            return context{entry, "", "", {}};
    }
    if (parts.arguments.empty())
        return std::nullopt;
    if (name == "CallbackOf" && parts.arguments.size() == 2) {
        std::optional<context> inner = read(parts.arguments[1], more - 1);
        if (inner)
            inner->callback_of = last_part(parts.arguments[0]);
        return inner;
    }
    if (name == "own" && parts.arguments.size() == 2) { // ir.cpp
        std::optional<context> inner = read(parts.arguments[1], more - 1);
        if (inner)
            inner->own = last_part(parts.arguments[0]);
        return inner;
    }
    const rules::section_row *section = section_of(name);
    if (!section)
        return std::nullopt;
    std::optional<context> outer = read(parts.arguments.back(), more - 1);
    if (outer) {
        std::string lock;
        // A plain kctx::spinlock_t has no name of its own.
        if (parts.arguments.size() > 1 && !parts.arguments[0].starts_with("kctx::"))
            lock = last_part(parts.arguments[0]);
        outer->held.push_back({section->entered_by, std::move(lock)});
    }
    return outer;
}

} // namespace

template_name read_name(std::string_view text)
{
    text = trimmed(text);
    template_name found;
    const std::size_t open = text.find('<');
    if (open == text.npos || !text.ends_with('>')) {
        found.name = text;
        return found;
    }
    found.name = text.substr(0, open);
    text = text.substr(open + 1, text.size() - open - 2);
    int nested = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i == text.size() || (text[i] == ',' && nested == 0)) {
            if (const std::string_view item = trimmed(text.substr(begin, i - begin)); !item.empty())
                found.arguments.emplace_back(item);
            begin = i + 1;
        } else if (text[i] == '<' || text[i] == '(') {
            ++nested;
        } else if (text[i] == '>' || text[i] == ')') {
            --nested;
        }
    }
    return found;
}

std::string last_part(std::string_view name)
{
    const std::size_t arguments = name.find('<');
    const std::size_t colons = name.substr(0, arguments).rfind("::");
    return std::string(colons == name.npos ? name : name.substr(colons + 2));
}

std::string context::story() const
{
    std::string text = entry;
    for (const held_section &h : held)
        text += " + " + h.enter;
    return text;
}

std::string context::words() const
{
    std::string text = own.empty() ? entry : own + " (" + entry + ")";
    if (!callback_of.empty())
        text += " of " + callback_of;
    for (const held_section &h : held)
        text += " + " + h.enter + (h.lock.empty() ? "" : "(" + h.lock + ")");
    return text;
}

std::optional<context> read_context(std::string_view type) { return read(type, depth); }

bearing bearing_of(const context &c)
{
    try {
        const rules::story told = rules::read_story(c.story());
        return {true, told.off, told.rt};
    } catch (const std::invalid_argument &) {
        return {};
    }
}

std::string bears_in_words(const context_state &s, bool rt)
{
    switch (s.allows) {
    case wait_type::sleep:
        return "may sleep";
    case wait_type::config:
        return rt ? "spinlock_t, no sleep" : "no sleep";
    case wait_type::spin:
        return rt ? "raw spinlocks only" : "no sleep";
    default:
        return "no lock";
    }
}

std::string state_in_words(const context_state &s)
{
    std::string text = s.nmi               ? "NMI"
                       : s.hardirq         ? "hard irq"
                       : s.serving_softirq ? "softirq"
                                           : "task";
    const auto add = [&text](bool holds, std::string_view what) {
        if (holds)
            text += ", " + std::string(what);
    };
    add(s.irqs_disabled && !s.hardirq && !s.nmi, "irqs off");
    add(s.bh_disabled, "BH off");
    add(s.preempt_disabled, "no preemption");
    add(s.user_memory, "user memory");
    return text;
}

} // namespace kctx::tools::review

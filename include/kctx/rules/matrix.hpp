// SPDX-License-Identifier: BSL-1.0
/// @file
/// The table at run time: each call by its name, each context by its story, and whether the one is
/// legal in the other. One file of the program includes <kctx/rules/rows.hpp> as well.
#pragma once

#include <kctx/core/contract.hpp>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::rules {

/// The kernels that a verdict is about.
enum class config { off, on, portable };

/// What an illegal call breaks, why it needs that, and what to do instead.
struct refusal {
    std::string_view slug; ///< of the rule's page: "sleep-in-atomic"
    std::string_view why;  ///< completes "it ..."
    std::string_view fix;  ///< completes "fix: ..."
};

/// A call, of one that takes flags with one set of them.
struct call_row {
    std::string name;                    ///< "mutex_lock", "kmalloc(GFP_ATOMIC)"
    const contract_text *text = nullptr; ///< the contract in words
    wait_type needs = wait_type::free;   ///< the wait level
    const char *rule = "";               ///< its own rule beside the level
    /// The verdict of contract<>::legal() in a state, on PREEMPT_RT or not.
    bool (*legal)(const context_state &s, bool rt) = nullptr;
    refusal refused;            ///< where its level is more than the context bears
    std::string_view rule_slug; ///< where its own rule does not hold

    /// What it breaks in a context in which it is not legal.
    std::string_view broken_in(const context_state &s, bool rt) const
    {
        return bears(s.allows, needs, rt) && !rule_slug.empty() ? rule_slug : refused.slug;
    }
};

/// A section, by the call that enters it.
struct section_row {
    const char *token = nullptr;                       ///< "SpinLocked"
    const char *entered_by = nullptr;                  ///< the call: "spin_lock"
    void (*hold)(context_state &s, bool rt) = nullptr; ///< what entering it does to the state
    /// Whether a state allows entering it.
    bool (*may_enter)(const context_state &s, bool rt) = nullptr;
};

/// A context that the kernel enters.
struct entry_row {
    const char *name = nullptr;             ///< "IrqCtx"
    context_state (*at)(bool rt) = nullptr; ///< the state in it, on PREEMPT_RT or not
};

/// The rows. One file of a program defines them: it includes <kctx/rules/rows.hpp>, which takes the
/// compiler half a minute; all others ask here.
const std::vector<call_row> &call_rows();
std::span<const section_row> section_rows();
std::span<const entry_row> entry_rows();

/// The row of a call by its name, or NULL.
inline const call_row *find_call(std::string_view name)
{
    const auto found = std::ranges::find(call_rows(), name, &call_row::name);
    return found == call_rows().end() ? nullptr : &*found;
}

/// Where a call is made: an entry, and the sections in it from the outside in.
struct story {
    std::string text;  ///< "IrqCtx + spin_lock"
    context_state off; ///< the state there without PREEMPT_RT
    context_state rt;  ///< the state there on PREEMPT_RT
    /// Whether every section may be entered where it is.
    bool may_be_off = true;
    bool may_be_rt = true; ///< the same on PREEMPT_RT

    /// The same on the kernels that @p on means: on both for portable.
    bool may_be(config on) const
    {
        return (on == config::on || may_be_off) && (on == config::off || may_be_rt);
    }
};

/// The verdict on a call in a context that may be.
inline bool legal(const call_row &call, const story &in, config on)
{
    return (on == config::on || call.legal(in.off, false)) &&
           (on == config::off || call.legal(in.rt, true));
}

/// The story that begins, and ends, with an entry.
inline story tell(const entry_row &entry) { return {entry.name, entry.at(false), entry.at(true)}; }
/// What becomes of @p outer when @p inner is entered in it.
inline story tell(story outer, const section_row &inner)
{
    outer.may_be_off = outer.may_be_off && inner.may_enter(outer.off, false);
    outer.may_be_rt = outer.may_be_rt && inner.may_enter(outer.rt, true);
    inner.hold(outer.off, false);
    inner.hold(outer.rt, true);
    outer.text += std::string(" + ") + inner.entered_by;
    return outer;
}
/// Reads "IrqCtx + spin_lock > preempt_disable": an entry and the calls that enter sections.
/// @throws std::invalid_argument that says which word is neither
inline story read_story(std::string_view text)
{
    const auto next = [&text] {
        const std::size_t end = text.find('+');
        std::string_view word = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        const std::size_t first = word.find_first_not_of(' ');
        word = first == word.npos ? std::string_view() : word.substr(first);
        return std::string(word.substr(0, word.find_last_not_of(' ') + 1));
    };
    std::string name = next();
    const auto entry = std::ranges::find(
        entry_rows(), name, [](const entry_row &e) { return std::string_view(e.name); });
    if (entry == entry_rows().end())
        throw std::invalid_argument("no context is called \"" + name + "\"");
    story told = tell(*entry);
    while (!text.empty()) {
        name = next();
        const auto section = std::ranges::find(section_rows(), name, [](const section_row &s) {
            return std::string_view(s.entered_by);
        });
        if (section == section_rows().end())
            throw std::invalid_argument("no section is entered by \"" + name + "\"");
        told = tell(std::move(told), *section);
    }
    return told;
}

/// The contexts of the table: every entry, and every section in a task.
inline std::vector<story> all_stories()
{
    std::vector<story> stories;
    for (const entry_row &entry : entry_rows())
        stories.push_back(tell(entry));
    for (const section_row &section : section_rows())
        stories.push_back(tell(tell(entry_rows().front()), section));
    return stories;
}

} // namespace kctx::rules

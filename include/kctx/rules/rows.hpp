// SPDX-License-Identifier: BSL-1.0
/// @file
/// What stands behind <kctx/rules/matrix.hpp>: the rows, made of the declarations. One file of a
/// program includes it.
#pragma once

#include <kctx/rules/contexts.hpp>
#include <kctx/rules/matrix.hpp>
#include <kctx/rules/sets.hpp>
#include <kctx/rules/table.hpp>

namespace kctx::rules {

namespace detail {

/// What is between two marks in the text of an error, which is a slug, what it does, and a fix.
constexpr std::string_view between(std::string_view text, std::string_view mark,
                                   std::string_view end)
{
    text.remove_prefix(text.find(mark) + mark.size());
    return text.substr(0, text.find(end));
}
constexpr std::string_view slug_in(std::string_view text) { return between(text, "[", "]"); }
inline constexpr std::string_view may_lock = KCTX_TEXT_may_lock("it");

/// The slugs of rules, as their errors have them.
struct slug_of_rule {
    std::string_view rule;
    std::string_view slug;
};
#define KCTX_SLUG_OF_RULE(rule)                                                                    \
    {                                                                                              \
        #rule, slug_in(KCTX_BREAKS_##rule("it"))                                        \
    }
inline constexpr slug_of_rule slugs_of_rules[] = {
    KCTX_SLUG_OF_RULE(bh_may_run),
    KCTX_SLUG_OF_RULE(frees_or_defers),
    KCTX_SLUG_OF_RULE(frees_vmalloc),
    KCTX_SLUG_OF_RULE(frees_with_irqs_on),
    KCTX_SLUG_OF_RULE(has_user_memory),
    KCTX_SLUG_OF_RULE(in_hardirq),
    KCTX_SLUG_OF_RULE(in_softirq),
    KCTX_SLUG_OF_RULE(in_task),
    KCTX_SLUG_OF_RULE(in_task_on_rt),
    KCTX_SLUG_OF_RULE(irqs_off),
    KCTX_SLUG_OF_RULE(irqs_on),
    KCTX_SLUG_OF_RULE(irqs_on_in_task),
    KCTX_SLUG_OF_RULE(irqs_on_unless_rt),
    KCTX_SLUG_OF_RULE(is_task),
    KCTX_SLUG_OF_RULE(no_rcu_reader),
    KCTX_SLUG_OF_RULE(not_in_hardirq),
    KCTX_SLUG_OF_RULE(not_in_nmi_on_rt),
    KCTX_SLUG_OF_RULE(not_preemptible),
    KCTX_SLUG_OF_RULE(pinned_with_irqs_on),
    KCTX_SLUG_OF_RULE(preemption_off),
    KCTX_SLUG_OF_RULE(rcu_read_lock_bh_held),
    KCTX_SLUG_OF_RULE(rcu_read_lock_held),
    KCTX_SLUG_OF_RULE(rcu_read_lock_sched_held),
    KCTX_SLUG_OF_RULE(stays_on_cpu),
    KCTX_SLUG_OF_RULE(task_with_irqs_on),
    KCTX_SLUG_OF_RULE(threaded_on_rt),
    KCTX_SLUG_OF_RULE(timekeeper_at_rest),
    {"consistent_flags", slug_in(KCTX_TEXT_flags("it"))},
};
#undef KCTX_SLUG_OF_RULE

/// The same before anything is allocated.
struct constant_row {
    const contract_text *text = nullptr;
    const char *set = nullptr;
    wait_type needs = wait_type::free;
    const char *rule = nullptr;
    bool (*legal)(const context_state &s, bool rt) = nullptr;
};
template <class Call, class G> constexpr constant_row row_with()
{
    using row = called_with<Call, G>;
    return {&text_of<Call>, set_name<G>, row::needs,
            Call::template takes<G> ? "" : "consistent_flags", row::legal};
}
/// A call has one row, or one for each set.
template <class Call> struct rows_of_call {
    static constexpr std::array<constant_row, 1> rows{
        {{&text_of<Call>, nullptr, Call::needs, rule_of<Call>(), Call::legal}}};
};
template <takes_flags Call> struct rows_of_call<Call> {
    static constexpr auto rows = hana::unpack(typical_sets, [](auto... set) {
        return std::array{row_with<Call, typename decltype(set)::type>()...};
    });
};
inline constexpr auto constant_rows = hana::unpack(calls, [](auto... call) {
    constexpr std::size_t counts[] = {rows_of_call<typename decltype(call)::type>::rows.size()...};
    constexpr std::size_t size = [&counts] {
        std::size_t n = 0;
        for (const std::size_t count : counts)
            n += count;
        return n;
    }();
    const constant_row *const first[] = {
        rows_of_call<typename decltype(call)::type>::rows.data()...};
    std::array<constant_row, size> all{};
    std::size_t n = 0;
    for (std::size_t c = 0; c < std::size(counts); ++c) {
        for (std::size_t i = 0; i < counts[c]; ++i)
            all[n++] = first[c][i];
    }
    return all;
});
inline constexpr auto constant_sections = hana::unpack(sections,
                                                       [](auto... section) {
                                                           return std::array{section_row{
        decltype(section)::type::name, text_of<typename decltype(section)::type::entered_by>.call,
        decltype(section)::type::hold, decltype(section)::type::entered_by::legal}...};
                                                       });
inline constexpr auto constant_entries = hana::unpack(entries, [](auto... entry) {
    return std::array{
        entry_row{entry_name<typename decltype(entry)::type>, decltype(entry)::type::at}...};
});

} // namespace detail

const std::vector<call_row> &call_rows()
{
    static const std::vector<call_row> rows = [] {
        std::vector<call_row> all;
        for (const detail::constant_row &r : detail::constant_rows) {
            std::string name = r.text->call;
            if (r.set)
                name += "(" + std::string(r.set) + ")";
            call_row row{std::move(name),
                         r.text,
                         r.needs,
                         r.rule,
                         r.legal,
                         {r.text->slug, r.text->why, r.text->fix},
                         {}};
            if (r.set && r.needs != wait_type::sleep)
                row.refused = {detail::slug_in(detail::may_lock), // it takes locks still
                               detail::between(detail::may_lock, ": it ", "; "),
                               detail::between(detail::may_lock, "fix: ", "\n")};
            const auto own =
                std::ranges::find(detail::slugs_of_rules, row.rule, &detail::slug_of_rule::rule);
            if (own != std::end(detail::slugs_of_rules))
                row.rule_slug = own->slug;
            all.push_back(std::move(row));
        }
        return all;
    }();
    return rows;
}
std::span<const section_row> section_rows() { return detail::constant_sections; }
std::span<const entry_row> entry_rows() { return detail::constant_entries; }

} // namespace kctx::rules

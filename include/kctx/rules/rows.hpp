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
            all.push_back({std::move(name), r.text, r.needs, r.rule, r.legal});
        }
        return all;
    }();
    return rows;
}
std::span<const section_row> section_rows() { return detail::constant_sections; }
std::span<const entry_row> entry_rows() { return detail::constant_entries; }

} // namespace kctx::rules

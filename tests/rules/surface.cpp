// SPDX-License-Identifier: BSL-1.0
// How much of the kernel is declared. The last line is the figure.
#include <kctx/rules/matrix.hpp>

#include <cstdio>
#include <map>
#include <set>

using namespace kctx::rules;

int main()
{
    constexpr std::size_t fewest_calls = 250;
    std::map<std::string, std::size_t> by_slug;
    std::set<std::string> names;
    std::set<std::string> rules;
    for (const call_row &row : call_rows()) {
        if (names.insert(row.text->call).second)
            ++by_slug[row.text->slug];
        if (*row.rule != '\0')
            rules.insert(row.rule);
    }
    std::printf("%zu rows, an allocation with each typical set of flags; calls by the rule that an "
                "illegal one breaks:\n",
                call_rows().size());
    for (const auto &[slug, count] : by_slug)
        std::printf("  %4zu  %s\n", count, slug.c_str());
    std::printf("rules beside the levels:");
    for (const std::string &rule : rules)
        std::printf(" %s", rule.c_str());
    std::printf("\nsurface: %zu calls, %zu contexts, %zu sections\n", names.size(),
                entry_rows().size(), section_rows().size());
    return names.size() < fewest_calls;
}

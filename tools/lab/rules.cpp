// SPDX-License-Identifier: BSL-1.0
#include "rules.hpp"

#include <algorithm>

namespace kctx::tools::lab {

constexpr std::string_view heading = "## ";

std::vector<std::string> rule_names(const fs::path &course_folder)
{
    const std::string text = read_file(course_folder / "lab/rules.md");
    std::vector<std::string> names;
    for (const std::string_view line : lines_of(text))
        if (line.starts_with(heading))
            names.emplace_back(trimmed(line.substr(heading.size())));
    return names;
}

std::string explain_rule(const fs::path &course_folder, std::string_view slug, const course &c)
{
    if (slug.starts_with("kctx[") && slug.ends_with("]"))
        slug = slug.substr(5, slug.size() - 6);
    const std::string text = read_file(course_folder / "lab/rules.md");
    std::string found;
    bool inside = false;
    for (const std::string_view line : lines_of(text)) {
        if (line.starts_with(heading))
            inside = trimmed(line.substr(heading.size())) == slug;
        if (inside)
            found += (line.starts_with(heading) ? "kctx[" + std::string(slug) + "]"
                                                : std::string(line)) +
                     "\n";
    }
    if (found.empty())
        return "";
    found = std::string(trimmed(found)) + "\n";
    std::vector<std::string> about;
    for (const exercise &e : c.exercises)
        if (std::ranges::find(e.starts.names, slug) != e.starts.names.end() ||
            std::ranges::find(e.check.probes, slug, &probe::slug) != e.check.probes.end())
            about.push_back(e.id);
    if (!about.empty())
        found += "\nExercises: " + join(about, ", ");
    return found;
}

} // namespace kctx::tools::lab

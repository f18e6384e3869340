// SPDX-License-Identifier: BSL-1.0
#include "rules.hpp"

#include <algorithm>

namespace kctx::tools::lab {

static fs::path folder_of_rules(const fs::path &course_folder)
{
    return fs::absolute(course_folder).lexically_normal().parent_path() / "docs/rules";
}

std::vector<std::string> rule_names(const fs::path &course_folder)
{
    std::vector<std::string> names;
    for (const fs::directory_entry &e : fs::directory_iterator(folder_of_rules(course_folder)))
        if (e.path().extension() == ".md" && e.path().stem() != "README")
            names.push_back(e.path().stem().string());
    std::ranges::sort(names);
    return names;
}

std::string explain_rule(const fs::path &course_folder, std::string_view slug, const course &c)
{
    if (slug.starts_with("kctx[") && slug.ends_with("]"))
        slug = slug.substr(5, slug.size() - 6);
    const auto names = rule_names(course_folder);
    if (std::ranges::find(names, slug) == names.end())
        return "";
    std::string text = read_file(folder_of_rules(course_folder) / (std::string(slug) + ".md"));
    std::vector<std::string> about;
    for (const exercise &e : c.exercises)
        if (std::ranges::find(e.starts.names, slug) != e.starts.names.end() ||
            std::ranges::find(e.check.probes, slug, &probe::slug) != e.check.probes.end())
            about.push_back(e.id);
    if (!about.empty())
        text += "\nExercises: " + join(about, ", ") + "\n";
    return text;
}

} // namespace kctx::tools::lab

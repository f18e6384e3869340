# SPDX-License-Identifier: BSL-1.0
# Writes the texts of FILES as a table of OUTPUT: what kctx explain --rule prints.
set(table "// Made of docs/rules/*.md.\n#include \"explain.hpp\"\n\nnamespace kctx::tools {\n")
string(APPEND table "namespace {\nstruct rule { std::string_view slug; const char *text; };\n")
string(APPEND table "constexpr rule rules[] = {\n")
foreach(file IN LISTS FILES)
    get_filename_component(slug "${file}" NAME_WE)
    file(READ "${file}" text)
    string(APPEND table "    {\"${slug}\", R\"---(${text})---\"},\n")
endforeach()
string(APPEND table "};\n} // namespace\n\n"
    "const char *rule_text(std::string_view slug)\n{\n    for (const rule &r : rules) {\n"
    "        if (r.slug == slug)\n            return r.text;\n    }\n    return nullptr;\n}\n\n"
    "std::vector<std::string_view> rule_slugs()\n{\n    std::vector<std::string_view> slugs;\n"
    "    for (const rule &r : rules)\n        slugs.push_back(r.slug);\n    return slugs;\n}\n"
    "} // namespace kctx::tools\n")
file(WRITE "${OUTPUT}" "${table}")

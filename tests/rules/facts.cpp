// SPDX-License-Identifier: BSL-1.0
// Every function that was read of in Linux 6.12 (tests/data/facts/api_sleepness.tsv) is declared,
// or not_in_table.tsv says why not.
#include <kctx/rules/matrix.hpp>

#include "../kernel/facts.hpp"

#include <set>

TEST_CASE("every function of the facts is declared, or it is said why not")
{
    std::set<std::string> declared;
    for (const auto &row : kctx::rules::call_rows())
        declared.insert(row.text->call);
    std::map<std::string, std::string> excused;
    std::ifstream in(KCTX_NOT_IN_TABLE);
    std::string line;
    REQUIRE(std::getline(in, line));
    while (std::getline(in, line)) {
        const auto cells = facts::split(line, '\t');
        REQUIRE_MESSAGE(cells.size() == 2, line);
        CHECK_MESSAGE(!cells[1].empty(), "no reason for " << cells[0]);
        CHECK_MESSAGE(excused.emplace(cells[0], cells[1]).second, "twice: " << cells[0]);
    }

    const auto rows = facts::read("api_sleepness.tsv");
    CHECK(rows.size() > 270);
    std::set<std::string> facts;
    for (const facts::row &row : rows) {
        const std::string &name = row.at("function");
        facts.insert(name);
        CHECK_MESSAGE(declared.contains(name) != excused.contains(name),
                      name << (declared.contains(name) ? " is declared, and excused as well"
                                                       : " is not declared"));
    }
    for (const auto &excuse : excused)
        CHECK_MESSAGE(facts.contains(excuse.first), "no such fact: " << excuse.first);
}

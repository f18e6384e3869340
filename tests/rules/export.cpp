// SPDX-License-Identifier: BSL-1.0
// kctx matrix: the three forms of the table say the same, and bad arguments get an answer.
#include <kctx/rules/matrix.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <map>
#include <sstream>
#include <sys/wait.h>

using namespace kctx::rules;

namespace {

/// What the program prints, and its exit status.
std::pair<std::string, int> run(const std::string &arguments)
{
    const std::string command = KCTX_PROGRAM " matrix " + arguments + " 2>&1";
    std::FILE *pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string output;
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) != 0;)
        output.append(buffer, n);
    const int status = pclose(pipe);
    return {output, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

std::vector<std::string> split(const std::string &text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);)
        parts.push_back(part);
    return parts;
}

} // namespace

TEST_CASE("the whole table, in TSV and in JSON")
{
    const auto [tsv, tsv_status] = run("--format tsv");
    const auto [text, json_status] = run("--format json");
    REQUIRE(tsv_status == 0);
    REQUIRE(json_status == 0);
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> cells;
    const auto lines = split(tsv, '\n');
    CHECK(lines.front() == "call\tcontext\tno_rt\trt\tportable");
    for (std::size_t i = 1; i < lines.size(); ++i) {
        auto columns = split(lines[i] + "\t.", '\t'); // so that an empty last one counts
        REQUIRE_MESSAGE(columns.size() == 6, lines[i]);
        cells[{columns[0], columns[1]}] = {columns[2], columns[3], columns[4]};
    }
    const std::vector<story> stories = all_stories();
    CHECK(cells.size() == call_rows().size() * stories.size());

    const auto json = nlohmann::json::parse(text);
    REQUIRE(json.at("calls").size() == call_rows().size());
    REQUIRE(json.at("contexts").size() == stories.size());
    unsigned different = 0;
    for (const auto &row : json.at("calls")) {
        const std::string call = row.at("call");
        const call_row *known = find_call(call);
        REQUIRE_MESSAGE(known != nullptr, call);
        CHECK(row.at("fix") == known->text->fix);
        for (std::size_t i = 0; i < stories.size(); ++i) {
            const std::string context = json.at("contexts")[i];
            const auto &cell = cells.at({call, context});
            const char *kernels[] = {"no_rt", "rt", "portable"};
            const config configs[] = {config::off, config::on, config::portable};
            for (std::size_t k = 0; k < 3; ++k) {
                const auto &v = row.at(kernels[k]).at(i);
                const std::string expected = !stories[i].may_be(configs[k])          ? ""
                                             : legal(*known, stories[i], configs[k]) ? "yes"
                                                                                     : "no";
                const std::string said = v.is_null() ? "" : v.get<bool>() ? "yes" : "no";
                different += said != expected || cell[k] != expected;
            }
        }
    }
    CHECK(different == 0);
}

TEST_CASE("some calls in some contexts, in Markdown")
{
    const auto [text, status] =
        run("--call msleep --call 'kmalloc(GFP_ATOMIC)' --context ProcessCtx "
            "--context 'ProcessCtx + raw_spin_lock' --context NmiCtx");
    CHECK(status == 0);
    CHECK(text == "| call | needs | ProcessCtx | ProcessCtx + raw_spin_lock | NmiCtx |\n"
                  "| --- | --- | --- | --- | --- |\n"
                  "| msleep | sleep | yes | no | no |\n"
                  "| kmalloc(GFP_ATOMIC) | config | yes | not RT | no |\n");
}

TEST_CASE("bad arguments")
{
    for (const auto &[arguments, said] :
         {std::pair{"--call nix", "no call is declared as \"nix\""},
          {"--context nix", "no context is called \"nix\""},
          {"--context 'IrqCtx + nix'", "no section is entered by \"nix\""},
          {"--format xml", "--format"}}) {
        const auto result = run(arguments);
        CHECK(result.second == 2);
        CHECK_MESSAGE(result.first.find(said) != std::string::npos, result.first);
    }
}

// SPDX-License-Identifier: BSL-1.0
// What each declared call needs, against contracts.tsv, which was written from the kernel's rules
// and not from the declarations. No call is without a line there, and no line without a call.
#ifndef KCTX_TEXTS
#define KCTX_TEXTS
#endif
#include <kctx/all.hpp>

#include "../kernel/facts.hpp"

#include <map>
#include <set>
#include <string_view>
#include <utility>

using namespace kctx;

namespace {

constexpr int declarations = __COUNTER__;

constexpr const char *levels[] = {"free", "spin", "config", "sleep"};

/// The type of @p Rule, somewhere in the text.
template <class Rule> constexpr const char *spelled() { return __PRETTY_FUNCTION__; }

/// What a declaration says: its level, or whose memory it asks for with flags; and its own rule.
struct declaration {
    const char *call;
    const char *needs;
    const char *rule;
};
template <int N> constexpr declaration nth()
{
    if constexpr (requires { typename nth_call<N>::type; }) {
        using call = typename nth_call<N>::type;
        if constexpr (__is_base_of(detail::slab_memory, call))
            return {text_of<call>.call, "slab", "::flags]"};
        else if constexpr (__is_base_of(detail::page_memory, call))
            return {text_of<call>.call, "page", "::flags]"};
        else
            return {text_of<call>.call, levels[static_cast<int>(call::needs)],
                    spelled<typename call::rule>()};
    } else {
        return {};
    }
}
template <int... N> std::map<std::string, declaration> list(std::integer_sequence<int, N...>)
{
    static constexpr declaration all[] = {nth<N>()...};
    std::map<std::string, declaration> named;
    for (const declaration &d : all) {
        if (d.call)
            CHECK_MESSAGE(named.emplace(d.call, d).second, d.call);
    }
    return named;
}
/// "... [with Rule = kctx::rule::is_task]", of clang "... [Rule = kctx::rule::is_task]".
std::string rule_of(const declaration &d)
{
    const std::string_view text = d.rule;
    const std::size_t begin = text.rfind(':') + 1;
    return std::string(text.substr(begin, text.rfind(']') - begin));
}

} // namespace

TEST_CASE("every call needs what the table says, and the table has every call")
{
    const auto declared = list(std::make_integer_sequence<int, declarations>{});
    REQUIRE(declared.size() > 450);

    std::ifstream in(KCTX_CONTRACTS);
    std::string line;
    REQUIRE(std::getline(in, line));
    std::set<std::string> expected;
    while (std::getline(in, line)) {
        const auto cells = facts::split(line, '\t');
        REQUIRE_MESSAGE(cells.size() == 4, line);
        CAPTURE(cells[0]);
        CHECK_MESSAGE(expected.insert(cells[0]).second, "twice");
        CHECK_MESSAGE(!cells[3].empty(), "no source");
        const auto found = declared.find(cells[0]);
        CHECK_MESSAGE(found != declared.end(), "no such call is declared");
        if (found == declared.end())
            continue;
        CHECK(found->second.needs == cells[1]);
        CHECK(rule_of(found->second) == cells[2]);
    }
    for (const auto &[name, declaration] : declared) {
        const std::string says = declaration.needs + (", " + rule_of(declaration));
        CHECK_MESSAGE(expected.contains(name), "no line for " << name << ": " << says);
    }
}

TEST_CASE("a line that was written from the facts is a function of the facts")
{
    std::map<std::string, std::string> may_sleep;
    for (const facts::row &row : facts::read("api_sleepness.tsv"))
        may_sleep[row.at("function")] = row.at("may_sleep");
    std::ifstream in(KCTX_CONTRACTS);
    std::string line;
    while (std::getline(in, line)) {
        const auto cells = facts::split(line, '\t');
        const auto fact = may_sleep.find(cells[0]);
        CAPTURE(cells[0]);
        CHECK((fact != may_sleep.end()) == cells[3].starts_with("facts"));
        // What sleeps without a rule that says when not always sleeps.
        if (fact != may_sleep.end() && cells[2] == "none" && fact->second == "always")
            CHECK(cells[1] == "sleep");
        if (fact != may_sleep.end() && fact->second == "never")
            CHECK(cells[1] != "sleep");
    }
}

// SPDX-License-Identifier: BSL-1.0
// What each declared call needs, against contracts.tsv, which was written from the kernel's rules
// and not from the declarations. No call is without a line there, and no line without a call. Built
// for the kernel of the facts, and for a later one with what is otherwise there; scripts/mutate
// builds it for a header, KCTX_CONTRACTS_OF, alone.
#ifndef KCTX_TEXTS
#define KCTX_TEXTS
#endif
#ifdef KCTX_CONTRACTS_OF
#include KCTX_CONTRACTS_OF
#include <kctx/gfp/allocation.hpp>
#else
#include <kctx/all.hpp>
#endif

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
        else if constexpr (__is_base_of(detail::lowmem_memory, call))
            return {text_of<call>.call, "lowmem", "::flags]"};
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

/// A line of the table: what a call needs, its own rule, and where that is from.
struct line {
    std::string needs;
    std::string rule;
    std::string source;
};
/// The lines by their calls. A table of a later kernel says what is otherwise there.
std::map<std::string, line> expected()
{
    std::map<std::string, line> lines;
    for (const char *path : {KCTX_CONTRACTS}) {
        std::ifstream in(path);
        std::string text;
        REQUIRE_MESSAGE(std::getline(in, text), "cannot read " << path);
        std::set<std::string> calls;
        while (std::getline(in, text)) {
            const auto cells = facts::split(text, '\t');
            REQUIRE_MESSAGE(cells.size() == 4, text);
            CHECK_MESSAGE(calls.insert(cells[0]).second, "twice: " << cells[0]);
            CHECK_MESSAGE(!cells[3].empty(), "no source: " << cells[0]);
            lines[cells[0]] = {cells[1], cells[2], cells[3]};
        }
    }
    return lines;
}

} // namespace

TEST_CASE("every call needs what the table says, and the table has every call")
{
    const auto declared = list(std::make_integer_sequence<int, declarations>{});
    const auto lines = expected();
#ifndef KCTX_CONTRACTS_OF
    REQUIRE(declared.size() > 450);
    for (const auto &entry : lines) // clang 14 captures no structured binding
        CHECK_MESSAGE(declared.contains(entry.first), "no such call is declared: " << entry.first);
#endif
    for (const auto &entry : declared) {
        const auto &call = entry.first;
        const auto &declaration = entry.second;
        const std::string says = declaration.needs + (", " + rule_of(declaration));
        const auto line = lines.find(call);
        CHECK_MESSAGE(line != lines.end(), "no line for " << call << ": " << says);
        if (line == lines.end())
            continue;
        CAPTURE(call);
        CHECK(declaration.needs == line->second.needs);
        CHECK(rule_of(declaration) == line->second.rule);
    }
}

TEST_CASE("a line that was written from the facts is a function of the facts")
{
    std::map<std::string, std::string> may_sleep;
    for (const facts::row &row : facts::read("api_sleepness.tsv"))
        may_sleep[row.at("function")] = row.at("may_sleep");
    for (const auto &entry : expected()) {
        const auto &call = entry.first;
        const auto &line = entry.second;
        const auto fact = may_sleep.find(call);
        const bool from_facts = line.source.starts_with("facts");
        CAPTURE(call);
        CHECK((fact == may_sleep.end() || from_facts ||
               KCTX_KERNEL_VERSION != KCTX_VERSION(6, 12, 0)));
        if (!from_facts)
            continue;
        REQUIRE_MESSAGE(fact != may_sleep.end(), "no such fact");
        // What sleeps without a rule that says when not always sleeps.
        if (line.rule == "none" && fact->second == "always")
            CHECK(line.needs == "sleep");
        if (fact->second == "never")
            CHECK(line.needs != "sleep");
    }
}

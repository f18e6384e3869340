// SPDX-License-Identifier: BSL-1.0
// What every token says of its context against what running kernels said of themselves inside it:
// Linux 6.12 without and with PREEMPT_RT.
#include "contexts.hpp"

#include "../kernel/facts.hpp"

#include <kctx/lock/state.hpp>

#include <algorithm>
#include <cstring>

using kctx::context_state;
using kctx::detail::in_atomic;
using kctx::detail::preemptible;

namespace {

bool in_softirq(const context_state &s) { return s.serving_softirq || s.bh_disabled; }

/// A column of the measurement, and what a token says it is.
struct column {
    const char *name;
    bool (*says)(const context_state &s, bool rt);
};
constexpr column columns[] = {
    {"in_task", [](const context_state &s, bool) { return kctx::detail::in_task(s); }},
    {"in_hardirq", [](const context_state &s, bool) { return s.hardirq; }},
    {"in_serving_softirq", [](const context_state &s, bool) { return s.serving_softirq; }},
    {"in_softirq", [](const context_state &s, bool) { return in_softirq(s); }},
    {"in_nmi", [](const context_state &s, bool) { return s.nmi; }},
    {"in_interrupt",
     [](const context_state &s, bool) { return s.nmi || s.hardirq || in_softirq(s); }},
    {"irqs_disabled", [](const context_state &s, bool) { return s.irqs_disabled; }},
    {"preempt_count", [](const context_state &s, bool rt) { return in_atomic(s, rt); }},
    {"in_atomic", [](const context_state &s, bool rt) { return in_atomic(s, rt); }},
    {"preemptible", [](const context_state &s, bool rt) { return preemptible(s, rt); }},
    {"rcu_depth", [](const context_state &s, bool) { return s.rcu_reader; }},
};

/// x86 calls the handlers of register_nmi_handler() inside rcu_read_lock() (arch/x86/kernel/nmi.c,
/// nmi_handle()), and the measurement was made in one: that is its caller's, not the NMI's.
bool is_of_the_caller(const facts::row &row, const column &c)
{
    return row.at("in_nmi") == "1" && std::strcmp(c.name, "rcu_depth") == 0;
}

int compare(const char *table, bool rt)
{
    int compared = 0;
    for (const facts::row &row : facts::read(std::string("../context_state/") + table)) {
        const std::string &name = row.at("context");
        CAPTURE(name);
        const auto *found =
            std::ranges::find_if(tests::contexts, [&](const auto &c) { return name == c.name; });
        if (found == std::end(tests::contexts)) {
            CHECK_MESSAGE(
                std::ranges::any_of(tests::absent, [&](const auto &c) { return name == c.name; }),
                "a measured context that the test does not know");
            continue;
        }
        const context_state s = found->at(rt);
        for (const column &c : columns) {
            CAPTURE(c.name);
            if (is_of_the_caller(row, c))
                continue;
            CHECK(c.says(s, rt) == (facts::number(row.at(c.name)) != 0));
            ++compared;
        }
    }
    return compared;
}

} // namespace

TEST_CASE("tokens agree with a kernel without PREEMPT_RT")
{
    CHECK(compare("context_state_6.12_preempt.tsv", false) > 800);
}

TEST_CASE("tokens agree with a kernel with PREEMPT_RT")
{
    CHECK(compare("context_state_6.12_rt.tsv", true) > 800);
}

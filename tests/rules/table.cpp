// SPDX-License-Identifier: BSL-1.0
// The table of contracts, its contexts, and that its laws can be broken.
#include <kctx/rules.hpp>
#include <kctx/rules/matrix.hpp>

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace kctx;
using namespace kctx::rules;

namespace broken {
struct undocumented : contract<wait_type::sleep> {};
struct without_source : contract<wait_type::sleep> {};
/// Its level says nothing of what it is about.
struct odd {
    static constexpr wait_type needs = wait_type::spin;
    using rule = kctx::rule::none;
    static constexpr bool legal(const context_state &s, bool) noexcept { return s.hardirq; }
};
/// It lets its inside sleep.
struct giving {
    static constexpr void hold(context_state &s, bool) noexcept { s.allows = wait_type::sleep; }
};
} // namespace broken
namespace kctx {
template <>
inline constexpr contract_text text_of<broken::without_source>{"f", "slug", "why", "fix", "here"};
}

TEST_CASE("the laws can be broken")
{
    using namespace laws::detail;
    CHECK(is_documented<call::msleep>());
    CHECK_FALSE(is_documented<broken::undocumented>());
    CHECK_FALSE(is_documented<broken::without_source>());
    CHECK(is_monotone<call::msleep>());
    CHECK_FALSE(is_monotone<broken::odd>());
    CHECK(only_takes<nth_section<rules::detail::section_numbers[0]>>());
    CHECK_FALSE(only_takes<broken::giving>());
    CHECK_FALSE(for_all(hana::tuple_t<int, char>,
                        [](auto t) { return sizeof(typename decltype(t)::type) == 1; }));
}

TEST_CASE("contracts by their calls")
{
    static_assert(hana::contains(contracts, hana::type_c<call::mutex_lock>));
    static_assert(!hana::contains(contracts, hana::type_c<broken::undocumented>));
    static_assert(hana::find(contracts, hana::type_c<broken::undocumented>) == hana::nothing);
    CHECK(std::string(contracts[hana::type_c<call::msleep>].call) == "msleep");
    CHECK(std::string(hana::find(contracts, hana::type_c<call::msleep>)->slug) ==
          "sleep-in-atomic");
    CHECK(find_call("no_such_call") == nullptr);
    REQUIRE(find_call("kmalloc(GFP_ATOMIC)") != nullptr);
    CHECK(find_call("kmalloc(GFP_ATOMIC)")->needs == wait_type::config);
    CHECK(find_call("kmalloc(GFP_KERNEL)")->needs == wait_type::sleep);
    CHECK(find_call("kmalloc") == nullptr);
}

TEST_CASE("names are there once")
{
    std::set<std::string> names;
    for (const call_row &row : call_rows())
        CHECK_MESSAGE(names.insert(row.name).second, row.name);
    std::set<std::string> tokens;
    for (const section_row &row : section_rows())
        CHECK_MESSAGE(tokens.insert(row.token).second, row.token);
    CHECK(entry_rows().size() == 21);
}

TEST_CASE("stories")
{
    const story lock = read_story("IrqCtx + spin_lock");
    CHECK(lock.text == "IrqCtx + spin_lock");
    CHECK(lock.may_be(config::portable));
    using token = SpinLocked<spinlock_t, IrqCtx>;
    CHECK(lock.off.preempt_disabled == token::at(false).preempt_disabled);
    CHECK(lock.rt.rcu_reader == token::at(true).rcu_reader);

    const story nested = read_story("HrtimerCtx<hard>+spin_lock +  raw_spin_lock");
    CHECK(nested.may_be(config::off));
    CHECK_FALSE(nested.may_be(config::on));
    CHECK_FALSE(nested.may_be(config::portable));

    for (const char *nonsense : {"", "NoCtx", "IrqCtx + ", "IrqCtx + spun", "spin_lock", "+"})
        CHECK_THROWS_AS(read_story(nonsense), std::invalid_argument);
    CHECK_THROWS_WITH(read_story("IrqCtx + spun"), "no section is entered by \"spun\"");
    CHECK_THROWS_WITH(read_story("NoCtx"), "no context is called \"NoCtx\"");
    CHECK(all_stories().size() == entry_rows().size() + section_rows().size());
}

TEST_CASE("a rule of a call's own has the slug of its error")
{
    for (const call_row &row : call_rows()) {
        CAPTURE(row.name);
        CHECK(row.rule_slug.empty() == std::string_view(row.rule).empty());
        CHECK_FALSE(row.refused.slug.empty());
    }
    const call_row *const locks = find_call("spin_lock_bh");
    REQUIRE(locks != nullptr);
    const story irq = read_story("SyscallCtx + local_irq_disable");
    CHECK(locks->broken_in(irq.off, false) == "bh-with-irqs-off");
    CHECK(locks->broken_in(irq.rt, true) == "rt-lock-in-raw-section");
    const call_row *const atomic = find_call("kmalloc(GFP_ATOMIC)");
    REQUIRE(atomic != nullptr);
    CHECK(atomic->refused.slug == "alloc-in-raw-section");
    CHECK(atomic->refused.why.starts_with("takes the allocator's locks"));
    CHECK(atomic->refused.fix.starts_with("allocate before"));
    CHECK(find_call("kmalloc(GFP_KERNEL)")->refused.slug == "gfp-may-sleep");
}

TEST_CASE("a call that is legal here and not where more is allowed has a rule with a name")
{
    std::vector<story> places = all_stories();
    for (const section_row &outer : section_rows()) {
        for (const section_row &inner : section_rows())
            places.push_back(tell(tell(tell(entry_rows().front()), outer), inner));
    }
    std::map<std::string, std::set<std::string>> by_rule;
    for (const call_row &row : call_rows()) {
        for (const bool rt : {false, true}) {
            // The laxest level at which it is refused, the strictest at which it is not.
            auto refused = wait_type::free;
            bool is_refused = false;
            auto legal = wait_type::sleep;
            bool is_legal = false;
            for (const story &in : places) {
                const context_state &s = rt ? in.rt : in.off;
                if (row.legal(s, rt)) {
                    is_legal = true;
                    legal = s.allows < legal ? s.allows : legal;
                } else {
                    is_refused = true;
                    refused = s.allows > refused ? s.allows : refused;
                }
            }
            const bool monotone = !is_legal || !is_refused || legal > refused;
            CHECK_MESSAGE((monotone || *row.rule != '\0'), row.name);
            if (!monotone)
                by_rule[row.rule].insert(row.name);
        }
    }
    // Those that everybody forgets.
    CHECK(by_rule["frees_vmalloc"].contains("vfree"));
    CHECK(by_rule["stays_on_cpu"].contains("smp_processor_id"));
    CHECK(by_rule["rcu_read_lock_held"].contains("rcu_dereference"));
    CHECK(by_rule["irqs_off"].contains("raise_softirq_irqoff"));
    CHECK_FALSE(by_rule.contains(""));
}

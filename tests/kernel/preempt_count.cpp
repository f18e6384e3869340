// SPDX-License-Identifier: BSL-1.0
// The layouts of preempt_count against the facts: every row of the table, at both ends of its
// range.
#include "facts.hpp"

#include <kctx/kernel/preempt_count.hpp>

#include <algorithm>

using namespace kctx::kernel;

namespace {

struct range {
    unsigned first;
    unsigned last;
};

/// "2.6.32-2.6.36 (read ...)", "3.13..4.3", ">=4.4 (read ...)", "3.10 (read)": the versions it
/// means.
range versions_of(const std::string &cell)
{
    const std::string text = cell.substr(0, cell.find_first_of(" ,("));
    if (text.starts_with(">="))
        return {facts::version(text.substr(2)), KCTX_VERSION(6, 18, 0)};
    const std::size_t dots = text.find("..");
    const std::size_t separator = dots != std::string::npos ? dots : text.find('-');
    if (separator == std::string::npos)
        return {facts::version(text), facts::version(text)};
    const std::string last = text.substr(separator + (dots != std::string::npos ? 2 : 1));
    return {facts::version(text.substr(0, separator)), facts::version(last)};
}

std::vector<arch> archs_of(const std::string &cell)
{
    const std::pair<const char *, arch> names[] = {{"x86", arch::x86},
                                                   {"arm64", arch::arm64},
                                                   {"powerpc", arch::powerpc},
                                                   {"s390", arch::s390}};
    std::vector<arch> archs;
    for (const auto &[name, value] : names) {
        if (cell.find(name) != std::string::npos)
            archs.push_back(value);
    }
    const std::size_t arm = cell.find("arm");
    if (arm != std::string::npos && cell.substr(arm, 5) != "arm64")
        archs.push_back(arch::arm);
    if (cell == "all")
        archs = {arch::x86, arch::arm, arch::arm64, arch::powerpc, arch::s390, arch::unknown};
    if (cell == "generic default")
        archs.push_back(arch::unknown);
    return archs;
}

} // namespace

TEST_CASE("every row of the facts is the layout's field")
{
    int compared = 0;
    for (const facts::row &row : facts::read("preempt_count.tsv")) {
        const std::string &field = row.at("field");
        CAPTURE(row.at("kernel_range"));
        CAPTURE(row.at("arch"));
        CAPTURE(field);
        const bool rt = row.at("preempt_mode").starts_with("PREEMPT_RT");
        if (field.starts_with("PREEMPT by") || field == "preempt_lazy_count" ||
            row.at("shift") == "32")
            continue; // no field of the printed number
        const unsigned mask = facts::number(row.at("mask"));
        const range versions = rt ? range{KCTX_VERSION(4, 9, 0), KCTX_VERSION(6, 18, 0)}
                                  : versions_of(row.at("kernel_range"));
        const auto archs = archs_of(row.at("arch"));
        REQUIRE(!archs.empty());
        for (const arch a : archs) {
            for (const unsigned version : {versions.first, versions.last}) {
                CAPTURE(version);
                CAPTURE(static_cast<unsigned>(a));
                const preempt_layout l = preempt_count_layout(version, a, rt);
                ++compared;
                if (field == "PREEMPT") {
                    CHECK(l.preempt == mask);
                } else if (field == "SOFTIRQ") {
                    CHECK(l.softirq == (rt ? 0 : mask));
                    const bool split = row.at("one_unit").find("0x200") != std::string::npos;
                    CHECK(l.bh_disable == (split || rt ? 0x200u : 0x100u));
                } else if (field == "HARDIRQ") {
                    CHECK(l.hardirq == mask);
                    CHECK(field_unit(l.hardirq) == facts::number(row.at("one_unit")));
                } else if (field == "NMI") {
                    CHECK(l.nmi == mask);
                    CHECK(field_unit(l.nmi) == facts::number(row.at("one_unit")));
                } else if (field == "PREEMPT_ACTIVE") {
                    CHECK(l.preempt_active == mask);
                } else if (field == "PREEMPT_NEED_RESCHED") {
                    CHECK(l.hidden == mask);
                } else {
                    FAIL("a field that the test does not know");
                }
            }
        }
    }
    CHECK(compared > 50);
}

TEST_CASE("ARM with many interrupts has one more hardirq bit, and NMI moves with it")
{
    const preempt_layout l = preempt_count_layout(KCTX_VERSION(2, 6, 33), arch::arm, false, true);
    CHECK(l.hardirq == 0x01ff0000);
    CHECK(l.nmi == 0x02000000);
}

TEST_CASE("fields of a layout never overlap")
{
    for (const unsigned version : std::initializer_list<unsigned>{
             KCTX_VERSION(2, 6, 32), KCTX_VERSION(2, 6, 37), KCTX_VERSION(3, 12, 0),
             KCTX_VERSION(3, 13, 0), KCTX_VERSION(4, 4, 0), KCTX_VERSION(5, 8, 0),
             KCTX_VERSION(6, 18, 0)}) {
        for (const arch a : {arch::unknown, arch::x86, arch::arm, arch::arm64, arch::powerpc}) {
            for (const bool rt : {false, true}) {
                const preempt_layout l = preempt_count_layout(version, a, rt);
                unsigned seen = 0;
                for (const unsigned mask :
                     {l.preempt, l.softirq, l.hardirq, l.nmi, l.preempt_active, l.hidden}) {
                    CHECK((seen & mask) == 0);
                    seen |= mask;
                }
            }
        }
    }
}

TEST_CASE("taking a count apart")
{
    constexpr preempt_layout old_arm =
        preempt_count_layout(KCTX_VERSION(2, 6, 33), arch::arm, false);
    constexpr preempt_fields doc = decode_preempt_count(0x40010100, old_arm);
    static_assert(doc == preempt_fields{.softirq = 1, .hardirq = 1, .preempt_active = true});

    const preempt_layout recent = preempt_count_layout(KCTX_VERSION(6, 1, 0), arch::x86, false);
    CHECK(decode_preempt_count(0x00110705, recent) ==
          preempt_fields{.preempt = 5, .bh_disable = 3, .softirq = 1, .hardirq = 1, .nmi = 1});
    CHECK(decode_preempt_count(0x40010100, recent).rest == 0x40000000);
    CHECK(decode_preempt_count(0x7ffffe00, recent).underflow);
    CHECK(decode_preempt_count(0xffffffff, old_arm).underflow);
    CHECK_FALSE(decode_preempt_count(0x40010100, old_arm).underflow);

    const preempt_layout rt = preempt_count_layout(KCTX_VERSION(4, 19, 0), arch::arm64, true);
    CHECK(decode_preempt_count(0x2, rt) == preempt_fields{.preempt = 2});
    CHECK(decode_preempt_count(0x201, rt).rest == 0x200);
}

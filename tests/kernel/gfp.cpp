// SPDX-License-Identifier: BSL-1.0
// The GFP tables against the facts that they were made from, value by value and name by name.
#include "facts.hpp"

#include <kctx/kernel/gfp_names.hpp>
#include <kctx/kernel/gfp_zone.hpp>

#include <algorithm>
#include <optional>
#include <set>

using namespace kctx::kernel;

namespace {

constexpr unsigned flag_count = static_cast<unsigned>(gfp_flag::count);

gfp_flag flag_at(unsigned index) { return static_cast<gfp_flag>(index); }

std::optional<gfp_flag> flag_named(std::string name)
{
    if (name.starts_with("___"))
        name.erase(0, 1);
    for (unsigned i = 0; i < flag_count; ++i) {
        if (name == gfp_flag_names[i])
            return flag_at(i);
    }
    return std::nullopt;
}

const std::vector<std::string> config_names = {
    "base",         "lockdep",
    "slab_obj_ext", "lockdep+slab_obj_ext",
    "kmemcheck",    "kasan_hw_tags+lockdep+slab_obj_ext"};

std::set<unsigned> configs_of(const facts::row &row)
{
    std::set<unsigned> configs;
    for (unsigned i = 0; i < config_names.size(); ++i) {
        const auto listed = facts::split(row.at("config_condition"), ',');
        if (listed[0] == "any" ||
            std::find(listed.begin(), listed.end(), config_names[i]) != listed.end())
            configs.insert(i);
    }
    return configs;
}

bool is_helper(const facts::row &row)
{
    const std::string &name = row.at("name");
    return row.at("kind") == "meta" || name.ends_with("MASK") || name.ends_with("_SHIFT");
}

std::string text(const gfp_text &t) { return {t.text, t.length}; }

} // namespace

static_assert(static_cast<unsigned>(gfp_config::count) == 6);
static_assert(sizeof gfp_flag_names / sizeof *gfp_flag_names == flag_count);
static_assert(gfp_value(KCTX_VERSION(5, 4, 125), gfp_flag::GFP_ATOMIC) == 0xa20);
static_assert(gfp_value(KCTX_VERSION(5, 4, 0), gfp_flag::GFP_KERNEL) == 0xcc0);

TEST_CASE("gfp_value is what each tree's headers say, in every configuration")
{
    std::map<std::pair<unsigned, gfp_flag>, std::set<unsigned>> seen;
    for (const facts::row &row : facts::read("gfp_bits.tsv")) {
        if (is_helper(row))
            continue;
        CAPTURE(row.at("kernel"));
        CAPTURE(row.at("name"));
        const auto flag = flag_named(row.at("name"));
        REQUIRE(flag);
        const unsigned version = facts::version(row.at("kernel"));
        for (const unsigned config : configs_of(row)) {
            CAPTURE(config_names[config]);
            CHECK(seen[{version, *flag}].insert(config).second);
            CHECK(gfp_value(version, *flag, static_cast<gfp_config>(config)) ==
                  facts::number(row.at("value_hex")));
            if (config == 0)
                CHECK(gfp_value(version, *flag) == facts::number(row.at("value_hex")));
        }
    }
    // And nothing else: a flag that a tree does not list is absent from it.
    for (const unsigned version : gfp_versions) {
        for (unsigned i = 0; i < flag_count; ++i) {
            CAPTURE(version);
            CAPTURE(gfp_flag_names[i]);
            const auto it = seen.find({version, flag_at(i)});
            const bool listed = it != seen.end();
            CHECK((gfp_value(version, flag_at(i)) != gfp_absent) == listed);
            if (listed)
                CHECK(it->second.size() == config_names.size());
        }
    }
}

TEST_CASE("the versions are the trees of the facts")
{
    std::set<unsigned> labels;
    for (const facts::row &row : facts::read("gfp_bits.tsv"))
        labels.insert(facts::version(row.at("kernel")));
    CHECK(
        std::equal(labels.begin(), labels.end(), std::begin(gfp_versions), std::end(gfp_versions)));
}

TEST_CASE("a version between two trees takes the older tree, before the first there is nothing")
{
    CHECK(gfp_value(KCTX_VERSION(4, 18, 255), gfp_flag::__GFP_COLD) == 0x100);
    CHECK(gfp_value(KCTX_VERSION(4, 19, 0), gfp_flag::__GFP_COLD) == gfp_absent);
    CHECK(gfp_value(KCTX_VERSION(2, 6, 31), gfp_flag::__GFP_WAIT) == gfp_absent);
    CHECK(gfp_value(KCTX_VERSION(99, 0, 0), gfp_flag::GFP_ATOMIC) ==
          gfp_value(gfp_newest, gfp_flag::GFP_ATOMIC));
    CHECK(gfp_tree(KCTX_VERSION(5, 18, 3)) == KCTX_VERSION(5, 15, 0));
    CHECK(gfp_tree(KCTX_VERSION(2, 6, 18)) == 0);
}

TEST_CASE("every single-bit flag has a meaning, composites are explained by their parts")
{
    for (unsigned i = 0; i < flag_count; ++i) {
        CAPTURE(gfp_flag_names[i]);
        CHECK((gfp_meaning(flag_at(i))[0] != '\0') == (flag_at(i) < gfp_first_composite));
    }
}

TEST_CASE("absent is not zero")
{
    CHECK(gfp_value(KCTX_VERSION(6, 12, 0), gfp_flag::__GFP_NOLOCKDEP) == 0);
    CHECK(gfp_value(KCTX_VERSION(4, 9, 0), gfp_flag::__GFP_NOLOCKDEP) == gfp_absent);
    CHECK_FALSE(gfp_has(KCTX_VERSION(6, 12, 0), 0xffffffff, gfp_flag::__GFP_NOLOCKDEP));
    CHECK_FALSE(gfp_has(KCTX_VERSION(4, 9, 0), 0xffffffff, gfp_flag::__GFP_NOLOCKDEP));
    CHECK(gfp_has(KCTX_VERSION(6, 12, 0), 0xcc0, gfp_flag::GFP_KERNEL));
    CHECK_FALSE(gfp_has(KCTX_VERSION(6, 12, 0), 0xc40, gfp_flag::GFP_KERNEL));
}

TEST_CASE("since and gone follow from the rows, and each flag that is gone says what replaces it")
{
    for (unsigned i = 0; i < flag_count; ++i) {
        const gfp_flag flag = flag_at(i);
        CAPTURE(gfp_flag_names[i]);
        unsigned first = 0;
        unsigned lost = 0;
        bool there = false;
        for (const unsigned version : gfp_versions) {
            const bool has = gfp_value(version, flag) != gfp_absent;
            if (has && first == 0)
                first = version;
            CHECK_FALSE((has && lost != 0)); // none of them came back
            if (there && !has)
                lost = version;
            there = has;
        }
        CHECK(gfp_since(flag) == first);
        CHECK(gfp_gone(flag) == lost);
        const std::string successor = gfp_successor(flag);
        CHECK(successor.empty() == (lost == 0));
        for (const std::string &word : facts::split(successor, ' ')) {
            if (word.find("GFP_") == std::string::npos)
                continue;
            const auto named = flag_named(word.substr(0, word.find(',')));
            REQUIRE_MESSAGE(named, word);
            CHECK(gfp_value(gfp_newest, *named) != gfp_absent);
        }
    }
    CHECK(gfp_gone(gfp_flag::__GFP_ATOMIC) == KCTX_VERSION(6, 3, 0));
    CHECK(gfp_gone(gfp_flag::__GFP_WAIT) == KCTX_VERSION(4, 4, 0));
    CHECK(gfp_since(gfp_flag::__GFP_RETRY_MAYFAIL) == KCTX_VERSION(4, 14, 0));
    CHECK(std::string(gfp_successor(gfp_flag::__GFP_REPEAT)) == "__GFP_RETRY_MAYFAIL");
    CHECK(std::string(gfp_successor(gfp_flag::__GFP_COLD)) == "leave it out");
}

TEST_CASE("__GFP_KMEMCG's successor came later than it went")
{
    // 3.10 has __GFP_KMEMCG, 4.4 has the opposite (__GFP_NOACCOUNT), 4.6 has __GFP_ACCOUNT.
    CHECK(gfp_gone(gfp_flag::__GFP_KMEMCG) == KCTX_VERSION(4, 4, 0));
    CHECK(gfp_since(gfp_flag::__GFP_ACCOUNT) == KCTX_VERSION(4, 6, 0));
}

TEST_CASE("each table prints its own masks by name, in its own order")
{
    std::map<unsigned, std::vector<facts::row>> tables;
    for (const facts::row &row : facts::read("gfp_names.tsv"))
        tables[facts::version(row.at("kernel"))].push_back(row);
    REQUIRE(tables.size() == std::size(gfp_versions));

    constexpr auto all_on = gfp_config::kasan_hw_tags_lockdep_slab_obj_ext;
    for (const auto &table_of_tree : tables) {
        const unsigned version = table_of_tree.first;
        const std::vector<facts::row> &rows = table_of_tree.second;
        CAPTURE(version);
        for (const gfp_config config : {gfp_config::base, all_on}) {
            CAPTURE(static_cast<unsigned>(config));
            // The facts' algorithm on the facts' own table, over every mask of one or two entries.
            std::vector<std::pair<unsigned, std::string>> table;
            for (const facts::row &row : rows) {
                const auto flag = flag_named(row.at("mask_symbol"));
                REQUIRE(flag);
                const bool conditional = row.at("config_condition") != "any";
                if (conditional && config == gfp_config::base)
                    continue;
                unsigned mask = facts::number(row.at("mask_hex"));
                if (config == gfp_config::base || conditional)
                    CHECK(gfp_value(version, *flag, config) == mask);
                else
                    mask = gfp_value(version, *flag, config);
                table.emplace_back(mask, row.at("printed_name"));
            }
            const auto expected = [&](unsigned mask) {
                std::string out;
                for (const auto &[bits, name] : table) {
                    if (bits == 0 || (mask & bits) != bits)
                        continue;
                    mask &= ~bits;
                    out += name;
                    if (mask != 0)
                        out += '|';
                }
                char rest[16];
                std::snprintf(rest, sizeof rest, "0x%x", mask);
                return mask != 0 ? out + rest : out;
            };
            for (const auto &one : table) {
                for (const auto &other : table) {
                    const unsigned mask = one.first | other.first;
                    if (mask != 0)
                        CHECK(text(format_gfp(version, mask, config)) == expected(mask));
                }
            }
            CHECK(text(format_gfp(version, 0xffffffff, config)) == expected(0xffffffff));
            CHECK(format_gfp(version, 0xffffffff, config).length < 700);
        }
        const bool in_logs = rows[0].at("used_by") != "tracepoints only";
        CHECK((version >= gfp_first_named_log) == in_logs);
    }
}

TEST_CASE("masks as real logs print them")
{
    CHECK(text(format_gfp_mode(KCTX_VERSION(4, 9, 24), 0x2084120)) ==
          "mode:0x2084120(GFP_ATOMIC|__GFP_COLD|__GFP_COMP)");
    CHECK(text(format_gfp_mode(KCTX_VERSION(5, 4, 19), 0x40dc0)) ==
          "mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO)");
    CHECK(text(format_gfp_mode(KCTX_VERSION(5, 9, 0), 0x800)) == "mode:0x800(GFP_NOWAIT)");
    CHECK(text(format_gfp_mode(KCTX_VERSION(6, 8, 0), 0x820)) == "mode:0x820(GFP_ATOMIC)");
    CHECK(text(format_gfp_mode(KCTX_VERSION(3, 10, 0), 0x20)) == "mode:0x20");
    CHECK(text(format_gfp_mode(KCTX_VERSION(6, 3, 0), 0)) == "mode:0x0()");
    CHECK(text(format_gfp(KCTX_VERSION(3, 10, 0), 0x20)) == "GFP_ATOMIC");
    CHECK(text(format_gfp(KCTX_VERSION(2, 6, 32), 0x8010)) == "GFP_NOIO|GFP_ZERO");
    CHECK(text(format_gfp(KCTX_VERSION(2, 6, 32), 0)) == "GFP_NOWAIT");
    CHECK(text(format_gfp(KCTX_VERSION(5, 10, 0), 0x800cc0)) == "GFP_KERNEL|0x800000");
    constexpr gfp_text at_compile_time = format_gfp(KCTX_VERSION(5, 4, 0), 0xdc0);
    CHECK(text(at_compile_time) == "GFP_KERNEL|__GFP_ZERO");
}

TEST_CASE("zone, migrate type and sleeping of a mask")
{
    struct expectation {
        unsigned version;
        const char *flags;
        zone_type zone;
        migratetype type;
        bool may_sleep;
    };
    using enum zone_type;
    using enum migratetype;
    const expectation expectations[] = {
        {KCTX_VERSION(2, 6, 33), "GFP_ATOMIC", ZONE_NORMAL, MIGRATE_UNMOVABLE, false},
        {KCTX_VERSION(2, 6, 33), "GFP_KERNEL", ZONE_NORMAL, MIGRATE_UNMOVABLE, true},
        {KCTX_VERSION(2, 6, 33), "GFP_TEMPORARY", ZONE_NORMAL, MIGRATE_RECLAIMABLE, true},
        {KCTX_VERSION(3, 10, 0), "GFP_HIGHUSER_MOVABLE", ZONE_MOVABLE, MIGRATE_MOVABLE, true},
        {KCTX_VERSION(3, 10, 0), "GFP_NOIO", ZONE_NORMAL, MIGRATE_UNMOVABLE, true},
        {KCTX_VERSION(4, 4, 0), "GFP_NOWAIT", ZONE_NORMAL, MIGRATE_UNMOVABLE, false},
        {KCTX_VERSION(5, 4, 0), "GFP_ATOMIC", ZONE_NORMAL, MIGRATE_UNMOVABLE, false},
        {KCTX_VERSION(5, 4, 0), "GFP_HIGHUSER", ZONE_HIGHMEM, MIGRATE_UNMOVABLE, true},
        {KCTX_VERSION(5, 4, 0), "GFP_DMA", ZONE_DMA, MIGRATE_UNMOVABLE, false},
        {KCTX_VERSION(6, 12, 0), "GFP_DMA32", ZONE_DMA32, MIGRATE_UNMOVABLE, false},
        {KCTX_VERSION(6, 12, 0), "GFP_TRANSHUGE_LIGHT", ZONE_MOVABLE, MIGRATE_MOVABLE, false},
        {KCTX_VERSION(6, 12, 0), "GFP_TRANSHUGE", ZONE_MOVABLE, MIGRATE_MOVABLE, true},
        {KCTX_VERSION(6, 18, 0), "__GFP_MOVABLE", ZONE_NORMAL, MIGRATE_MOVABLE, false},
    };
    for (const expectation &e : expectations) {
        CAPTURE(e.version);
        CAPTURE(e.flags);
        const unsigned mask = gfp_value(e.version, flag_named(e.flags).value());
        REQUIRE(mask != gfp_absent);
        CHECK(gfp_zone(e.version, mask) == e.zone);
        CHECK(gfp_migratetype(e.version, mask) == e.type);
        CHECK(gfp_may_sleep(e.version, mask) == e.may_sleep);
    }
    for (const unsigned version : gfp_versions) {
        CHECK(gfp_zone(version, 0x3) == zone_type::refused);            // DMA | HIGHMEM
        CHECK(gfp_zone(version, 0xc) == ZONE_DMA32);                    // DMA32 | MOVABLE
        CHECK(gfp_migratetype(version, ~0u) == migratetype::undefined); // both mobility flags
        CHECK(gfp_may_sleep(version, gfp_value(version, gfp_flag::GFP_NOFS)));
        CHECK_FALSE(gfp_may_sleep(version, gfp_value(version, gfp_flag::GFP_ATOMIC)));
    }
}

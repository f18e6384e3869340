// SPDX-License-Identifier: BSL-1.0
/// @file
/// Every GFP flag of gfp/flags.hpp, whether or not KCTX_KERNEL_VERSION has it.
#pragma once

#include "../kernel/facts.hpp"

#include <kctx/gfp/versions.hpp>

#include <map>
#include <set>
#include <string>

#undef KCTX_GFP_FLAG
#undef KCTX_GFP_LACKS

/// Calls visit(name, flag, exists) for each.
template <class Visitor> void for_each_flag(Visitor visit)
{
    using namespace kctx;
#define KCTX_GFP_FLAG(name, ...) visit(#name, flag::name{}, true);
#define KCTX_GFP_LACKS(name, ...) visit(#name, flag::name{}, false);
#include <kctx/kernel/gfp_of_version.hpp>
#undef KCTX_GFP_FLAG
#undef KCTX_GFP_LACKS
}

/// name -> value in a kernel, as the facts say of the base configuration.
inline std::map<std::string, unsigned> facts_of(unsigned version)
{
    std::map<std::string, unsigned> values;
    for (const facts::row &row : facts::read("gfp_bits.tsv")) {
        const auto configs = facts::split(row.at("config_condition"), ',');
        std::string name = row.at("name");
        const bool helper =
            row.at("kind") == "meta" || name.ends_with("MASK") || name.ends_with("_SHIFT");
        if (facts::version(row.at("kernel")) != version || helper ||
            (configs[0] != "any" && configs[0] != "base"))
            continue;
        if (name.starts_with("___"))
            name.erase(0, 1);
        values[name] = facts::number(row.at("value_hex"));
    }
    REQUIRE(values.size() > 20);
    return values;
}

/// The kernels that the facts were read from.
inline std::set<unsigned> fact_versions()
{
    std::set<unsigned> versions;
    for (const facts::row &row : facts::read("gfp_bits.tsv"))
        versions.insert(facts::version(row.at("kernel")));
    return versions;
}

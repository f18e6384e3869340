// SPDX-License-Identifier: BSL-1.0
/// @file
/// /proc/zoneinfo: watermarks, sizes, counters and per-CPU lists of each zone, all in pages
/// (zoneinfo_show_print(), mm/vmstat.c). The names of the counters are kept as the file has them,
/// so that those of every configuration are read.
#pragma once

#include <kctx/mm/buddyinfo.hpp>
#include <kctx/mm/fields.hpp>

namespace kctx::mm {

/// The per-cpu lists of a CPU: count, high and batch, in pages.
struct zoneinfo_pageset {
    unsigned cpu = 0; ///< its number
    counters values;  ///< count, high, batch; since 6.7 high_min, high_max
    std::optional<std::uint64_t> stat_threshold; ///< "vm stats threshold", CONFIG_SMP
    friend bool operator==(const zoneinfo_pageset &, const zoneinfo_pageset &) = default;
};

/// A zone's part of /proc/zoneinfo.
struct zoneinfo_zone {
    unsigned node = 0;   ///< NUMA node
    std::string name;    ///< of the zone: "DMA32"
    counters node_stats; ///< of the node, in its first populated zone; since 4.8
    counters pages;      ///< free, boost, min, low, high, spanned, present, managed, cma
    std::vector<std::uint64_t> protection;  ///< lowmem_reserve[]
    counters stats;                         ///< vmstat counters of the zone: nr_free_pages ...
    bool pagesets_shown = false;            ///< not in an empty zone
    std::vector<zoneinfo_pageset> pagesets; ///< a CPU each
    counters end;                           ///< node_unreclaimable, start_pfn
    friend bool operator==(const zoneinfo_zone &, const zoneinfo_zone &) = default;
};

/// /proc/zoneinfo (zoneinfo_show_print(), mm/vmstat.c).
struct zoneinfo {
    std::vector<zoneinfo_zone> zones; ///< in the order of the file
    friend bool operator==(const zoneinfo &, const zoneinfo &) = default;

    /// The first zone of this name, or nullptr.
    const zoneinfo_zone *zone(std::string_view name) const
    {
        for (const zoneinfo_zone &z : zones) {
            if (z.name == name)
                return &z;
        }
        return nullptr;
    }
};

namespace detail {

/// Up to 4.11 the counters stand in front of the protection, less indented.
constexpr bool zoneinfo_counts_first(unsigned version) { return version < KCTX_VERSION(4, 12, 0); }

inline void print_stats(std::string &out, const counters &stats, std::string_view indent)
{
    for (const counter &c : stats) {
        out += '\n';
        out += indent;
        append_left(out, c.name, 12);
        out += ' ';
        append(out, c.value);
    }
}

/// "name value" as long as the next word is a name of vmstat (a name, and a number behind it).
inline counters parse_stats(scanner &in)
{
    counters stats;
    for (;;) {
        const std::size_t start = in.position();
        if (in.at_end())
            return stats;
        const std::string name = in.word();
        const bool known =
            name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == name.npos &&
            name != "pages" && name != "pagesets";
        if (!known || !in.number_on_line()) {
            in.back_to(start);
            return stats;
        }
        if (stats.has(name)) {
            in.back_to(start);
            in.refuse("a second " + name);
        }
        stats.set(name, in.number());
    }
}

inline void parse_protection(scanner &in, zoneinfo_zone &z)
{
    in.expect("protection: (");
    do {
        z.protection.push_back(in.number());
        if (z.protection.size() > 8)
            in.refuse("more than 8 zones");
    } while (in.skip(", "));
    in.expect(")");
}

/// "label: number"
inline counters parse_labelled(scanner &in)
{
    counters values;
    for (;;) {
        const std::size_t start = in.position();
        if (in.at_end())
            return values;
        const std::string label = in.word(":");
        if (label == "cpu" || !in.skip(":") || !in.number_on_line()) {
            in.back_to(start);
            return values;
        }
        values.set(label, in.number());
    }
}

} // namespace detail

/// Prints it as a kernel of this version does.
inline std::string print(const zoneinfo &info, unsigned version)
{
    std::string out;
    const bool first = detail::zoneinfo_counts_first(version);
    const auto labelled = [&out](const counters &values, std::string_view indent, unsigned width) {
        for (const counter &c : values) {
            out += '\n';
            out += indent;
            append_left(out, c.name + ":", width);
            append(out, c.value);
        }
    };
    for (const zoneinfo_zone &z : info.zones) {
        detail::print_zone_head(out, z.node, z.name);
        if (!z.node_stats.empty()) {
            out += "\n  per-node stats";
            detail::print_stats(out, z.node_stats, "      ");
        }
        std::string_view lead = "\n  pages ";
        for (const counter &c : z.pages) {
            out += lead;
            append_left(out, c.name, 9);
            append(out, c.value);
            lead = "\n        ";
        }
        if (first)
            detail::print_stats(out, z.stats, "    ");
        out += "\n        protection: (";
        for (std::size_t i = 0; i < z.protection.size(); ++i)
            out += (i != 0 ? ", " : "") + std::to_string(z.protection[i]);
        out += ')';
        if (!first)
            detail::print_stats(out, z.stats, "      ");
        if (z.pagesets_shown)
            out += "\n  pagesets";
        for (const zoneinfo_pageset &p : z.pagesets) {
            out += "\n    cpu: ";
            append(out, p.cpu);
            labelled(p.values, "              ", version >= KCTX_VERSION(6, 7, 0) ? 10 : 7);
            if (p.stat_threshold)
                out += "\n  vm stats threshold: " + std::to_string(*p.stat_threshold);
        }
        labelled(z.end, "  ", first ? 19 : 21);
        out += '\n';
    }
    return out;
}

/// Throws malformed.
inline zoneinfo parse_zoneinfo(std::string_view text)
{
    scanner in(text);
    zoneinfo info;
    for (zoneinfo_zone z; detail::parse_zone_head(in, z.node, z.name); z = {}) {
        if (in.skip("per-node stats"))
            z.node_stats = detail::parse_stats(in);
        in.expect("pages ");
        bool counters_begun = false; // in front of the protection
        for (const counter &c : detail::parse_stats(in)) {
            counters_begun = counters_begun || c.name.starts_with("nr_");
            (counters_begun ? z.stats : z.pages).set(c.name, c.value);
        }
        detail::parse_protection(in, z);
        if (!counters_begun)
            z.stats = detail::parse_stats(in);
        if (in.skip("pagesets")) {
            z.pagesets_shown = true;
            while (in.skip("cpu: ")) {
                zoneinfo_pageset p;
                p.cpu = static_cast<unsigned>(in.number(1u << 20, "a CPU"));
                p.values = detail::parse_labelled(in);
                if (in.skip("vm stats threshold: "))
                    p.stat_threshold = in.number();
                z.pagesets.push_back(std::move(p));
            }
        }
        z.end = detail::parse_labelled(in);
        info.zones.push_back(std::move(z));
    }
    in.expect_end();
    if (info.zones.empty())
        in.refuse("expected 'Node'");
    return info;
}

} // namespace kctx::mm

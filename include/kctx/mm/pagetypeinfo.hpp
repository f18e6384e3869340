// SPDX-License-Identifier: BSL-1.0
/// @file
/// /proc/pagetypeinfo: free blocks by migrate type and order, and how many pageblocks are of each
/// type (pagetypeinfo_show(), mm/vmstat.c). It names its types itself, so that vendors' kernels are
/// read as well.
#pragma once

#include <kctx/kernel/migratetype.hpp>
#include <kctx/mm/buddyinfo.hpp>

namespace kctx::mm {

/// Since 5.4 (and in stable kernels from 2019 on) a list is counted to this and shown as >100000.
inline constexpr std::uint64_t pagetypeinfo_counts_to = 100000;

/// Free blocks of an order and type.
struct pagetypeinfo_count {
    std::uint64_t blocks = 0; ///< since 5.4 at most pagetypeinfo_counts_to
    bool or_more = false;     ///< ">100000"
    friend bool operator==(const pagetypeinfo_count &, const pagetypeinfo_count &) = default;
};

/// A zone's part of /proc/pagetypeinfo.
struct pagetypeinfo_zone {
    unsigned node = 0;                                 ///< NUMA node
    std::string name;                                  ///< of the zone: "DMA32"
    std::vector<std::vector<pagetypeinfo_count>> free; ///< [type][order]
    std::vector<std::uint64_t> pageblocks;             ///< by type
    std::vector<std::uint64_t> mixed; ///< by type: pageblocks with others' pages (page_owner=on)
    friend bool operator==(const pagetypeinfo_zone &, const pagetypeinfo_zone &) = default;
};

/// /proc/pagetypeinfo (pagetypeinfo_show(), mm/vmstat.c).
struct pagetypeinfo {
    unsigned pageblock_order = 0;         ///< "Page block order: 9"
    std::vector<std::string> types;       ///< the kernel's names in its order
    unsigned orders = 0;                  ///< columns of free blocks
    std::vector<pagetypeinfo_zone> zones; ///< those that have pages
    friend bool operator==(const pagetypeinfo &, const pagetypeinfo &) = default;

    /// The place of a type by its name, or -1.
    int index_of(std::string_view type) const
    {
        for (std::size_t i = 0; i < types.size(); ++i) {
            if (types[i] == type)
                return static_cast<int>(i);
        }
        return -1;
    }
};

namespace detail {

inline void print_pageblocks(std::string &out, const pagetypeinfo &p, std::string_view title,
                             std::vector<std::uint64_t> pagetypeinfo_zone::*counts)
{
    out += '\n';
    append_left(out, title, 23);
    for (const std::string &type : p.types) {
        append_right(out, type, 12);
        out += ' ';
    }
    out += '\n';
    for (const pagetypeinfo_zone &z : p.zones) {
        print_zone_head(out, z.node, z.name);
        out += ' ';
        for (const std::uint64_t n : z.*counts) {
            append(out, n, 12);
            out += ' ';
        }
        out += '\n';
    }
}

/// The table of pageblocks, from the names of the types on.
inline void parse_pageblocks(scanner &in, const pagetypeinfo &p,
                             std::vector<pagetypeinfo_zone> &zones,
                             std::vector<std::uint64_t> pagetypeinfo_zone::*counts)
{
    for (const std::string &type : p.types)
        in.expect(type);
    for (pagetypeinfo_zone &z : zones) {
        unsigned node = 0;
        std::string name;
        const std::size_t start = in.position();
        if (!parse_zone_head(in, node, name) || node != z.node || name != z.name) {
            in.back_to(start);
            in.refuse("expected the pageblocks of node " + std::to_string(z.node) + ", zone " +
                      z.name);
        }
        z.*counts = parse_row(in);
        if ((z.*counts).size() != p.types.size())
            in.refuse("expected a number for each of " + std::to_string(p.types.size()) + " types");
    }
}

} // namespace detail

/// As the kernel prints it.
inline std::string print(const pagetypeinfo &p)
{
    std::string out = "Page block order: " + std::to_string(p.pageblock_order) + "\n" +
                      "Pages per block:  " + std::to_string(1ull << p.pageblock_order) + "\n\n";
    append_left(out, "Free pages count per migrate type at order", 43);
    out += ' ';
    for (unsigned order = 0; order < p.orders; ++order) {
        append(out, order, 6);
        out += ' ';
    }
    out += '\n';
    for (const pagetypeinfo_zone &z : p.zones) {
        for (std::size_t type = 0; type < p.types.size(); ++type) {
            detail::print_zone_head(out, z.node, z.name, 4);
            out += ", type ";
            append_right(out, p.types[type], 12);
            out += ' ';
            for (const pagetypeinfo_count &c : z.free[type]) {
                out += c.or_more ? ">" : "";
                append(out, c.blocks, 6);
                out += ' ';
            }
            out += '\n';
        }
    }
    detail::print_pageblocks(out, p, "Number of blocks type ", &pagetypeinfo_zone::pageblocks);
    if (!p.zones.empty() && !p.zones.front().mixed.empty())
        detail::print_pageblocks(out, p, "Number of mixed blocks ", &pagetypeinfo_zone::mixed);
    return out;
}

/// Throws malformed.
inline pagetypeinfo parse_pagetypeinfo(std::string_view text)
{
    scanner in(text);
    pagetypeinfo p;
    in.expect("Page block order:");
    p.pageblock_order = static_cast<unsigned>(in.number(23, "a pageblock order"));
    in.expect("Pages per block:");
    if (in.number() != 1ull << p.pageblock_order)
        in.refuse("expected " + std::to_string(1ull << p.pageblock_order) +
                  " pages per block of order " + std::to_string(p.pageblock_order));
    in.expect("Free pages count per migrate type at order");
    while (in.number_follows()) {
        if (in.number() != p.orders)
            in.refuse("expected order " + std::to_string(p.orders));
        if (++p.orders > 24)
            in.refuse("more than 24 orders");
    }
    unsigned node = 0;
    std::string name;
    while (detail::parse_zone_head(in, node, name)) {
        in.expect(", type ");
        const std::string type = in.word();
        if (p.zones.empty() || p.zones.back().node != node || p.zones.back().name != name) {
            if (!p.zones.empty() && p.zones.back().free.size() != p.types.size())
                in.refuse("zone " + p.zones.back().name + " lacks type " +
                          p.types[p.zones.back().free.size()]);
            p.zones.push_back({node, name, {}, {}, {}});
        }
        pagetypeinfo_zone &z = p.zones.back();
        if (p.zones.size() == 1)
            p.types.push_back(type);
        else if (z.free.size() == p.types.size() || type != p.types[z.free.size()])
            in.refuse("type " + type + " is not the next one of " + std::to_string(p.types.size()));
        if (p.types.size() > 8)
            in.refuse("more than 8 types");
        std::vector<pagetypeinfo_count> row;
        while (row.size() < p.orders) {
            const bool or_more = in.skip(">");
            row.push_back({in.number(UINT64_MAX >> 24, "blocks"), or_more});
        }
        z.free.push_back(std::move(row));
    }
    if (p.zones.empty() || p.zones.back().free.size() != p.types.size())
        in.refuse("expected 'Node'");
    in.expect("Number of blocks type ");
    detail::parse_pageblocks(in, p, p.zones, &pagetypeinfo_zone::pageblocks);
    if (in.skip("Number of mixed blocks "))
        detail::parse_pageblocks(in, p, p.zones, &pagetypeinfo_zone::mixed);
    in.expect_end();
    return p;
}

} // namespace kctx::mm

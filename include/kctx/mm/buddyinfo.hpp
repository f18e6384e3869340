// SPDX-License-Identifier: BSL-1.0
/// @file
/// /proc/buddyinfo: the free blocks of each zone by order (frag_show(), mm/vmstat.c; the same in
/// all versions), and what /sys/kernel/debug/extfrag makes of them: how much of the free memory is
/// of no use to a request of an order, and whether lack of memory or fragmentation would make it
/// fail (unusable_show(), extfrag_show()).
#pragma once

#include <kctx/mm/text.hpp>

#include <span>
#include <vector>

namespace kctx::mm {

/// A line of /proc/buddyinfo.
struct buddyinfo_zone {
    unsigned node = 0;                 ///< NUMA node
    std::string name;                  ///< of the zone: "DMA32"
    std::vector<std::uint64_t> blocks; ///< by order
    friend bool operator==(const buddyinfo_zone &, const buddyinfo_zone &) = default;
};

/// /proc/buddyinfo, a line for each zone that has pages (frag_show_print(), mm/vmstat.c).
using buddyinfo = std::vector<buddyinfo_zone>;

namespace detail {

/// "Node 0, zone    DMA32"
inline void print_zone_head(std::string &out, unsigned node, std::string_view name,
                            unsigned node_width = 0)
{
    out += "Node ";
    append(out, node, node_width);
    out += ", zone ";
    append_right(out, name, 8);
}

inline bool parse_zone_head(scanner &in, unsigned &node, std::string &name)
{
    if (!in.skip("Node "))
        return false;
    node = static_cast<unsigned>(in.number(1u << 20, "a node"));
    in.expect(", zone ");
    name = in.word(",");
    return true;
}

/// The numbers of a row, one an order.
inline std::vector<std::uint64_t> parse_row(scanner &in)
{
    std::vector<std::uint64_t> row;
    while (in.number_follows()) {
        row.push_back(in.number(UINT64_MAX >> 24, "blocks"));
        if (row.size() > 24)
            in.refuse("more than 24 columns");
    }
    if (row.empty())
        in.refuse("expected numbers");
    return row;
}

/// 143 is "0.143", -1000 is "-1.000".
inline std::string thousandths(int value, unsigned width)
{
    std::string out;
    append_right(out, std::to_string(value / 1000), width);
    const std::string digits = std::to_string(std::abs(value % 1000));
    return out + '.' + std::string(3 - digits.size(), '0') + digits;
}

} // namespace detail

/// As the kernel prints it, each line with its newline.
inline std::string print(const buddyinfo &b)
{
    std::string out;
    for (const buddyinfo_zone &z : b) {
        detail::print_zone_head(out, z.node, z.name);
        out += ' ';
        for (const std::uint64_t blocks : z.blocks) {
            append(out, blocks, 6);
            out += ' ';
        }
        out += '\n';
    }
    return out;
}

/// Throws malformed.
inline buddyinfo parse_buddyinfo(std::string_view text)
{
    scanner in(text);
    buddyinfo b;
    for (buddyinfo_zone z; detail::parse_zone_head(in, z.node, z.name); z = {}) {
        z.blocks = detail::parse_row(in);
        if (!b.empty() && z.blocks.size() != b.front().blocks.size())
            in.refuse("zone " + z.name + " has " + std::to_string(z.blocks.size()) +
                      " orders, and zone " + b.front().name + " has " +
                      std::to_string(b.front().blocks.size()));
        b.push_back(std::move(z));
    }
    in.expect_end();
    if (b.empty())
        in.refuse("expected 'Node'");
    return b;
}

/// What is free by its use to one order (fill_contig_page_info(), mm/vmstat.c).
struct contig_page_info {
    std::uint64_t free_pages = 0;           ///< in blocks of any order
    std::uint64_t free_blocks_total = 0;    ///< blocks of any order
    std::uint64_t free_blocks_suitable = 0; ///< larger ones count as many of this order

    contig_page_info(std::span<const std::uint64_t> blocks, unsigned suitable_order)
    {
        for (unsigned order = 0; order < blocks.size(); ++order) {
            free_blocks_total += blocks[order];
            free_pages += blocks[order] << order;
            if (order >= suitable_order)
                free_blocks_suitable += blocks[order] << (order - suitable_order);
        }
    }
};

/// The part of the free memory that a request of this order cannot use, in thousandths
/// (unusable_free_index()). No free memory at all: 1000.
inline int unusable_free_index(std::span<const std::uint64_t> blocks, unsigned order)
{
    const contig_page_info info(blocks, order);
    if (info.free_pages == 0)
        return 1000;
    const std::uint64_t unusable = info.free_pages - (info.free_blocks_suitable << order);
    return static_cast<int>(unusable * 1000 / info.free_pages);
}

/// Why a request of this order would fail: -1000 it would not, toward 0 for lack of memory, toward
/// 1000 for fragmentation (__fragmentation_index()).
inline int fragmentation_index(std::span<const std::uint64_t> blocks, unsigned order)
{
    const contig_page_info info(blocks, order);
    if (info.free_blocks_total == 0)
        return 0;
    if (info.free_blocks_suitable != 0)
        return -1000;
    const std::uint64_t requested = std::uint64_t{1} << order;
    return 1000 -
           static_cast<int>((1000 + info.free_pages * 1000 / requested) / info.free_blocks_total);
}

/// /sys/kernel/debug/extfrag/unusable_index
inline std::string print_unusable_index(const buddyinfo &b)
{
    std::string out;
    for (const buddyinfo_zone &z : b) {
        detail::print_zone_head(out, z.node, z.name);
        out += ' ';
        for (unsigned order = 0; order < z.blocks.size(); ++order)
            out += detail::thousandths(unusable_free_index(z.blocks, order), 0) + ' ';
        out += '\n';
    }
    return out;
}

/// /sys/kernel/debug/extfrag/extfrag_index
inline std::string print_extfrag_index(const buddyinfo &b)
{
    std::string out;
    for (const buddyinfo_zone &z : b) {
        detail::print_zone_head(out, z.node, z.name);
        out += ' ';
        for (unsigned order = 0; order < z.blocks.size(); ++order)
            out += detail::thousandths(fragmentation_index(z.blocks, order), 2) + ' ';
        out += '\n';
    }
    return out;
}

} // namespace kctx::mm

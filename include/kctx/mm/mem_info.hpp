// SPDX-License-Identifier: BSL-1.0
/// @file
/// Mem-Info: what show_mem() prints with an allocation failure, an OOM kill or SysRq-m
/// (show_free_areas() in mm/page_alloc.c, since 6.6 mm/show_mem.c), as data, printed in the exact
/// format of a version and read back.
#pragma once

#include <kctx/kernel/mem_info_lines.hpp>
#include <kctx/kernel/migratetype.hpp>
#include <kctx/mm/fields.hpp>

#include <span>

namespace kctx::mm {

/// Free blocks of an order, and the letters of the types that have at least one of them.
struct order_blocks {
    std::uint64_t blocks = 0; ///< blocks on the list
    std::string types;        ///< letters: "UME"
    friend bool operator==(const order_blocks &, const order_blocks &) = default;
};

/// A zone in a Mem-Info. Counters are in pages, but for those that the kernel counts in kB
/// (kernel_stack, shadow_call_stack), and named as in kernel/mem_info_fields.hpp.
struct zone_info {
    std::optional<unsigned> node;              ///< printed by a kernel with CONFIG_NUMA
    std::string name;                          ///< "Normal"
    counters values;                           ///< free, min, low, high and what follows
    std::vector<std::uint64_t> lowmem_reserve; ///< pages, by the zone that a request may use
    std::vector<order_blocks> orders;          ///< from order 0 up
    std::vector<counters> per_cpu;             ///< up to 4.3
    friend bool operator==(const zone_info &, const zone_info &) = default;

    /// Pages in the blocks of the order line.
    std::uint64_t pages_in_blocks() const
    {
        std::uint64_t pages = 0;
        for (std::size_t order = 0; order < orders.size(); ++order)
            pages += orders[order].blocks << order;
        return pages;
    }
};

/// The line of a node.
struct node_info {
    unsigned node = 0; ///< its number
    counters values;   ///< in pages
    friend bool operator==(const node_info &, const node_info &) = default;
};

/// A Mem-Info: what show_mem() prints of a machine.
struct mem_info {
    counters global;                 ///< the sums over the machine
    std::vector<node_info> nodes;    ///< since 4.8
    std::vector<zone_info> zones;    ///< as printed, from the lowest of each node up
    counters after_orders;           ///< a vendor's
    std::vector<counters> hugepages; ///< a line for each size of huge pages and node
    counters totals;                 ///< the lines behind the orders: "total pagecache pages" ...
    friend bool operator==(const mem_info &, const mem_info &) = default;

    /// The first zone of this name, or nullptr.
    const zone_info *zone(std::string_view name) const
    {
        for (const zone_info &z : zones) {
            if (z.name == name)
                return &z;
        }
        return nullptr;
    }
};

/// How a kernel prints it.
struct mem_info_format {
    unsigned version = 0;           ///< KCTX_VERSION
    unsigned page_kb = 4;           ///< kB of a page
    kernel::migratetype_list types; ///< whose letters stand behind the blocks
    field_list global;              ///< the lines on the machine
    field_list node;                ///< a node's lines
    field_list zone;                ///< a zone's lines
    field_list after_orders;        ///< a vendor's lines behind the orders
    field_list totals;              ///< the lines at the end

    explicit mem_info_format(unsigned version_code,
                             std::span<const kernel::mem_info_addition> vendor = {})
        : version(version_code), types(kernel::migratetypes_of(version_code))
    {
        const kernel::mem_info_tree tree = kernel::mem_info_tree_of(version_code);
        global.assign(tree.global.begin(), tree.global.end());
        node.assign(tree.node.begin(), tree.node.end());
        zone.assign(tree.zone.begin(), tree.zone.end());
        const kernel::mem_info_list end = kernel::mem_info_totals_of(version_code);
        totals.assign(end.begin(), end.end());
        for (const kernel::mem_info_addition &a : vendor)
            add(a);
    }

private:
    void add(const kernel::mem_info_addition &a)
    {
        using place = kernel::mem_info_addition::place;
        field_list &to = a.where == place::global ? global
                         : a.where == place::zone ? zone
                                                  : after_orders;
        auto at = to.end();
        for (auto i = to.begin(); i != to.end(); ++i) {
            if (std::string_view(i->name) == a.behind)
                at = i + 1;
        }
        to.insert(at, a.field);
    }
};

namespace detail {

inline void print_zone_prefix(std::string &out, const zone_info &z)
{
    if (z.node)
        out += "Node " + std::to_string(*z.node) + " ";
    out += z.name;
}

inline void print_orders(std::string &out, const mem_info_format &format, const zone_info &z)
{
    print_zone_prefix(out, z);
    out += ": ";
    std::uint64_t kb = format.page_kb;
    for (const order_blocks &o : z.orders) {
        append(out, o.blocks);
        out += '*';
        append(out, kb);
        out += "kB ";
        if (o.blocks != 0 && kernel::mem_info_has_letters(format.version))
            out += "(" + o.types + ") ";
        kb *= 2;
    }
    out += "= ";
    append(out, z.pages_in_blocks() * format.page_kb);
    out += "kB\n";
}

/// "[Node 0 ]DMA32", and what follows must be `behind`.
inline bool parse_zone_prefix(scanner &in, std::optional<unsigned> &node, std::string &name,
                              std::string_view behind)
{
    const std::size_t start = in.position();
    node.reset();
    if (in.skip("Node ") && in.number_follows())
        node = static_cast<unsigned>(in.number(1u << 20, "a node"));
    else
        in.back_to(start);
    if (!in.at_end()) {
        name = in.word(":");
        if (in.skip(behind))
            return true;
    }
    in.back_to(start);
    return false;
}

inline void parse_orders(scanner &in, const mem_info_format &format, zone_info &z)
{
    std::uint64_t kb = format.page_kb;
    while (!in.skip("=")) {
        order_blocks o;
        o.blocks = in.number(UINT64_MAX >> 24, "blocks");
        in.expect("*");
        const std::size_t size = in.position();
        if (in.number() != kb) {
            in.back_to(size);
            in.refuse("expected blocks of " + std::to_string(kb) + " kB");
        }
        in.expect("kB");
        if (in.skip("(")) {
            o.types = in.word(")");
            in.expect(")");
            int last = -1;
            for (const char letter : o.types) {
                const int index = format.types.index_of(letter);
                if (index <= last)
                    in.refuse("the types '" + o.types + "' are not those of this kernel in order");
                last = index;
            }
        }
        if (kernel::mem_info_has_letters(format.version) && (o.blocks != 0) == o.types.empty())
            in.refuse(std::to_string(o.blocks) + " blocks of " + std::to_string(kb) +
                      " kB, and their types are '" + o.types + "'");
        z.orders.push_back(std::move(o));
        if (z.orders.size() > 24)
            in.refuse("more than 24 orders");
        kb *= 2;
    }
    const std::uint64_t total = in.number();
    in.expect("kB");
    if (total != z.pages_in_blocks() * format.page_kb)
        in.refuse("the blocks are " + std::to_string(z.pages_in_blocks() * format.page_kb) +
                  " kB, and the line says " + std::to_string(total));
}

} // namespace detail

/// Prints it, each line with its newline.
inline std::string print(const mem_info &m, const mem_info_format &format)
{
    std::string out = "Mem-Info:\n";
    const field_list per_cpu(std::begin(kernel::mem_info_per_cpu),
                             std::end(kernel::mem_info_per_cpu));
    for (const zone_info &z : m.zones) {
        if (z.per_cpu.empty())
            continue;
        detail::print_zone_prefix(out, z);
        out += " per-cpu:\n";
        for (const counters &c : z.per_cpu) {
            print_fields(out, per_cpu, c, format.page_kb, "");
            out += '\n';
        }
    }
    print_fields(out, format.global, m.global, format.page_kb, "\n");
    out += '\n';
    for (const node_info &n : m.nodes) {
        out += "Node " + std::to_string(n.node);
        print_fields(out, format.node, n.values, format.page_kb, "");
        out += '\n';
    }
    for (const zone_info &z : m.zones) {
        detail::print_zone_prefix(out, z);
        print_fields(out, format.zone, z.values, format.page_kb, "");
        out += "\nlowmem_reserve[]:";
        for (const std::uint64_t pages : z.lowmem_reserve) {
            out += ' ';
            append(out, pages);
        }
        out += '\n';
    }
    for (const zone_info &z : m.zones)
        detail::print_orders(out, format, z);
    const auto rows = [&](const field_list &fields, const counters &values) {
        if (values.empty())
            return;
        print_fields(out, fields, values, format.page_kb, "\n");
        out += '\n';
    };
    rows(format.after_orders, m.after_orders);
    for (const counters &h : m.hugepages)
        rows({std::begin(kernel::mem_info_hugepages), std::end(kernel::mem_info_hugepages)}, h);
    rows(format.totals, m.totals);
    return out;
}

/// Reads a Mem-Info of a kernel of this format from "Mem-Info:" on, without prefixes of printk;
/// what follows its totals stays in the scanner. Throws malformed.
inline mem_info parse_mem_info(scanner &in, const mem_info_format &format)
{
    mem_info m;
    in.expect("Mem-Info:");
    std::vector<zone_info> per_cpu;
    const field_list per_cpu_fields(std::begin(kernel::mem_info_per_cpu),
                                    std::end(kernel::mem_info_per_cpu));
    if (kernel::mem_info_has_per_cpu(format.version)) {
        zone_info z;
        while (detail::parse_zone_prefix(in, z.node, z.name, " per-cpu:")) {
            while (in.next_is("CPU "))
                z.per_cpu.push_back(parse_fields(in, per_cpu_fields, format.page_kb));
            per_cpu.push_back(std::move(z));
            z = {};
        }
    }
    m.global = parse_fields(in, format.global, format.page_kb);
    while (!format.node.empty()) {
        const std::size_t start = in.position();
        node_info n;
        if (in.skip("Node ") && in.number_follows()) {
            n.node = static_cast<unsigned>(in.number(1u << 20, "a node"));
            if (in.next_is(format.node.front().before)) {
                n.values = parse_fields(in, format.node, format.page_kb);
                m.nodes.push_back(std::move(n));
                continue;
            }
        }
        in.back_to(start);
        break;
    }
    for (zone_info z;; z = {}) {
        const std::size_t start = in.position();
        if (!detail::parse_zone_prefix(in, z.node, z.name, " free:"))
            break;
        in.back_to(start);
        detail::parse_zone_prefix(in, z.node, z.name, "");
        z.values = parse_fields(in, format.zone, format.page_kb);
        in.expect("lowmem_reserve[]:");
        while (in.number_follows())
            z.lowmem_reserve.push_back(in.number());
        for (zone_info &p : per_cpu) {
            if (p.name == z.name && p.node == z.node)
                z.per_cpu = std::move(p.per_cpu);
        }
        m.zones.push_back(std::move(z));
    }
    if (m.zones.empty())
        in.refuse("expected a zone");
    for (zone_info &z : m.zones) {
        std::optional<unsigned> node;
        std::string name;
        const std::size_t start = in.position();
        if (!detail::parse_zone_prefix(in, node, name, ":") || name != z.name || node != z.node) {
            in.back_to(start);
            in.refuse("expected the free blocks of zone " + z.name);
        }
        detail::parse_orders(in, format, z);
    }
    m.after_orders = parse_fields(in, format.after_orders, format.page_kb);
    const field_list huge(std::begin(kernel::mem_info_hugepages),
                          std::end(kernel::mem_info_hugepages));
    while (in.next_is("Node "))
        m.hugepages.push_back(parse_fields(in, huge, format.page_kb));
    m.totals = parse_fields(in, format.totals, format.page_kb);
    return m;
}

/// Reads a text that is a Mem-Info and nothing else. Throws malformed.
inline mem_info parse_mem_info(std::string_view text, const mem_info_format &format)
{
    scanner in(text);
    mem_info m = parse_mem_info(in, format);
    in.expect_end();
    return m;
}

} // namespace kctx::mm

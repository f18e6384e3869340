// SPDX-License-Identifier: BSL-1.0
/// @file
/// The state of the allocator as the kernel reports it: Mem-Info, buddyinfo, pagetypeinfo,
/// zoneinfo. What the allocator does not count (LRU pages, page tables, swap ...) comes from a
/// report that already has it, or is 0.
#pragma once

#include <kctx/mm/mem_info.hpp>
#include <kctx/mm/pagetypeinfo.hpp>
#include <kctx/mm/state.hpp>
#include <kctx/mm/zoneinfo.hpp>

namespace kctx::mm {

/// Free blocks of a zone by type (of migratetype) and order.
using free_counts = std::array<std::array<std::uint64_t, max_orders>, migrate_types>;

/// Counts the blocks on the zone's lists by order and type.
inline free_counts count_free(const zone_state &z)
{
    free_counts n{};
    for (unsigned type = 0; type < migrate_types; ++type) {
        for (unsigned order = 0; order < max_orders; ++order)
            n[type][order] = z.list(order, type).size();
    }
    n[movable][max_orders - 1] += z.untouched.pages >> (max_orders - 1);
    return n;
}

/// Pageblocks of a zone by type, as pagetypeinfo_showblockcount_print() counts them: not those of a
/// hole. If the state lists none, all are MOVABLE.
inline std::array<std::uint64_t, migrate_types> count_pageblocks(const memory_state &s,
                                                                 const zone_state &z)
{
    const std::uint64_t pages = std::uint64_t{1} << s.pageblock_order;
    const std::uint64_t begin = z.start_pfn / pages * pages;
    std::array<std::uint64_t, migrate_types> n{};
    if (z.pageblocks.empty())
        n[movable] = (z.start_pfn + z.spanned - begin + pages - 1) / pages;
    for (const pageblock_state &b : z.pageblocks) {
        if (b.type < migrate_types)
            ++n[b.type];
    }
    return n;
}

/// /proc/buddyinfo of a memory: what is on its lists, without the per-cpu lists.
inline buddyinfo describe_buddyinfo(const memory_state &s)
{
    buddyinfo b;
    for (const zone_state &z : s.zones) {
        const free_counts n = count_free(z);
        buddyinfo_zone &row = b.emplace_back();
        row.name = z.name;
        row.blocks.assign(s.orders, 0);
        for (unsigned type = 0; type < migrate_types; ++type) {
            for (unsigned order = 0; order < s.orders; ++order)
                row.blocks[order] += n[type][order];
        }
    }
    return b;
}

/// @param types the kernel's, in its order
inline pagetypeinfo describe_pagetypeinfo(const memory_state &s,
                                          const kernel::migratetype_list &types)
{
    const bool capped = version_of_release(s.release) >= KCTX_VERSION(5, 4, 0);
    pagetypeinfo p;
    p.pageblock_order = s.pageblock_order;
    p.orders = s.orders;
    for (const migratetype type : types)
        p.types.emplace_back(types.name(type));
    for (const zone_state &z : s.zones) {
        const free_counts n = count_free(z);
        const auto blocks = count_pageblocks(s, z);
        pagetypeinfo_zone &row = p.zones.emplace_back();
        row.name = z.name;
        for (const migratetype t : types) {
            const auto type = static_cast<unsigned>(t);
            row.pageblocks.push_back(blocks[type]);
            auto &counts = row.free.emplace_back();
            for (unsigned order = 0; order < s.orders; ++order) {
                const bool more = capped && n[type][order] > pagetypeinfo_counts_to;
                counts.push_back({more ? pagetypeinfo_counts_to : n[type][order], more});
            }
        }
    }
    return p;
}

namespace detail {

/// The values that a zone's line has from the allocator, in pages.
inline counters allocator_values(const zone_state &z, const zone_info *rest)
{
    const auto pages = [](long n) { return static_cast<std::uint64_t>(n > 0 ? n : 0); };
    const auto pcp = pages(z.pcp_count);
    // The model has one CPU. What others hold, the report must know.
    std::uint64_t others = 0;
    if (rest != nullptr && rest->values["free_pcp"] > rest->values["local_pcp"])
        others = rest->values["free_pcp"] - rest->values["local_pcp"];
    counters c;
    c.set("free", pages(z.free.global));
    c.set("boost", pages(z.boost));
    c.set("min", pages(z.wmark.min + z.boost));
    c.set("low", pages(z.wmark.low + z.boost));
    c.set("high", pages(z.wmark.high + z.boost));
    c.set("reserved_highatomic", pages(z.reserved_highatomic));
    c.set("present", z.present);
    c.set("managed", z.managed);
    c.set("free_pcp", pcp + others);
    c.set("local_pcp", pcp);
    c.set("free_cma", pages(z.free_cma.global));
    return c;
}

/// The fields of a list: the allocator's value, that of the rest, or 0. One that depends on the
/// configuration is there if the rest has it.
inline counters merged(const field_list &fields, const counters &own, const counters *rest)
{
    counters out;
    for (const kernel::mem_info_field &f : fields) {
        const auto other = rest != nullptr ? rest->find(f.name) : std::nullopt;
        if (f.option != kernel::mem_info_option::always && !other && !own.has(f.name))
            continue;
        out.set(f.name, own.find(f.name).value_or(other.value_or(0)));
    }
    return out;
}

} // namespace detail

/// @param rest a report with what the allocator does not count; it decides on NUMA as well
inline mem_info describe_mem_info(const memory_state &s, const mem_info_format &format,
                                  const mem_info &rest = {})
{
    mem_info m;
    std::uint64_t free = 0, free_pcp = 0, free_cma = 0, present = 0, managed = 0, cma_pages = 0;
    std::array<std::uint64_t, migrate_types> free_by_type{};
    for (const zone_state &state : s.zones) {
        const zone_info *other = rest.zone(state.name);
        zone_info &z = m.zones.emplace_back();
        z.name = state.name;
        if (other != nullptr) {
            z.node = other->node;
            z.per_cpu = other->per_cpu;
        }
        const counters own = detail::allocator_values(state, other);
        z.values = detail::merged(format.zone, own, other != nullptr ? &other->values : nullptr);
        for (const long pages : state.lowmem_reserve)
            z.lowmem_reserve.push_back(static_cast<std::uint64_t>(pages));
        const free_counts n = count_free(state);
        for (unsigned order = 0; order < s.orders; ++order) {
            order_blocks &o = z.orders.emplace_back();
            for (const migratetype t : format.types) {
                const auto type = static_cast<unsigned>(t);
                o.blocks += n[type][order];
                free_by_type[type] += n[type][order] << order;
                if (n[type][order] != 0 && kernel::mem_info_has_letters(format.version))
                    o.types += format.types.letter(t);
            }
        }
        free += own["free"];
        free_pcp += own["free_pcp"];
        free_cma += own["free_cma"];
        present += state.present;
        managed += state.managed;
        cma_pages += count_pageblocks(s, state)[cma] << s.pageblock_order;
    }
    counters global;
    global.set("free", free);
    global.set("free_pcp", free_pcp);
    global.set("free_cma", free_cma);
    m.global = detail::merged(format.global, global, &rest.global);
    if (!format.node.empty()) {
        const counters *node = rest.nodes.empty() ? nullptr : &rest.nodes.front().values;
        m.nodes.push_back({rest.nodes.empty() ? 0 : rest.nodes.front().node,
                           detail::merged(format.node, {}, node)});
    }
    if (!format.after_orders.empty()) {
        counters by_type;
        for (const migratetype type : format.types)
            by_type.set(std::string("Free_") + format.types.name(type),
                        free_by_type[static_cast<unsigned>(type)]);
        m.after_orders = detail::merged(format.after_orders, by_type, nullptr);
    }
    m.hugepages = rest.hugepages;
    counters totals;
    totals.set("pages RAM", present);
    totals.set("pages reserved", present - managed);
    // Isolated pageblocks of the area count, too, if the state knows the area.
    if (std::max(cma_pages, s.cma_pages) != 0)
        totals.set("pages cma reserved", std::max(cma_pages, s.cma_pages));
    m.totals = detail::merged(format.totals, totals, &rest.totals);
    return m;
}

/// /proc/zoneinfo. Counters of vmstat that the allocator does not have are those of the rest;
/// without one, only nr_free_pages and nr_free_cma are shown: which others there are depends on
/// version and configuration.
/// @param rest a zoneinfo with what the allocator does not count; it has the empty zones as well
inline zoneinfo describe_zoneinfo(const memory_state &s, const zoneinfo &rest = {})
{
    const unsigned version = version_of_release(s.release);
    const bool later = version >= KCTX_VERSION(6, 1, 0); // 5.4 has no such lines
    const auto pages = [](long n) { return static_cast<std::uint64_t>(n > 0 ? n : 0); };
    zoneinfo info = rest;
    for (const zone_state &state : s.zones) {
        const zoneinfo_zone *other = rest.zone(state.name);
        zoneinfo_zone z = other != nullptr ? *other : zoneinfo_zone{};
        z.name = state.name;
        z.pages.set("free", pages(state.free.global));
        if (later)
            z.pages.set("boost", pages(state.boost));
        z.pages.set("min", pages(state.wmark.min + state.boost));
        z.pages.set("low", pages(state.wmark.low + state.boost));
        z.pages.set("high", pages(state.wmark.high + state.boost));
        z.pages.set("spanned", state.spanned);
        z.pages.set("present", state.present);
        if (version >= KCTX_VERSION(3, 10, 0))
            z.pages.set("managed", state.managed);
        if (later) {
            const auto area = count_pageblocks(s, state)[cma] << s.pageblock_order;
            z.pages.set("cma", other != nullptr ? other->pages["cma"] : area);
        }
        z.protection.clear();
        for (const long reserve : state.lowmem_reserve)
            z.protection.push_back(pages(reserve));
        z.stats.set("nr_free_pages", pages(state.free.global));
        z.stats.set("nr_free_cma", pages(state.free_cma.global));
        z.pagesets_shown = true;
        if (z.pagesets.empty())
            z.pagesets.emplace_back();
        zoneinfo_pageset &cpu = z.pagesets.front(); // the model has one
        cpu.values.set("count", pages(state.pcp_count));
        cpu.values.set("high", pages(state.pcp_high));
        cpu.values.set("batch", pages(state.pcp_batch));
        cpu.stat_threshold = pages(state.stat_threshold);
        z.end.set("start_pfn", state.start_pfn);
        if (other == nullptr)
            info.zones.push_back(std::move(z));
        else
            info.zones[static_cast<std::size_t>(other - rest.zones.data())] = std::move(z);
    }
    return info;
}

} // namespace kctx::mm

// SPDX-License-Identifier: BSL-1.0
/// @file
/// From a pagetypeinfo back to a state of the page allocator model. It counts the free blocks by
/// type and the pageblocks, and knows no watermarks: the state has none, so that a request fails in
/// it for want of a block alone.
#pragma once

#include <kctx/klog/read_proc.hpp>
#include <kctx/klog/rebuild.hpp>
#include <kctx/mm/rebuild.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kctx::klog {

namespace detail {

inline constexpr std::string_view type_names[kernel::migrate_types] = {
    "Unmovable", "Movable", "Reclaimable", "HighAtomic", "CMA", "Isolate"};

/// The index of a type's name, or migrate_types. Up to 4.3 HighAtomic was Reserve.
inline unsigned type_named(std::string_view name)
{
    if (name == "Reserve")
        name = "HighAtomic";
    unsigned t = 0;
    while (t < kernel::migrate_types && type_names[t] != name)
        ++t;
    return t;
}

/// The plan of one zone: its free blocks, its pageblocks, the pages that these span. Throws
/// std::invalid_argument for counts that no state can have.
inline mm::zone_plan plan_of(const proc_memory &p, const free_row &zone, unsigned block_order,
                             std::uint64_t most_pages)
{
    mm::zone_plan plan;
    plan.name = zone.zone;
    const auto known = std::find(zone_order.begin(), zone_order.end(), zone.zone);
    if (known == zone_order.end())
        throw std::invalid_argument("a zone of a name that no kernel gives: " + zone.zone);
    plan.index = static_cast<unsigned>(known - zone_order.begin());
    std::uint64_t blocks = 0;
    for (const free_row &row : p.blocks) {
        if (row.node != zone.node || row.zone != zone.zone)
            continue;
        for (std::size_t i = 0; i < row.blocks.size() && i < p.types.size(); ++i) {
            const unsigned t = type_named(p.types[i]);
            if (t == kernel::migrate_types || row.blocks[i] > most_pages >> block_order)
                throw std::invalid_argument("more pageblocks than the model holds");
            plan.pageblocks[t] = row.blocks[i];
            blocks += row.blocks[i];
        }
    }
    std::uint64_t free = 0;
    for (const free_row &row : p.free) {
        if (row.node != zone.node || row.zone != zone.zone)
            continue;
        const unsigned t = type_named(row.type);
        if (t == kernel::migrate_types || row.blocks.size() > mm::max_orders)
            throw std::invalid_argument("a type or an order that the model does not have");
        if (row.at_least)
            throw std::invalid_argument("zone " + row.zone + ", type " + row.type +
                                        ": a list that was not counted to its end");
        for (std::size_t order = 0; order < row.blocks.size(); ++order) {
            if (row.blocks[order] > most_pages >> order)
                throw std::invalid_argument("more memory than the model holds");
            plan.free[t][order] = row.blocks[order];
            free += row.blocks[order] << order;
        }
    }
    plan.spanned = plan.present = plan.managed = blocks << block_order;
    if (free > plan.spanned || plan.spanned > most_pages)
        throw std::invalid_argument("zone " + zone.zone + ": " + std::to_string(free) +
                                    " free pages in pageblocks of " + std::to_string(plan.spanned));
    return plan;
}

/// The file, as the rebuilt kernel would print it, read again and compared number by number.
inline void compare_printed(const proc_memory &p, unsigned version, rebuilt &b)
{
    const std::string text =
        mm::print(mm::describe_pagetypeinfo(b.state, kernel::migratetypes_of(version)));
    report again;
    proc_reader reader(again.proc.emplace());
    line_splitter splitter;
    const auto read = [&](const line &l) { reader.read(l, again); };
    splitter.feed(text, read);
    splitter.finish(read);
    const proc_memory &is = set_by_kind(again.proc);
    const auto row_of = [](const std::vector<free_row> &rows, const free_row &like) {
        const auto same = std::find_if(rows.begin(), rows.end(), [&like](const free_row &r) {
            return r.zone == like.zone && type_named(r.type) == type_named(like.type);
        });
        return same != rows.end() ? same->blocks : std::vector<std::uint64_t>{};
    };
    const auto number = [&b](const std::string &name, std::uint64_t was, std::uint64_t now) {
        ++b.numbers;
        if (was != now)
            b.not_reproduced.push_back(name + " " + std::to_string(was) + " comes out as " +
                                       std::to_string(now));
    };
    for (const free_row &row : p.free) {
        std::vector<std::uint64_t> now = row_of(is.free, row);
        now.resize(row.blocks.size());
        for (std::size_t i = 0; i < row.blocks.size(); ++i)
            number(row.zone + " " + row.type + " order " + std::to_string(i), row.blocks[i],
                   now[i]);
    }
    for (const free_row &row : p.blocks) { // vendors have columns of their own order
        const std::vector<std::uint64_t> now = row_of(is.blocks, row);
        for (std::size_t i = 0; i < row.blocks.size() && i < p.types.size(); ++i) {
            std::uint64_t blocks = 0;
            for (std::size_t k = 0; k < now.size() && k < is.types.size(); ++k) {
                if (type_named(is.types[k]) == type_named(p.types[i]))
                    blocks = now[k];
            }
            number(row.zone + " pageblocks " + p.types[i], row.blocks[i], blocks);
        }
    }
}

} // namespace detail

/// Rebuilds the allocator from a report of pagetypeinfo. One that is not whole, of several nodes,
/// of counts that were cut off, or of more than `most_pages` pages gives a rebuilt with `failure`
/// set.
inline rebuilt rebuild_pagetypeinfo(const report &r, const decoded &d,
                                    std::uint64_t most_pages = 1ull << 28)
{
    rebuilt b;
    const proc_memory &p = set_by_kind(r.proc);
    if (p.blocks.empty() || p.free.empty() || !p.block_order || *p.block_order >= mm::max_orders) {
        b.failure = "the log has no whole pagetypeinfo: free blocks by type, and pageblocks";
        return b;
    }
    unsigned version = std::max<unsigned>(d.from.version.value, KCTX_VERSION(2, 6, 33));
    for (const free_row &row : p.free) {
        for (const std::uint64_t blocks : row.blocks) {
            if (blocks > mm::pagetypeinfo_counts_to) // since 5.4 none counts so far
                version = std::min<unsigned>(version, KCTX_VERSION(5, 3, 0));
        }
    }
    mm::memory_state &s = b.state;
    s.release = std::to_string(version >> 16) + "." + std::to_string(version >> 8 & 255) + "." +
                std::to_string(version & 255);
    s.label = "rebuilt";
    s.pageblock_order = *p.block_order;
    for (const free_row &row : p.free)
        s.orders = std::max(s.orders, static_cast<unsigned>(row.blocks.size()));
    try {
        std::uint64_t next = 0;
        for (const free_row &zone : p.blocks) {
            if (zone.node != p.blocks.front().node)
                throw std::invalid_argument("the file is of several nodes, and the model has one");
            mm::zone_plan plan = detail::plan_of(p, zone, s.pageblock_order, most_pages);
            if (plan.spanned == 0)
                continue;
            const std::uint64_t alignment = 1ull << (s.orders - 1);
            plan.start_pfn = next;
            plan.spanned = (plan.spanned + alignment - 1) / alignment * alignment;
            next += plan.spanned;
            s.zones.push_back(mm::build_zone(plan, s.orders, s.pageblock_order));
        }
    } catch (const std::exception &e) {
        b.failure = e.what();
        return b;
    }
    s.kernel_zones = static_cast<unsigned>(detail::zone_order.size());
    b.chosen.emplace_back("where the free blocks lie");
    b.chosen.emplace_back("watermarks and reserves of 0: pagetypeinfo has none");
    detail::compare_printed(p, version, b);
    return b;
}

} // namespace kctx::klog

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A state of the allocator from what a kernel reported: pagetypeinfo with zoneinfo, or a Mem-Info.
/// These say how many blocks are free, not where; so the blocks are laid out, in pageblocks of
/// their own type where these have room, such that no two of them would have merged. What follows
/// from frame numbers alone (which block a list gives first, what a freed page merges with) is then
/// the layout's, and all that follows from counts is the kernel's.
#pragma once

#include <kctx/mm/describe.hpp>

#include <set>
#include <stdexcept>

namespace kctx::mm {

/// A zone as a report has it.
struct zone_plan {
    std::string name = "Normal"; ///< as reports name it
    unsigned index = 0;          ///< enum zone_type
    std::uint64_t start_pfn = 0; ///< the first frame
    std::uint64_t spanned = 0;   ///< pages from the first to the last
    std::uint64_t present = 0;   ///< of these without the holes
    std::uint64_t managed = 0;   ///< of these what the allocator has
    kernel::watermarks wmark;    ///< pages, without the boost
    long boost = 0;
    std::vector<long> lowmem_reserve; ///< pages, by the zone that a request may use
    free_counts free{};               ///< blocks on the free lists
    std::array<std::uint64_t, migrate_types> pageblocks{}; ///< how many pageblocks of each type
    std::uint64_t movable_pages = 0;                       ///< in use, and migratable
    long pcp_count = 0;                                    ///< pages on the per-cpu lists
    long pcp_high = 0;                                     ///< from here on some are given back
    long pcp_batch = 1;                                    ///< pages moved at a time
    long stat_threshold = 0;      ///< pages: of a CPU's share in a counter before it is added
    long reserved_highatomic = 0; ///< pages in MIGRATE_HIGHATOMIC blocks
};

namespace detail {

/// Frames of a zone whose pageblocks are of one type.
struct pageblock_run {
    unsigned type;
    std::uint64_t begin, end;
};

/// Lays free blocks out in runs of pageblocks. A block of order o takes the lower half of a chunk
/// of order o + 1; its buddy, the upper half, can hold smaller ones only, and is never all free.
class block_layout
{
public:
    explicit block_layout(unsigned orders) : orders_(orders), clean_(orders), beside_(orders) {}

    /// Frames of its own, from the last run to the first.
    void add(std::uint64_t begin, std::uint64_t end)
    {
        std::vector<std::pair<unsigned, std::uint64_t>> chunks;
        for (std::uint64_t pfn = begin; pfn < end;) {
            unsigned order = orders_ - 1;
            while (order > 0 && (pfn % (1ull << order) != 0 || pfn + (1ull << order) > end))
                --order;
            chunks.emplace_back(order, pfn);
            pfn += 1ull << order;
        }
        for (std::size_t i = chunks.size(); i-- > 0;)
            clean_[chunks[i].first].push_back(chunks[i].second);
    }

    /// The frame of a block of this order that is free now; nothing if there is no room.
    /// @param whole those that are free as a chunk is: what lies beside them may be of another run
    std::optional<std::uint64_t> place(unsigned order, std::set<std::uint64_t> &whole)
    {
        std::vector<std::uint64_t> &same = clean_[order];
        for (std::size_t i = same.size(); i-- > 0;) {
            const std::uint64_t pfn = same[i];
            if (order + 1 != orders_ && whole.count(key(pfn ^ (1ull << order), order)) != 0)
                continue;
            if (order + 1 != orders_)
                whole.insert(key(pfn, order));
            same.erase(same.begin() + static_cast<std::ptrdiff_t>(i));
            return pfn;
        }
        for (unsigned o = order + 1; o < orders_; ++o) {
            const bool beside = clean_[o].empty();
            std::vector<std::uint64_t> &from = beside ? beside_[o] : clean_[o];
            if (from.empty())
                continue;
            const std::uint64_t pfn = from.back();
            from.pop_back();
            while (--o > order)
                clean_[o].push_back(pfn + (1ull << o));
            beside_[order].push_back(pfn + (1ull << order));
            return pfn;
        }
        return std::nullopt;
    }

private:
    static std::uint64_t key(std::uint64_t pfn, unsigned order) { return pfn * 32 + order; }

    unsigned orders_;
    /// Chunks by order, the next one last: those that may be free as a whole, and those that may
    /// not, because their buddy is a free block.
    std::vector<std::vector<std::uint64_t>> clean_, beside_;
};

/// The pageblocks of a zone by type: those of a type together, CMA at the end, where it is
/// reserved. Single MOVABLE ones between them (bit i of `shift`: in front of the i-th run) move
/// what follows, for a block of more than a pageblock needs neighbours of its type.
inline std::vector<pageblock_run> pageblock_runs(const zone_plan &plan, unsigned pageblock_order,
                                                 unsigned shift)
{
    const std::uint64_t block = 1ull << pageblock_order;
    std::uint64_t at = plan.start_pfn / block * block;
    const std::uint64_t zone_end = plan.start_pfn + plan.spanned;
    std::uint64_t known = 0;
    for (const std::uint64_t n : plan.pageblocks)
        known += n;
    const std::uint64_t all = (zone_end - at + block - 1) / block;
    if (known > all)
        throw std::invalid_argument("zone " + plan.name + ": " + std::to_string(known) +
                                    " pageblocks, and it spans " + std::to_string(all));
    // Pageblocks of holes are in nobody's count: they are taken to be at the end.
    std::uint64_t movable_left = plan.pageblocks[movable];
    std::vector<pageblock_run> runs;
    const auto add = [&](unsigned type, std::uint64_t n) {
        if (n == 0)
            return;
        runs.push_back({type, std::max(at, plan.start_pfn), std::min(at + n * block, zone_end)});
        at += n * block;
    };
    constexpr unsigned in_order[] = {unmovable, reclaimable, highatomic, isolate, movable, cma};
    std::uint64_t behind = (shift >> 5 & 1) != 0 && movable_left > 0 ? 1 : 0;
    movable_left -= behind;
    for (unsigned i = 0; i < std::size(in_order); ++i) {
        if ((shift >> i & 1) != 0 && i < 5 && movable_left > 0) {
            add(movable, 1);
            --movable_left;
        }
        if (in_order[i] == movable)
            add(movable, movable_left);
        else
            add(in_order[i], plan.pageblocks[in_order[i]]);
    }
    add(movable, behind);
    return runs;
}

/// Puts the free blocks of a plan into the runs; false if they do not fit.
/// @param mixed whole pageblocks may be on another type's list, too: where two have merged
inline bool place_blocks(const zone_plan &plan, unsigned orders, unsigned pageblock_order,
                         const std::vector<pageblock_run> &runs, bool mixed, zone_state &z)
{
    std::vector<block_layout> layouts(migrate_types, block_layout(orders));
    for (std::size_t i = runs.size(); i-- > 0;)
        layouts[runs[i].type].add(runs[i].begin, runs[i].end);
    std::set<std::uint64_t> whole;
    for (unsigned order = orders; order-- > 0;) {
        for (unsigned type = 0; type < migrate_types; ++type) {
            for (std::uint64_t i = 0; i < plan.free[type][order]; ++i) {
                std::optional<std::uint64_t> pfn = layouts[type].place(order, whole);
                // A list may hold blocks of others' pageblocks, but for CMA's.
                for (const unsigned other : {movable, unmovable, reclaimable}) {
                    if (!pfn && type != cma && (mixed || order < pageblock_order))
                        pfn = layouts[other].place(order, whole);
                }
                if (!pfn)
                    return false;
                z.lists[order][type].push_back(*pfn);
            }
        }
    }
    return true;
}

} // namespace detail

/// The state of a zone by a plan. Throws std::invalid_argument if the free blocks do not fit in.
inline zone_state build_zone(const zone_plan &plan, unsigned orders, unsigned pageblock_order)
{
    const std::uint64_t block = 1ull << pageblock_order;
    zone_state z;
    z.index = plan.index;
    z.name = plan.name;
    z.start_pfn = plan.start_pfn;
    z.spanned = plan.spanned;
    z.present = plan.present;
    z.managed = plan.managed;
    z.wmark = plan.wmark;
    z.boost = plan.boost;
    z.lowmem_reserve = plan.lowmem_reserve;
    z.stat_threshold = plan.stat_threshold;
    z.pcp_batch = plan.pcp_batch;
    z.pcp_high = plan.pcp_high;
    z.reserved_highatomic = plan.reserved_highatomic;

    std::vector<detail::pageblock_run> runs;
    for (unsigned shift = 0;; ++shift) {
        if (shift == 128)
            throw std::invalid_argument("zone " + plan.name +
                                        ": the free blocks do not fit into its pageblocks");
        runs = detail::pageblock_runs(plan, pageblock_order, shift % 64);
        z.lists = {};
        if (detail::place_blocks(plan, orders, pageblock_order, runs, shift >= 64, z))
            break;
    }
    for (const detail::pageblock_run &run : runs) {
        for (std::uint64_t pfn = run.begin / block * block; pfn < run.end; pfn += block)
            z.pageblocks.push_back({pfn, run.type});
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> taken; // free frames: begin, end
    for (unsigned order = 0; order < orders; ++order) {
        for (auto &list : z.lists[order]) {
            std::sort(list.begin(), list.end());
            for (const std::uint64_t pfn : list)
                taken.emplace_back(pfn, pfn + (1ull << order));
            z.free.global += static_cast<long>(list.size() << order);
        }
        z.free_cma.global += static_cast<long>(plan.free[cma][order] << order);
    }

    // What is in use: first some pages for the per-cpu list, then the migratable ones, in the
    // pageblocks that are for such, from the top down.
    std::sort(taken.begin(), taken.end());
    std::vector<frame_range> used;
    std::uint64_t frame = plan.start_pfn;
    const auto use_up_to = [&](std::uint64_t end) {
        if (frame < end)
            used.push_back({frame, end - frame});
    };
    for (const auto &[begin, end] : taken) {
        use_up_to(begin);
        frame = end;
    }
    use_up_to(plan.start_pfn + plan.spanned);
    std::uint64_t movable_left = plan.movable_pages;
    long pcp_left = plan.pcp_count;
    z.pcp.resize(migrate_pcptypes);
    for (std::size_t i = used.size(); i-- > 0;) {
        for (std::uint64_t end = used[i].pfn + used[i].pages; end > used[i].pfn;) {
            // The part of it in one run of pageblocks.
            unsigned type = unmovable;
            std::uint64_t begin = used[i].pfn;
            for (const detail::pageblock_run &run : runs) {
                if (end > run.begin && end <= run.end) {
                    type = run.type;
                    begin = std::max(begin, run.begin);
                }
            }
            while (pcp_left > 0 && type < migrate_pcptypes && begin < end) {
                z.pcp[type].push_back({--end, type});
                ++z.pcp_count;
                --pcp_left;
            }
            const std::uint64_t pages = std::min(end - begin, movable_left);
            if ((type == movable || type == cma) && pages > 0) {
                z.movable.push_back({end - pages, pages});
                movable_left -= pages;
            }
            end = begin;
        }
    }
    std::reverse(z.movable.begin(), z.movable.end());
    return z;
}

/// How many blocks of each type are free, where only the letters of each order and the pages of
/// each type are known: one of each letter, then the largest orders to the types with most pages
/// left. Throws std::invalid_argument if the two cannot both be.
/// @param pages free pages by type
inline free_counts split_by_type(const std::vector<order_blocks> &orders,
                                 const kernel::migratetype_list &types,
                                 std::array<std::uint64_t, migrate_types> pages)
{
    const auto type_of = [&types](char letter) {
        const int index = types.index_of(letter);
        if (index < 0)
            throw std::invalid_argument(std::string("no type has the letter ") + letter);
        return static_cast<unsigned>(types.types[index]);
    };
    free_counts n{};
    std::vector<std::uint64_t> left;
    for (unsigned order = 0; order < orders.size() && order < max_orders; ++order) {
        left.push_back(orders[order].blocks);
        for (const char letter : orders[order].types) {
            const auto type = type_of(letter);
            if (left[order] == 0 || pages[type] >> order == 0)
                throw std::invalid_argument("order " + std::to_string(order) +
                                            ": more types than blocks, or than pages of a type");
            ++n[type][order];
            --left[order];
            pages[type] -= 1ull << order;
        }
    }
    for (unsigned order = static_cast<unsigned>(left.size()); order-- > 0;) {
        while (left[order] > 0) {
            unsigned best = migrate_types;
            for (const char letter : orders[order].types) {
                const auto type = type_of(letter);
                if (best == migrate_types || pages[type] > pages[best])
                    best = type;
            }
            if (best == migrate_types || pages[best] >> order == 0)
                throw std::invalid_argument("order " + std::to_string(order) +
                                            ": its blocks are more than the pages of their types");
            ++n[best][order];
            --left[order];
            pages[best] -= 1ull << order;
        }
    }
    for (const std::uint64_t rest : pages) {
        if (rest != 0)
            throw std::invalid_argument(std::to_string(rest) +
                                        " free pages of a type are in no block");
    }
    return n;
}

/// The counts of a zone in a pagetypeinfo. Throws std::invalid_argument for one that was not
/// counted to its end (">100000").
inline void counts_of(const pagetypeinfo &p, const pagetypeinfo_zone &zone, zone_plan &plan)
{
    constexpr std::pair<std::string_view, unsigned> types[] = {
        {"Unmovable", unmovable},   {"Movable", movable},    {"Reclaimable", reclaimable},
        {"HighAtomic", highatomic}, {"Reserve", highatomic}, {"CMA", cma},
        {"Isolate", isolate}};
    if (p.orders > max_orders)
        throw std::invalid_argument("pagetypeinfo: more orders than the model has");
    for (const auto &[name, type] : types) {
        const int i = p.index_of(name);
        if (i < 0)
            continue;
        const auto index = static_cast<std::size_t>(i);
        plan.pageblocks[type] = zone.pageblocks[index];
        for (unsigned order = 0; order < p.orders; ++order) {
            if (zone.free[index][order].or_more)
                throw std::invalid_argument("pagetypeinfo: zone " + zone.name + ", type " +
                                            std::string(name) +
                                            ": a list was not counted to its end");
            plan.free[type][order] = zone.free[index][order].blocks;
        }
    }
}

/// A state from pagetypeinfo and the zoneinfo of the same moment.
inline memory_state build_state(const std::string &release, const pagetypeinfo &p,
                                const zoneinfo &info)
{
    memory_state s;
    s.release = release;
    s.orders = p.orders;
    s.pageblock_order = p.pageblock_order;
    s.kernel_zones = static_cast<unsigned>(info.zones.size());
    const auto pages = [](const counters &c, std::string_view name) {
        return static_cast<long>(c[name]);
    };
    for (const pagetypeinfo_zone &counted : p.zones) {
        const zoneinfo_zone *z = info.zone(counted.name);
        if (z == nullptr)
            throw std::invalid_argument("zone " + counted.name + " is not in zoneinfo");
        zone_plan plan;
        plan.name = z->name;
        plan.index = static_cast<unsigned>(z - info.zones.data());
        plan.start_pfn = z->end["start_pfn"];
        plan.spanned = z->pages["spanned"];
        plan.present = z->pages["present"];
        plan.managed = z->pages["managed"];
        // zoneinfo prints the marks with the boost.
        plan.boost = pages(z->pages, "boost");
        plan.wmark.min = pages(z->pages, "min") - plan.boost;
        plan.wmark.low = pages(z->pages, "low") - plan.boost;
        plan.wmark.high = pages(z->pages, "high") - plan.boost;
        for (const std::uint64_t r : z->protection)
            plan.lowmem_reserve.push_back(static_cast<long>(r));
        for (const std::string_view lru : {"nr_zone_inactive_anon", "nr_zone_active_anon",
                                           "nr_zone_inactive_file", "nr_zone_active_file"})
            plan.movable_pages += z->stats[lru];
        if (!z->pagesets.empty()) {
            const zoneinfo_pageset &set = z->pagesets.front();
            plan.pcp_count = pages(set.values, "count");
            plan.pcp_high = pages(set.values, "high");
            plan.pcp_batch = pages(set.values, "batch");
            plan.stat_threshold = static_cast<long>(set.stat_threshold.value_or(0));
        }
        counts_of(p, counted, plan);
        zone_state &state = s.zones.emplace_back(build_zone(plan, s.orders, s.pageblock_order));
        // The counter as it is, without what CPUs have not added yet.
        state.free.diff = state.free.global - pages(z->stats, "nr_free_pages");
        state.free.global -= state.free.diff;
        state.free_cma.diff = state.free_cma.global - pages(z->stats, "nr_free_cma");
        state.free_cma.global -= state.free_cma.diff;
    }
    return s;
}

} // namespace kctx::mm

// SPDX-License-Identifier: BSL-1.0
/// @file
/// State into the model and out of it.
#pragma once

#include <kctx/mm/page_allocator.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace kctx::mm {

namespace detail {

[[noreturn]] inline void bad_state(const std::string &what)
{
    throw std::invalid_argument("memory state: " + what);
}

inline std::string frame_text(std::uint64_t pfn)
{
    std::string text;
    do
        text.insert(text.begin(), "0123456789abcdef"[pfn & 15]);
    while ((pfn >>= 4) != 0);
    return "frame " + text;
}

inline kernel::zone_type zone_type_of(std::string_view name)
{
    for (unsigned i = 0; i < static_cast<unsigned>(kernel::zone_type::refused); ++i) {
        if (zone_name(static_cast<kernel::zone_type>(i)) == name)
            return static_cast<kernel::zone_type>(i);
    }
    bad_state("zone " + std::string(name) + ": no such zone");
}

/// Fills the lists of one zone, and refuses what cannot be: blocks that overlap, are not aligned,
/// or lie outside.
class zone_loader
{
public:
    zone_loader(allocator_core &core, zone &z, const zone_state &s)
        : core_(core), z_(z), s_(s), lists_(core, z)
    {}

    void fill()
    {
        pageblocks();
        for (unsigned o = 0; o < max_orders; ++o) {
            for (unsigned t = 0; t < migrate_types; ++t) {
                for (const std::uint64_t pfn : s_.lists[o][t])
                    block(pfn, o, t);
            }
        }
        untouched();
        check_overlap();
        for (const frame_range &r : s_.movable) {
            for (std::uint64_t i = 0; i < r.pages; ++i) {
                const page_index p = page(r.pfn + i);
                if (core_.map.tag[p].is_free())
                    bad_state(frame_text(r.pfn + i) + " is free, and in use and movable");
                core_.map.tag[p] = page_tag::in_use(true);
            }
        }
        per_cpu_lists();
    }

private:
    page_index page(std::uint64_t pfn) const
    {
        if (!core_.map.has(pfn) || core_.map.index(pfn) < z_.begin ||
            core_.map.index(pfn) >= z_.end)
            bad_state(frame_text(pfn) + " is outside zone " + s_.name);
        return core_.map.index(pfn);
    }

    void pageblocks()
    {
        page_index p = core_.map.pageblock_start(z_.begin);
        for (; p < z_.end; p += core_.map.pageblock_pages())
            core_.map.set_block_type(p, s_.pageblocks.empty() ? movable : no_block);
        for (const pageblock_state &b : s_.pageblocks) {
            const page_index first = core_.map.pageblock_start(z_.begin);
            if (!core_.map.has(b.pfn) || core_.map.index(b.pfn) < first ||
                core_.map.index(b.pfn) >= z_.end || b.type >= migrate_types)
                bad_state("pageblock at " + frame_text(b.pfn) + ": no such pageblock, or type");
            core_.map.set_block_type(core_.map.index(b.pfn), b.type);
        }
    }

    void block(std::uint64_t pfn, unsigned order, unsigned type)
    {
        const page_index p = page(pfn);
        const page_index size = page_index{1} << order;
        if (order >= core_.orders || (p & (size - 1)) != 0 || size > z_.end - p)
            bad_state("free block of order " + std::to_string(order) + " at " + frame_text(pfn) +
                      ": not aligned, too large, or beyond its zone");
        if (core_.map.tag[p].is_free())
            bad_state(frame_text(pfn) + " is on two free lists");
        lists_.add_tail(p, order, type);
    }

    /// The frames of a machine that has just booted: one node of a list for all of them.
    void untouched()
    {
        if (s_.untouched.pages == 0)
            return;
        const unsigned order = core_.orders - 1;
        const page_index size = page_index{1} << order;
        const page_index bottom = page(s_.untouched.pfn);
        if ((bottom & (size - 1)) != 0 || s_.untouched.pages % size != 0 ||
            s_.untouched.pages > z_.end - bottom)
            bad_state("untouched frames are not whole blocks of their zone");
        const page_index blocks = static_cast<page_index>(s_.untouched.pages / size);
        const page_index top = bottom + (blocks - 1) * size;
        lists_.add_tail(top, order, movable);
        z_.nr_free[order] += blocks - 1;
        z_.untouched = {top, bottom};
    }

    /// Walks the zone once: no free block begins inside another.
    void check_overlap() const
    {
        std::vector<std::pair<page_index, unsigned>> blocks;
        for (unsigned o = 0; o < max_orders; ++o) {
            for (unsigned t = 0; t < migrate_types; ++t) {
                for (const std::uint64_t pfn : s_.lists[o][t])
                    blocks.emplace_back(core_.map.index(pfn), o);
            }
        }
        std::sort(blocks.begin(), blocks.end());
        page_index end = 0;
        for (const auto &[p, o] : blocks) {
            if (p < end)
                bad_state("free blocks overlap at " + frame_text(core_.map.pfn(p)));
            end = p + (page_index{1} << o);
        }
    }

    void per_cpu_lists()
    {
        per_cpu_pages &pcp = z_.pcp;
        pcp.count = s_.pcp_count;
        pcp.high = s_.pcp_high;
        pcp.batch = std::max(s_.pcp_batch, 1L);
        pcp.free_factor = std::min(s_.free_factor, 5u);
        const unsigned lists = core_.rules.pcp_orders * migrate_pcptypes;
        if (s_.pcp.size() > lists)
            bad_state("more per-cpu lists than this kernel has");
        const long room = std::min(pcp.high + pcp.batch + 1, 1L << 16);
        for (unsigned i = 0; i < pcp.lists.size(); ++i)
            pcp.lists[i].reserve(static_cast<std::uint32_t>(std::max(room >> (i / 3), 8L)));
        long pages = 0;
        for (unsigned i = 0; i < s_.pcp.size(); ++i) {
            for (const pcp_entry &e : s_.pcp[i]) {
                const page_index p = page(e.pfn);
                if (core_.map.tag[p].is_free() || e.type >= migrate_types)
                    bad_state(frame_text(e.pfn) + " is on a per-cpu list and on a free list");
                pcp.lists[i].push_back({p, e.type});
                pages += 1L << (i / migrate_pcptypes);
            }
        }
        if (pages != pcp.count)
            bad_state("zone " + s_.name + ": " + std::to_string(pages) +
                      " pages on per-cpu lists, count " + std::to_string(pcp.count));
    }

    allocator_core &core_;
    zone &z_;
    const zone_state &s_;
    free_lists lists_;
};

} // namespace detail

inline void page_allocator::load(const memory_state &state)
{
    using detail::bad_state;
    const unsigned version = version_of_release(state.release);
    if (version < KCTX_VERSION(2, 6, 32))
        bad_state("kernel " + state.release + ": none that is modelled");
    if (state.zones.empty())
        bad_state("no zones");
    if (state.orders < 2 || state.orders > max_orders || state.pageblock_order == 0 ||
        state.pageblock_order >= state.orders)
        bad_state("orders that cannot be: " + std::to_string(state.orders) + " of free lists, " +
                  std::to_string(state.pageblock_order) + " of a pageblock");

    const std::uint64_t block = std::uint64_t{1} << (state.orders - 1);
    std::uint64_t first = ~std::uint64_t{0}, end = 0;
    for (const zone_state &s : state.zones) {
        if (s.spanned == 0 || s.spanned > max_pages || s.start_pfn > (std::uint64_t{1} << 52))
            bad_state("zone " + s.name + " spans no pages, or too many");
        if (s.start_pfn / block * block < end)
            bad_state("zone " + s.name + " begins before the one below has ended");
        first = std::min(first, s.start_pfn / block * block);
        end = (s.start_pfn + s.spanned + block - 1) / block * block;
    }
    if (end - first > max_pages)
        bad_state("more than 2 TiB of 4 KiB pages from the lowest to the highest");

    allocator_core core;
    core.rules = kernel::page_alloc_rules_of(version);
    core.orders = state.orders;
    core.boost_factor = state.boost_factor;
    core.events = core_.events;
    const auto heads = static_cast<unsigned>(state.zones.size()) * max_orders * migrate_types;
    core.map = page_map(first, static_cast<page_index>(end - first), heads, state.pageblock_order);
    core.zones.resize(state.zones.size());
    unsigned long movable_pages = 0;
    for (std::size_t i = 0; i < state.zones.size(); ++i) {
        const zone_state &s = state.zones[i];
        zone &z = core.zones[i];
        z.type = detail::zone_type_of(s.name);
        z.index = s.index;
        if (i > 0 && (z.index <= core.zones[i - 1].index || z.type <= core.zones[i - 1].type))
            bad_state("zones are not in ascending order");
        z.start_pfn = s.start_pfn;
        z.spanned = s.spanned;
        z.present = s.present;
        z.managed = s.managed;
        z.begin = core.map.index(s.start_pfn);
        z.end = z.begin + static_cast<page_index>(s.spanned);
        z.heads = core.map.pages + static_cast<page_index>(i) * max_orders * migrate_types;
        z.stat_threshold = s.stat_threshold;
        z.wmark = s.wmark;
        z.boost = s.boost;
        if (s.lowmem_reserve.size() > z.lowmem_reserve.size())
            bad_state("zone " + s.name + ": more lowmem_reserve values than there are zones");
        std::copy(s.lowmem_reserve.begin(), s.lowmem_reserve.end(), z.lowmem_reserve.begin());
        z.reserved_highatomic = s.reserved_highatomic;
        z.isolated_blocks = s.isolated_blocks;
        z.flags = s.flags;
        z.compaction = s.compaction;
        z.drift_mark = s.drift_mark;
        detail::zone_loader(core, z, s).fill();
        z.free = s.free;
        z.free_cma = s.free_cma;
        z.set_quick();
        for (const frame_range &r : s.movable)
            movable_pages += r.pages;
    }

    core_ = std::move(core);
    top_zone_ = &core_.zones.back();
    masks_ = kernel::gfp_masks_of(version);
    movable_pages_ = movable_pages;
    reclaimable_.clear();
    kswapd_woken_ = false;
    described_ = state;
    described_.zones.clear();
    described_.label.clear();
    described_.digest.reset();
    failure_ = {};
    make_classes();
}

/// Which zones each combination of zone flags allows. A missing zone of a kernel is replaced by
/// the next lower one, a missing ZONE_DMA or ZONE_DMA32 by ZONE_NORMAL.
inline void page_allocator::make_classes()
{
    using kernel::zone_type;
    // The kernel's own zones, by index: it has ZONE_NORMAL and ZONE_MOVABLE always.
    std::vector<zone_type> kernel_zones;
    const auto known = [this](zone_type t) {
        for (const zone &z : core_.zones) {
            if (z.type == t)
                return true;
        }
        return false;
    };
    const unsigned above = 2u + known(zone_type::ZONE_HIGHMEM);
    const unsigned below_normal =
        described_.kernel_zones > above ? described_.kernel_zones - above : 0;
    if (below_normal >= 2 || known(zone_type::ZONE_DMA))
        kernel_zones.push_back(zone_type::ZONE_DMA);
    if (below_normal >= 2 || known(zone_type::ZONE_DMA32) ||
        (below_normal == 1 && kernel_zones.empty()))
        kernel_zones.push_back(zone_type::ZONE_DMA32);
    kernel_zones.push_back(zone_type::ZONE_NORMAL);
    if (known(zone_type::ZONE_HIGHMEM))
        kernel_zones.push_back(zone_type::ZONE_HIGHMEM);
    kernel_zones.push_back(zone_type::ZONE_MOVABLE);
    const auto has = [&](zone_type t) {
        return std::find(kernel_zones.begin(), kernel_zones.end(), t) != kernel_zones.end();
    };

    for (unsigned i = 0; i < classes; ++i) {
        const unsigned gfp =
            (i & zone_bits) | ((i & class_reclaimable) != 0 ? masks_.reclaimable : 0);
        request_class &c = classes_[i];
        c = {};
        const bool m = (gfp & masks_.movable) != 0, r = (gfp & masks_.reclaimable) != 0;
        if (m != r && !core_.mobility_disabled)
            c.type = static_cast<unsigned char>(m ? movable : reclaimable);
        unsigned flags = kernel::alloc_flags_fast(masks_, gfp);
        zone_type highest = kernel::gfp_zone(core_.rules.version, gfp);
        if (highest == zone_type::refused)
            continue;
        if ((highest <= zone_type::ZONE_DMA32 || highest == zone_type::ZONE_HIGHMEM) &&
            !has(highest))
            highest = zone_type::ZONE_NORMAL;
        for (const zone &z : core_.zones)
            c.top += z.type <= highest;
        if (c.top < 0)
            continue;
        zone &preferred = core_.zones[static_cast<std::size_t>(c.top)];
        c.highest = &preferred;
        c.no_cma = (flags & kernel::ALLOC_CMA) != 0 ? 0 : -1;
        const auto at = std::find(kernel_zones.begin(), kernel_zones.end(), highest);
        const auto index = static_cast<unsigned>(at - kernel_zones.begin());
        const unsigned chosen = core_.rules.class_by_gfp_zone ? index : preferred.index;
        c.class_index = static_cast<unsigned char>(
            std::min<std::size_t>(chosen, preferred.lowmem_reserve.size() - 1));
        if (core_.rules.nofragment && preferred.type == zone_type::ZONE_NORMAL)
            flags |= kernel::ALLOC_NOFRAGMENT;
        c.fast_flags = static_cast<unsigned short>(flags);
    }
}

inline memory_state page_allocator::save() const
{
    memory_state state = described_;
    for (const zone &z : core_.zones) {
        zone_state &s = state.zones.emplace_back();
        s.index = z.index;
        s.name = zone_name(z.type);
        s.start_pfn = z.start_pfn;
        s.spanned = z.spanned;
        s.present = z.present;
        s.managed = z.managed;
        s.wmark = z.wmark;
        s.boost = z.boost;
        s.lowmem_reserve.assign(z.lowmem_reserve.begin(),
                                z.lowmem_reserve.begin() +
                                    std::min<std::ptrdiff_t>(5, described_.kernel_zones));
        s.free = z.free;
        s.free_cma = z.free_cma;
        s.stat_threshold = z.stat_threshold;
        s.drift_mark = z.drift_mark;
        s.flags = z.flags;
        s.reserved_highatomic = z.reserved_highatomic;
        s.isolated_blocks = z.isolated_blocks;
        s.compaction = z.compaction;
        s.pcp_count = z.pcp.count;
        s.pcp_high = z.pcp.high;
        s.pcp_batch = z.pcp.batch;
        s.free_factor = z.pcp.free_factor;
        s.pcp.resize(std::size_t{core_.rules.pcp_orders} * migrate_pcptypes);
        for (std::size_t i = 0; i < s.pcp.size(); ++i) {
            const pcp_list &list = z.pcp.lists[i];
            for (std::uint32_t k = 0; k < list.size(); ++k)
                s.pcp[i].push_back({core_.map.pfn(list[k].page()), list[k].type()});
        }
        for_each_pageblock(
            z, [&s](std::uint64_t pfn, unsigned type) { s.pageblocks.push_back({pfn, type}); });
        for (page_index p = z.begin; movable_pages_ != 0 && p < z.end; ++p) {
            if (!core_.map.tag[p].is_movable())
                continue;
            const std::uint64_t pfn = core_.map.pfn(p);
            if (!s.movable.empty() && s.movable.back().pfn + s.movable.back().pages == pfn)
                ++s.movable.back().pages;
            else
                s.movable.push_back({pfn, 1});
        }
        for (unsigned o = 0; o < core_.orders; ++o) {
            for (unsigned t = 0; t < migrate_types; ++t) {
                for_each_free(z, o, t, [&s](std::uint64_t pfn, unsigned order, unsigned type) {
                    s.lists[order][type].push_back(pfn);
                });
            }
        }
    }
    return state;
}

inline std::uint64_t page_allocator::digest() const
{
    state_digest d;
    for (const zone &z : core_.zones) {
        for (unsigned o = 0; o < core_.orders; ++o) {
            for (unsigned t = 0; t < migrate_types; ++t)
                for_each_free(z, o, t, [&d](std::uint64_t pfn, unsigned order, unsigned type) {
                    d.free_block(pfn, order, type);
                });
        }
        for (unsigned i = 0; i < core_.rules.pcp_orders * migrate_pcptypes; ++i) {
            const pcp_list &list = z.pcp.lists[i];
            for (std::uint32_t k = 0; k < list.size(); ++k)
                d.pcp_page(core_.map.pfn(list[k].page()), i);
        }
        for_each_pageblock(z, [&d](std::uint64_t pfn, unsigned type) { d.pageblock(pfn, type); });
    }
    return d.value();
}

} // namespace kctx::mm

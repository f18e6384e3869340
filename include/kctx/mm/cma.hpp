// SPDX-License-Identifier: BSL-1.0
/// @file
/// Contiguous memory (mm/cma.c: cma_alloc(), cma_release(); mm/page_alloc.c: alloc_contig_range();
/// mm/page_isolation.c): pageblocks are isolated, the movable pages in the range are migrated out,
/// what is free is taken, the rest is given back.
#pragma once

#include <kctx/mm/page_allocator.hpp>

#include <algorithm>
#include <bit>
#include <vector>

namespace kctx::mm {

/// A CMA area: which of its pages are handed out.
struct cma_area {
    std::uint64_t base_pfn = 0; ///< the first frame; a multiple of a pageblock
    std::vector<bool> used;     ///< a bit for each page: handed out
    cma_area() = default;
    cma_area(std::uint64_t base, std::size_t pages) : base_pfn(base), used(pages) {}
};

/// Takes pages from areas of one allocator.
class cma_allocator
{
public:
    explicit cma_allocator(page_allocator &pages) : pages_(pages), core_(pages.core_) {}

    /// cma_alloc(): `count` pages next to each other, aligned to 2^align. A range with a page that
    /// is in use and cannot be moved is passed by (-EBUSY); any other failure ends the search.
    page_result alloc(cma_area &area, std::uint64_t count, unsigned align)
    {
        const std::uint64_t step = std::uint64_t{1} << align;
        std::uint64_t at = 0;
        while (count != 0 && (at = find(area, at, count, step)) != none) {
            std::fill_n(area.used.begin() + static_cast<std::ptrdiff_t>(at), count, true);
            const outcome o = take_range(area.base_pfn + at, area.base_pfn + at + count);
            if (o == outcome::taken)
                return page_result(area.base_pfn + at);
            std::fill_n(area.used.begin() + static_cast<std::ptrdiff_t>(at), count, false);
            if (o == outcome::failed)
                break;
            at += step;
        }
        return {};
    }

    /// cma_release(): false if the pages are not those of an allocation.
    bool release(cma_area &area, std::uint64_t pfn, std::uint64_t count)
    {
        if (pfn < area.base_pfn || pfn - area.base_pfn + count > area.used.size())
            return false;
        const auto begin = area.used.begin() + static_cast<std::ptrdiff_t>(pfn - area.base_pfn);
        const auto end = begin + static_cast<std::ptrdiff_t>(count);
        if (std::find(begin, end, false) != end)
            return false;
        for (std::uint64_t i = 0; i < count; ++i)
            pages_.free_pages(pfn + i, 0);
        std::fill(begin, end, false);
        return true;
    }

private:
    enum class outcome : unsigned char { taken, busy, failed };
    static constexpr std::uint64_t none = ~std::uint64_t{0};

    /// The first free range from a position on, aligned in frames.
    static std::uint64_t find(const cma_area &area, std::uint64_t from, std::uint64_t count,
                              std::uint64_t step)
    {
        for (std::uint64_t at = from;;) {
            at = (area.base_pfn + at + step - 1) / step * step - area.base_pfn;
            if (at + count > area.used.size())
                return none;
            std::uint64_t i = count;
            while (i > 0 && !area.used[at + i - 1])
                --i;
            if (i == 0)
                return at;
            at += i;
        }
    }

    /// alloc_contig_range()
    outcome take_range(std::uint64_t from, std::uint64_t to)
    {
        const page_index begin = core_.map.index(from), end = core_.map.index(to);
        zone &z = *pages_.zone_at(from);
        free_lists lists(core_, z);
        const page_index unit = core_.rules.isolates_pageblocks
                                    ? core_.map.pageblock_pages()
                                    : page_index{1} << (core_.orders - 1);
        const page_index low = begin / unit * unit, high = (end + unit - 1) / unit * unit;
        isolate_blocks(z, lists, low, high);
        outcome o = migrate(begin, end);
        if (o == outcome::taken)
            o = take_free(lists, begin, end);
        give_back_blocks(z, lists, low, high);
        return o;
    }

    void isolate_blocks(zone &z, free_lists &lists, page_index low, page_index high)
    {
        const page_index size = core_.map.pageblock_pages();
        if (!core_.rules.isolates_pageblocks) {
            for (page_index b = low; b < high; b += size) {
                isolate_block(z, lists, b);
                pages_.drain_all_pages();
            }
            return;
        }
        // The first, the last, those between: a free block that reaches over either end is split.
        isolate_block(z, lists, low);
        split_at(lists, low);
        if (high - low > size) {
            isolate_block(z, lists, high - size);
            split_at(lists, high);
        } else {
            split_at(lists, high);
        }
        for (page_index b = low + size; b + size < high; b += size)
            isolate_block(z, lists, b);
        pages_.drain_all_pages();
    }

    void isolate_block(zone &z, free_lists &lists, page_index b)
    {
        if (core_.map.block_type(b) == isolate)
            return;
        core_.map.set_block_type(b, isolate);
        ++z.isolated_blocks;
        lists.count(-lists.move_pageblock(b, isolate).free, cma);
    }

    /// split_free_page(): a free block over a boundary is freed in two parts, each to its own type.
    void split_at(free_lists &lists, page_index boundary)
    {
        for (unsigned o = core_.map.pageblock_order + 1; o < core_.orders; ++o) {
            const page_index head = boundary & ~((page_index{1} << o) - 1);
            if (head == boundary || !core_.map.tag[head].is_free(o))
                continue;
            if (core_.map.block_type(head) != isolate)
                lists.count(-(1L << o), core_.map.block_type(head));
            lists.remove(head);
            const page_index end = head + (page_index{1} << o);
            for (page_index p = head; p < end;) {
                const page_index rest = (p < boundary ? boundary : end) - p;
                const auto order = static_cast<unsigned>(
                    std::min(std::countr_zero(p), static_cast<int>(std::bit_width(rest)) - 1));
                lists.free_block(p, order, core_.map.block_type(p));
                p += page_index{1} << order;
            }
            return;
        }
    }

    /// Clusters of up to 32 pages, each migrated from its last page to its first.
    outcome migrate(page_index begin, page_index end)
    {
        constexpr unsigned gfp_user_retry_mayfail_movable = 0x104cc8, cluster_max = 32;
        std::vector<page_index> cluster;
        for (page_index p = begin; p < end;) {
            cluster.clear();
            while (p < end && cluster.size() < cluster_max) {
                const page_tag t = core_.map.tag[p];
                if (t.is_free()) {
                    p += page_index{1} << t.order();
                    continue;
                }
                if (t.is_movable())
                    cluster.push_back(p);
                ++p;
            }
            for (std::size_t i = cluster.size(); i-- > 0;) {
                const page_result to = pages_.alloc_pages(gfp_user_retry_mayfail_movable, 0);
                if (!to)
                    return outcome::failed;
                pages_.move_page(cluster[i], core_.map.index(to.pfn()));
            }
        }
        return outcome::taken;
    }

    /// Takes all blocks that reach into the range, which must be free, and frees what is outside.
    outcome take_free(free_lists &lists, page_index begin, page_index end)
    {
        page_index first = begin;
        for (unsigned o = 0; o < core_.orders; ++o) {
            const page_index head = begin & ~((page_index{1} << o) - 1);
            if (core_.map.tag[head].is_free() &&
                head + (page_index{1} << core_.map.tag[head].order()) > begin) {
                first = head;
                break;
            }
        }
        for (page_index p = first; p < end;) {
            const page_tag t = core_.map.tag[p];
            if (!t.is_free())
                return outcome::busy;
            p += page_index{1} << t.order();
        }
        page_index p = first;
        while (p < end) {
            const unsigned order = core_.map.tag[p].order();
            lists.remove(p);
            p += page_index{1} << order;
        }
        for (page_index q = first; q < begin; ++q)
            pages_.free_pages(core_.map.pfn(q), 0);
        for (page_index q = end; q < p; ++q)
            pages_.free_pages(core_.map.pfn(q), 0);
        return outcome::taken;
    }

    /// undo_isolate_page_range(): a free block of a pageblock or more, whose buddy is not isolated,
    /// is freed anew, so that the two merge.
    void give_back_blocks(zone &z, free_lists &lists, page_index low, page_index high)
    {
        for (page_index b = low; b < high; b += core_.map.pageblock_pages()) {
            if (core_.map.block_type(b) != isolate)
                continue;
            const page_tag t = core_.map.tag[b];
            bool again = false;
            if (t.is_free() && t.order() >= core_.map.pageblock_order &&
                t.order() < core_.orders - 1) {
                const page_index buddy = b ^ (page_index{1} << t.order());
                again =
                    core_.map.block_type(buddy) != isolate &&
                    (!core_.rules.isolates_pageblocks || core_.map.tag[buddy].is_free(t.order()));
            }
            if (again)
                lists.remove(b);
            else
                lists.count(lists.move_pageblock(b, cma).free, cma);
            core_.map.set_block_type(b, cma);
            --z.isolated_blocks;
            if (again)
                lists.free_block(b, t.order(), cma, core_.rules.isolates_pageblocks);
        }
    }

    page_allocator &pages_;
    allocator_core &core_;
};

} // namespace kctx::mm

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What must hold of the page allocator model after every operation, whatever was asked of it: of
/// all pages (broken_invariant()), and at less cost of those that an operation touched
/// (touched_pages).
#pragma once

#include <kctx/mm/page_allocator.hpp>

#include <string>
#include <utility>
#include <vector>

namespace kctx::mm::test {

/// Empty if all holds, else what does not. Looks at every page of the zones.
inline std::string broken_invariant(const page_allocator &a)
{
    const page_map &map = a.map();
    for (const zone &z : a.zones()) {
        const std::string in = std::string(zone_name(z.type)) + ": ";
        std::vector<unsigned char> seen(z.end - z.begin);
        long pages = 0, cma_pages = 0;
        std::string wrong;
        for (unsigned o = 0; o < a.orders() && wrong.empty(); ++o) {
            unsigned blocks = 0;
            for (unsigned t = 0; t < migrate_types; ++t) {
                unsigned on_list = 0;
                a.for_each_free(z, o, t, [&](std::uint64_t pfn, unsigned, unsigned) {
                    const page_index p = map.index(pfn);
                    const page_index size = page_index{1} << o;
                    ++on_list;
                    if ((p & (size - 1)) != 0 || p < z.begin || z.end - p < size) {
                        wrong = "a block that is not aligned, or not in its zone";
                        return;
                    }
                    const bool untouched = z.untouched.top != no_page && p <= z.untouched.top &&
                                           p >= z.untouched.bottom;
                    if (!untouched && (!map.tag[p].is_free(o) || map.tag[p].type() != t))
                        wrong = "a block whose tag names another list";
                    for (page_index i = 0; i < size; ++i)
                        seen[p - z.begin + i]++;
                    if (t != isolate)
                        pages += size;
                    if (t == cma)
                        cma_pages += size;
                    const page_index buddy = p ^ size;
                    if (o + 1 < a.orders() && o < map.pageblock_order && map.tag[buddy].is_free(o))
                        wrong = "a block whose buddy is free as well";
                    if ((t == cma || t == isolate) && map.block_type(p) != t)
                        wrong = "a CMA or isolated block outside such a pageblock";
                });
                if ((on_list != 0) != ((z.nonempty[t] >> o & 1) != 0))
                    wrong = "the mark of a list that is not empty";
                blocks += on_list;
            }
            if (blocks != z.nr_free[o])
                wrong = "nr_free of order " + std::to_string(o);
        }
        long on_pcp = 0;
        for (std::size_t l = 0; l < z.pcp.lists.size(); ++l) {
            for (std::uint32_t i = 0; i < z.pcp.lists[l].size(); ++i) {
                const page_index size = page_index{1} << (l / migrate_pcptypes);
                const page_index p = z.pcp.lists[l][i].page();
                on_pcp += size;
                for (page_index k = 0; k < size; ++k)
                    seen[p - z.begin + k]++;
            }
        }
        if (on_pcp != z.pcp.count)
            wrong = "the count of the per-cpu lists";
        for (const unsigned char times : seen) {
            if (times > 1)
                wrong = "a page on two lists";
        }
        if (pages != z.free.exact())
            wrong = "NR_FREE_PAGES " + std::to_string(z.free.exact()) + " of " +
                    std::to_string(pages) + " pages on lists";
        if (cma_pages != z.free_cma.exact())
            wrong = "NR_FREE_CMA_PAGES";
        if (!wrong.empty())
            return in + wrong;
    }
    return {};
}

/// Hears what an operation touches, and checks that: sums, the per-cpu lists, both ends of every
/// list, and around each page that was taken or given back all blocks that it was split from or
/// merged into. Where an operation moves whole pageblocks, all pages are looked at.
class touched_pages : public event_sink
{
public:
    explicit touched_pages(page_allocator &a) : a_(a) { a_.watch(this); }
    touched_pages(const touched_pages &) = delete;
    touched_pages &operator=(const touched_pages &) = delete;
    ~touched_pages() override { a_.watch(nullptr); }

    /// The operation was about this block.
    void block(std::uint64_t pfn) { pages_.push_back(pfn); }
    /// It moved pageblocks of which nobody is told (CMA).
    void everything() { all_ = true; }

    /// Empty if all holds after the operation, else what does not.
    std::string broken()
    {
        long reserved = 0;
        for (const zone &z : a_.zones())
            reserved += z.reserved_highatomic;
        all_ |= std::exchange(reserved_, reserved) != reserved;
        std::string wrong = all_ ? broken_invariant(a_) : broken_here();
        pages_.clear();
        blocks_.clear();
        all_ = false;
        return wrong;
    }

private:
    void extfrag(const extfrag_event &e) override { blocks_.push_back(e.pfn); }
    void pcpu_drain(std::uint64_t pfn, unsigned, unsigned) override { pages_.push_back(pfn); }
    void zone_locked(std::uint64_t pfn, unsigned, unsigned) override { pages_.push_back(pfn); }
    void direct_compaction(unsigned, unsigned) override { all_ = true; }
    void migrated(std::uint64_t, std::uint64_t) override { all_ = true; }

    std::string broken_here()
    {
        std::string wrong;
        for (const zone &z : a_.zones()) {
            if (wrong.empty())
                wrong = broken_sums(z);
        }
        // Of a pageblock that was robbed, each of its free blocks may have moved.
        for (const std::uint64_t pfn : blocks_) {
            const page_map &map = a_.map();
            const page_index begin = map.pageblock_start(map.index(pfn));
            for (page_index p = begin; p < begin + map.pageblock_pages(); ++p) {
                if (map.tag[p].is_free())
                    pages_.push_back(map.pfn(p));
            }
        }
        for (const std::uint64_t pfn : pages_) {
            if (wrong.empty())
                wrong = broken_around(*a_.zone_of(pfn), a_.map().index(pfn));
        }
        return wrong;
    }

    std::string broken_sums(const zone &z) const
    {
        const page_map &map = a_.map();
        long pages = 0;
        for (unsigned o = 0; o < a_.orders(); ++o) {
            pages += static_cast<long>(z.nr_free[o]) << o;
            for (unsigned t = 0; t < migrate_types; ++t) {
                const page_index head = z.heads + o * migrate_types + t;
                const page_link ends = map.link[head];
                if ((ends.next != head) != ((z.nonempty[t] >> o & 1) != 0))
                    return "the mark of a list that is not empty";
                if (ends.next != head &&
                    (!on_list(z, ends.next, o, t) || !on_list(z, ends.prev, o, t)))
                    return "an end of a list that is no such block";
            }
        }
        if (pages != z.free.exact())
            return "NR_FREE_PAGES";
        long on_pcp = 0;
        for (std::size_t l = 0; l < z.pcp.lists.size(); ++l)
            on_pcp += static_cast<long>(z.pcp.lists[l].size()) << (l / migrate_pcptypes);
        if (on_pcp != z.pcp.count)
            return "the count of the per-cpu lists";
        return quick_is_safe(z) ? "" : "a quick path is open that must not be";
    }

    /// What the quick paths compare with is never less than what the full check would.
    static bool quick_is_safe(const zone &z)
    {
        for (std::size_t i = 0; i < z.quick_mark.size(); ++i) {
            if (z.quick_mark[i] < z.mark(kctx::kernel::ALLOC_WMARK_LOW) + z.lowmem_reserve[i] +
                                      z.reserved_highatomic + (1L << (max_orders - 1)))
                return false;
            if ((z.flags & ZONE_BOOSTED_WATERMARK) != 0 && z.free.global > z.quick_mark[i])
                return false;
        }
        return z.quick_pcp <= ((z.flags & ZONE_RECLAIM_ACTIVE) != 0 ? 0 : z.pcp.high);
    }

    /// Is it a block of this list, aligned, in its zone, and do its neighbours know it?
    bool on_list(const zone &z, page_index p, unsigned order, unsigned type) const
    {
        const page_map &map = a_.map();
        const page_index size = page_index{1} << order;
        return p >= z.begin && z.end - p >= size && (p & (size - 1)) == 0 &&
               map.tag[p].is_free(order) && map.tag[p].type() == type &&
               map.link[map.link[p].next].prev == p && map.link[map.link[p].prev].next == p;
    }

    std::string broken_around(const zone &z, page_index page)
    {
        const page_map &map = a_.map();
        unsigned holders = 0; // free blocks that the page is in
        for (unsigned o = 0; o < a_.orders(); ++o) {
            const page_index size = page_index{1} << o;
            const page_index p = page & ~(size - 1);
            const bool here = map.tag[p].is_free(o);
            holders += here;
            for (const page_index b : {p, p ^ size}) {
                if (b < z.begin || b >= z.end || !map.tag[b].is_free(o))
                    continue;
                const unsigned type = map.tag[b].type();
                if (!on_list(z, b, o, type))
                    return "a free block that is on no list";
                if ((type == cma || type == isolate) && map.block_type(b) != type)
                    return "a CMA or isolated block outside such a pageblock";
                for (page_index i = 1; i < size; ++i) {
                    if (map.tag[b + i].is_free())
                        return "a free block inside another";
                }
            }
            if (here && o + 1 < a_.orders() && o < map.pageblock_order &&
                map.tag[p ^ size].is_free(o))
                return "a block whose buddy is free as well";
            if (map.block_type(page) == cma && here && !cma_is_counted(z))
                return "NR_FREE_CMA_PAGES";
        }
        return holders > 1 ? "a page in two free blocks" : "";
    }

    bool cma_is_counted(const zone &z) const
    {
        long pages = 0;
        for (unsigned o = 0; o < a_.orders(); ++o)
            a_.for_each_free(z, o, cma,
                             [&](std::uint64_t, unsigned, unsigned) { pages += 1L << o; });
        return pages == z.free_cma.exact();
    }

    page_allocator &a_;
    std::vector<std::uint64_t> pages_, blocks_;
    bool all_ = true;
    long reserved_ = 0;
};

} // namespace kctx::mm::test

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What must hold of the page allocator model after every operation, whatever was asked of it.
#pragma once

#include <kctx/mm/page_allocator.hpp>

#include <string>
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

} // namespace kctx::mm::test

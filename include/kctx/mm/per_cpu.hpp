// SPDX-License-Identifier: BSL-1.0
/// @file
/// Per-cpu lists of a zone: where most pages of order 0 (since 5.14 also of orders 1 ... 3) come
/// from and go to (mm/page_alloc.c: rmqueue_bulk(), free_unref_page_commit(),
/// free_pcppages_bulk(), drain_pages_zone()). The model has one CPU.
#pragma once

#include <kctx/mm/fallback.hpp>

namespace kctx::mm {

/// The per-cpu lists of one zone: what rmqueue_pcplist() and free_unref_page() do
/// (mm/page_alloc.c).
class per_cpu
{
public:
    per_cpu(allocator_core &core, zone &z) : core_(core), z_(z), pcp_(z.pcp) {}

    /// The list of an order and type.
    static pcp_list &list_of(zone &z, unsigned order, unsigned type)
    {
        return z.pcp.lists[order * migrate_pcptypes + type];
    }

    /// Takes the first page of a list that has one.
    static page_index take_first(zone &z, pcp_list &list, unsigned order)
    {
        z.pcp.free_factor >>= 1; // 0 all the time where lists are emptied round robin
        z.pcp.count -= 1L << order;
        return list.pop_front().page();
    }

    /// A page from the list, which is filled up if it is empty; no_page if that fails.
    page_index take(unsigned order, unsigned type, unsigned alloc_flags)
    {
        pcp_list &list = list_of(z_, order, type);
        if (list.empty() && !refill(order, type, alloc_flags)) {
            pcp_.free_factor >>= 1;
            return no_page;
        }
        return take_first(z_, list, order);
    }

    /// Frees a page of a pageblock of this type to its list, if that needs nothing else; false if
    /// it may, and nothing has changed.
    [[gnu::always_inline]] static bool free_quickly(zone &z, page_index p, unsigned order,
                                                    unsigned type)
    {
        const long count = z.pcp.count + (1L << order);
        if (type >= isolate || count >= z.quick_pcp || (z.pcp.free_factor != 0 && order != 0))
            [[unlikely]]
            return false;
        z.pcp.count = count;
        list_of(z, order, type < migrate_pcptypes ? type : movable).put_front({p, type});
        return true;
    }

    /// Frees a page to its list, and some pages to the buddy lists if there are too many now.
    [[gnu::noinline]] void free(page_index p, unsigned order)
    {
        const unsigned type = core_.map.block_type(p);
        if (type == isolate) [[unlikely]] {
            free_isolated(p, order);
            return;
        }
        const unsigned number =
            order * migrate_pcptypes + (type < migrate_pcptypes ? type : movable);
        pcp_.lists[number].push_front({p, type});
        pcp_.count += 1L << order;
        if (core_.rules.pcp != kernel::pcp_rule::from_freed_list) {
            if (pcp_.count >= pcp_.high) [[unlikely]]
                free_round_robin(pcp_.batch);
            return;
        }
        // free_unref_page_commit(), nr_pcp_high(), nr_pcp_free()
        const bool all = core_.rules.pcp_drains_high_orders && pcp_.free_factor != 0 && order != 0;
        long high = all ? 0 : pcp_.high;
        if ((z_.flags & ZONE_RECLAIM_ACTIVE) != 0 && high > pcp_.batch << 2)
            high = pcp_.batch << 2;
        if (pcp_.count >= high) [[unlikely]]
            free_from(all ? pcp_.count : pages_to_free(high), number);
    }

    /// Empties all lists (drain_pages_zone()).
    void drain()
    {
        if (core_.rules.pcp != kernel::pcp_rule::from_freed_list) {
            if (pcp_.count != 0)
                free_round_robin(pcp_.count);
            return;
        }
        while (pcp_.count > 0) {
            const long most = pcp_.batch << 5;
            free_from(pcp_.count < most ? pcp_.count : most, 0);
        }
    }

private:
    [[gnu::noinline]] void free_isolated(page_index p, unsigned order)
    {
        free_lists(core_, z_).free_block(p, order, isolate);
    }

    /// rmqueue_bulk()
    [[gnu::noinline]] bool refill(unsigned order, unsigned type, unsigned alloc_flags)
    {
        pcp_list &list = pcp_.lists[order * migrate_pcptypes + type];
        long blocks = pcp_.batch;
        if (core_.rules.pcp == kernel::pcp_rule::from_freed_list && blocks > 1)
            blocks = blocks >> order > 2 ? blocks >> order : 2;
        block_choice choice(core_, z_);
        long taken = 0;
        for (; taken < blocks; ++taken) {
            const page_index p = choice.take(order, type, alloc_flags);
            if (p == no_page)
                break;
            const unsigned from = type_taken(p, type);
            list.push_back({p, from});
            if (core_.map.block_type(p) == cma)
                z_.free_cma.add(-(1L << order), z_.stat_threshold);
            if (core_.events != nullptr)
                core_.events->zone_locked(core_.map.pfn(p), order, type);
        }
        z_.free.add(-(taken << order), z_.stat_threshold);
        pcp_.count += taken << order;
        return !list.empty();
    }

    /// The type cached in a page taken: that of the list it came from, CMA or the type wanted.
    unsigned type_taken(page_index p, unsigned type) const
    {
        return core_.map.block_type(p) == cma ? cma : type;
    }

    long pages_to_free(long high)
    {
        if (high < pcp_.batch)
            return 1;
        const long most = high - pcp_.batch;
        const long wanted = pcp_.batch << pcp_.free_factor;
        if (wanted < most && pcp_.free_factor < 5)
            ++pcp_.free_factor;
        const long some = wanted < most ? wanted : most;
        return some > pcp_.batch ? some : pcp_.batch;
    }

    void give_back(pcp_page page, unsigned order)
    {
        const bool reread = z_.isolated_blocks != 0 || core_.rules.list_is_block_type;
        const unsigned type = reread ? core_.map.block_type(page.page()) : page.type();
        if (core_.events != nullptr)
            core_.events->pcpu_drain(core_.map.pfn(page.page()), order, type);
        free_lists(core_, z_).free_block(page.page(), order, type);
    }

    /// To 5.10: round robin from list 1 on, the coldest pages first; a list gives one more page
    /// for each empty one that was passed over.
    [[gnu::noinline]] void free_round_robin(long count)
    {
        if (count > pcp_.count)
            count = pcp_.count;
        pcp_.count -= count;
        unsigned list = 0;
        long batch = 0;
        while (count > 0) {
            do {
                ++batch;
                list = list + 1 == migrate_pcptypes ? 0 : list + 1;
            } while (pcp_.lists[list].empty());
            if (batch == migrate_pcptypes && core_.rules.pcp == kernel::pcp_rule::round_robin)
                batch = count;
            do {
                give_back(pcp_.lists[list].pop_back(), 0);
                --count;
                --batch;
            } while (count > 0 && batch > 0 && !pcp_.lists[list].empty());
        }
    }

    /// Since 5.15: a list is emptied from its tail, then the next one.
    [[gnu::noinline]] void free_from(long count, unsigned list)
    {
        if (count > pcp_.count)
            count = pcp_.count;
        const unsigned lists = core_.rules.pcp_orders * migrate_pcptypes;
        while (count > 0) {
            while (pcp_.lists[list].empty())
                list = list + 1 == lists ? 0 : list + 1;
            const unsigned order = list / migrate_pcptypes;
            do {
                count -= 1L << order;
                pcp_.count -= 1L << order;
                give_back(pcp_.lists[list].pop_back(), order);
            } while (count > 0 && !pcp_.lists[list].empty());
        }
    }

    allocator_core &core_;
    zone &z_;
    per_cpu_pages &pcp_;
};

} // namespace kctx::mm

// SPDX-License-Identifier: BSL-1.0
/// @file
/// From a Mem-Info back to a state of the page allocator model: one that agrees with every number
/// of the dump, or a list of the numbers that contradict each other. The failed request is tried in
/// it again, and what would have helped. A dump tells how many blocks an order has and which types
/// have some, not how many each; so the state is one of many, and what is chosen is said.
#pragma once

#include <kctx/klog/shortage.hpp>
#include <kctx/mm/dump.hpp>
#include <kctx/mm/page_allocator.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kctx::klog {

/// Two numbers of a dump that should be equal and are not.
struct contradiction {
    std::string text;      ///< a sentence with the numbers
    bool expected = false; ///< the dump is not taken at one moment: small differences are normal
};

/// A request tried in the rebuilt state.
struct trial {
    std::string request; ///< "order 3, GFP_ATOMIC"
    bool works = false;  ///< whether the model gives a block
    std::string note;    ///< why, or what it would take
};

/// A Mem-Info made into a state of the page allocator, and what was tried in it.
struct rebuilt {
    mm::memory_state state;                    ///< the state
    std::vector<contradiction> contradictions; ///< where the dump is not consistent
    std::vector<std::string> chosen;           ///< what the dump does not say
    std::vector<trial> trials;                 ///< the request that failed, and some near it
    unsigned numbers = 0;                      ///< of the dump that the state holds
    std::vector<std::string> not_reproduced;   ///< those that come out otherwise
    std::string failure;                       ///< why there is no state; empty if there is one
};

namespace detail {

/// Checks the numbers of a dump against each other.
class dump_checker
{
public:
    dump_checker(const memory_info &m, std::vector<contradiction> &out)
        : m_(m), out_(out), kb_(m.page_kb().value_or(4))
    {}

    void check() const
    {
        std::uint64_t free = 0, cma = 0, present = 0, managed = 0;
        bool all_cma = true, all_present = true, all_managed = true;
        for (const zone_memory &z : m_.zones) {
            zone(z);
            free += z.kb("free").value_or(0);
            cma += z.kb("free_cma").value_or(0);
            present += z.kb("present").value_or(0);
            managed += z.kb("managed").value_or(0);
            all_cma = all_cma && z.kb("free_cma");
            all_present = all_present && z.kb("present");
            all_managed = all_managed && z.kb("managed");
        }
        pages("free:", find_amount(m_.global, "free"), free, "the zones' free:", true);
        if (all_cma)
            pages("free_cma:", find_amount(m_.global, "free_cma"), cma,
                  "the zones' free_cma:", true);
        if (all_present)
            pages("pages RAM", find_amount(m_.totals, "pages RAM"), present,
                  "the zones' present:", false);
        if (all_present && all_managed)
            pages("pages reserved", find_amount(m_.totals, "pages reserved"), present - managed,
                  "present: less managed:", false);
        for (const node_memory &n : m_.nodes) {
            if (m_.nodes.size() != 1)
                break;
            for (const amount &a : n.values) {
                if (const auto all = find_amount(m_.global, a.name); all && a.kb)
                    pages(a.name + ":", all, a.value, "the node's " + a.name + ":", true);
            }
        }
        vendor();
    }

private:
    void add(const std::string &text, bool expected) const { out_.push_back({text, expected}); }

    void pages(const std::string &name, std::optional<std::uint64_t> all, std::uint64_t kb,
               const std::string &other, bool moving) const
    {
        if (!all || *all * kb_ == kb)
            return;
        const std::uint64_t difference = *all * kb_ > kb ? *all * kb_ - kb : kb - *all * kb_;
        add(name + " " + std::to_string(*all) + " pages are " + std::to_string(*all * kb_) +
                " kB, and " + other + " " + std::to_string(kb) + " kB",
            moving && difference * 10 <= std::max<std::uint64_t>(kb, 10));
    }

    void zone(const zone_memory &z) const
    {
        std::uint64_t kb = 0;
        for (const order_blocks &b : z.orders)
            kb += b.blocks * b.block_kb;
        if (!z.orders.empty() && z.orders_total_kb && *z.orders_total_kb != kb)
            add(z.name + ": its blocks are " + std::to_string(kb) + " kB, and the line says " +
                    std::to_string(*z.orders_total_kb),
                false);
        if (const auto free = z.kb("free"); free && !z.orders.empty() && *free != kb) {
            const std::uint64_t difference = *free > kb ? *free - kb : kb - *free;
            add(z.name + ": free:" + std::to_string(*free) + "kB, and its blocks are " +
                    std::to_string(kb) + " kB",
                difference * 10 <= std::max<std::uint64_t>(*free, 10));
        }
        if (const auto cma = z.kb("free_cma"); cma && !z.orders.empty()) {
            std::uint64_t least = 0, most = 0;
            for (const order_blocks &b : z.orders) {
                if (b.types.find('C') == b.types.npos)
                    continue;
                least += b.types.size() == 1 ? b.blocks * b.block_kb : b.block_kb;
                most += b.types.size() == 1
                            ? b.blocks * b.block_kb
                            : (b.blocks - std::min<std::uint64_t>(b.blocks, b.types.size() - 1)) *
                                  b.block_kb;
            }
            if (*cma < least || *cma > most)
                add(z.name + ": free_cma:" + std::to_string(*cma) +
                        "kB, and the blocks marked C are " + std::to_string(least) + " to " +
                        std::to_string(most) + " kB",
                    false);
        }
        const auto present = z.kb("present"), managed = z.kb("managed");
        if (present && managed && *managed > *present)
            add(z.name + ": managed:" + std::to_string(*managed) +
                    "kB is more than present:" + std::to_string(*present) + "kB",
                false);
    }

    /// Free_Unmovable:... of some vendors: pages by type, of all zones. And their [cma] line.
    void vendor() const
    {
        std::uint64_t sum = 0, blocks = 0;
        bool any = false;
        for (const amount &a : m_.global) {
            if (a.name.starts_with("Free_")) {
                sum += a.value;
                any = true;
            }
        }
        for (const zone_memory &z : m_.zones) {
            for (const order_blocks &b : z.orders)
                blocks += b.blocks * b.block_kb;
        }
        if (any && sum * kb_ != blocks)
            add("Free_...: together " + std::to_string(sum) + " pages are " +
                    std::to_string(sum * kb_) + " kB, and the blocks " + std::to_string(blocks) +
                    " kB",
                true);
        const auto total = find_amount(m_.global, "total");
        const auto reserved = find_amount(m_.totals, "pages cma reserved");
        if (total && reserved && *total != *reserved)
            add("[cma] total:" + std::to_string(*total) + ", and " + std::to_string(*reserved) +
                    " pages cma reserved",
                false);
        const auto isolated = find_amount(m_.global, "isolate");
        const auto ram = find_amount(m_.totals, "pages RAM");
        if (isolated && ram && *isolated > *ram)
            add("[cma] isolate:" + std::to_string(*isolated) + " is more than the machine's " +
                    std::to_string(*ram) + " pages RAM",
                false);
    }

    const memory_info &m_;
    std::vector<contradiction> &out_;
    std::uint64_t kb_;
};

/// Builds the lists of one zone.
class zone_builder
{
public:
    using counts =
        std::array<std::array<std::uint64_t, kernel::migrate_types>, kernel::default_orders>;

    zone_builder(const zone_memory &z, const memory_info &m, bool only_zone, unsigned page_kb)
        : z_(z), m_(m), only_(only_zone), kb_(page_kb)
    {}

    /// How many blocks of each order each type has: the totals that the dump gives are met, the
    /// rest goes to the first type of the line.
    counts split() const
    {
        counts n{};
        std::array<std::optional<std::uint64_t>, kernel::migrate_types> wanted;
        if (const auto cma = z_.kb("free_cma"))
            wanted[cma_type] = *cma / kb_;
        if (only_) {
            constexpr std::string_view names[] = {"Free_Unmovable",   "Free_Movable",
                                                  "Free_Reclaimable", "Free_HighAtomic",
                                                  "Free_CMA",         "Free_Isolate"};
            for (unsigned t = 0; t < kernel::migrate_types; ++t) {
                if (const auto pages = find_amount(m_.global, names[t]))
                    wanted[t] = pages;
            }
        }
        const std::size_t orders = std::min<std::size_t>(z_.orders.size(), n.size());
        std::array<std::uint64_t, kernel::migrate_types> have{};
        std::array<std::uint64_t, kernel::default_orders> left{};
        for (std::size_t o = 0; o < orders; ++o) {
            left[o] = z_.orders[o].blocks;
            for (const unsigned t : types(o)) {
                if (left[o] == 0)
                    break;
                ++n[o][t];
                --left[o];
                have[t] += 1ull << o;
            }
        }
        for (std::size_t o = orders; o-- > 0;) {
            for (const unsigned t : types(o)) {
                if (wanted[t].value_or(0) <= have[t])
                    continue;
                const std::uint64_t more =
                    std::min(left[o], (wanted[t].value_or(0) - have[t]) >> o);
                n[o][t] += more;
                left[o] -= more;
                have[t] += more << o;
            }
            const std::vector<unsigned> of = types(o);
            unsigned rest = of.front();
            for (const unsigned t : of) {
                if (!wanted[t]) {
                    rest = t;
                    break;
                }
            }
            n[o][rest] += left[o];
            have[rest] += left[o] << o;
            left[o] = 0;
        }
        return n;
    }

    /// Places the blocks: each type in pageblocks of its own, a block's buddy in use. Returns the
    /// first frame behind.
    std::uint64_t place(const counts &n, unsigned pageblock_order, mm::zone_state &s) const
    {
        const std::uint64_t pageblock = 1ull << pageblock_order;
        const std::size_t orders = std::min<std::size_t>(z_.orders.size(), n.size());
        std::uint64_t at = s.start_pfn;
        for (unsigned t = 0; t < kernel::migrate_types; ++t) {
            std::uint64_t first = at;
            for (std::size_t o = orders; o-- > 0;) {
                const bool largest = o + 1 == orders;
                const std::uint64_t step = 1ull << (largest ? o : o + 1);
                for (std::uint64_t i = 0; i < n[o][t]; ++i) {
                    at = (at + step - 1) / step * step;
                    s.lists[o][t].push_back(at);
                    if (!largest && t == movable_type)
                        s.movable.push_back({at + (1ull << o), 1ull << o});
                    at += step;
                }
            }
            at = (at + pageblock - 1) / pageblock * pageblock;
            for (; first < at; first += pageblock)
                s.pageblocks.push_back({first, t});
        }
        return at;
    }

private:
    static constexpr unsigned movable_type = 1;
    static constexpr unsigned cma_type = 4;

    std::vector<unsigned> types(std::size_t order) const
    {
        std::vector<unsigned> list;
        for (const char c : z_.orders[order].types) {
            constexpr std::string_view letters = "UMEHCI";
            const std::size_t at = letters.find(c == 'R' ? 'H' : c);
            if (at != letters.npos)
                list.push_back(static_cast<unsigned>(at));
        }
        if (list.empty())
            list.push_back(0);
        return list;
    }

    const zone_memory &z_;
    const memory_info &m_;
    bool only_;
    std::uint64_t kb_;
};

} // namespace detail

namespace detail {

/// The numbers of the dump that the state determines, computed from it again and compared.
/// `zones`: those of the dump that the state's were made of.
inline void compare_numbers(const memory_info &m, const std::vector<const zone_memory *> &zones,
                            unsigned page_kb, rebuilt &b)
{
    const auto number = [&b](const std::string &name, std::uint64_t dump, std::uint64_t state) {
        ++b.numbers;
        if (dump != state)
            b.not_reproduced.push_back(name + " " + std::to_string(dump) + " comes out as " +
                                       std::to_string(state));
    };
    std::uint64_t free = 0, cma = 0, present = 0, managed = 0;
    std::array<std::uint64_t, kernel::migrate_types> by_type{};
    for (std::size_t k = 0; k < zones.size(); ++k) {
        const mm::zone_state &s = b.state.zones[k];
        const zone_memory *z = zones[k];
        const auto pages = [&](std::string_view field, long value) {
            if (const auto kb = z->kb(field))
                number(s.name + " " + std::string(field) + ":", *kb,
                       static_cast<std::uint64_t>(value) * page_kb);
        };
        pages("free", s.free.exact());
        pages("free_cma", s.free_cma.exact());
        pages("boost", s.boost);
        pages("min", s.wmark.min + s.boost);
        pages("low", s.wmark.low + s.boost);
        pages("high", s.wmark.high + s.boost);
        pages("reserved_highatomic", s.reserved_highatomic);
        pages("present", static_cast<long>(s.present));
        if (z->kb("managed"))
            pages("managed", static_cast<long>(s.managed));
        for (std::size_t i = 0; i < s.lowmem_reserve.size(); ++i)
            number(s.name + " lowmem_reserve[" + std::to_string(i) + "]",
                   z->lowmem_reserve_pages[i], static_cast<std::uint64_t>(s.lowmem_reserve[i]));
        std::uint64_t kb = 0;
        for (std::size_t o = 0; o < z->orders.size(); ++o) {
            std::uint64_t blocks = 0;
            std::string letters;
            for (unsigned t = 0; t < kernel::migrate_types; ++t) {
                const std::uint64_t n = s.lists[o][t].size();
                blocks += n;
                by_type[t] += n << o;
                if (n != 0)
                    letters += "UMEHCI"[t];
            }
            kb += blocks * z->orders[o].block_kb;
            number(s.name + " blocks of " + std::to_string(z->orders[o].block_kb) + "kB",
                   z->orders[o].blocks, blocks);
            std::string wanted = z->orders[o].types;
            std::replace(wanted.begin(), wanted.end(), 'R', 'H');
            const auto by_order = [](char x, char y) {
                constexpr std::string_view order = "UMEHCI";
                return order.find(x) < order.find(y);
            };
            std::sort(wanted.begin(), wanted.end(), by_order);
            if (!wanted.empty() && wanted != letters) {
                std::string text = s.name + " types of ";
                text.append(std::to_string(z->orders[o].block_kb)).append("kB blocks (");
                text.append(wanted).append(") come out as (").append(letters).append(")");
                b.not_reproduced.push_back(std::move(text));
            }
        }
        if (z->orders_total_kb)
            number(s.name + " blocks' total", *z->orders_total_kb, kb);
        free += static_cast<std::uint64_t>(s.free.exact());
        cma += static_cast<std::uint64_t>(s.free_cma.exact());
        present += s.present;
        managed += s.managed;
    }
    if (b.state.zones.size() != m.zones.size())
        return;
    const auto total = [&](const std::vector<amount> &values, std::string_view name,
                           std::uint64_t value) {
        if (const auto dump = find_amount(values, name))
            number(std::string(name), *dump, value);
    };
    total(m.global, "free", free);
    total(m.global, "free_cma", cma);
    total(m.totals, "pages RAM", present);
    total(m.totals, "pages reserved", present - managed);
    constexpr std::string_view names[] = {"Free_Unmovable",  "Free_Movable", "Free_Reclaimable",
                                          "Free_HighAtomic", "Free_CMA",     "Free_Isolate"};
    for (unsigned t = 0; t < kernel::migrate_types; ++t)
        total(m.global, names[t], by_type[t]);
}

} // namespace detail

/// Rebuilds the allocator from the Mem-Info of a report, and tries its request there. A report
/// without a whole Mem-Info, or of more than `most_pages` pages, gives a rebuilt with `failure`
/// set.
inline rebuilt rebuild(const report &r, const decoded &d, std::uint64_t most_pages = 1ull << 28)
{
    rebuilt b;
    if (!r.memory || r.memory->zones.empty()) {
        b.failure = "the log has no Mem-Info with zones";
        return b;
    }
    const memory_info &m = *r.memory;
    detail::dump_checker(m, b.contradictions).check();
    const unsigned page_kb = m.page_kb().value_or(4);
    const std::vector<std::string_view> columns = detail::zone_columns(m);

    mm::memory_state &s = b.state;
    const unsigned version = std::max<unsigned>(d.from.version.value, KCTX_VERSION(2, 6, 33));
    s.release = std::to_string(version >> 16) + "." + std::to_string(version >> 8 & 255) + "." +
                std::to_string(version & 255);
    s.page_shift = static_cast<unsigned>(page_kb == 64 ? 16 : page_kb == 16 ? 14 : 12);
    s.kernel_zones = static_cast<unsigned>(columns.size());
    s.label = "rebuilt";
    std::size_t orders = 0;
    for (const zone_memory &z : m.zones)
        orders = std::max(orders, z.orders.size());
    if (orders < 2 || orders > mm::max_orders) {
        b.failure = orders < 2 ? "the log has no lines of free blocks"
                               : "its kernel has " + std::to_string(orders) +
                                     " orders, more than the model";
        return b;
    }
    s.orders = static_cast<unsigned>(orders);
    s.pageblock_order = std::min(s.orders - 1, d.from.architecture.value == arch::x86 ? 9u : 10u);
    b.chosen.push_back("pageblocks of order " + std::to_string(s.pageblock_order));

    const std::uint64_t alignment = 1ull << (s.orders - 1);
    std::uint64_t next = alignment;
    std::optional<unsigned> node;
    std::uint64_t total = 0;
    std::vector<const zone_memory *> zones;
    for (const std::string_view name : columns) {
        for (const zone_memory &z : m.zones) {
            if (z.name != name || z.orders.empty())
                continue;
            if (node && z.node && *node != *z.node) {
                b.failure = "the dump is of several nodes, and the model has one";
                return b;
            }
            node = z.node ? z.node : node;
            if (name == "Device")
                continue;
            const auto pages = [&](std::string_view field) {
                return std::min<std::uint64_t>(z.kb(field).value_or(0), 1ull << 42) / page_kb;
            };
            mm::zone_state zone;
            zone.index = static_cast<unsigned>(std::find(columns.begin(), columns.end(), name) -
                                               columns.begin());
            zone.name = std::string(name);
            zone.start_pfn = next;
            zone.present = pages("present");
            zone.managed = z.kb("managed") ? pages("managed") : zone.present;
            zone.wmark = {static_cast<long>(pages("min")), static_cast<long>(pages("low")),
                          static_cast<long>(pages("high"))};
            if (z.kb("boost")) { // printed marks include it
                zone.boost = static_cast<long>(pages("boost"));
                zone.wmark.min -= zone.boost;
                zone.wmark.low -= zone.boost;
                zone.wmark.high -= zone.boost;
            }
            for (const std::uint64_t reserve : z.lowmem_reserve_pages) {
                if (zone.lowmem_reserve.size() < 5)
                    zone.lowmem_reserve.push_back(
                        static_cast<long>(std::min<std::uint64_t>(reserve, 1ull << 40)));
            }
            zone.free.global = static_cast<long>(pages("free"));
            zone.free_cma.global = static_cast<long>(pages("free_cma"));
            zone.reserved_highatomic = static_cast<long>(pages("reserved_highatomic"));
            // What is free must not be more than a model holds.
            std::uint64_t blocks = 0;
            for (const order_blocks &o : z.orders)
                blocks +=
                    std::min<std::uint64_t>(o.blocks * 2, 1ull << 40) * (o.block_kb / page_kb);
            if (total += blocks + zone.present; total > most_pages) {
                b.failure = "more memory than the model holds";
                return b;
            }
            const detail::zone_builder builder(z, m, m.zones.size() == 1, page_kb);
            const std::uint64_t end = builder.place(builder.split(), s.pageblock_order, zone);
            std::uint64_t spanned = std::max(end - zone.start_pfn, zone.present);
            spanned = (spanned + alignment - 1) / alignment * alignment;
            // What is left of the zone is in use, in pageblocks whose types the dump does not tell.
            for (std::uint64_t p = end; p < zone.start_pfn + spanned;
                 p += 1ull << s.pageblock_order)
                zone.pageblocks.push_back({p, 1});
            zone.spanned = spanned;
            next = zone.start_pfn + spanned;
            s.zones.push_back(std::move(zone));
            zones.push_back(&z);
        }
    }
    if (s.zones.empty()) {
        b.failure = "no zone of the dump has its free blocks";
        return b;
    }
    b.chosen.push_back(
        "where the free blocks lie, and which of them have which type, as far as the "
        "dump's totals leave it open");
    b.chosen.push_back("empty per-cpu lists; MOVABLE pageblocks where nothing is free");
    b.chosen.push_back("that the pages next to free MOVABLE blocks can be migrated");

    detail::compare_numbers(m, zones, page_kb, b);

    // The request again, and what might have helped.
    if (!r.has_request || !d.request || r.order >= s.orders)
        return b;
    const auto try_it = [&](std::string name, unsigned gfp, unsigned order, std::string note) {
        trial t{std::move(name), false, std::move(note)};
        try {
            mm::page_allocator allocator(s);
            t.works = static_cast<bool>(allocator.alloc_pages(gfp, order));
            if (!t.works && allocator.last_failure().why == mm::alloc_failure::needs_reclaim)
                t.note += "; not from what is free: the kernel reclaims and compacts now";
        } catch (const std::exception &e) {
            t.note = e.what();
            if (b.failure.empty())
                b.failure = e.what();
        }
        b.trials.push_back(std::move(t));
    };
    const std::string names = d.request->names.empty() ? hex_text(r.mode) : d.request->names;
    try_it("order " + std::to_string(r.order) + " with " + names, r.mode, r.order, "as in the log");
    if (!b.failure.empty())
        return b;
    for (unsigned order = r.order; order-- > 0;) {
        try_it("order " + std::to_string(order) + " with " + names, r.mode, order,
               "a smaller piece");
        if (b.trials.back().works)
            break;
        b.trials.pop_back();
    }
    const kernel::gfp_masks masks = kernel::gfp_masks_of(version);
    if (!d.request->may_sleep) {
        const unsigned kernel_flags =
            kernel::gfp_value(std::max(version, kernel::gfp_oldest), kernel::gfp_flag::GFP_KERNEL);
        try_it("order " + std::to_string(r.order) + " with GFP_KERNEL", kernel_flags, r.order,
               "where the caller may sleep");
    }
    if ((r.mode & masks.movable) == 0)
        try_it("order " + std::to_string(r.order) + " with " + names + "|__GFP_MOVABLE",
               r.mode | masks.movable, r.order, "may use CMA");
    return b;
}

} // namespace kctx::klog

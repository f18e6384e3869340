// SPDX-License-Identifier: BSL-1.0
/// @file
/// Why no pages were to be had: the watermark check of each zone of a Mem-Info, term by term, for
/// the request of the report, and what is left of each zone's free blocks for it. The arithmetic is
/// kernel/watermark.hpp's; here is only what a dump shows of its terms.
#pragma once

#include <kctx/kernel/watermark.hpp>
#include <kctx/klog/decoded.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog {

/// What the check says of one zone.
struct zone_check {
    std::string name;                    ///< "Node 0 DMA32", "DMA32"
    const zone_memory *zone = nullptr;   ///< the zone in the report
    bool allowed = true;                 ///< the request may be served from it
    bool complete = false;               ///< all terms are in the log
    kernel::watermark_zone pages;        ///< what the check was given, in pages
    kernel::watermark_result result;     ///< what it says
    bool no_mark = false;                ///< the request may take the last page: only blocks count
    int largest_order = -1;              ///< of a free block that the request may use; -1: none
    std::vector<std::string> arithmetic; ///< line by line
    std::string why;                     ///< in a sentence
    long unusable_index = -1;            ///< in thousandths, of this order (mm/vmstat.c)
    long fragmentation_index = -1000;    ///< in thousandths; -1000: a block exists

    /// Whether the zone would have given a block.
    bool passes() const
    {
        return no_mark ? largest_order >= 0 &&
                             result.failed_order <= static_cast<unsigned>(largest_order)
                       : static_cast<bool>(result);
    }
};

/// Why an allocation failed, from its Mem-Info.
struct shortage {
    unsigned alloc_flags = 0; ///< ALLOC_* of the last attempt (kernel::alloc_flag)
    std::string flags_text;   ///< by their names: "ALLOC_WMARK_MIN|ALLOC_HIGH"
    /// Those that the request may use, in the order in which they are asked.
    std::vector<zone_check> zones;
    std::string why;                     ///< one sentence
    int largest_order = -1;              ///< that the same request would have got
    std::vector<std::string> would_have; ///< what would have succeeded
    bool explained = false;              ///< every zone that the request may use is accounted for
};

namespace detail {

/// The zones that a kernel may have, lowest first.
inline constexpr std::array<std::string_view, 6> zone_order = {"DMA",     "DMA32",   "Normal",
                                                               "HighMem", "Movable", "Device"};

/// Which zones the columns of lowmem_reserve[] are: a kernel has Normal and Movable, and of the
/// others what it was configured with. The number of columns, the zones of the dump and the zeros
/// that a zone keeps from itself and from lower ones tell which.
inline std::vector<std::string_view> zone_columns(const memory_info &m)
{
    std::size_t columns = 0;
    for (const zone_memory &z : m.zones)
        columns = std::max(columns, z.lowmem_reserve_pages.size());
    std::vector<std::string_view> best;
    int best_score = -1;
    for (unsigned set = 0; set < 1u << zone_order.size(); ++set) {
        std::vector<std::string_view> names;
        for (std::size_t i = 0; i < zone_order.size(); ++i) {
            if ((set >> i & 1) != 0)
                names.push_back(zone_order[i]);
        }
        const auto has = [&names](std::string_view name) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        if ((columns != 0 && names.size() != columns) || !has("Normal") || !has("Movable"))
            continue;
        bool fits = true;
        int score = 0;
        for (const zone_memory &z : m.zones) {
            const auto at = std::find(names.begin(), names.end(), z.name);
            if (at == names.end()) {
                fits = false;
                break;
            }
            const auto index = static_cast<std::size_t>(at - names.begin());
            for (std::size_t c = 0; c < z.lowmem_reserve_pages.size() && c <= index; ++c)
                score += z.lowmem_reserve_pages[c] == 0 ? 2 : -2;
        }
        if (!fits)
            continue;
        // What is not in the dump and rare: high memory beside DMA32, devices.
        score -= has("HighMem") && has("DMA32") ? 1 : 0;
        if (best_score < score + 100) {
            best = names;
            best_score = score + 100;
        }
    }
    if (best.empty())
        best.assign(zone_order.begin(), zone_order.end());
    return best;
}

/// The index of the highest zone that a request may use.
inline std::size_t request_column(const std::vector<std::string_view> &columns,
                                  kernel::zone_type zone)
{
    const auto index = [&columns](std::string_view name) {
        return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) -
                                        columns.begin());
    };
    std::size_t at = columns.size();
    switch (zone) {
    case kernel::zone_type::ZONE_DMA:
        at = index("DMA");
        break;
    case kernel::zone_type::ZONE_DMA32:
        at = index("DMA32");
        break;
    case kernel::zone_type::ZONE_HIGHMEM:
        at = index("HighMem");
        break;
    case kernel::zone_type::ZONE_MOVABLE:
        at = index("Movable");
        break;
    default:
        break;
    }
    return at < columns.size() ? at : index("Normal");
}

/// Lists that have a block, by type, as the letters of the dump say.
inline void apply_letters(const zone_memory &z, kernel::watermark_zone &w)
{
    for (std::size_t o = 0; o < z.orders.size() && o < 16; ++o) {
        const order_blocks &b = z.orders[o];
        if (o < kernel::default_orders)
            w.nr_free[o] = static_cast<unsigned>(std::min<std::uint64_t>(b.blocks, ~0u));
        if (b.blocks == 0)
            continue;
        const auto put = [&](kernel::migratetype type) {
            w.nonempty[static_cast<std::size_t>(type)] |= static_cast<unsigned short>(1u << o);
        };
        if (b.types.empty())
            put(kernel::migratetype::MIGRATE_UNMOVABLE); // a kernel that prints none
        for (const char c : b.types) {
            switch (c) {
            case 'U':
                put(kernel::migratetype::MIGRATE_UNMOVABLE);
                break;
            case 'M':
                put(kernel::migratetype::MIGRATE_MOVABLE);
                break;
            case 'E':
                put(kernel::migratetype::MIGRATE_RECLAIMABLE);
                break;
            case 'H':
            case 'R':
                put(kernel::migratetype::MIGRATE_HIGHATOMIC);
                break;
            case 'C':
                put(kernel::migratetype::MIGRATE_CMA);
                break;
            default:
                put(kernel::migratetype::MIGRATE_ISOLATE);
                break;
            }
        }
    }
}

inline std::string alloc_flags_text(const kernel::page_alloc_rules &rules, unsigned flags)
{
    const bool renamed = rules.rights == kernel::reserve_rights::min_reserve;
    struct name {
        unsigned flag;
        std::string_view old_name;
        std::string_view new_name;
    };
    const name names[] = {
        {kernel::ALLOC_NO_WATERMARKS, "ALLOC_NO_WATERMARKS", "ALLOC_NO_WATERMARKS"},
        {kernel::ALLOC_OOM, "ALLOC_OOM", "ALLOC_OOM"},
        {kernel::ALLOC_HARDER, "ALLOC_HARDER", "ALLOC_NON_BLOCK"},
        {kernel::ALLOC_HIGH, "ALLOC_HIGH", "ALLOC_MIN_RESERVE"},
        {kernel::ALLOC_CMA, "ALLOC_CMA", "ALLOC_CMA"},
        {kernel::ALLOC_HIGHATOMIC, "ALLOC_HIGHATOMIC", "ALLOC_HIGHATOMIC"},
        {kernel::ALLOC_KSWAPD, "ALLOC_KSWAPD", "ALLOC_KSWAPD"},
    };
    std::string text = "ALLOC_WMARK_MIN";
    for (const name &n : names) {
        if ((flags & n.flag) != 0)
            text += "|" + std::string(renamed ? n.new_name : n.old_name);
    }
    return text;
}

/// The order of the largest block on a list that the request may use; -1 if there is none.
inline int largest_usable(const kernel::page_alloc_rules &rules, const kernel::watermark_zone &z,
                          unsigned flags)
{
    unsigned orders = 0;
    for (unsigned t = 0; t < kernel::migrate_types; ++t) {
        if (kernel::watermark_counts_type(rules, static_cast<kernel::migratetype>(t), flags) ||
            ((flags & kernel::ALLOC_NO_WATERMARKS) != 0 &&
             static_cast<kernel::migratetype>(t) == kernel::migratetype::MIGRATE_HIGHATOMIC))
            orders |= z.nonempty[t];
    }
    int largest = -1;
    for (int o = 0; o < 16; ++o) {
        if ((orders >> o & 1) != 0)
            largest = o;
    }
    return largest;
}

/// "305*64kB (C)" and the larger ones that a request of this order cannot use, and why.
inline std::string blocks_text(const zone_memory &z, unsigned order)
{
    std::string text;
    std::uint64_t larger = 0;
    std::string larger_types;
    for (std::size_t o = order; o < z.orders.size(); ++o) {
        const order_blocks &b = z.orders[o];
        if (b.blocks == 0)
            continue;
        if (o == order) {
            text = std::to_string(b.blocks) + " free " + std::to_string(b.block_kb) + " kB block" +
                   (b.blocks == 1 ? "" : "s") + " (" + (b.types.empty() ? "?" : b.types) + ")";
            continue;
        }
        larger += b.blocks;
        for (const char c : b.types) {
            if (larger_types.find(c) == std::string::npos)
                larger_types += c;
        }
    }
    if (larger != 0)
        text += (text.empty() ? "" : " and ") + std::to_string(larger) + " larger (" +
                (larger_types.empty() ? "?" : larger_types) + ")";
    return text;
}

inline std::string type_words(std::string_view letters)
{
    std::string text;
    const auto add = [&text](std::string_view words) {
        text += (text.empty() ? "" : ", ") + std::string(words);
    };
    if (letters.find('C') != letters.npos)
        add("CMA, which only movable pages may use");
    if (letters.find('H') != letters.npos)
        add("the high-atomic reserve");
    if (letters.find('I') != letters.npos)
        add("isolated, which nobody may use");
    return text;
}

/// unusable_free_index() and __fragmentation_index() (mm/vmstat.c), in thousandths.
inline void add_indices(zone_check &c, unsigned order)
{
    const zone_memory &z = *c.zone;
    std::uint64_t pages = 0;
    std::uint64_t blocks = 0;
    std::uint64_t suitable_pages = 0;
    for (std::size_t o = 0; o < z.orders.size() && o < 24; ++o) {
        const std::uint64_t n = std::min<std::uint64_t>(z.orders[o].blocks, 1ull << 40);
        blocks += n;
        pages += n << o;
        if (o >= order)
            suitable_pages += n << o;
    }
    if (pages == 0) {
        c.unusable_index = 1000;
        c.fragmentation_index = 0;
        return;
    }
    c.unusable_index = static_cast<long>((pages - suitable_pages) * 1000 / pages);
    if (suitable_pages != 0 || blocks == 0)
        return;
    const std::uint64_t requested = 1ull << std::min(order, 40u);
    c.fragmentation_index = 1000 - static_cast<long>((1000 + pages * 1000 / requested) / blocks);
}

/// Computes one zone's check.
class zone_checker
{
public:
    zone_checker(const report &r, const decoded &d, const shortage &s)
        : r_(r), s_(s), rules_(kernel::page_alloc_rules_of(d.from.version.value)),
          page_kb_(r.page_kb().value_or(4)), columns_(zone_columns(set_by_kind(r.memory))),
          request_(request_column(columns_, set_by_kind(d.request).zone))
    {
        std::size_t highest = 0;
        for (const zone_memory &z : set_by_kind(r.memory).zones) {
            const std::size_t at = column_of(z.name);
            if (at <= request_)
                highest = std::max(highest, at);
        }
        class_ = rules_.class_by_gfp_zone ? request_ : highest;
    }

    zone_check check(const zone_memory &z) const
    {
        zone_check c;
        c.zone = &z;
        c.name = (z.node ? "Node " + std::to_string(*z.node) + " " : "") + z.name;
        c.allowed = column_of(z.name) <= request_;
        c.complete = z.complete();
        c.no_mark = (s_.alloc_flags & kernel::ALLOC_NO_WATERMARKS) != 0;
        c.pages.free = pages(z.kb("free"));
        c.pages.free_cma = pages(z.kb("free_cma"));
        c.pages.highatomic = rules_.highatomic_counts_free && z.kb("free_highatomic")
                                 ? pages(z.kb("free_highatomic"))
                                 : pages(z.kb("reserved_highatomic"));
        if (class_ < z.lowmem_reserve_pages.size())
            c.pages.lowmem_reserve = static_cast<long>(
                std::min<std::uint64_t>(z.lowmem_reserve_pages[class_], 1ull << 40));
        apply_letters(z, c.pages);
        c.largest_order = largest_usable(rules_, c.pages, s_.alloc_flags);
        add_indices(c, r_.order);
        if (!z.kb("free") || !z.kb("min"))
            return c;
        c.result = kernel::check_watermark(rules_, c.pages, std::min(r_.order, 30u),
                                           pages(z.kb("min")), s_.alloc_flags);
        say(c);
        return c;
    }

    /// The largest order, up to the one asked for, that the zone gives with these rights.
    int largest_that_passes(const zone_check &c, unsigned flags) const
    {
        for (int o = static_cast<int>(std::min(r_.order, 30u)); o >= 0; --o) {
            if (kernel::check_watermark(rules_, c.pages, static_cast<unsigned>(o),
                                        pages(c.zone->kb("min")), flags))
                return o;
        }
        return -1;
    }

    const kernel::page_alloc_rules &rules() const { return rules_; }
    unsigned page_kb() const { return page_kb_; }

private:
    std::size_t column_of(std::string_view name) const
    {
        return static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), name) -
                                        columns_.begin());
    }

    long pages(std::optional<std::uint64_t> kb) const
    {
        return static_cast<long>(std::min<std::uint64_t>(kb.value_or(0), 1ull << 50) / page_kb_);
    }

    static std::string row(std::string_view what, long value, std::string_view note = {})
    {
        std::string number = std::to_string(value);
        std::string text = std::string(number.size() < 12 ? 12 - number.size() : 0, ' ') + number +
                           "  " + std::string(what);
        if (!note.empty())
            text += "; " + std::string(note);
        return text;
    }

    void say(zone_check &c) const
    {
        const zone_memory &z = *c.zone;
        const kernel::watermark_result &w = c.result;
        using outcome = kernel::watermark_result::outcome;
        if (!c.allowed) {
            c.why = "is above the highest zone that the request may use";
            return;
        }
        std::vector<std::string> &a = c.arithmetic;
        a.push_back(row("free pages", c.pages.free));
        if (w.less_order != 0)
            a.push_back(row("the block itself but one page: (1 << order) - 1", -w.less_order));
        if (w.less_highatomic != 0)
            a.push_back(
                row("reserved for high-order atomic requests", -w.less_highatomic,
                    rules_.highatomic_counts_free && !z.kb("free_highatomic")
                        ? "this kernel subtracts those of them that are free, which the log "
                          "does not say: at most these"
                        : ""));
        if (w.less_cma != 0)
            a.push_back(row("CMA pages", -w.less_cma, "only movable requests may use them"));
        a.push_back(row("left for this request", w.usable));
        if (c.no_mark) {
            a.push_back("no watermark holds for this request (ALLOC_NO_WATERMARKS)");
        } else {
            a.push_back(row("min watermark", w.mark,
                            w.min != w.mark ? "lowered to " + std::to_string(w.min) +
                                                  " by the rights of the request"
                                            : ""));
            a.push_back(row("lowmem_reserve for the request's zone", w.lowmem_reserve));
            const bool above = w.usable > w.min + w.lowmem_reserve;
            a.push_back(std::to_string(w.usable) + (above ? " > " : " <= ") +
                        std::to_string(w.min) + " + " + std::to_string(w.lowmem_reserve) +
                        (above ? ": enough pages" : ": too few pages, the zone refuses"));
        }
        const std::string blocks = blocks_text(z, r_.order);
        if (w.verdict == outcome::below_mark && !c.no_mark) {
            c.why = "has too few pages above its watermark: " + std::to_string(w.usable) +
                    " usable, and more than " + std::to_string(w.min + w.lowmem_reserve) +
                    " are needed";
            if (w.lowmem_reserve > w.min && w.usable > w.min)
                c.why +=
                    "; its lowmem_reserve keeps them from requests that could use higher zones";
            if (w.less_cma > w.usable && w.usable + w.less_cma > w.min + w.lowmem_reserve)
                c.why += "; most of what is free is CMA";
            if (!blocks.empty())
                c.why += ". Its blocks (" + blocks + ") may not be taken";
            return;
        }
        const bool block = c.largest_order >= static_cast<int>(r_.order);
        if (rules_.order_halving && w.verdict == outcome::no_block) {
            c.why =
                "has enough pages, but too few of them in blocks of order " +
                std::to_string(w.failed_order) +
                " and above: this kernel halves the mark for each lower order and counts what is "
                "left";
            a.push_back("without the blocks below order " + std::to_string(w.failed_order) +
                        " too few pages are left");
            return;
        }
        if (!block) {
            std::string types;
            for (std::size_t o = r_.order; o < z.orders.size(); ++o) {
                if (z.orders[o].blocks != 0)
                    types += z.orders[o].types;
            }
            const std::string words = type_words(types);
            c.why = "has enough pages, but no block of order " + std::to_string(r_.order) +
                    " or above that the request may use";
            if (!blocks.empty())
                c.why += ": " + blocks + (words.empty() ? "" : ", all of them " + words);
            else
                c.why += ": none is free at all";
            a.push_back(
                "no usable block of order " + std::to_string(r_.order) +
                " or above; the largest usable order is " +
                (c.largest_order < 0 ? std::string("none") : std::to_string(c.largest_order)));
            return;
        }
        c.why =
            "passes the check in this dump, which was taken after the failure: a block was freed "
            "meanwhile, or the request was not allowed on this node (cpuset, mempolicy, "
            "__GFP_THISNODE)";
        a.push_back("a block of order " + std::to_string(c.largest_order) +
                    " is there: the check passes in the dump");
    }

    const report &r_;
    const shortage &s_;
    kernel::page_alloc_rules rules_;
    unsigned page_kb_;
    std::vector<std::string_view> columns_;
    std::size_t request_; ///< column of the highest zone
    std::size_t class_;   ///< column of lowmem_reserve[] that counts
};

} // namespace detail

/// Explains a failure from its Mem-Info; nullopt if there is none, or nothing to compare it with.
/// `in_interrupt`, `memalloc`: who asked, as far as the trace shows.
inline std::optional<shortage> explain_shortage(const report &r, const decoded &d,
                                                bool in_interrupt, bool memalloc)
{
    if (!r.memory || r.memory->zones.empty() || !d.request || !r.has_request)
        return std::nullopt;
    shortage s;
    const unsigned version = std::max(d.from.version.value, kernel::gfp_oldest);
    const kernel::page_alloc_rules rules = kernel::page_alloc_rules_of(version);
    const kernel::gfp_masks masks = kernel::gfp_masks_of(version);
    kernel::alloc_context who;
    who.in_interrupt = in_interrupt;
    who.memalloc = memalloc;
    s.alloc_flags = kernel::alloc_flags_slow(rules, masks, r.mode, r.order, who) |
                    kernel::alloc_flags_reserves(rules, masks, r.mode, who);
    s.flags_text = detail::alloc_flags_text(rules, s.alloc_flags);

    const detail::zone_checker checker(r, d, s);
    bool any = false;
    bool all = true;
    for (const zone_memory &z : r.memory->zones) {
        if (z.values.empty() && z.orders.empty())
            continue;
        s.zones.push_back(checker.check(z));
        const zone_check &c = s.zones.back();
        if (!c.allowed)
            continue;
        any = any || !c.arithmetic.empty();
        all = all && !c.arithmetic.empty();
    }
    s.explained = any && all;

    const auto size = [&](int order) {
        return "order " + std::to_string(order) + " (" +
               std::to_string((1ul << order) * checker.page_kb()) + " kB)";
    };
    bool any_passes = false;
    int movable = -1;
    for (const zone_check &c : s.zones) {
        if (!c.allowed || c.arithmetic.empty())
            continue;
        any_passes = any_passes || c.passes();
        s.largest_order = std::max(s.largest_order, checker.largest_that_passes(c, s.alloc_flags));
        movable =
            std::max(movable, checker.largest_that_passes(c, s.alloc_flags | kernel::ALLOC_CMA));
    }
    const int order = static_cast<int>(r.order);
    if (!any_passes && any) {
        if (s.largest_order >= 0)
            s.would_have.push_back("the same request of " + size(s.largest_order) +
                                   " or less: the largest usable order was " +
                                   std::to_string(s.largest_order));
        if (movable >= order && (s.alloc_flags & kernel::ALLOC_CMA) == 0)
            s.would_have.push_back("a movable request (__GFP_MOVABLE) of this order, which may use "
                                   "CMA; kmalloc() and drivers' own pages are not movable");
        if (!d.request->may_sleep)
            s.would_have.push_back(
                "perhaps the same with GFP_KERNEL, where the caller may sleep: it "
                "reclaims and compacts, which is not certain above order 3");
    }

    // The zone with the most to give says why.
    const zone_check *worst = nullptr;
    for (const zone_check &c : s.zones) {
        if (c.allowed && !c.arithmetic.empty() &&
            (worst == nullptr || c.result.usable > worst->result.usable))
            worst = &c;
    }
    if (worst != nullptr)
        s.why = worst->name + " " + worst->why;
    return s;
}

} // namespace kctx::klog

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where a report of memory contradicts itself, or what mainline computes. Counters and lists are
/// read one after the other while others allocate, so small differences are no errors; what cannot
/// be at any moment is.
#pragma once

#include <kctx/mm/mem_info.hpp>

namespace kctx::mm {

/// Two numbers of a Mem-Info that cannot both be right, or one that no kernel would have computed.
struct contradiction {
    /// How two numbers can come to differ.
    enum class kind : unsigned char {
        race,       ///< read at different moments, or counters not added up yet
        impossible, ///< at no moment
        foreign,    ///< not what mainline computes: a vendor's, or set by hand
    };
    kind what = kind::impossible; ///< how bad it is
    std::string where;            ///< "zone DMA32", "totals"
    std::string text;             ///< a sentence with the numbers
};

/// As it is printed: "impossible".
constexpr const char *name_of(contradiction::kind k)
{
    constexpr const char *names[] = {"race", "impossible", "foreign"};
    return names[static_cast<unsigned>(k)];
}

namespace detail {

class mem_info_checker
{
public:
    mem_info_checker(const mem_info &m, const mem_info_format &format) : m_(m), format_(format) {}

    std::vector<contradiction> run()
    {
        for (const zone_info &z : m_.zones)
            check_zone(z);
        check_sums();
        check_totals();
        check_vendor();
        return std::move(found_);
    }

private:
    using kind = contradiction::kind;

    void add(kind k, const std::string &where, std::string text)
    {
        found_.push_back({k, where, std::move(text)});
    }
    static std::string number(std::uint64_t n) { return std::to_string(n); }

    void check_zone(const zone_info &z)
    {
        const std::string where = "zone " + z.name;
        const counters &v = z.values;
        const std::uint64_t lists = z.pages_in_blocks();
        if (v["free"] != lists) {
            const std::uint64_t by = v["free"] > lists ? v["free"] - lists : lists - v["free"];
            add(kind::race, where,
                "free: is " + number(v["free"]) + " pages, the free lists hold " + number(lists) +
                    ": " + number(by) + " pages apart");
        }
        const auto at_most = [&](const char *less, const char *more) {
            if (v.has(less) && v.has(more) && v[less] > v[more])
                add(kind::impossible, where,
                    std::string(less) + ": " + number(v[less]) + " pages is more than " + more +
                        ": " + number(v[more]));
        };
        at_most("free_cma", "free");
        at_most("local_pcp", "free_pcp");
        at_most("managed", "present");
        at_most("free", "managed");
        check_marks(where, v["min"], v["low"], v["high"]);
    }

    /// __setup_per_zone_wmarks(): the marks are evenly spaced; the boost is added to all.
    void check_marks(const std::string &where, std::uint64_t min, std::uint64_t low,
                     std::uint64_t high)
    {
        const std::string marks =
            "min " + number(min) + ", low " + number(low) + ", high " + number(high) + " pages";
        if (min > low || low > high) {
            add(kind::impossible, where, "the watermarks do not ascend: " + marks);
            return;
        }
        // Each mark is rounded on its own.
        const std::uint64_t first = low - min, second = high - low;
        const std::uint64_t apart = first > second ? first - second : second - first;
        if (apart > 1)
            add(kind::foreign, where,
                "the watermarks are not evenly spaced: " + marks + ", steps of " + number(first) +
                    " and " + number(second) + "; mainline computes equal ones");
    }

    /// What stands in two places.
    void check_sums()
    {
        for (const char *name : {"free", "free_pcp", "free_cma"}) {
            std::uint64_t sum = 0;
            for (const zone_info &z : m_.zones)
                sum += z.values[name];
            if (m_.global.has(name) && !m_.zones.empty() && m_.zones.front().values.has(name) &&
                m_.global[name] != sum)
                add(kind::race, "global",
                    std::string(name) + ": is " + number(m_.global[name]) +
                        " pages, of the zones " + number(sum));
        }
        for (const char *name : {"active_anon", "inactive_anon", "active_file", "inactive_file",
                                 "unevictable", "dirty", "writeback", "mapped", "shmem"}) {
            std::uint64_t sum = 0;
            for (const node_info &n : m_.nodes)
                sum += n.values[name];
            if (!m_.nodes.empty() && m_.global[name] != sum)
                add(kind::race, "global",
                    std::string(name) + ": is " + number(m_.global[name]) +
                        " pages, of the nodes " + number(sum));
        }
    }

    void check_totals()
    {
        std::uint64_t present = 0, managed = 0, cma = 0;
        for (const zone_info &z : m_.zones) {
            present += z.values["present"];
            managed += z.values["managed"];
            cma += z.values["free_cma"];
        }
        const std::uint64_t ram = m_.totals["pages RAM"];
        if (m_.totals.has("pages RAM") && ram != present)
            add(kind::impossible, "totals",
                number(ram) + " pages RAM, and the zones have " + number(present));
        const bool has_managed = !m_.zones.empty() && m_.zones.front().values.has("managed");
        if (has_managed && m_.totals.has("pages reserved") &&
            m_.totals["pages reserved"] != present - managed)
            add(kind::impossible, "totals",
                number(m_.totals["pages reserved"]) +
                    " pages reserved, and present less managed is " + number(present - managed));
        if (m_.totals.has("pages cma reserved") && cma > m_.totals["pages cma reserved"])
            add(kind::impossible, "totals",
                number(cma) + " CMA pages are free, of " + number(m_.totals["pages cma reserved"]));
        for (const kernel::mem_info_field &f : format_.global) {
            if (f.unit == kernel::mem_info_unit::pages && ram != 0 && m_.global[f.name] > ram)
                add(kind::impossible, "global",
                    std::string(f.name) + ": " + number(m_.global[f.name]) +
                        " pages is more than all RAM, " + number(ram));
        }
    }

    /// The free pages by type that a vendor prints behind the order lines.
    void check_vendor()
    {
        if (m_.after_orders.empty())
            return;
        std::uint64_t by_type = 0, lists = 0, cma = 0;
        for (const counter &c : m_.after_orders)
            by_type += c.value;
        for (const zone_info &z : m_.zones) {
            lists += z.pages_in_blocks();
            cma += z.values["free_cma"];
        }
        if (by_type != lists)
            add(kind::impossible, "free pages by type",
                "they sum to " + number(by_type) + " pages, the free lists hold " + number(lists));
        if (m_.after_orders.has("Free_CMA") && m_.after_orders["Free_CMA"] != cma)
            add(kind::race, "free pages by type",
                "Free_CMA:" + number(m_.after_orders["Free_CMA"]) + ", free_cma: is " +
                    number(cma) + " pages");
        for (const migratetype type : format_.types) {
            const std::string name = std::string("Free_") + format_.types.name(type);
            bool letter = false;
            for (const zone_info &z : m_.zones) {
                for (const order_blocks &o : z.orders)
                    letter = letter || o.types.find(format_.types.letter(type)) != o.types.npos;
            }
            if (m_.after_orders.has(name) && letter != (m_.after_orders[name] != 0))
                add(kind::impossible, "free pages by type",
                    name + ":" + number(m_.after_orders[name]) + ", and its letter is " +
                        (letter ? "" : "not ") + "in the order line");
        }
    }

    using migratetype = kernel::migratetype;

    const mem_info &m_;
    const mem_info_format &format_;
    std::vector<contradiction> found_;
};

} // namespace detail

/// Every contradiction in @p m; none if the report holds.
inline std::vector<contradiction> contradictions(const mem_info &m, const mem_info_format &format)
{
    return detail::mem_info_checker(m, format).run();
}

} // namespace kctx::mm

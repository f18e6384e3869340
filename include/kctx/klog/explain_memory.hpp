// SPDX-License-Identifier: BSL-1.0
/// @file
/// Explains dumps that stand by themselves: Mem-Info, and the files of /proc about free memory.
#pragma once

#include <kctx/klog/explanation.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog::detail {

/// What a dump shows by itself.
inline void add_memory_findings(const memory_info &m, explanation &e)
{
    const auto pages = [&m](std::string_view name) { return find_amount(m.global, name); };
    const auto free = pages("free");
    const auto cma = pages("free_cma");
    const unsigned kb = m.page_kb().value_or(4);
    if (free && cma && *cma > *free / 2)
        e.findings.push_back({std::to_string(*cma * kb) + " of " + std::to_string(*free * kb) +
                                  " kB free are CMA, which only movable pages may use",
                              certainty::proved,
                              {m.line}});
    for (const zone_memory &z : m.zones) {
        const auto zone_free = z.kb("free");
        if (zone_free && *zone_free < z.kb("min").value_or(0))
            e.findings.push_back({z.name +
                                      " is below its min watermark: " + std::to_string(*zone_free) +
                                      " kB of " + std::to_string(z.kb("min").value_or(0)) + " kB",
                                  certainty::proved,
                                  {z.line}});
        // The dump is not taken at one moment.
        if (zone_free && z.orders_total_kb && *zone_free != *z.orders_total_kb)
            e.findings.push_back({z.name + ": free:" + std::to_string(*zone_free) +
                                      "kB and the blocks' " + std::to_string(*z.orders_total_kb) +
                                      "kB differ, for the dump is not taken at one moment",
                                  certainty::proved,
                                  {z.line}});
    }
}

inline void explain_memory(const report &r, explanation &e)
{
    const memory_info &m = set_by_kind(r.memory);
    if (m.zones.empty()) {
        e.say("A Mem-Info of which the log has no zones.");
        return;
    }
    const unsigned kb = m.page_kb().value_or(4);
    std::uint64_t free = 0;
    int largest = -1;
    int unmovable = -1;
    for (const zone_memory &z : m.zones) {
        free += z.kb("free").value_or(0);
        for (std::size_t o = 0; o < z.orders.size(); ++o) {
            if (z.orders[o].blocks == 0)
                continue;
            largest = std::max(largest, static_cast<int>(o));
            if (z.orders[o].types.empty() ||
                z.orders[o].types.find_first_of("UME") != std::string::npos)
                unmovable = std::max(unmovable, static_cast<int>(o));
        }
    }
    e.say("A Mem-Info without the failure it belongs to: " + std::to_string(free) + " kB free in " +
          std::to_string(m.zones.size()) + " zone" + (m.zones.size() == 1 ? "" : "s") + ".");
    if (largest >= 0)
        e.say("The largest free block is of order " + std::to_string(largest) + " (" +
              std::to_string((1ul << largest) * kb) +
              " kB); the largest that a request which "
              "is not movable may use is " +
              (unmovable < 0 ? std::string("none")
                             : "of order " + std::to_string(unmovable) + " (" +
                                   std::to_string((1ul << unmovable) * kb) + " kB)") +
              ".");
    add_memory_findings(m, e);
}

inline void explain_proc(const report &r, explanation &e)
{
    const proc_memory &p = set_by_kind(r.proc);
    if (r.kind == report_kind::zoneinfo) {
        e.say("The watermarks and reserves of " + std::to_string(p.zones.size()) + " zones.");
        for (const zoneinfo_zone &z : p.zones) {
            const auto free = z.value("free");
            const auto min = z.value("min");
            if (free && min && *free < *min)
                e.findings.push_back({"Node " + std::to_string(z.node) + " " + z.zone +
                                          " is below its min watermark: " + std::to_string(*free) +
                                          " of " + std::to_string(*min) + " pages",
                                      certainty::proved,
                                      {}});
        }
        return;
    }
    struct zone_rows {
        unsigned node;
        std::string_view zone;
        std::vector<std::uint64_t> all, plain;
    };
    std::vector<zone_rows> zones;
    for (const free_row &row : p.free) {
        auto at = std::find_if(zones.begin(), zones.end(), [&row](const zone_rows &z) {
            return z.node == row.node && z.zone == row.zone;
        });
        if (at == zones.end()) {
            zones.push_back({row.node, row.zone, {}, {}});
            at = zones.end() - 1;
        }
        const bool plain = row.type != "CMA" && row.type != "Isolate" && row.type != "HighAtomic";
        at->all.resize(std::max(at->all.size(), row.blocks.size()));
        at->plain.resize(at->all.size());
        for (std::size_t o = 0; o < row.blocks.size(); ++o) {
            at->all[o] += row.blocks[o];
            if (plain)
                at->plain[o] += row.blocks[o];
        }
    }
    e.say("Free blocks of " + std::to_string(zones.size()) + " zone" +
          (zones.size() == 1 ? "" : "s") + " by order" +
          (r.kind == report_kind::pagetypeinfo ? " and type." : "."));
    for (const zone_rows &z : zones) {
        const auto largest = [](const std::vector<std::uint64_t> &blocks) {
            int order = -1;
            for (std::size_t o = 0; o < blocks.size(); ++o) {
                if (blocks[o] != 0)
                    order = static_cast<int>(o);
            }
            return order;
        };
        const int all = largest(z.all);
        const int plain = largest(z.plain);
        std::string text = "Node " + std::to_string(z.node) + " " + std::string(z.zone) + ": ";
        text += all < 0 ? "nothing free" : "largest free block of order " + std::to_string(all);
        if (plain != all)
            text += ", for requests that are not movable " +
                    (plain < 0 ? std::string("none") : "of order " + std::to_string(plain));
        e.findings.push_back({text, certainty::proved, {}});
    }
    for (const free_row &row : p.free) {
        if (row.at_least) {
            e.findings.push_back({"counts marked > are lower bounds: the kernel stops counting at "
                                  "100000",
                                  certainty::proved,
                                  {}});
            break;
        }
    }
}

} // namespace kctx::klog::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Pictures of a state: pageblocks by type and occupancy, free blocks by order and type; as text
/// for a terminal, and as SVG that is readable on light and dark ground.
#pragma once

#include <kctx/mm/describe.hpp>

#include <cmath>
#include <cstdio>

namespace kctx::mm {

namespace detail {

struct drawn_block {
    std::uint64_t pfn = 0;
    unsigned type = movable;
    std::uint64_t pages = 0; ///< of the zone
    std::uint64_t free = 0;
};

/// The pageblocks of a zone and what is free in each.
inline std::vector<drawn_block> drawn_blocks(const memory_state &s, const zone_state &z)
{
    const std::uint64_t size = 1ull << s.pageblock_order;
    const std::uint64_t begin = z.start_pfn / size * size, end = z.start_pfn + z.spanned;
    std::vector<drawn_block> blocks;
    for (std::uint64_t pfn = begin; pfn < end; pfn += size)
        blocks.push_back({pfn, z.pageblocks.empty() ? movable : migrate_types,
                          std::min(pfn + size, end) - std::max(pfn, z.start_pfn), 0});
    for (const pageblock_state &b : z.pageblocks) {
        if (b.pfn >= begin && b.pfn < end)
            blocks[(b.pfn - begin) / size].type = b.type;
    }
    const auto add = [&](std::uint64_t pfn, std::uint64_t pages) {
        while (pages > 0) {
            drawn_block &b = blocks.at((pfn - begin) / size);
            const std::uint64_t part = std::min(pages, b.pfn + size - pfn);
            b.free += part;
            pfn += part;
            pages -= part;
        }
    };
    for (unsigned order = 0; order < max_orders; ++order) {
        for (const auto &list : z.lists[order]) {
            for (const std::uint64_t pfn : list)
                add(pfn, 1ull << order);
        }
    }
    add(z.untouched.pfn, z.untouched.pages);
    std::erase_if(blocks, [](const drawn_block &b) { return b.type >= migrate_types; }); // holes
    return blocks;
}

inline constexpr const char *type_names[migrate_types] = {"Unmovable",  "Movable", "Reclaimable",
                                                          "HighAtomic", "CMA",     "Isolate"};
/// Told apart with the usual kinds of colour blindness, too.
inline constexpr const char *type_colors[migrate_types] = {"#d55e00", "#0072b2", "#009e73",
                                                           "#cc79a7", "#e69f00", "#888888"};

inline std::string percent(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

} // namespace detail

/// One letter a pageblock, 64 a line: that of its type, small if half of it or more is free, a dot
/// if all is.
inline std::string draw_text(const memory_state &s)
{
    std::string out;
    for (const zone_state &z : s.zones) {
        out += "zone " + z.name + ": one letter a pageblock of " +
               std::to_string((1ull << s.pageblock_order) << (s.page_shift - 10)) +
               " kB; small: half free, dot: all free\n";
        unsigned column = 0;
        for (const detail::drawn_block &b : detail::drawn_blocks(s, z)) {
            const char letter = "UMEHCI"[b.type];
            out += b.free >= b.pages       ? '.'
                   : 2 * b.free >= b.pages ? static_cast<char>(letter - 'A' + 'a')
                                           : letter;
            if (++column % 64 == 0)
                out += '\n';
        }
        if (column % 64 != 0)
            out += '\n';
    }
    return out;
}

/// The same as SVG: a cell a pageblock, filled from below as far as it is in use, and below the map
/// the free pages of each order by type.
inline std::string draw_svg(const memory_state &s)
{
    constexpr unsigned cell = 12, columns = 64, left = 16, bar_height = 120;
    constexpr unsigned width = left * 2 + columns * cell;
    std::string body;
    unsigned y = 16;
    const auto text = [&body](unsigned x, unsigned at, const std::string &words,
                              const char *anchor = "start") {
        body += "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(at) +
                "\" text-anchor=\"" + anchor + "\">" + words + "</text>\n";
    };
    const auto rect = [&body](double x, double at, double w, double h, const char *fill,
                              const std::string &title, const char *opacity = "1") {
        body += "<rect x=\"" + detail::percent(x) + "\" y=\"" + detail::percent(at) +
                "\" width=\"" + detail::percent(w) + "\" height=\"" + detail::percent(h) +
                "\" fill=\"" + fill + "\" fill-opacity=\"" + opacity + "\"><title>" + title +
                "</title></rect>\n";
    };
    for (unsigned type = 0; type < migrate_types; ++type) {
        const unsigned x = left + type * 124;
        rect(x, y - 10, 10, 10, detail::type_colors[type], detail::type_names[type]);
        text(x + 14, y, detail::type_names[type]);
    }
    y += 24;
    for (const zone_state &z : s.zones) {
        text(left, y, "zone " + z.name + ": pageblocks, filled as far as in use");
        y += 8;
        unsigned i = 0;
        for (const detail::drawn_block &b : detail::drawn_blocks(s, z)) {
            const unsigned x = left + i % columns * cell, row = y + i / columns * cell;
            const double used =
                b.pages == 0 ? 0 : 1.0 - static_cast<double>(b.free) / static_cast<double>(b.pages);
            const std::string title = std::string(detail::type_names[b.type]) + ", " +
                                      std::to_string(b.free) + " of " + std::to_string(b.pages) +
                                      " pages free";
            rect(x, row, cell - 1, cell - 1, detail::type_colors[b.type], title, "0.25");
            rect(x, row + (cell - 1) * (1 - used), cell - 1, (cell - 1) * used,
                 detail::type_colors[b.type], title);
            ++i;
        }
        y += (i + columns - 1) / columns * cell + 24;
        const free_counts n = count_free(z);
        double most = 1;
        for (unsigned order = 0; order < s.orders; ++order) {
            double pages = 0;
            for (const auto &of_type : n)
                pages += static_cast<double>(of_type[order] << order);
            most = std::max(most, pages);
        }
        text(left, y, "zone " + z.name + ": free pages by order (the height is their square root)");
        y += 8;
        const double step = static_cast<double>(columns * cell) / s.orders;
        for (unsigned order = 0; order < s.orders; ++order) {
            double bottom = y + bar_height, pages = 0;
            std::uint64_t blocks = 0;
            for (const auto &of_type : n) {
                blocks += of_type[order];
                pages += static_cast<double>(of_type[order] << order);
            }
            const double x = left + order * step, height = bar_height * std::sqrt(pages / most);
            for (unsigned type = 0; type < migrate_types; ++type) {
                if (n[type][order] == 0)
                    continue;
                // What is there is seen, however little.
                const double h =
                    std::max(1.5, height * static_cast<double>(n[type][order] << order) / pages);
                bottom -= h;
                rect(x + 4, bottom, step - 8, h, detail::type_colors[type],
                     std::to_string(n[type][order]) + " blocks of order " + std::to_string(order) +
                         ", " + detail::type_names[type]);
            }
            text(static_cast<unsigned>(x + step / 2), y + bar_height + 14, std::to_string(order),
                 "middle");
            text(static_cast<unsigned>(x + step / 2), y + bar_height + 28,
                 std::to_string(blocks) + "x", "middle");
        }
        y += bar_height + 56;
    }
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + std::to_string(width) +
           " " + std::to_string(y) +
           "\"><style>text{font:11px sans-serif;fill:#222}svg{background:#fff}"
           "@media(prefers-color-scheme:dark){text{fill:#ddd}svg{background:#1b1b1b}}</style>\n" +
           body + "</svg>\n";
}

} // namespace kctx::mm

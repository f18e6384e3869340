// SPDX-License-Identifier: BSL-1.0
/// @file
/// The state of the page allocator as plain data: what is dumped, loaded, compared. In pages and
/// page frame numbers.
#pragma once

#include <kctx/mm/zone.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::mm {

/// A page on a per-cpu list, with its cached migrate type.
struct pcp_entry {
    std::uint64_t pfn = 0;
    unsigned type = 0;
    bool operator==(const pcp_entry &) const = default;
};

/// The type of a pageblock, which is named by its first frame.
struct pageblock_state {
    std::uint64_t pfn = 0;
    unsigned type = 0;
    bool operator==(const pageblock_state &) const = default;
};

/// Frames next to each other.
struct frame_range {
    std::uint64_t pfn = 0;
    std::uint64_t pages = 0;
    bool operator==(const frame_range &) const = default;
};

struct zone_state {
    unsigned index = 0;
    std::string name;
    std::uint64_t start_pfn = 0, spanned = 0, present = 0, managed = 0;
    kernel::watermarks wmark;
    long boost = 0;
    std::vector<long> lowmem_reserve; ///< one for each zone that the kernel has
    vm_counter free, free_cma;
    long stat_threshold = 0, drift_mark = 0;
    unsigned flags = 0;
    long reserved_highatomic = 0;
    unsigned isolated_blocks = 0;
    compaction_state compaction;

    long pcp_count = 0, pcp_high = 0, pcp_batch = 1;
    unsigned free_factor = 0;
    std::vector<std::vector<pcp_entry>> pcp; ///< by list number, head to tail

    std::vector<pageblock_state>
        pageblocks;                   ///< by frame; those left out are a hole. None: all MOVABLE
    std::vector<frame_range> movable; ///< in use and migratable
    std::array<std::array<std::vector<std::uint64_t>, migrate_types>, max_orders> lists;
    /// Blocks of the largest order that follow on the MOVABLE list, from the last frame down: only
    /// of a machine that has just booted.
    frame_range untouched;

    const std::vector<std::uint64_t> &list(unsigned order, unsigned type) const
    {
        return lists[order][type];
    }
};

/// A machine's memory.
struct memory_state {
    std::string release = "5.4.124";
    unsigned page_shift = 12;
    unsigned orders = max_orders; ///< of free lists
    unsigned pageblock_order = 10;
    unsigned kernel_zones = 3; ///< zones that the kernel was built with, empty ones included
    unsigned min_free_kbytes = 0;
    unsigned boost_factor = 15000;
    std::uint64_t cma_base = 0; ///< the default CMA area
    std::uint64_t cma_pages = 0;
    std::string label;
    std::optional<std::uint64_t> digest;
    std::vector<zone_state> zones;
};

/// "5.4.124" or "6.1.192-amd64" as KCTX_VERSION(); 0 if it is none. A part above 255 counts as 255.
constexpr unsigned version_of_release(std::string_view release)
{
    unsigned part[3] = {}, n = 0;
    bool digits = false;
    for (const char c : release) {
        if (c >= '0' && c <= '9') {
            part[n] = std::min(part[n] * 10 + static_cast<unsigned>(c - '0'), 255u);
            digits = true;
        } else if (c == '.' && digits && n < 2) {
            ++n;
            digits = false;
        } else {
            break;
        }
    }
    return KCTX_VERSION(part[0], part[1], part[2]);
}

constexpr std::string_view zone_name(kernel::zone_type type)
{
    constexpr std::string_view names[] = {"DMA", "DMA32", "Normal", "HighMem", "Movable"};
    return names[static_cast<unsigned>(type)];
}

/// A zone that boots.
struct boot_zone {
    kernel::zone_type type = kernel::zone_type::ZONE_NORMAL;
    std::uint64_t start_pfn = 0;
    std::uint64_t pages = 0;     ///< spanned and present
    std::uint64_t reserved = 0;  ///< of these, the first: never free
    std::uint64_t cma_pages = 0; ///< of these, the last, whole pageblocks: a CMA area
    std::uint64_t managed = 0;   ///< if not what is left without the reserved ones
};

/// A machine that boots.
struct boot_config {
    std::string release = "5.4.124";
    std::vector<boot_zone> zones; ///< from the lowest up
    unsigned pageblock_order = 10;
    unsigned cpus = 1;            ///< for the size of per-cpu lists and counters only
    unsigned min_free_kbytes = 0; ///< 0: as the kernel computes it
    unsigned watermark_scale_factor = 10;
    unsigned boost_factor = 15000;
};

/// The state of a machine that has just booted, per-cpu lists empty.
memory_state boot_state(const boot_config &config);

/// FNV-1a (64 bit, over little-endian 32-bit words) over all free lists, per-cpu lists and
/// pageblock types of the zones in turn, as the recorded kernels computed it.
class state_digest
{
public:
    void free_block(std::uint64_t pfn, unsigned order, unsigned type)
    {
        add(std::uint64_t{order} << 28 | std::uint64_t{type} << 24 | pfn);
    }
    void pcp_page(std::uint64_t pfn, std::uint64_t list) { add(0xf0000000u | list << 24 | pfn); }
    void pageblock(std::uint64_t pfn, unsigned type)
    {
        add(0xe0000000u | std::uint64_t{type} << 24 | pfn);
    }
    std::uint64_t value() const { return hash_; }

private:
    void add(std::uint64_t word)
    {
        for (unsigned i = 0; i < 4; ++i)
            hash_ = (hash_ ^ (word >> (8 * i) & 255)) * 0x100000001b3;
    }
    std::uint64_t hash_ = 0xcbf29ce484222325;
};

inline std::uint64_t digest_of(const memory_state &state)
{
    state_digest d;
    for (const zone_state &s : state.zones) {
        for (unsigned o = 0; o < max_orders; ++o) {
            for (unsigned t = 0; t < migrate_types; ++t) {
                for (const std::uint64_t pfn : s.lists[o][t])
                    d.free_block(pfn, o, t);
            }
        }
        for (std::size_t i = 0; i < s.pcp.size(); ++i) {
            for (const pcp_entry &e : s.pcp[i])
                d.pcp_page(e.pfn, i);
        }
        for (const pageblock_state &b : s.pageblocks)
            d.pageblock(b.pfn, b.type);
    }
    return d.value();
}

} // namespace kctx::mm

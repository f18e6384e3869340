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
    std::uint64_t pfn = 0; ///< the frame
    unsigned type = 0;     ///< the migrate type that it had when it came there
    bool operator==(const pcp_entry &) const = default;
};

/// The type of a pageblock, which is named by its first frame.
struct pageblock_state {
    std::uint64_t pfn = 0; ///< the first frame
    unsigned type = 0;     ///< enum migratetype of the kernel
    bool operator==(const pageblock_state &) const = default;
};

/// Frames next to each other.
struct frame_range {
    std::uint64_t pfn = 0;   ///< the first frame
    std::uint64_t pages = 0; ///< how many
    bool operator==(const frame_range &) const = default;
};

/// A zone with every list, in order: what two states are compared by.
struct zone_state {
    unsigned index = 0;          ///< enum zone_type
    std::string name;            ///< as reports name it
    std::uint64_t start_pfn = 0; ///< the first frame
    std::uint64_t spanned = 0;   ///< pages from the first to the last
    std::uint64_t present = 0;   ///< of these without the holes
    std::uint64_t managed = 0;   ///< of these what the allocator has
    kernel::watermarks wmark;    ///< pages, without the boost
    long boost = 0;
    std::vector<long> lowmem_reserve; ///< one for each zone that the kernel has
    vm_counter free;                  ///< NR_FREE_PAGES
    vm_counter free_cma;              ///< NR_FREE_CMA_PAGES
    long stat_threshold = 0;          ///< pages: of a CPU's share in a counter before it is added
    long drift_mark = 0;          ///< percpu_drift_mark, pages: below it free is summed up exactly
    unsigned flags = 0;           ///< zone_flag
    long reserved_highatomic = 0; ///< nr_reserved_highatomic, pages
    unsigned isolated_blocks = 0; ///< nr_isolate_pageblock
    compaction_state compaction;  ///< where compaction goes on

    long pcp_count = 0;                      ///< pages on the per-cpu lists
    long pcp_high = 0;                       ///< from here on some are given back
    long pcp_batch = 1;                      ///< pages moved at a time
    unsigned free_factor = 0;                ///< how many batches the next free gives back (5.14)
    std::vector<std::vector<pcp_entry>> pcp; ///< by list number, head to tail

    std::vector<pageblock_state>
        pageblocks;                   ///< by frame; those left out are a hole. None: all MOVABLE
    std::vector<frame_range> movable; ///< in use and migratable
    /// The first frames of free blocks, first to last.
    std::array<std::array<std::vector<std::uint64_t>, migrate_types>, max_orders> lists;
    /// Blocks of the largest order that follow on the MOVABLE list, from the last frame down: only
    /// of a machine that has just booted.
    frame_range untouched;

    /// The list of an order and type.
    const std::vector<std::uint64_t> &list(unsigned order, unsigned type) const
    {
        return lists[order][type];
    }
};

/// A machine's memory.
struct memory_state {
    std::string release = "5.4.124"; ///< `uname -r` of the kernel
    unsigned page_shift = 12;        ///< pages of 1 << page_shift bytes
    unsigned orders = max_orders;    ///< of free lists
    unsigned pageblock_order = 10;   ///< a pageblock is 2^pageblock_order pages
    unsigned kernel_zones = 3;       ///< zones that the kernel was built with, empty ones included
    unsigned min_free_kbytes = 0;    ///< vm.min_free_kbytes
    unsigned boost_factor = 15000;
    std::uint64_t cma_base = 0;          ///< the default CMA area
    std::uint64_t cma_pages = 0;         ///< its size in pages; 0: none
    std::string label;                   ///< what the recorder called the state
    std::optional<std::uint64_t> digest; ///< state_digest of the kernel, if it was recorded
    std::vector<zone_state> zones;       ///< from the lowest up
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

/// As reports name it: "DMA32".
constexpr std::string_view zone_name(kernel::zone_type type)
{
    constexpr std::string_view names[] = {"DMA", "DMA32", "Normal", "HighMem", "Movable"};
    return names[static_cast<unsigned>(type)];
}

/// A zone that boots.
struct boot_zone {
    kernel::zone_type type = kernel::zone_type::ZONE_NORMAL; ///< which of them it is
    std::uint64_t start_pfn = 0;                             ///< the first frame
    std::uint64_t pages = 0;                                 ///< spanned and present
    std::uint64_t reserved = 0;                              ///< of these, the first: never free
    std::uint64_t cma_pages = 0; ///< of these, the last, whole pageblocks: a CMA area
    std::uint64_t managed = 0;   ///< if not what is left without the reserved ones
};

/// A machine that boots.
struct boot_config {
    std::string release = "5.4.124";      ///< `uname -r` of the kernel
    std::vector<boot_zone> zones;         ///< from the lowest up
    unsigned pageblock_order = 10;        ///< a pageblock is 2^pageblock_order pages
    unsigned cpus = 1;                    ///< for the size of per-cpu lists and counters only
    unsigned min_free_kbytes = 0;         ///< 0: as the kernel computes it
    unsigned watermark_scale_factor = 10; ///< vm.watermark_scale_factor, of 10000
    unsigned boost_factor = 15000;
};

/// The state of a machine that has just booted, per-cpu lists empty.
memory_state boot_state(const boot_config &config);

/// FNV-1a (64 bit, over little-endian 32-bit words) over all free lists, per-cpu lists and
/// pageblock types of the zones in turn, as the recorded kernels computed it.
class state_digest
{
public:
    /// A block on a free list, in the order of the lists.
    void free_block(std::uint64_t pfn, unsigned order, unsigned type)
    {
        add(std::uint64_t{order} << 28 | std::uint64_t{type} << 24 | pfn);
    }
    /// A page on per-cpu list number @p list.
    void pcp_page(std::uint64_t pfn, std::uint64_t list) { add(0xf0000000u | list << 24 | pfn); }
    /// The type of the pageblock that begins at @p pfn.
    void pageblock(std::uint64_t pfn, unsigned type)
    {
        add(0xe0000000u | std::uint64_t{type} << 24 | pfn);
    }
    std::uint64_t value() const { return hash_; } ///< the hash so far

private:
    void add(std::uint64_t word)
    {
        for (unsigned i = 0; i < 4; ++i)
            hash_ = (hash_ ^ (word >> (8 * i) & 255)) * 0x100000001b3;
    }
    std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// The digest of a whole state, zones from the lowest up.
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

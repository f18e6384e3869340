// SPDX-License-Identifier: BSL-1.0
/// @file
/// The page allocator of a kernel as a model: alloc_pages() hands out the page frame numbers that
/// the kernel would hand out from the same state, and fails when it would (mm/page_alloc.c:
/// __alloc_pages(), get_page_from_freelist(), rmqueue(), __free_pages()). State comes from boot()
/// or load() and goes to save().
///
///     kctx::mm::page_allocator pages(kctx::mm::boot_config{.zones = {{.pages = 262144}}});
///     if (auto got = pages.alloc_pages(0xcc0, 4))
///         pages.free_pages(got.pfn(), 4);
///     else
///         explain(pages.last_failure());
///
/// One CPU; zones do not share a block of the largest order.
#pragma once

#include <kctx/mm/boot.hpp>
#include <kctx/mm/per_cpu.hpp>
#include <kctx/mm/state.hpp>

#include <cstdint>
#include <deque>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kctx::mm {

using kernel::alloc_context;

/// The first page of a block, or nothing.
class [[nodiscard]] page_result
{
public:
    constexpr page_result() = default;
    constexpr explicit page_result(std::uint64_t pfn) : pfn_(pfn) {}

    constexpr explicit operator bool() const { return pfn_ != none; }
    /// The first frame; only of a result that is true.
    constexpr std::uint64_t pfn() const { return pfn_; }

    bool operator==(const page_result &) const = default;

private:
    static constexpr std::uint64_t none = ~std::uint64_t{0};
    std::uint64_t pfn_ = none;
};

/// Why a request failed.
enum class alloc_failure : unsigned char {
    none,
    order_too_large, ///< MAX_ORDER and above: refused (and WARN_ON_ONCE unless __GFP_NOWARN)
    no_zone,         ///< zone flags that exclude each other, or no such zone has memory
    no_pages,        ///< no zone passed its watermark with a block of this order
    loops_forever,   ///< __GFP_NOFAIL, and nothing can be reclaimed: the kernel would not return
    needs_reclaim,   ///< the kernel would reclaim or compact now; the model was told not to
    injected,        ///< fault injection
};

/// A zone that was asked, in the last attempt.
struct zone_refusal {
    unsigned zone = 0;                  ///< position in zones()
    kernel::watermark_result watermark; ///< why; ok: the check passed and no block was found
};

/// The last request that failed, for reports and explanations.
struct failure_report {
    alloc_failure why = alloc_failure::none; ///< what refused it
    unsigned gfp = 0;                        ///< the mask in bits
    unsigned order = 0;                      ///< 2^order pages
    unsigned alloc_flags = 0;                ///< kernel::alloc_flag of the last attempt
    bool silent = false;                     ///< __GFP_NOWARN: the kernel prints nothing
    std::vector<zone_refusal> zones;         ///< what each zone of the request's list said
};

/// The page allocator of one kernel version over the memory of one node.
class page_allocator
{
public:
    /// A machine that has just booted: all managed pages are free.
    explicit page_allocator(const boot_config &config) { load(boot_state(config)); }

    /// A machine in a given state. Throws std::invalid_argument if the state contradicts itself.
    explicit page_allocator(const memory_state &state) { load(state); }

    page_allocator(const page_allocator &) = delete;
    page_allocator &operator=(const page_allocator &) = delete;
    ~page_allocator() = default;

    /// alloc_pages(gfp_mask, order): 2^order pages, aligned to that.
    page_result alloc_pages(unsigned gfp, unsigned order, const alloc_context &who = {})
    {
        const request_class &c = class_of(gfp);
        if (c.highest == nullptr || faults_ != 0 || who.nocma) [[unlikely]]
            return alloc_any(gfp, order, who);
        if (order >= core_.rules.pcp_orders)
            return alloc_block(c, gfp, order, who);
        const page_index p = take_page_quickly(c, order);
        if (p == no_page) [[unlikely]]
            return alloc_any(gfp, order, who);
        return page_result(core_.map.pfn(p));
    }

    /// __free_pages(): gives 2^order pages back, from the frame that alloc_pages() returned. Throws
    /// std::out_of_range for a frame that is in no zone (a hole is in none).
    void free_pages(std::uint64_t pfn, unsigned order)
    {
        const std::uint64_t p = pfn - core_.map.first_pfn; // below the first: larger than any
        zone *const z = zone_around(p);
        if (z == nullptr || movable_pages_ != 0) [[unlikely]]
            return free_any(pfn, order);
        const auto page = static_cast<page_index>(p);
        const unsigned type = core_.map.block_type(page);
        if (order >= core_.rules.pcp_orders)
            return free_block(*z, page, order, type);
        if (!per_cpu::free_quickly(*z, page, order, type)) [[unlikely]]
            free_any(pfn, order);
    }

    /// The same by an interrupt that came while the per-cpu lists were locked: since 6.0 they are
    /// passed by then, before no interrupt can come.
    void free_pages_locked_out(std::uint64_t pfn, unsigned order)
    {
        if (!core_.rules.pcp_trylock)
            return free_pages(pfn, order);
        zone &z = checked(zone_at(pfn), pfn, order);
        const page_index p = core_.map.index(pfn);
        free_lists(core_, z).free_block(p, order, core_.map.block_type(p));
    }

    /// drain_all_pages(): the per-cpu lists of all zones are emptied.
    void drain_all_pages()
    {
        for (zone &z : core_.zones)
            per_cpu(core_, z).drain();
    }

    /// The page is on the LRU, or __PageMovable(): it can be migrated, until it is freed.
    void set_movable(std::uint64_t pfn, bool on = true)
    {
        if (!core_.map.has(pfn))
            throw std::out_of_range("set_movable(): no such page");
        page_tag &tag = core_.map.tag[core_.map.index(pfn)];
        if (tag.is_free())
            throw std::invalid_argument("set_movable(): the page is free");
        movable_pages_ += on;
        movable_pages_ -= tag.is_movable();
        tag = page_tag::in_use(on);
    }

    /// The page is movable, and its contents can be dropped: direct reclaim and kswapd free the
    /// pages marked first first. Until it is freed.
    void set_reclaimable(std::uint64_t pfn)
    {
        set_movable(pfn);
        reclaimable_.push_back(pfn);
    }

    /// /proc/sys/vm/compact_memory: the movable pages of each zone move together, to its high end.
    void compact_memory();

    /// kswapd runs: see slow_path.hpp. The user of the model says when.
    void run_kswapd();

    /// Was kswapd woken, and has not run since?
    bool kswapd_is_woken() const { return kswapd_woken_; }

    /// kswapd has brought the zones above their marks and goes to sleep: boosts end.
    void kswapd_sleeps()
    {
        kswapd_woken_ = false;
        for (zone &z : core_.zones) {
            z.boost = 0;
            z.flags &= ~unsigned{ZONE_RECLAIM_ACTIVE};
            z.set_quick();
        }
    }

    /// What one CPU has not added to the vmstat counters yet is added (refresh_cpu_vm_stats()).
    void fold_counters()
    {
        for (zone &z : core_.zones) {
            z.free.fold();
            z.free_cma.fold();
        }
    }

    /// Fault injection: the n-th request from now on fails (1: the next); 0: none does.
    void fail_request(unsigned long n) { faults_ = n; }

    /// Requests that would reclaim or compact fail with needs_reclaim instead.
    void stop_before_reclaim(bool on) { stop_before_reclaim_ = on; }

    /// Who is told of events; nullptr for nobody. Not owned.
    void watch(event_sink *sink) { core_.events = sink; }

    std::span<const zone> zones() const { return core_.zones; } ///< from the lowest up
    const page_map &map() const { return core_.map; } ///< tags, links and types of all pages
    const kernel::page_alloc_rules &rules() const { return core_.rules; } ///< of the kernel version
    /// The GFP bits of the kernel version.
    const kernel::gfp_masks &masks() const { return masks_; }
    /// How many orders there are, 11 in most kernels.
    unsigned orders() const { return core_.orders; }
    /// Why the last request that failed did.
    const failure_report &last_failure() const { return failure_; }

    /// The zone of a page; nullptr if there is none.
    const zone *zone_of(std::uint64_t pfn) const
    {
        return const_cast<page_allocator *>(this)->zone_at(pfn);
    }

    /// Positions in zones() that a mask allows are 0 ... this; -1: none.
    int highest_zone(unsigned gfp) const { return class_of(gfp).top; }

    /// By which lowmem_reserve[] a request of this mask is checked.
    unsigned class_index(unsigned gfp) const { return class_of(gfp).class_index; }

    /// The migrate type of a request; with both mobility flags UNMOVABLE (the kernel warns).
    unsigned type_of(unsigned gfp) const { return class_of(gfp).type; }

    /// Calls f(pfn, order, type) for the blocks of one list, head to tail.
    template <class F> void for_each_free(const zone &z, unsigned order, unsigned type, F f) const
    {
        const page_index head = z.heads + order * migrate_types + type;
        const untouched_run run = z.untouched;
        for (page_index p = core_.map.link[head].next; p != head; p = core_.map.link[p].next) {
            f(core_.map.pfn(p), order, type);
            if (p != run.top || order != core_.orders - 1)
                continue;
            for (page_index q = p; q != run.bottom;)
                f(core_.map.pfn(q -= page_index{1} << order), order, type);
        }
    }

    /// Calls f(pfn of its first page, type) for the pageblocks of a zone. The first may begin below
    /// the zone.
    template <class F> void for_each_pageblock(const zone &z, F f) const
    {
        for (page_index p = core_.map.pageblock_start(z.begin); p < z.end;
             p += core_.map.pageblock_pages()) {
            if (core_.map.block_type(p) != no_block)
                f(core_.map.pfn(p), core_.map.block_type(p));
        }
    }

    /// The digest of the state: see digest_of(). Nothing is copied.
    std::uint64_t digest() const;

    /// Replaces the state. Throws std::invalid_argument if it contradicts itself.
    void load(const memory_state &state);

    /// The state as plain data.
    memory_state save() const;

    /// Bytes kept for pages and pageblocks.
    std::size_t memory_use() const { return core_.map.bytes(lists()); }

private:
    static constexpr unsigned zone_bits = 0x0f; ///< the zone flags of a mask, in every version read
    static constexpr unsigned class_reclaimable = 0x10, classes = 0x20;

    /// What follows from the zone and mobility flags of a mask.
    struct request_class {
        zone *highest = nullptr; ///< that is allowed
        long no_cma = -1;        ///< all bits set if CMA pages do not count as free
        int top = -1;            ///< position of the highest zone
        unsigned char class_index = 0;
        unsigned char type = unmovable;
        unsigned short fast_flags =
            0; ///< kernel::alloc_flag of the first attempt, but ALLOC_KSWAPD
    };

    const request_class &class_of(unsigned gfp) const
    {
        return classes_[(gfp & zone_bits) |
                        ((gfp & masks_.reclaimable) != 0 ? class_reclaimable : 0)];
    }

    unsigned kswapd_flag(unsigned gfp) const
    {
        return (gfp & masks_.kswapd_reclaim) != 0 ? kernel::ALLOC_KSWAPD : 0u;
    }

    /// The zone that a page is in, or that has a hole there; nullptr if there is none.
    zone *zone_around(std::uint64_t p)
    {
        for (zone *z = top_zone_;; --z) { // from the top: there is most memory
            if (p >= z->begin)
                return p < z->end ? z : nullptr;
            if (z == core_.zones.data())
                return nullptr;
        }
    }
    zone *zone_at(std::uint64_t pfn)
    {
        zone *const z = zone_around(pfn - core_.map.first_pfn);
        return z == nullptr || core_.map.block_type(core_.map.index(pfn)) == no_block ? nullptr : z;
    }

    zone &checked(zone *z, std::uint64_t pfn, unsigned order)
    {
        if (z == nullptr || order >= core_.orders) [[unlikely]]
            no_such_block();
        if (movable_pages_ != 0)
            clear_movable(core_.map.index(pfn), order);
        return *z;
    }

    /// free_pages() of a block that no per-cpu list is for.
    [[gnu::noinline]] void free_block(zone &z, page_index p, unsigned order, unsigned type)
    {
        if (!free_lists(core_, z).free_quickly(p, order, type)) [[unlikely]]
            free_any(core_.map.pfn(p), order);
    }

    /// free_pages() of any kind.
    [[gnu::noinline]] void free_any(std::uint64_t pfn, unsigned order)
    {
        zone &z = checked(zone_at(pfn), pfn, order);
        const page_index p = core_.map.index(pfn);
        if (order < core_.rules.pcp_orders)
            per_cpu(core_, z).free(p, order);
        else
            free_lists(core_, z).free_block(p, order, core_.map.block_type(p));
    }

    [[noreturn, gnu::noinline]] static void no_such_block()
    {
        throw std::out_of_range("free_pages(): no such block");
    }

    [[gnu::noinline]] void clear_movable(page_index p, unsigned order)
    {
        for (page_index end = p + (page_index{1} << order); p < end; ++p) {
            if (core_.map.tag[p].is_movable()) {
                core_.map.tag[p] = {};
                --movable_pages_;
            }
        }
    }

    /// get_page_from_freelist(): the first zone from the top that passes its watermark and has one.
    page_index from_freelist(const request_class &list, unsigned order, unsigned type,
                             unsigned flags, unsigned gfp)
    {
        for (;;) {
            for (int i = list.top; i >= 0; --i) {
                zone &z = core_.zones[static_cast<std::size_t>(i)];
                if ((flags & kernel::ALLOC_NO_WATERMARKS) == 0 &&
                    !watermark_holds(z, list.class_index, order, flags, gfp))
                    continue;
                const page_index p = take_from(z, order, type, flags);
                if ((z.flags & ZONE_BOOSTED_WATERMARK) != 0) [[unlikely]] {
                    z.flags &= ~unsigned{ZONE_BOOSTED_WATERMARK};
                    z.set_quick();
                    wake_kswapd(z, 0);
                }
                if (p == no_page)
                    continue;
                if (order != 0 && (flags & highatomic_flag()) != 0 && core_.rules.highatomic)
                    reserve_highatomic(z, p);
                return p;
            }
            if ((flags & kernel::ALLOC_NOFRAGMENT) == 0)
                return no_page;
            flags &= ~unsigned{kernel::ALLOC_NOFRAGMENT};
        }
    }

    /// The flag of requests that use, and make, MIGRATE_HIGHATOMIC blocks.
    unsigned highatomic_flag() const
    {
        return core_.rules.rights == kernel::reserve_rights::min_reserve ? kernel::ALLOC_HIGHATOMIC
                                                                         : kernel::ALLOC_HARDER;
    }

    /// The quick check of order 0 (zone_watermark_fast()).
    bool quick_watermark(const zone &z, unsigned class_index, long mark, unsigned flags) const
    {
        long usable = z.free.global;
        if ((flags & kernel::ALLOC_CMA) == 0)
            usable -= z.free_cma.global;
        if (core_.rules.fast_subtracts_highatomic &&
            !kernel::watermark_counts_highatomic(core_.rules, flags))
            usable -= highatomic_reserve(z);
        return usable > mark + z.lowmem_reserve[class_index];
    }

    /// zone_watermark_fast()
    bool watermark_holds(const zone &z, unsigned class_index, unsigned order, unsigned flags,
                         unsigned gfp) const
    {
        const long mark = z.mark(flags);
        if (order == 0 && quick_watermark(z, class_index, mark, flags))
            return true;
        if (watermark_ok(z, class_index, order, mark, flags))
            return true;
        return order == 0 && z.boost != 0 && unboosted(flags, gfp) &&
               watermark_ok(z, class_index, order, z.wmark.min, flags);
    }

    /// What of the HIGHATOMIC reserve the check subtracts: all of it, since 6.12 what is free.
    long highatomic_reserve(const zone &z) const
    {
        if (!core_.rules.highatomic_counts_free || z.reserved_highatomic == 0)
            return z.reserved_highatomic;
        long pages = 0;
        for (unsigned o = 0; o < core_.orders; ++o)
            for_each_free(z, o, highatomic, [&pages](std::uint64_t, unsigned order, unsigned) {
                pages += 1L << order;
            });
        return pages;
    }

    kernel::watermark_zone watermark_view(const zone &z, unsigned class_index) const
    {
        kernel::watermark_zone w = z.watermark_view(core_.rules, class_index);
        w.highatomic = highatomic_reserve(z);
        return w;
    }

    bool watermark_ok(const zone &z, unsigned class_index, unsigned order, long mark,
                      unsigned flags) const
    {
        return static_cast<bool>(kernel::check_watermark(
            core_.rules, watermark_view(z, class_index), order, mark, flags));
    }

    /// Is a request of order 0 checked again without the boost?
    bool unboosted(unsigned flags, unsigned gfp) const
    {
        return core_.rules.unboosted_retry &&
               (flags & kernel::ALLOC_WMARK_MASK) == kernel::ALLOC_WMARK_MIN &&
               (core_.rules.rights == kernel::reserve_rights::min_reserve
                    ? (flags & kernel::ALLOC_MIN_RESERVE) != 0
                    : (gfp & masks_.atomic) != 0);
    }

    /// rmqueue(): from the per-cpu lists if they keep such pages, else from the buddy lists.
    page_index take_from(zone &z, unsigned order, unsigned type, unsigned flags)
    {
        if (order < core_.rules.pcp_orders &&
            (!core_.rules.cma_by_flag || type != movable || (flags & kernel::ALLOC_CMA) != 0)) {
            const page_index p = per_cpu(core_, z).take(order, type, flags);
            if (p != no_page || core_.rules.pcp_orders == 1)
                return p;
        }
        free_lists lists(core_, z);
        page_index p = no_page;
        if (core_.rules.highatomic && order != 0 && (flags & highatomic_flag()) != 0)
            p = lists.take_smallest(order, highatomic);
        if (p == no_page)
            p = block_choice(core_, z).take(order, type, flags);
        if (p == no_page && core_.rules.highatomic_last && (flags & kernel::ALLOC_NON_BLOCK) != 0)
            p = lists.take_smallest(order, highatomic);
        if (p != no_page)
            count_taken(z, p, order, type);
        return p;
    }

    /// reserve_highatomic_pageblock(): the pageblock of a high-order atomic allocation is kept for
    /// such, up to 1 % of the zone and one pageblock.
    void reserve_highatomic(zone &z, page_index p)
    {
        const long pageblock = core_.map.pageblock_pages();
        const long share = static_cast<long>(z.managed / 100);
        if (core_.rules.highatomic_needs_share && share < pageblock)
            return;
        const long most = core_.rules.highatomic_needs_share
                              ? (share + pageblock - 1) / pageblock * pageblock
                              : share + pageblock;
        if (z.reserved_highatomic >= most || core_.map.block_type(p) >= migrate_pcptypes)
            return;
        z.reserved_highatomic += pageblock;
        z.set_quick();
        core_.map.set_block_type(p, highatomic);
        free_lists(core_, z).move_pageblock(p, highatomic);
    }

    void wake_kswapd(const zone &z, unsigned order)
    {
        kswapd_woken_ = true;
        if (core_.events != nullptr)
            core_.events->wakeup_kswapd(z.index, order);
    }

    // What most requests are: the first zone is far above its low watermark and has a page at hand.
    // no_page if it may not be so, and nothing has changed.

    static bool has_plenty(const request_class &c)
    {
        const zone &z = *c.highest;
        return z.free.global - (z.free_cma.global & c.no_cma) > z.quick_mark[c.class_index];
    }

    /// From a per-cpu list.
    [[gnu::always_inline]] page_index take_page_quickly(const request_class &c, unsigned order)
    {
        zone &z = *c.highest;
        pcp_list &list = per_cpu::list_of(z, order, c.type);
        if (!has_plenty(c) || list.empty()) [[unlikely]]
            return no_page;
        if (core_.rules.pcp_orders > 1) { // the watermark wants to see a block of more than a page
            const unsigned orders = unsigned{z.nonempty[unmovable]} | z.nonempty[movable] |
                                    z.nonempty[reclaimable] | 1u;
            if (orders >> order == 0) [[unlikely]]
                return no_page;
        }
        return per_cpu::take_first(z, list, order);
    }

    /// alloc_pages() of a block that no per-cpu list is for: mostly its list has one.
    [[gnu::noinline]] page_result alloc_block(const request_class &c, unsigned gfp, unsigned order,
                                              const alloc_context &who)
    {
        zone &z = *c.highest;
        if (order >= core_.orders || core_.rules.order_halving || !has_plenty(c) ||
            (core_.rules.cma_first_over_half && z.free_cma.global != 0) || core_.events != nullptr)
            [[unlikely]]
            return alloc_any(gfp, order, who);
        free_lists lists(core_, z);
        const page_index p = lists.take_quickly(order, c.type);
        if (p == no_page) [[unlikely]]
            return alloc_any(gfp, order, who);
        lists.count(-(1L << order), core_.map.block_type(p));
        return page_result(core_.map.pfn(p));
    }

    void count_taken(zone &z, page_index p, unsigned order, unsigned type)
    {
        free_lists(core_, z).count(-(1L << order), core_.map.block_type(p));
        if (core_.events != nullptr) [[unlikely]]
            core_.events->zone_locked(core_.map.pfn(p), order, type);
    }

    /// alloc_pages() of any kind.
    [[gnu::noinline]] page_result alloc_any(unsigned gfp, unsigned order, const alloc_context &who)
    {
        if (order >= core_.orders) [[unlikely]]
            return fail(alloc_failure::order_too_large, gfp, order, 0);
        if (faults_ != 0) [[unlikely]] {
            --faults_;
            if (faults_ == 0)
                return fail(alloc_failure::injected, gfp, order, 0);
        }
        if (who.nocma && core_.rules.nocma_is_unmovable)
            gfp &= ~masks_.movable;
        const request_class list = class_of(gfp);
        if (list.top < 0) [[unlikely]]
            return fail(alloc_failure::no_zone, gfp, order, 0);
        const page_index p =
            from_freelist(list, order, list.type, list.fast_flags | kswapd_flag(gfp), gfp);
        if (p != no_page) [[likely]]
            return page_result(core_.map.pfn(p));
        return slow_path(list, gfp, order, list.type, who);
    }

    page_result slow_path(const request_class &list, unsigned gfp, unsigned order, unsigned type,
                          const alloc_context &who);

    unsigned long reclaim(unsigned long pages);
    void follow_moved();
    bool unreserve_highatomic(const request_class &list, unsigned type, bool force);
    bool compact(const request_class &list, unsigned gfp, unsigned order, unsigned type);
    bool compact_zone(zone &z, unsigned order, unsigned type);
    void move_page(page_index from, page_index to);

    page_result fail(alloc_failure why, unsigned gfp, unsigned order, unsigned alloc_flags)
    {
        failure_.why = why;
        failure_.gfp = gfp;
        failure_.order = order;
        failure_.alloc_flags = alloc_flags;
        failure_.silent = (gfp & masks_.nowarn) != 0;
        failure_.zones.clear();
        if (core_.events != nullptr)
            core_.events->request_failed(order, gfp);
        const request_class &list = class_of(gfp);
        if (why != alloc_failure::no_pages && why != alloc_failure::needs_reclaim &&
            why != alloc_failure::loops_forever)
            return {};
        for (int i = list.top; i >= 0; --i) {
            const zone &z = core_.zones[static_cast<std::size_t>(i)];
            failure_.zones.push_back(
                {static_cast<unsigned>(i),
                 kernel::check_watermark(core_.rules, watermark_view(z, list.class_index), order,
                                         z.mark(alloc_flags), alloc_flags)});
        }
        return {};
    }

    unsigned lists() const
    {
        return static_cast<unsigned>(core_.zones.size()) * max_orders * migrate_types;
    }

    void make_classes();

    friend class cma_allocator;

    allocator_core core_;
    kernel::gfp_masks masks_{};
    std::array<request_class, classes> classes_{};
    zone *top_zone_ = nullptr;
    unsigned long faults_ = 0;
    unsigned long movable_pages_ = 0;
    std::deque<std::uint64_t> reclaimable_; ///< the oldest first; some may be free since
    std::vector<std::pair<std::uint64_t, std::uint64_t>> moved_; ///< of what may be among these
    bool stop_before_reclaim_ = false;
    bool kswapd_woken_ = false;
    failure_report failure_;
    memory_state described_; ///< all of the loaded state but its zones
};

} // namespace kctx::mm

#include <kctx/mm/slow_path.hpp>

#include <kctx/mm/load.hpp>

// SPDX-License-Identifier: BSL-1.0
// What a request costs in the page allocator model, beside a bare buddy with zones and types
// (reference.hpp), on the same requests in one run; in CPU time of the thread. The last line is the
// figure; the exit status is 1 above a budget.
// usage: buddy_speed [--quick]    (--quick: 64 MiB and 1 GiB only)
#include "reference.hpp"

#include <kctx/mm/page_allocator.hpp>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using kctx::mm::page_allocator;

/// The full model: migrate types as the reference's, one zone, per-cpu lists, watermarks, boost.
template <unsigned Major> struct model {
    static const char *name() { return Major == 5 ? "kctx 5.4.124" : "kctx 6.1.192"; }

    void init(uint64_t pages)
    {
        kctx::mm::boot_config config;
        config.release = Major == 5 ? "5.4.124" : "6.1.192";
        config.pageblock_order = 9;
        config.zones.push_back({.pages = pages});
        pages_ = std::make_unique<page_allocator>(config);
        count_ = pages;
    }
    int64_t alloc(unsigned order)
    {
        constexpr unsigned nowait = 0x800, movable = 0x80a, reclaimable = 0x810;
        const uint32_t r = (tick_ += 0x9E3779B9u) >> 29;
        const auto got = pages_->alloc_pages(r < 2 ? nowait : r < 3 ? reclaimable : movable, order);
        return got ? static_cast<int64_t>(got.pfn()) : kNoPage;
    }
    void free(int64_t pfn, unsigned order)
    {
        pages_->free_pages(static_cast<uint64_t>(pfn), order);
    }
    size_t meta_bytes() const { return pages_->memory_use(); }

private:
    std::unique_ptr<page_allocator> pages_;
    uint64_t count_ = 0;
    uint32_t tick_ = 0;
};

uint64_t state;
uint64_t rnd()
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

double now() // CPU time of this thread: a busy machine does not count, page faults do
{
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

/// Orders of the requests, in 1/1000: mostly 0, a tail to 10; 15.6 pages on average.
std::vector<uint8_t> order_mix()
{
    constexpr int mix[11] = {600, 150, 80, 60, 40, 25, 15, 10, 8, 8, 4};
    std::vector<uint8_t> orders;
    for (int o = 0; o < 11; ++o)
        orders.insert(orders.end(), static_cast<size_t>(mix[o]), static_cast<uint8_t>(o));
    orders.resize(1024, 0);
    return orders;
}
const std::vector<uint8_t> orders = order_mix();

struct op {
    uint32_t slot;
    uint8_t order;
};
struct live_block {
    uint32_t pfn;
    uint8_t order; ///< 255: none
};

/// One allocator at work, beside others on the same requests.
template <class A> class contender
{
public:
    explicit contender(uint64_t pages) : pages_(pages)
    {
        const double begin = now();
        a_.init(pages);
        boot_ms_ = (now() - begin) / 1e6;
        split_ = pairs();
        fill();
    }

    size_t live() const { return live_.size(); }

    /// Frees a random block and allocates another in its place, for each op.
    double churn(const std::vector<op> &ops)
    {
        const double from = now();
        for (const op &o : ops) {
            live_block &l = live_[o.slot % live_.size()];
            if (l.order != 255)
                a_.free(l.pfn, l.order);
            const int64_t p = a_.alloc(o.order);
            l = {static_cast<uint32_t>(p), p < 0 ? uint8_t{255} : o.order};
        }
        const double ns = (now() - from) / static_cast<double>(ops.size());
        churn_ = std::min(churn_, ns);
        return ns;
    }

    /// The best of some rounds of alloc and free of one page.
    double pairs()
    {
        constexpr int n = 1000000;
        double best = 1e18;
        for (int r = 0; r < 3; ++r) {
            const double t = now();
            for (int i = 0; i < n; ++i) {
                const int64_t p = a_.alloc(0);
                if (p >= 0)
                    a_.free(p, 0);
                asm volatile("" ::: "memory");
            }
            best = std::min(best, (now() - t) / n);
        }
        return best;
    }

    void print(const char *size)
    {
        hot_ = pairs();
        std::printf(
            "%-8s %-14s churn %7.1f  hot order 0 %5.1f  ten splits %6.1f  fill %6.1f ns  boot "
            "%8.3f ms  %6.3f B a page\n",
            size, A::name(), churn_, hot_, split_, fill_, boot_ms_, bytes());
        std::fflush(stdout);
    }

    double boot_ms() const { return boot_ms_; }
    double hot() const { return hot_; }
    double bytes() const
    {
        return static_cast<double>(a_.meta_bytes()) / static_cast<double>(pages_);
    }

private:
    void fill()
    {
        live_.reserve(pages_ / 24);
        state = 88172645463325252ull;
        uint64_t used = 0, requests = 0;
        const double t = now();
        while (used < pages_ / 2) {
            const unsigned o = orders[rnd() >> 54];
            const int64_t p = a_.alloc(o);
            ++requests;
            if (p < 0) {
                if (o == 0)
                    break;
                continue;
            }
            live_.push_back({static_cast<uint32_t>(p), static_cast<uint8_t>(o)});
            used += 1u << o;
        }
        fill_ = (now() - t) / static_cast<double>(requests);
    }

    A a_;
    uint64_t pages_;
    std::vector<live_block> live_;
    double boot_ms_ = 0, split_ = 0, fill_ = 0, churn_ = 1e18, hot_ = 0;
};

struct ratios {
    double five = 0, six = 0;
    double boot_ms = 0, hot = 0, bytes = 0;
};

/// All of them in turns, so that what else the machine does hits all alike; the median of the
/// ratios. Beyond the zone's 2^27 cells the harness stands in its place, and there are none.
template <class Zone> ratios measure(const char *size, uint64_t pages)
{
    contender<NullAlloc> harness(pages);
    contender<Zone> zone(pages);
    contender<model<5>> five(pages);
    contender<model<6>> six(pages);
    std::vector<op> ops(500000);
    std::vector<double> of_five, of_six;
    for (int round = 0; round < 16; ++round) {
        for (op &o : ops) {
            const uint64_t x = rnd();
            o.slot = static_cast<uint32_t>(x >> 20);
            o.order = orders[x & 1023];
        }
        const double h = harness.churn(ops), z = zone.churn(ops) - h;
        const double f = five.churn(ops) - h, s = six.churn(ops) - h;
        if (round < 2) // ages the lists
            continue;
        of_five.push_back(f / z);
        of_six.push_back(s / z);
    }
    std::sort(of_five.begin(), of_five.end());
    std::sort(of_six.begin(), of_six.end());
    constexpr bool compared = std::is_same_v<Zone, RefZone>;
    harness.print(size);
    if (compared)
        zone.print(size);
    five.print(size);
    six.print(size);
    if (!compared)
        return {0, 0, five.boot_ms(), five.hot(), five.bytes()};
    const ratios r{of_five[of_five.size() / 2], of_six[of_six.size() / 2], five.boot_ms(),
                   five.hot(), five.bytes()};
    std::printf("%-8s churn without the harness: kctx 5.4.124 %.2f x zone, 6.1.192 %.2f x\n", size,
                r.five, r.six);
    return r;
}

} // namespace

int main(int argc, char **argv)
{
    const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
    struct size {
        const char *name;
        uint64_t mib;
    };
    constexpr size sizes[] = {{"64 MiB", 64},      {"256 MiB", 256},  {"1 GiB", 1024},
                              {"4 GiB", 4096},     {"16 GiB", 16384}, {"64 GiB", 65536},
                              {"256 GiB", 262144}, {"1 TiB", 1048576}};
    double ratio_1g = 0, ratio_256g = 0, boot = 0, hot = 1e18, bytes = 0;
    for (const auto &[name, mib] : sizes) {
        if (quick && mib != 64 && mib != 1024)
            continue;
        const uint64_t pages = mib * 256;
        const ratios r =
            pages < RefZone::kIdx ? measure<RefZone>(name, pages) : measure<NullAlloc>(name, pages);
        if (mib == 1024)
            ratio_1g = r.five;
        if (mib == 262144) {
            ratio_256g = r.five;
            boot = r.boot_ms;
        }
        hot = std::min(hot, r.hot);
        bytes = std::max(bytes, mib >= 1024 ? r.bytes : 0);
    }
    std::printf(
        "buddy-speed: %.2f x zone at 1 GiB, %.2f x at 256 GiB, hot order 0 %.1f ns, boot of "
        "256 GiB %.2f ms, %.2f B a page\n",
        ratio_1g, ratio_256g, hot, boot, bytes);
    return ratio_1g <= 1.5 && ratio_256g <= 1.2 && hot <= 8 && boot <= 1 && bytes <= 10 ? 0 : 1;
}

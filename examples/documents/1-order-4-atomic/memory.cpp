// SPDX-License-Identifier: BSL-1.0
// The memory of the document's machine in the page allocator's model: how it got there, why the
// request fails, what would have helped, what its log contradicts itself in.
// usage: memory [LOGS]   the folder of the document's logs; the exit status tells whether all of
//                        what is shown came out as in the log
#include <kctx/mm/contradictions.hpp>
#include <kctx/mm/failure_report.hpp>
#include <kctx/mm/owners.hpp>
#include <kctx/mm/rebuild.hpp>
#include <kctx/mm/slab.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <sstream>

using namespace kctx;
using namespace kctx::mm;

namespace {

constexpr unsigned version = KCTX_VERSION(5, 4, 125);
constexpr unsigned GFP_ATOMIC = 0xa20, GFP_KERNEL = 0xcc0, GFP_HIGHUSER_MOVABLE = 0x100cca;
constexpr unsigned buffer_order = 4; // USB_TX_CMD_BUF_SIZE: more than 32 kB, up to 64 kB

int differences = 0;

void heading(const std::string &text) { std::cout << "\n== " << text << "\n"; }

void expect(bool is_so, const std::string &what)
{
    std::cout << (is_so ? "   " : "!! not so: ") << what << "\n";
    differences += !is_so;
}

std::string read(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw std::runtime_error(path + ": cannot be read");
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Lines whose blanks the document changed and whose long ones it broke: only words count.
std::string words(const std::string &text)
{
    std::istringstream in(text);
    std::string out, word;
    while (in >> word)
        out += word + " ";
    return out;
}

std::string line_starting(const std::string &text, const std::string &start)
{
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(start))
            return line;
    }
    return {};
}

/// The document's kernel: its vendor's fields, Android's order of types.
mem_info_format format() { return mem_info_format(version, kernel::mem_info_of_amlogic); }

/// The zone of the log. Its watermarks are not what mainline computes, so they are loaded.
zone_plan zone_of(const zone_info &z)
{
    const counters &v = z.values;
    zone_plan plan;
    plan.name = z.name;
    plan.spanned = plan.present = v["present"];
    plan.managed = v["managed"];
    plan.wmark.min = static_cast<long>(v["min"]);
    plan.wmark.low = static_cast<long>(v["low"]);
    plan.wmark.high = static_cast<long>(v["high"]);
    plan.lowmem_reserve.assign(z.lowmem_reserve.begin(), z.lowmem_reserve.end());
    plan.pcp_batch = 63; // zone_batchsize() and pageset_set_batch() of 5.4 for this size
    plan.pcp_high = 6 * plan.pcp_batch;
    plan.stat_threshold = 0; // exact counters: the model has one CPU
    plan.movable_pages =
        v["active_anon"] + v["inactive_anon"] + v["active_file"] + v["inactive_file"];
    return plan;
}

memory_state state_of(const zone_plan &plan)
{
    memory_state s;
    s.release = "5.4.125";
    s.pageblock_order = 10;
    s.zones.push_back(build_zone(plan, s.orders, s.pageblock_order));
    return s;
}

/// The machine as it was when the document's pagetypeinfo was taken.
memory_state booted(const mem_info &log, const pagetypeinfo &boot)
{
    zone_plan plan = zone_of(log.zones.at(0));
    counts_of(boot, boot.zones.at(0), plan);
    return state_of(plan);
}

/// The machine when the request failed: the log has the blocks of each order with the letters of
/// their types, and the pages of each type.
memory_state failed(const mem_info &log, const pagetypeinfo &boot)
{
    zone_plan plan = zone_of(log.zones.at(0));
    counts_of(boot, boot.zones.at(0), plan); // for the pageblocks; the log does not say
    const counters &by_type = log.after_orders;
    std::array<std::uint64_t, migrate_types> pages{};
    pages[unmovable] = by_type["Free_Unmovable"];
    pages[movable] = by_type["Free_Movable"];
    pages[reclaimable] = by_type["Free_Reclaimable"];
    pages[cma] = by_type["Free_CMA"];
    plan.free = split_by_type(log.zones[0].orders, format().types, pages);
    plan.pcp_count = static_cast<long>(log.zones[0].values["local_pcp"]);
    memory_state s = state_of(plan);
    s.zones[0].free.global = static_cast<long>(log.zones[0].values["free"]); // as it is printed
    return s;
}

void print_watermark(const kernel::watermark_result &w)
{
    std::cout << "   free less 2^order - 1 (" << w.less_order << ") and CMA (" << w.less_cma
              << "): " << w.usable << " pages usable, above min " << w.mark
              << ", which GFP_ATOMIC lowers to " << w.min << ": "
              << (w.verdict == kernel::watermark_result::outcome::no_block
                      ? "enough pages, and no block of this order that is not CMA's"
                      : "the watermark")
              << "\n";
}

/// The machine in its daily test: network buffers come and go, a driver forgets one now and then,
/// and kswapd takes pages of files back, wherever they are, when memory gets short.
class workload
{
public:
    workload(page_allocator &pages, const memory_state &state) : pages_(pages)
    {
        for (const frame_range &r : state.zones[0].movable) {
            for (std::uint64_t pfn = r.pfn; pfn < r.pfn + r.pages; ++pfn) {
                if (pages.map().block_type(pages.map().index(pfn)) == movable)
                    files_.push_back(pfn);
            }
        }
        std::shuffle(files_.begin(), files_.end(), random_);
        for (const std::uint64_t pfn : files_)
            owners.allocated("files and anonymous memory", pfn, 0);
    }

    void step()
    {
        for (int i = 0; i < 8; ++i) {
            const auto order = static_cast<unsigned>(random_() % 3);
            if (const page_result p = pages_.alloc_pages(GFP_KERNEL, order)) {
                owners.allocated("network", p.pfn(), order);
                buffers_.push_back({p.pfn(), order});
            }
        }
        while (buffers_.size() > 400) {
            std::swap(buffers_[random_() % buffers_.size()], buffers_.back());
            give(buffers_.back().pfn, buffers_.back().order);
            buffers_.pop_back();
        }
        if (const page_result p = pages_.alloc_pages(GFP_KERNEL, 0)) // nobody will free it
            owners.allocated("wlan_mt7663_usb", p.pfn(), 0);
        kswapd();
    }

    page_owners owners;

private:
    struct buffer {
        std::uint64_t pfn;
        unsigned order;
    };

    void give(std::uint64_t pfn, unsigned order)
    {
        owners.freed(pfn);
        pages_.free_pages(pfn, order);
    }

    void kswapd()
    {
        const zone &z = pages_.zones()[0];
        const auto usable = [&z] { return z.free.exact() - z.free_cma.exact(); };
        if (usable() > z.wmark.low + z.boost)
            return;
        while (usable() < z.wmark.high + z.boost && !files_.empty()) {
            give(files_.back(), 0);
            files_.pop_back();
        }
        pages_.kswapd_sleeps();
    }

    page_allocator &pages_;
    std::mt19937 random_{2663};
    std::vector<buffer> buffers_;
    std::vector<std::uint64_t> files_; ///< frames that can be taken back
};

/// Is there a block from 64 kB up that is not CMA's?
bool large_block_left(const zone &z)
{
    unsigned orders = 0;
    for (const unsigned type : {unmovable, movable, reclaimable, highatomic})
        orders |= z.nonempty[type];
    return orders >> buffer_order != 0;
}

void show_boot_and_leak(const memory_state &boot, const std::string &document)
{
    heading("at boot: /proc/pagetypeinfo");
    page_allocator pages(boot);
    const std::string shown =
        print(describe_pagetypeinfo(pages.save(), kernel::android_migratetypes(version)));
    std::cout << shown;
    expect(words(shown) == words(document), "it is the document's, number by number");

    const page_result pool = pages.alloc_pages(GFP_KERNEL, buffer_order);
    expect(bool(pool), "a buffer of 64 kB, allocated now and kept, is there");

    heading("the leak runs");
    workload load(pages, boot);
    unsigned long events = 0;
    std::cout << "   events    MemFree   of it CMA\n";
    const auto sample = [&] {
        const memory_state now = pages.save();
        load.owners.sample();
        std::printf("%9lu %7ld kB  %7ld kB\n", events, now.zones[0].free.exact() * 4,
                    now.zones[0].free_cma.exact() * 4);
    };
    for (; events < 400000 && large_block_left(pages.zones()[0]); ++events) {
        if (events % 1000 == 0)
            sample();
        load.step();
    }
    sample();
    const page_result buffer =
        pages.alloc_pages(GFP_ATOMIC, buffer_order); // the adapter is plugged in
    const mem_info now = describe_mem_info(pages.save(), format());
    expect(!buffer, "order 4 with GFP_ATOMIC fails after " + std::to_string(events) + " events:");
    std::cout << line_starting(print(now, format()), "DMA32: ") << "\n";
    for (const zone_refusal &z : pages.last_failure().zones)
        print_watermark(z.watermark);
    bool cma_alone = true;
    for (unsigned order = buffer_order; order < now.zones[0].orders.size(); ++order)
        cma_alone = cma_alone && (now.zones[0].orders[order].types.empty() ||
                                  now.zones[0].orders[order].types == "C");
    expect(cma_alone, "as in the log, what is free from 64 kB up is CMA's");

    heading("the leak hunt: who has what, and who only grows");
    for (const page_owners::share &s : load.owners.shares())
        std::cout << "   " << s.owner << ": " << s.pages * 4 << " kB in " << s.allocations
                  << " allocations\n";
    const auto leaks = load.owners.leaks();
    for (const page_owners::suspect &s : leaks)
        std::cout << "   " << s.owner << " only grows: " << s.from * 4 << " kB -> " << s.to * 4
                  << " kB\n";
    expect(leaks.size() == 1 && leaks[0].owner == "wlan_mt7663_usb",
           "one owner leaks, and it is found");
    if (pool)
        expect(pages.zone_of(pool.pfn()) != nullptr, "the buffer kept since boot is still there");
}

void show_failure(const memory_state &state, const mem_info &log, const std::string &log_text,
                  const std::string &failure_log)
{
    heading("at the failure: the report");
    page_allocator pages(state);
    failed_request request;
    request.comm = "kworker/0:0";
    request.order = buffer_order;
    request.cpuset = "/";

    kmalloc_caches mainline(pages);
    kmalloc_caches vendor(pages, {.large_is_compound = false});
    for (kmalloc_caches *caches : {&mainline, &vendor}) {
        request.gfp = caches->large_mode(GFP_ATOMIC);
        const address buffer = caches->kmalloc(64 * 1024, GFP_ATOMIC);
        std::cout << (caches == &mainline ? "   mainline: " : "   this vendor: ")
                  << (buffer == 0 ? failure_header(version, request) : "there is one\n");
        expect(buffer == 0,
               "kmalloc(64 kB, GFP_ATOMIC) gives NULL, and a caller that looks returns "
               "-ENOMEM");
    }
    expect(failure_header(version, request) == line_starting(failure_log, "kworker") + "\n",
           "the vendor's first line is the log's; mainline would have printed __GFP_COMP");

    const mem_info shown = describe_mem_info(pages.save(), format(), log);
    const std::string report = print(shown, format());
    std::cout << report;
    expect(words(report) == words(log_text), "it is the log's, number by number");
    for (const zone_refusal &z : pages.last_failure().zones)
        print_watermark(z.watermark);

    heading("the rate limit");
    warn_alloc_limit limit(version, 250);
    for (const unsigned seconds : {0u, 3u, 9u, 11u}) {
        const warn_verdict v = limit.ask(seconds * 250u, GFP_ATOMIC);
        std::cout << "   " << seconds << " s: " << name_of(v) << "\n"
                  << (limit.suppressed().empty() ? "" : "   " + limit.suppressed());
    }
    std::cout << "   the filter of show_mem(): GFP_ATOMIC cannot wait, so all nodes are shown: "
              << (kernel::failure_filters_nodes(version, GFP_ATOMIC, {}) ? "no" : "yes") << "\n";

    heading("what the log contradicts itself in");
    for (const contradiction &c : contradictions(log, format()))
        std::cout << "   " << name_of(c.what) << ", " << c.where << ": " << c.text << "\n";
}

/// @p files: the pages of files that can be dropped
void show_what_helps(const memory_state &state, std::uint64_t files)
{
    heading("in the same place");
    {
        page_allocator pages(state);
        const page_result p = pages.alloc_pages(GFP_HIGHUSER_MOVABLE, buffer_order);
        expect(p && pages.map().block_type(pages.map().index(p.pfn())) == cma,
               "a movable request of this order is served, from CMA");
    }
    {
        page_allocator pages(state);
        const auto frames = vmalloc(pages, 64 * 1024, GFP_KERNEL);
        expect(frames.size() == 16,
               "16 single pages are there, as for vmalloc() or a scatter list");
    }
    {
        page_allocator pages(state);
        // The log counts the pages of files, and does not say where they are: anywhere among the
        // movable ones.
        std::vector<std::uint64_t> frames;
        for (const frame_range &r : state.zones[0].movable) {
            for (std::uint64_t pfn = r.pfn; pfn < r.pfn + r.pages; ++pfn)
                frames.push_back(pfn);
        }
        std::mt19937_64 random(1);
        std::shuffle(frames.begin(), frames.end(), random);
        frames.resize(std::min(frames.size(), std::size_t{files}));
        for (const std::uint64_t pfn : frames)
            pages.set_reclaimable(pfn);
        expect(bool(pages.alloc_pages(GFP_KERNEL, buffer_order)),
               "GFP_KERNEL compacts, reclaims, and gets its 64 kB");
    }
}

} // namespace

int main(int argc, char **argv)
{
    try {
        const std::string logs = argc > 1 ? argv[1] : KCTX_DOCUMENT_LOGS;
        const std::string mem_info_text = read(logs + "/doc1_mem_info_5.4.log");
        const std::string boot_text = read(logs + "/doc1_pagetypeinfo_at_boot_5.4.txt");
        const std::string failure = read(logs + "/doc1_page_allocation_failure_5.4_arm64.log");
        const mem_info log = parse_mem_info(mem_info_text, format());
        const pagetypeinfo boot = parse_pagetypeinfo(boot_text);

        show_boot_and_leak(booted(log, boot), boot_text);
        const memory_state at_failure = failed(log, boot);
        show_failure(at_failure, log, mem_info_text, failure);
        const counters &v = log.global;
        show_what_helps(at_failure, v["active_file"] + v["inactive_file"]);
    } catch (const std::exception &e) {
        std::cerr << "memory: " << e.what() << "\n";
        return 2;
    }
    std::cout << "\n" << (differences == 0 ? "all as in the log" : "not all as in the log") << "\n";
    return differences == 0 ? 0 : 1;
}

// SPDX-License-Identifier: BSL-1.0
// Failure reports of running kernels: in the state of that moment the request fails in the model as
// well, and the report of it has the kernel's zone and order lines.
#include <doctest/doctest.h>

#include "kernel_texts.hpp"

#include <kctx/mm/failure_report.hpp>
#include <kctx/mm/rebuild.hpp>
#include <kctx/mm/replay.hpp>

#include <cstdio>
#include <functional>
#include <memory>

using namespace kctx;
using namespace kctx::mm;

namespace {

/// Calls f with each line of a gzip file.
void for_each_line(const std::string &path, const std::function<void(std::string_view)> &f)
{
    const std::string command = "gzip -dc '" + path + "'";
    std::unique_ptr<FILE, int (*)(FILE *)> in(popen(command.c_str(), "r"), pclose);
    REQUIRE(in);
    std::string line;
    for (char buffer[4096]; std::fgets(buffer, sizeof buffer, in.get()) != nullptr;) {
        line += buffer;
        if (line.back() != '\n')
            continue;
        line.pop_back();
        f(line);
        line.clear();
    }
}

struct request {
    std::string comm;
    unsigned order = 0;
    unsigned gfp = 0;
};

request parse_header(const std::string &line)
{
    request r;
    const std::size_t at = line.find(": page allocation failure");
    r.comm = line.substr(0, at);
    scanner in(std::string_view(line).substr(at));
    in.expect(": page allocation failure: order:");
    r.order = static_cast<unsigned>(in.number());
    in.expect(", mode:0x");
    r.gfp = static_cast<unsigned>(std::stoul(in.word("("), nullptr, 16));
    return r;
}

/// Reports of a state that follows from nothing that the trace tells.
struct unpredicted {
    const char *trace;
    unsigned gfp;
    const char *cause;
};
constexpr unpredicted unpredicted_reports[] = {
    {"54a_s4", 0x104cc8, "kswapd ended a boost while cma_alloc() migrated"},
    {"54a_s7", 0x50cc0, "compaction moved pages, where to is in no event"},
    {"61a_s3b", 0xcc0, "compaction moved pages, where to is in no event"},
};

/// Does the model, in this state, fail the request, and report it as the kernel did? What the
/// allocator does not count (LRU, page tables) is taken from the report.
/// @param pcp the per-cpu lists are of the same moment
void compare(const memory_state &state, const std::string &report, unsigned version,
             bool pcp = true)
{
    const request r = parse_header(report.substr(0, report.find('\n')));
    page_allocator pages(state);
    pages.stop_before_reclaim(true);
    CHECK(!pages.alloc_pages(r.gfp, r.order));

    failed_request failed;
    failed.comm = r.comm;
    failed.order = r.order;
    failed.gfp = r.gfp;
    const mem_info_format format(version);
    const std::string text = report.substr(report.find("Mem-Info:"));
    scanner in(text);
    const mem_info log = parse_mem_info(in, format);
    mem_info m = describe_mem_info(state, format, log);
    if (!pcp) {
        m.global.set("free_pcp", log.global["free_pcp"]);
        for (std::size_t i = 0; i < m.zones.size(); ++i) {
            for (const char *name : {"free_pcp", "local_pcp"})
                m.zones[i].values.set(name, log.zones.at(i).values[name]);
        }
    }
    const unsigned node_0[] = {0};
    const std::string printed = print(shown_with(m, version, failed, node_0), format);
    CHECK(printed == text.substr(0, printed.size()));
}

} // namespace

TEST_CASE("the failure reports in the recorded traces")
{
    namespace fs = std::filesystem;
    std::vector<fs::path> traces;
    for (const auto &entry : fs::directory_iterator(KCTX_TEST_DATA "/kernel-truth/buddy")) {
        if (entry.path().extension() == ".gz")
            traces.push_back(entry.path());
    }
    std::sort(traces.begin(), traces.end());
    unsigned reports = 0, equal = 0;
    for (const fs::path &path : traces) {
        const std::string name = path.filename().string();
        if (!fs::exists(path.parent_path() / ("dmesg_" + name.substr(0, name.find('.')) + ".txt")))
            continue;
        const unsigned version =
            name.starts_with("54") ? KCTX_VERSION(5, 4, 124) : KCTX_VERSION(6, 1, 192);
        trace_replay replay;
        std::string report;
        memory_state state;
        unsigned long lost_before = 0; // by the last dump
        bool lost = false;
        const auto times_lost = [&replay] {
            unsigned long n = 0;
            for (const auto &[why, times] : replay.counts().lost)
                n += times;
            return n;
        };
        const auto report_is_complete = [&] {
            if (report.empty())
                return;
            CAPTURE(name);
            CAPTURE(report.substr(0, 100));
            const unsigned gfp = parse_header(report.substr(0, report.find('\n'))).gfp;
            const bool predicted = std::none_of(
                std::begin(unpredicted_reports), std::end(unpredicted_reports),
                [&](const unpredicted &u) { return name.starts_with(u.trace) && gfp == u.gfp; });
            if (predicted) {
                CHECK(!lost);
                compare(state, report, version);
            }
            equal += predicted;
            ++reports;
            report.clear();
        };
        for_each_line(path.string(), [&](std::string_view line) {
            if (!line.starts_with("M ")) {
                report_is_complete();
            } else if (line.find(": page allocation failure: ") != line.npos) {
                report_is_complete();
                replay.finish(); // up to here
                // cma_alloc() that reclaims is lost; the state in which it had to is known.
                const auto &in_cma = replay.state_at_cma_failure();
                lost = times_lost() != lost_before + in_cma.has_value();
                state = in_cma ? *in_cma : replay.model()->save();
                report = without_prefixes(line.substr(2)) + "\n";
            } else if (!report.empty()) {
                report += without_prefixes(line.substr(2)) + "\n";
            }
            replay.read(line);
            if (line.starts_with("D end "))
                lost_before = times_lost();
        });
        report_is_complete();
    }
    CHECK(reports == 13);
    CHECK(equal == 10);
}

TEST_CASE("the failure report of Debian's kernel that has a snapshot of the same moment")
{
    // The others' snapshots were taken before or after more allocations.
    const std::string folder = KCTX_TEST_DATA;
    std::vector<texts::text> snapshot;
    constexpr unsigned version = KCTX_VERSION(6, 1, 192);
    texts::cut_proc_texts("", version,
                          texts::read(folder + "/snapshots/snap-debian-6.1.192-low2-eaten9.txt"),
                          snapshot);
    const auto content = [&snapshot](std::string_view kind) {
        return std::find_if(snapshot.begin(), snapshot.end(),
                            [kind](const auto &t) { return t.kind == kind; })
            ->content;
    };
    const memory_state state = build_state("6.1.192", parse_pagetypeinfo(content("pagetypeinfo")),
                                           parse_zoneinfo(content("zoneinfo")));
    compare(state,
            without_prefixes(
                texts::read(folder + "/logs/kernel-runs/report-debian-6.1.192-low2-2-paf.log")),
            version, false); // zoneinfo was read when 23 pages had left the per-cpu lists
}

// SPDX-License-Identifier: BSL-1.0
// The page allocator model against recorded kernels: each trace is replayed, every page number that
// the kernel handed out compared with the model's. The last line is the figure.
// usage: kctx_buddy_truth [--digest-every N] [--speed] FILE...
#include "../../tools/trace_file.hpp"

#include <kctx/mm/replay.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using kctx::mm::replay_counts;
using kctx::mm::trace_replay;

void add(replay_counts &sum, const replay_counts &c)
{
    sum.lines += c.lines;
    sum.events += c.events;
    sum.allocs += c.allocs;
    sum.allocs_equal += c.allocs_equal;
    sum.failures_equal += c.failures_equal;
    sum.frees += c.frees;
    sum.fallbacks += c.fallbacks;
    sum.fallbacks_equal += c.fallbacks_equal;
    sum.drained += c.drained;
    sum.drained_equal += c.drained_equal;
    sum.dumps += c.dumps;
    sum.dumps_equal += c.dumps_equal;
    sum.dumps_lists_equal += c.dumps_lists_equal;
    sum.digests += c.digests;
    sum.digests_equal += c.digests_equal;
    sum.differences += c.differences;
    sum.foreign_drains += c.foreign_drains;
    sum.boost_resets += c.boost_resets;
    sum.boost_resets_predicted += c.boost_resets_predicted;
    sum.cma_allocs += c.cma_allocs;
    sum.cma_allocs_equal += c.cma_allocs_equal;
    sum.reclaims += c.reclaims;
    sum.reclaims_equal += c.reclaims_equal;
    sum.resyncs += c.resyncs;
    sum.not_compared += c.not_compared;
    for (const auto &[why, times] : c.lost)
        sum.lost[why] += times;
}

void print(const std::string &name, const replay_counts &c)
{
    std::printf(
        "%-28s %6lu/%-6lu %4lu/%-4lu %5lu %6lu %6lu/%-6lu %3lu+%lu/%-3lu %6lu/%-6lu %2lu/%-2lu "
        "%2lu/%-2lu %2lu/%-2lu %2lu %7lu %4lu\n",
        name.c_str(), c.allocs_equal, c.allocs, c.fallbacks_equal, c.fallbacks, c.failures_equal,
        c.frees, c.drained_equal, c.drained, c.dumps_equal, c.dumps_lists_equal, c.dumps,
        c.digests_equal, c.digests, c.cma_allocs_equal, c.cma_allocs, c.reclaims_equal, c.reclaims,
        c.boost_resets_predicted, c.boost_resets, c.foreign_drains, c.not_compared, c.differences);
}

/// Lines of a file in one text, so that a measurement has neither disk nor gzip in it.
std::string text_of(const std::string &name)
{
    std::string text;
    kctx::tools::trace_file(name).for_each_line([&text](std::string_view line) {
        text += line;
        text += '\n';
    });
    return text;
}

/// CPU seconds for the replay of a text, the best of three.
double seconds(const std::string &text, unsigned long &events)
{
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
        trace_replay replay;
        replay.digest_every(0);
        const std::clock_t begin = std::clock();
        for (std::string_view rest = text; !rest.empty();) {
            const std::size_t end = rest.find('\n');
            replay.read(rest.substr(0, end));
            rest.remove_prefix(end + 1);
        }
        replay.finish();
        best = std::min(best, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
        events = replay.counts().events;
    }
    return best;
}

int speed(const std::vector<std::string> &files)
{
    double all = 0;
    unsigned long events = 0;
    for (const std::string &file : files) {
        unsigned long n = 0;
        const double s = seconds(text_of(file), n);
        std::printf("%-48s %8lu events %6.2f million a second\n", file.c_str(), n,
                    static_cast<double>(n) / s / 1e6);
        all += s;
        events += n;
    }
    const double rate = static_cast<double>(events) / all / 1e6;
    std::printf("replay: %.1f million trace events a second\n", rate);
    return rate >= 5 ? 0 : 1;
}

int truth(const std::vector<std::string> &files, unsigned digest_every)
{
    std::printf("%-28s %13s %9s %5s %6s %13s %9s %13s %5s %5s %5s %2s %7s %4s\n", "trace",
                "requests", "fallbacks", "fails", "frees", "pcp drains", "dumps", "digests", "cma",
                "slow", "boost", "fd", "not cmp", "diff");
    replay_counts sum;
    for (const std::string &file : files) {
        trace_replay replay;
        replay.digest_every(digest_every);
        kctx::tools::trace_file(file).for_each_line(
            [&replay](std::string_view line) { replay.read(line); });
        replay.finish();
        print(file.substr(file.rfind('/') + 1), replay.counts());
        if (const auto *d = replay.first_difference())
            std::printf("  line %lu: %s\n", d->line, d->what.c_str());
        add(sum, replay.counts());
    }
    print("all", sum);
    std::printf("Taken from the traces, not predicted:\n");
    for (const auto &[why, times] : sum.lost)
        std::printf("  %lu x %s\n", times, why.c_str());
    std::printf("  %lu x the per-cpu lists emptied by somebody unseen\n", sum.foreign_drains);
    std::printf("  %lu x kswapd went to sleep before the model's was woken\n",
                sum.boost_resets - sum.boost_resets_predicted);
    std::printf("buddy-truth: %lu of %lu requests identical, with %lu of %lu fallbacks, %lu of %lu "
                "dumps, %lu of %lu digests\n",
                sum.allocs_equal, sum.allocs, sum.fallbacks_equal, sum.fallbacks,
                sum.dumps_equal + sum.dumps_lists_equal, sum.dumps, sum.digests_equal, sum.digests);
    return sum.allocs != 0 && sum.differences == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    std::vector<std::string> files;
    unsigned digest_every = 1;
    bool measure = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view arg = argv[i];
        if (arg == "--digest-every" && i + 1 < argc) {
            const std::string_view n = argv[++i];
            std::from_chars(n.data(), n.data() + n.size(), digest_every);
        } else if (arg == "--speed") {
            measure = true;
        } else {
            files.emplace_back(arg);
        }
    }
    try {
        return measure ? speed(files) : truth(files, digest_every);
    } catch (const std::exception &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
}

// SPDX-License-Identifier: BSL-1.0
// kctx replay: recorded page allocator traces against the model, page by page.
#include "commands.hpp"
#include "trace_file.hpp"

#include <kctx/mm/replay.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

namespace kctx::tools {
namespace {

struct arguments {
    std::vector<std::string> files;
    std::string state;  ///< a dump to start from
    std::string states; ///< where to write both states at the first difference
};

/// Says on a terminal how far a long replay is.
class progress
{
public:
    void line(unsigned long number)
    {
        if ((number & 0xfffff) != 0 || !shown_)
            return;
        const auto now = std::chrono::steady_clock::now();
        if (now - begin_ > std::chrono::seconds(2))
            std::fprintf(stderr, "\r%lu million lines", number / 1000000);
    }
    ~progress()
    {
        if (shown_)
            std::fprintf(stderr, "\r\033[K");
    }

private:
    bool shown_ = isatty(STDERR_FILENO) != 0;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

mm::memory_state state_of(const std::string &name)
{
    mm::dump_reader dump;
    mm::memory_state state;
    unsigned long number = 0;
    bool found = false;
    trace_file(name).for_each_line([&](std::string_view line) {
        ++number;
        if (found)
            return;
        if (dump.inside() || line.starts_with("D ")) {
            found = dump.read(line, number);
            if (found)
                state = dump.state();
        } else if (line.starts_with("H ")) {
            dump.header(line, number);
        }
    });
    if (!found)
        throw std::runtime_error(name + ": no dump in it");
    return state;
}

void write(const std::string &name, const std::string &text)
{
    std::FILE *file = std::fopen(name.c_str(), "w");
    if (file == nullptr || std::fwrite(text.data(), 1, text.size(), file) != text.size() ||
        std::fclose(file) != 0)
        throw std::runtime_error(name + ": cannot be written");
}

void print(const std::string &name, const mm::replay_counts &c)
{
    std::printf("%s: %lu lines, %lu events\n", name.c_str(), c.lines, c.events);
    const auto row = [](const char *label, unsigned long equal, unsigned long all) {
        if (all != 0)
            std::printf("  %-18s %lu of %lu equal\n", label, equal, all);
    };
    row("requests", c.allocs_equal, c.allocs);
    if (c.failures_equal != 0)
        std::printf("  %-18s %lu of them\n", "failed in both", c.failures_equal);
    row("fallbacks", c.fallbacks_equal, c.fallbacks);
    row("per-cpu drains", c.drained_equal, c.drained);
    row("cma_alloc", c.cma_allocs_equal, c.cma_allocs);
    row("slow path", c.reclaims_equal, c.reclaims);
    row("dumps", c.dumps_equal + c.dumps_lists_equal, c.dumps);
    row("digests", c.digests_equal, c.digests);
    std::printf("  %-18s %lu\n", "frees", c.frees);
    for (const auto &[why, times] : c.lost)
        std::printf("  %-18s %lu x %s\n", "not predicted", times, why.c_str());
    if (c.foreign_drains != 0)
        std::printf("  %-18s %lu x the per-cpu lists emptied by somebody unseen\n", "not predicted",
                    c.foreign_drains);
    if (c.not_compared != 0)
        std::printf("  %-18s %lu events, until the next dump\n", "not compared", c.not_compared);
}

int replay(const std::string &name, const arguments &args)
{
    mm::trace_replay trace;
    if (!args.state.empty())
        trace.start_from(state_of(args.state));
    progress shown;
    trace_file(name).for_each_line([&](std::string_view line) {
        trace.read(line);
        shown.line(trace.counts().lines);
    });
    trace.finish();
    print(name, trace.counts());
    if (trace.model() == nullptr) {
        std::printf("  there is no state to start from: the trace has no dump, and --state names "
                    "none\n");
        return nothing_found;
    }
    const mm::replay_difference *d = trace.first_difference();
    if (d == nullptr)
        return done;
    std::printf("%s:%lu: first of %lu differences: %s\n", name.c_str(), d->line,
                trace.counts().differences, d->what.c_str());
    if (args.states.empty()) {
        std::printf("  (--states NAME writes the states to NAME.model and NAME.trace)\n");
        return nothing_found;
    }
    write(args.states + ".model", d->model_state);
    write(args.states + ".trace", d->trace_state);
    std::printf("  the model's state there: %s.model, the trace's next dump: %s.trace\n",
                args.states.c_str(), args.states.c_str());
    return nothing_found;
}

} // namespace

void add_replay(CLI::App &program, int &status)
{
    auto args = std::make_shared<arguments>();
    CLI::App *command = program.add_subcommand(
        "replay", "Replays a recorded page allocator trace in the model and compares page by page");
    command->add_option("FILE", args->files, "Traces, plain or gzip; - is the standard input")
        ->required();
    command->add_option("--state", args->state,
                        "A dump to start from, for a trace that has none (tracepoints as text)");
    command
        ->add_option("--states", args->states,
                     "At the first difference, write both states to NAME.model, NAME.trace")
        ->type_name("NAME");
    command->footer(
        "Exit status: 0 every trace agrees, 1 there is a difference or no state to start "
        "from, 2 a trace that cannot be read.");
    command->callback([args, &status] {
        for (const std::string &name : args->files) {
            try {
                status = std::max(status, replay(name, *args));
            } catch (const std::exception &e) {
                std::fprintf(stderr, "kctx: %s: %s\n", name.c_str(), e.what());
                status = unusable;
            }
        }
    });
}

} // namespace kctx::tools

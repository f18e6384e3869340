// SPDX-License-Identifier: BSL-1.0
// Simulates the cells of measured tables, and writes what came out in the same form, so that
// tests/truth/truth.cpp can compare the three.
#include "cell.hpp"

#include "../truth/cells.hpp"

#include <cstdio>
#include <fstream>
#include <memory>

namespace agreement {
namespace {

constexpr const char *usage =
    "usage: simulate --mapping FILE (--rt | --preempt) CELLS OUTPUT...\n"
    "  --mapping  what the names stand for\n"
    "  --rt       the kernel with PREEMPT_RT; CELLS as measured, OUTPUT: the same, simulated";

/// A kernel says more on a path that this cell did not take: where it did, and the machine at first
/// not, the machine is told to take it.
simulated_cell simulate(simulator &sim, const truth::cell &measured)
{
    simulated_cell fast = sim.run(measured.rt, measured.context, measured.call, false);
    if ((fast.verdict != "ok") == !measured.passed)
        return fast;
    simulated_cell slow = sim.run(measured.rt, measured.context, measured.call, true);
    return (slow.verdict != "ok") == !measured.passed ? slow : fast;
}

int run(int argc, char **argv)
{
    std::string mapping;
    int failed = 0;
    unsigned cells = 0, calls_on_slow_path = 0;
    std::unique_ptr<simulator> sim;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--mapping" && i + 1 < argc) {
            mapping = argv[++i];
            sim = std::make_unique<simulator>(mapping);
        } else if ((option == "--rt" || option == "--preempt") && i + 2 < argc && sim) {
            const std::string input = argv[++i];
            const std::string output = argv[++i];
            std::ofstream out(output);
            out << "context\tcall\tverdict\tfirst_line\tkind\tstage\tret\tthen\n";
            for (const truth::cell &c : truth::read_cells(input, option == "--rt")) {
                try {
                    const simulated_cell s = simulate(*sim, c);
                    out << c.context << '\t' << c.call << '\t' << s.verdict << '\t' << s.first_line
                        << '\t' << s.kind << '\t' << s.stage << '\t'
                        << (s.slow_path ? "slow-path" : "") << '\t' << s.then << '\n';
                    ++cells;
                    calls_on_slow_path += s.slow_path;
                } catch (const std::invalid_argument &e) {
                    std::printf("FAILED: %s: %s\n", c.where.c_str(), e.what());
                    failed = 1;
                }
            }
            if (!out.flush())
                throw truth::unusable(output + ": cannot be written");
        } else {
            throw truth::unusable(usage);
        }
    }
    if (!sim)
        throw truth::unusable(usage);
    std::printf("%u cells simulated, %u of them on a path that is seldom taken\n", cells,
                calls_on_slow_path);
    return failed;
}

} // namespace
} // namespace agreement

int main(int argc, char **argv)
{
    try {
        return agreement::run(argc, argv);
    } catch (const truth::unusable &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the simulated machine says of a cell, in the words of the measurement.
#pragma once

#include <string>

namespace agreement {

/// As a row of the measured tables.
struct simulated_cell {
    std::string verdict = "ok"; ///< ok, complains, hangs/crashes
    std::string first_line;
    std::string kind;
    std::string stage;
    std::string then;
    bool slow_path = false; ///< the machine was told to take the paths that are seldom taken
};

/// Runs @p call in @p context, both by the names of the measurement and of mapping.tsv, on the
/// kernel with PREEMPT_RT or the other one. Throws std::invalid_argument for names that say
/// nothing.
class simulator
{
    struct names;
    names *names_;

public:
    explicit simulator(const std::string &mapping_file);
    ~simulator();
    simulator(const simulator &) = delete;
    simulator &operator=(const simulator &) = delete;
    simulated_cell run(bool rt, const std::string &context, const std::string &call,
                       bool slow_paths);
};

} // namespace agreement

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Programs that are run with limits. Whatever they do, run_limited() comes back, and nothing that
/// they started is left.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::tools::lab {

struct limits {
    double wall_seconds = 20;
    unsigned cpu_seconds = 15;
    std::size_t address_space = 0;               ///< bytes; 0: no limit, for sanitizers
    std::size_t resident = std::size_t{1} << 30; ///< bytes, looked at all the time
    std::size_t output = std::size_t{1} << 20;   ///< bytes
    std::size_t file = std::size_t{64} << 20;    ///< bytes of a file that it writes
    unsigned processes = 64;                     ///< of its user; root has no such limit
};

enum class ending : unsigned char {
    exited,
    signalled,
    too_long,
    too_much_memory,
    too_much_output,
    not_started,
};

struct finished {
    ending how = ending::not_started;
    int code = 0;       ///< exit status, or signal
    std::string output; ///< stdout and stderr
    std::string report; ///< what it wrote to descriptor 3
    double seconds = 0;
    double cpu_seconds = 0;

    bool success() const { return how == ending::exited && code == 0; }
    /// "it ran longer than 10 s", "SIGSEGV".
    std::string in_words(const limits &l) const;
};

/// Somebody has pressed Ctrl-C: what was under way has no result.
struct interrupted : std::runtime_error {
    interrupted() : std::runtime_error("interrupted") {}
};

/// Runs @p command with @p input, in folder @p folder unless that is empty, with an environment of
/// PATH, HOME and TMPDIR alone, and LC_ALL=C. Throws interrupted.
finished run_limited(const std::vector<std::string> &command, const limits &l,
                     std::string_view input = {}, const std::string &folder = {});

/// Tells every run_limited() of this process to end what it runs.
void stop_all_programs() noexcept;
bool told_to_stop() noexcept;

} // namespace kctx::tools::lab

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The entry of all fuzzing of the dump and trace readers: text in, replayed as far as it can be
/// read. What is refused is refused with its line and a reason. A broken promise aborts.
#pragma once

#include <kctx/mm/replay.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fuzz {

inline void require_reason(std::string_view what, std::string_view begins)
{
    if (what.starts_with(begins) && what.size() > begins.size() + 2)
        return;
    std::fprintf(stderr, "refused without line and reason: %.*s\n", static_cast<int>(what.size()),
                 what.data());
    std::abort();
}

/// True if all of it could be read.
inline bool read_trace(std::string_view text)
{
    kctx::mm::trace_replay replay;
    try {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            replay.read(text.substr(0, end));
            text.remove_prefix(end == text.npos ? text.size() : end + 1);
        }
        replay.finish();
        if (replay.model() != nullptr && replay.counts().differences == 0)
            static_cast<void>(replay.model()->digest());
        return true;
    } catch (const kctx::mm::malformed &refused) {
        require_reason(refused.what(), "line ");
    } catch (const std::invalid_argument &refused) { // a state that contradicts itself
        require_reason(refused.what(), "");
    }
    return false;
}

} // namespace fuzz

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What -finstrument-functions calls when a function is entered and left.
#pragma once

#include <kctx/sim/functions.hpp>

extern "C" {
/// Called by -finstrument-functions where a function begins: a frame of the trace.
[[gnu::no_instrument_function]] void __cyg_profile_func_enter(void *function, void *)
{
    if (const auto *path = kctx::sim::shown_by(function)) {
        auto &machine = *kctx::sim::machine::here();
        auto &frames = machine.current().frames;
        frames.insert(frames.end(), path->begin(), path->end());
        machine.pass(0); // an interrupt that is due now comes in it
    }
}
/// The same where it ends.
[[gnu::no_instrument_function]] void __cyg_profile_func_exit(void *function, void *)
{
    if (const auto *path = kctx::sim::shown_by(function)) {
        auto &frames = kctx::sim::machine::here()->current().frames;
        frames.resize(frames.size() - path->size());
    }
}
}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Pulse width modulation.
/// @par Kernel source
/// include/linux/pwm.h, drivers/pwm/core.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/types.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// An output; the environment's.
struct pwm_device;
/// What it is to put out, in nanoseconds.
struct pwm_state {
    u64 period = 0;       ///< ns from one pulse to the next
    u64 duty_cycle = 0;   ///< ns of each period that it is on
    bool enabled = false; ///< whether it puts out anything
};

KCTX_CALL(sleeps, int, pwm_apply_might_sleep, (pwm_device * pwm, const pwm_state *state),
          (pwm, state), "may talk to the chip over a bus",
          "pwm_apply_atomic(), if the chip can, or a work item",
          "drivers/pwm/core.c pwm_apply_might_sleep()")
/// For chips whose registers need no bus.
KCTX_CALL(locks, int, pwm_apply_atomic, (pwm_device * pwm, const pwm_state *state), (pwm, state),
          "takes the lock of the chip", KCTX_DO_OUTSIDE_RAW,
          "drivers/pwm/core.c pwm_apply_atomic()")

} // namespace kctx

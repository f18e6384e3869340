// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sensors and converters.
/// @par Kernel source
/// include/linux/iio/trigger.h, drivers/iio/industrialio-trigger.c, drivers/iio/inkern.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/core/contract.hpp>

namespace kctx {

struct iio_trigger; ///< what starts a measurement; the environment's
struct iio_channel; ///< what is measured

namespace rule {
struct in_hardirq {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return s.hardirq && !s.nmi;
    }
};
} // namespace rule
#define KCTX_BREAKS_in_hardirq(name)                                                               \
    "kctx[hardirq-only]: " name "() is for true hard irqs: it calls handlers that expect to be in " \
    "one; fix: request the irq with IRQF_NO_THREAD, or iio_trigger_poll_nested() in a thread"
#define KCTX_LEVEL_only_in_hardirq spin
#define KCTX_RULE_only_in_hardirq in_hardirq
#define KCTX_SLUG_only_in_hardirq "hardirq-only"
#define KCTX_SAYS_only_in_hardirq(name, why) KCTX_BREAKS_in_hardirq(name)

/// Runs the handlers of a trigger.
KCTX_RULED_CALL(only_in_hardirq, void, iio_trigger_poll, (iio_trigger * trigger), (trigger),
                "calls handlers of hard irqs", "request the irq with IRQF_NO_THREAD",
                "drivers/iio/industrialio-trigger.c iio_trigger_poll()")
/// The same in a thread.
KCTX_CALL(sleeps, void, iio_trigger_poll_nested, (iio_trigger * trigger), (trigger),
          "runs the threads of the handlers", "iio_trigger_poll() in a true hard irq",
          "drivers/iio/industrialio-trigger.c iio_trigger_poll_nested()")
KCTX_CALL(sleeps, int, iio_read_channel_raw, (iio_channel * channel, int *value), (channel, value),
          "takes a mutex", KCTX_DO_LATER, "drivers/iio/inkern.c iio_read_channel_raw()")

} // namespace kctx

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sensors and converters.
/// @par Kernel source
/// include/linux/iio/trigger.h, drivers/iio/industrialio-trigger.c, drivers/iio/inkern.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/hardirq_only.hpp>

namespace kctx {

struct iio_trigger; ///< what starts a measurement; the environment's
struct iio_channel; ///< what is measured

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

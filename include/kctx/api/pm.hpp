// SPDX-License-Identifier: BSL-1.0
/// @file
/// Runtime power management and wakeups.
/// @par Kernel source
/// include/linux/pm_runtime.h, drivers/base/power/runtime.c, include/linux/pm_wakeup.h (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/device.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

#define KCTX_PM_WHY "waits until the device has changed its state"
#define KCTX_PM_LOCK_WHY "takes the lock of runtime power management"
#define KCTX_PM_FIX "pm_runtime_get() or pm_runtime_put(), which leave it to a work item"

/// Counts a user and resumes the device. A device of pm_runtime_irq_safe() may be resumed anywhere,
/// which no type tells: assume_context() for it.
KCTX_CALL(sleeps, int, pm_runtime_get_sync, (device * dev), (dev), KCTX_PM_WHY, KCTX_PM_FIX,
          "drivers/base/power/runtime.c __pm_runtime_resume()")
/// The same, and counts no user if that fails.
KCTX_CALL(sleeps, int, pm_runtime_resume_and_get, (device * dev), (dev), KCTX_PM_WHY, KCTX_PM_FIX,
          "include/linux/pm_runtime.h pm_runtime_resume_and_get()")
/// Ends a use; the last suspends the device.
KCTX_CALL(sleeps, int, pm_runtime_put_sync, (device * dev), (dev), KCTX_PM_WHY, KCTX_PM_FIX,
          "drivers/base/power/runtime.c __pm_runtime_idle()")
/// Counts a user; a work item resumes the device.
KCTX_CALL(locks, int, pm_runtime_get, (device * dev), (dev), KCTX_PM_LOCK_WHY, KCTX_DO_OUTSIDE_RAW,
          "include/linux/pm_runtime.h pm_runtime_get()")
KCTX_CALL(locks, int, pm_request_resume, (device * dev), (dev), KCTX_PM_LOCK_WHY,
          KCTX_DO_OUTSIDE_RAW, "include/linux/pm_runtime.h pm_request_resume()")
/// Ends a use; a work item suspends the device after the last.
KCTX_CALL(locks, int, pm_runtime_put, (device * dev), (dev), KCTX_PM_LOCK_WHY, KCTX_DO_OUTSIDE_RAW,
          "include/linux/pm_runtime.h pm_runtime_put()")
/// The same after the delay of autosuspend.
KCTX_CALL(locks, int, pm_runtime_put_autosuspend, (device * dev), (dev), KCTX_PM_LOCK_WHY,
          KCTX_DO_OUTSIDE_RAW, "include/linux/pm_runtime.h pm_runtime_put_autosuspend()")
KCTX_CALL(locks, void, pm_runtime_enable, (device * dev), (dev), KCTX_PM_LOCK_WHY,
          KCTX_DO_OUTSIDE_RAW, "drivers/base/power/runtime.c pm_runtime_enable()")
KCTX_CALL(sleeps, void, pm_runtime_disable, (device * dev), (dev), "waits for a running callback",
          KCTX_DO_AT_PROBE, "drivers/base/power/runtime.c __pm_runtime_disable()")
/// Keeps the system from suspending.
KCTX_CALL(locks, void, pm_stay_awake, (device * dev), (dev), "takes the lock of the wakeup source",
          KCTX_DO_OUTSIDE_RAW, "drivers/base/power/wakeup.c pm_stay_awake()")
KCTX_CALL(locks, void, pm_relax, (device * dev), (dev), "takes the lock of the wakeup source",
          KCTX_DO_OUTSIDE_RAW, "drivers/base/power/wakeup.c pm_relax()")
KCTX_CALL(locks, void, pm_wakeup_event, (device * dev, unsigned int msec), (dev, msec),
          "takes the lock of the wakeup source", KCTX_DO_OUTSIDE_RAW,
          "drivers/base/power/wakeup.c pm_wakeup_dev_event()")

} // namespace kctx

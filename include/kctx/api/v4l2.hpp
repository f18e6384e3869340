// SPDX-License-Identifier: BSL-1.0
/// @file
/// Video devices.
/// @par Kernel source
/// include/media/v4l2-event.h, drivers/media/v4l2-core/v4l2-event.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

struct video_device; ///< a device; the environment's
struct v4l2_event;   ///< what happened to it

/// Tells user space.
KCTX_CALL(locks, void, v4l2_event_queue, (video_device * dev, const v4l2_event *event),
          (dev, event), "takes fh_lock", KCTX_DO_OUTSIDE_RAW,
          "drivers/media/v4l2-core/v4l2-event.c v4l2_event_queue()")

} // namespace kctx

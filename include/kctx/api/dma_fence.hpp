// SPDX-License-Identifier: BSL-1.0
/// @file
/// Fences: what one device finishes before another begins.
/// @par Kernel source
/// include/linux/dma-fence.h, drivers/dma-buf/dma-fence.c (6.12).
#pragma once

#include <kctx/declare/call.hpp>

namespace kctx {

/// A fence; the environment's.
struct dma_fence;

/// What it stands for is done.
KCTX_CALL(locks, int, dma_fence_signal, (dma_fence * fence), (fence), "takes the lock of the fence",
          "signal it after the raw section", "drivers/dma-buf/dma-fence.c dma_fence_signal()")
/// Waits for it: 0 or -errno.
KCTX_CALL(sleeps, long, dma_fence_wait, (dma_fence * fence, bool interruptible),
          (fence, interruptible), "waits until the fence is signaled",
          "dma_fence_add_callback(), or wait in a work item",
          "include/linux/dma-fence.h dma_fence_wait()")

} // namespace kctx

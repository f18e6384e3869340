// SPDX-License-Identifier: BSL-1.0
/// @file
/// DMA controllers.
/// @par Kernel source
/// include/linux/dmaengine.h, drivers/dma/dmaengine.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/device.hpp>
#include <kctx/api/types.hpp>

namespace kctx {

/// A channel of a controller; the environment's.
struct dma_chan;
/// Called in a tasklet when a transfer is done: `void fn(TaskletCtx, void *)`.
KCTX_CALLBACK(dma_async_tx_callback, dmaengine_submit, TaskletCtx, void, void *)
/// A transfer.
struct dma_async_tx_descriptor {
    dma_chan *chan = nullptr;       ///< whose transfer it is
    dma_async_tx_callback callback; ///< called when it is done, in a tasklet
    void *callback_param = nullptr; ///< what callback gets
};
using dma_cookie_t = s32; ///< the number of a submitted transfer

#define KCTX_DMAENGINE_WHY "takes the lock of the channel"

/// A channel for the device; an error pointer if there is none.
KCTX_CALL(sleeps, dma_chan *, dma_request_chan, (device * dev, const char *name), (dev, name),
          "takes a mutex", KCTX_DO_AT_PROBE, "drivers/dma/dmaengine.c dma_request_chan()")
KCTX_CALL(sleeps, void, dma_release_channel, (dma_chan * chan), (chan), "takes a mutex",
          KCTX_DO_AT_PROBE, "drivers/dma/dmaengine.c dma_release_channel()")
/// A transfer to or from a device, or NULL.
KCTX_CALL(locks, dma_async_tx_descriptor *, dmaengine_prep_slave_single,
          (dma_chan * chan, dma_addr_t buffer, size_t length, int direction, unsigned long flags),
          (chan, buffer, length, direction, flags), KCTX_DMAENGINE_WHY, KCTX_DO_OUTSIDE_RAW,
          "include/linux/dmaengine.h dmaengine_prep_slave_single()")
/// Queues a transfer.
KCTX_CALL(locks, dma_cookie_t, dmaengine_submit, (dma_async_tx_descriptor * transfer), (transfer),
          KCTX_DMAENGINE_WHY, KCTX_DO_OUTSIDE_RAW, "include/linux/dmaengine.h dmaengine_submit()")
/// Starts what is queued.
KCTX_CALL(locks, void, dma_async_issue_pending, (dma_chan * chan), (chan), KCTX_DMAENGINE_WHY,
          KCTX_DO_OUTSIDE_RAW, "include/linux/dmaengine.h dma_async_issue_pending()")
/// Ends all transfers; a callback may still run.
KCTX_CALL(locks, int, dmaengine_terminate_async, (dma_chan * chan), (chan), KCTX_DMAENGINE_WHY,
          KCTX_DO_OUTSIDE_RAW, "include/linux/dmaengine.h dmaengine_terminate_async()")
KCTX_CALL(sleeps, int, dmaengine_terminate_sync, (dma_chan * chan), (chan),
          "waits until the callbacks have finished",
          "dmaengine_terminate_async() here, and dmaengine_synchronize() in process context",
          "include/linux/dmaengine.h dmaengine_terminate_sync()")
KCTX_CALL(sleeps, void, dmaengine_synchronize, (dma_chan * chan), (chan),
          "waits until the callbacks have finished", "wait in process context",
          "include/linux/dmaengine.h dmaengine_synchronize()")

} // namespace kctx

// SPDX-License-Identifier: BSL-1.0
/// @file
/// SPI buses: a transfer is waited for, or its completion is called back.
/// @par Kernel source
/// include/linux/spi/spi.h, drivers/spi/spi.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/device.hpp>
#include <kctx/api/types.hpp>

namespace kctx {

/// A bus and who drives it; the environment's.
struct spi_controller;
/// A device on a bus.
struct spi_device {
    device dev;                           ///< in the device model
    spi_controller *controller = nullptr; ///< its bus
};
/// A part of a message: what is sent and received at the same time.
struct spi_transfer {
    const void *tx_buf = nullptr; ///< nullptr: zeros are sent
    void *rx_buf = nullptr;       ///< nullptr: what comes is dropped
    unsigned int len = 0;         ///< bytes
    spi_transfer *next = nullptr; ///< of the same message
};
/// Called when a message is done, in the interrupt or thread of the controller: `void fn(IrqCtx,
/// void *)` bears both.
KCTX_CALLBACK(spi_complete_t, spi_async, IrqCtx, void, void *)
/// Transfers that no other message comes between.
struct spi_message {
    spi_transfer *transfers = nullptr; ///< the first one
    spi_complete_t complete; ///< called when it is through, in the controller's thread or interrupt
    void *context = nullptr; ///< what complete gets
    int status = 0;          ///< 0 or -errno, when it is through
};

#define KCTX_SPI_WHY "waits for the transfer"
#define KCTX_SPI_FIX "spi_async(), or transfer in a work item or threaded irq"

/// Transfers a message: 0 or -errno.
KCTX_CALL(sleeps, int, spi_sync, (spi_device * spi, spi_message *message), (spi, message),
          KCTX_SPI_WHY, KCTX_SPI_FIX, "drivers/spi/spi.c spi_sync()")
/// Writes, then reads: 0 or -errno.
KCTX_CALL(sleeps, int, spi_write_then_read,
          (spi_device * spi, const void *tx, unsigned int tx_size, void *rx, unsigned int rx_size),
          (spi, tx, tx_size, rx, rx_size), KCTX_SPI_WHY, KCTX_SPI_FIX,
          "drivers/spi/spi.c spi_write_then_read()")
/// Queues a message, whose completion is called back: 0 or -errno.
KCTX_CALL(locks, int, spi_async, (spi_device * spi, spi_message *message), (spi, message),
          "takes the lock of the queue", KCTX_DO_OUTSIDE_RAW, "drivers/spi/spi.c spi_async()")
/// Keeps other devices off the bus.
KCTX_CALL(sleeps, int, spi_bus_lock, (spi_controller * controller), (controller), "takes a mutex",
          KCTX_SPI_FIX, "drivers/spi/spi.c spi_bus_lock()")
KCTX_CALL(sleeps, int, spi_bus_unlock, (spi_controller * controller), (controller),
          "gives a mutex back", KCTX_GIVE_BACK, "drivers/spi/spi.c spi_bus_unlock()")

} // namespace kctx

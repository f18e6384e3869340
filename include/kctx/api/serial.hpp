// SPDX-License-Identifier: BSL-1.0
/// @file
/// Serial ports and terminals.
/// @par Kernel source
/// include/linux/serial_core.h, drivers/tty/serial/serial_core.c, include/linux/tty_flip.h,
/// drivers/tty/tty_buffer.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/gfp/allocation.hpp>

namespace kctx {

struct uart_port; ///< a port; the environment's
struct tty_port;  ///< the terminal on it

/// There is room to write again.
KCTX_CALL(locks, void, uart_write_wakeup, (uart_port * port), (port), "wakes who waits to write",
          KCTX_DO_OUTSIDE_RAW, "drivers/tty/serial/serial_core.c uart_write_wakeup()")
/// A received character; returns how many were taken.
KCTX_CALL(allocates, int, tty_insert_flip_char, (tty_port * port, unsigned char c, char flag),
          (port, c, flag), "may need a new buffer", "insert it after the raw section",
          "include/linux/tty_flip.h tty_insert_flip_char()")
/// Hands on what was received.
KCTX_CALL(spins, void, tty_flip_buffer_push, (tty_port * port), (port), "queues a work item",
          KCTX_DO_IN_IRQ_WORK, "drivers/tty/tty_buffer.c tty_flip_buffer_push()")

} // namespace kctx

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Messages to other processors. A client with tx_block set waits for the answer, which no type
/// tells: its messages belong where sleeping is allowed.
/// @par Kernel source
/// include/linux/mailbox_client.h, drivers/mailbox/mailbox.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A channel; the environment's.
struct mbox_chan;

/// Queues a message; returns its number, or -errno.
KCTX_CALL(locks, int, mbox_send_message, (mbox_chan * channel, void *message), (channel, message),
          "takes the lock of the channel", KCTX_DO_OUTSIDE_RAW,
          "drivers/mailbox/mailbox.c mbox_send_message()")

} // namespace kctx

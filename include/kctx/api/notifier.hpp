// SPDX-License-Identifier: BSL-1.0
/// @file
/// Chains of functions that want to know of an event.
/// @par Kernel source
/// include/linux/notifier.h, kernel/notifier.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A function in a chain.
struct notifier_block {
    /// Called with the event and its data.
    int (*notifier_call)(notifier_block *, unsigned long, void *) = nullptr;
    notifier_block *next = nullptr; ///< of lower or the same priority
    int priority = 0;               ///< the highest is called first
};
struct atomic_notifier_head;   ///< a chain whose functions must not sleep; the environment's
struct blocking_notifier_head; ///< one whose functions may

#define KCTX_NOTIFIER_WHY "takes the rw_semaphore of the chain"

/// Calls the functions of a chain.
KCTX_CALL(spins, int, atomic_notifier_call_chain,
          (atomic_notifier_head * chain, unsigned long event, void *data), (chain, event, data),
          "calls functions that take raw locks", KCTX_DO_IN_IRQ_WORK,
          "kernel/notifier.c atomic_notifier_call_chain()")
KCTX_CALL(locks, int, atomic_notifier_chain_register,
          (atomic_notifier_head * chain, notifier_block *block), (chain, block),
          "takes the lock of the chain", KCTX_DO_OUTSIDE_RAW,
          "kernel/notifier.c atomic_notifier_chain_register()")
KCTX_CALL(sleeps, int, blocking_notifier_call_chain,
          (blocking_notifier_head * chain, unsigned long event, void *data), (chain, event, data),
          KCTX_NOTIFIER_WHY, "an atomic chain, or a work item",
          "kernel/notifier.c blocking_notifier_call_chain()")
KCTX_CALL(sleeps, int, blocking_notifier_chain_register,
          (blocking_notifier_head * chain, notifier_block *block), (chain, block),
          KCTX_NOTIFIER_WHY, KCTX_DO_AT_PROBE,
          "kernel/notifier.c blocking_notifier_chain_register()")

} // namespace kctx

// SPDX-License-Identifier: BSL-1.0
// The NMI asks for an interrupt, which counts under the lock.
#include <kctx/api/irq_work.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct log_lock : raw_spinlock_t {};

struct watchdog_log {
    irq_work later;
    log_lock lock;
    int events = 0;
};

void watchdog([[maybe_unused]] NmiCtx ctx, watchdog_log &log) { irq_work_queue(&log.later); }

void account([[maybe_unused]] IrqWorkCtx ctx, irq_work *work)
{
    auto *log = container_of(work, watchdog_log, later);
    KCTX_RAW_SPIN_LOCK(ctx, log->lock) {
        log->events++;
    }
}

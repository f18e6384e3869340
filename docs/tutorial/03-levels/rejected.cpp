// SPDX-License-Identifier: BSL-1.0
// A watchdog's NMI counts under a lock.
#include <kctx/kctx.hpp>

using namespace kctx;

struct log_lock : raw_spinlock_t {};

void watchdog(NmiCtx ctx, log_lock &lock, int &events)
{
    KCTX_RAW_SPIN_LOCK(ctx, lock) { // <-- rejected
        events++;
    }
}

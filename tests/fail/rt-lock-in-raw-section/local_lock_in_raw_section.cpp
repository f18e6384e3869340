// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: local_lock
// EXPECT context: RawSpinLocked<queue_lock, kctx::SoftirqCtx>
// EXPECT fix: outside raw sections
#include <kctx/kctx.hpp>
#include <kctx/lock/local_lock.hpp>

using namespace kctx;

struct queue_lock : raw_spinlock_t {};
struct batch_lock : local_lock_t {};

void batch([[maybe_unused]] SoftirqCtx ctx, queue_lock *queue, batch_lock *mine, int &pages)
{
#ifdef FIXED
    KCTX_LOCAL_LOCK(ctx, *mine) {
        KCTX_RAW_SPIN_LOCK(ctx, *queue) {
            pages++;
        }
    }
#else
    KCTX_RAW_SPIN_LOCK(ctx, *queue) {
        KCTX_LOCAL_LOCK(ctx, *mine) { // <-- error
            pages++;
        }
    }
#endif
}

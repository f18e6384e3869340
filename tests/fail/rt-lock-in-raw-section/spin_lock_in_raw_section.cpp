// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock
// EXPECT context: RawSpinLocked<tx_lock, kctx::IrqCtx>
// EXPECT fix: raw_spinlock_t
#include <kctx/kctx.hpp>

using namespace kctx;

struct tx_lock : raw_spinlock_t {};
#ifdef FIXED
struct queue_lock : raw_spinlock_t {};
#else
struct queue_lock : spinlock_t {};
#endif

struct port {
    tx_lock lock;
    queue_lock queue;
    int pending;
};

void port_isr([[maybe_unused]] IrqCtx ctx, port *p)
{
    KCTX_RAW_SPIN_LOCK(ctx, p->lock) {
#ifdef FIXED
        KCTX_RAW_SPIN_LOCK(ctx, p->queue) {
#else
        KCTX_SPIN_LOCK(ctx, p->queue) { // <-- error
#endif
            p->pending++;
        }
    }
}

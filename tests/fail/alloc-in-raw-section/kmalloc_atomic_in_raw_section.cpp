// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: alloc-in-raw-section
// EXPECT call: kmalloc
// EXPECT context: RawSpinLocked<tx_lock, kctx::ThreadedIrqCtx>.*GFP_ATOMIC
// EXPECT fix: before the raw section
#include <kctx/kctx.hpp>

using namespace kctx;

struct tx_lock : raw_spinlock_t {};

struct message {
    message *next;
};

bool post([[maybe_unused]] ThreadedIrqCtx ctx, tx_lock *lock, message **list)
{
#ifdef FIXED
    message *m = KCTX_TRY(kmalloc(ctx, sizeof(message), GFP_ATOMIC), return false);
#endif
    KCTX_RAW_SPIN_LOCK(ctx, *lock) {
#ifndef FIXED
        message *m = KCTX_TRY(kmalloc(ctx, sizeof(message), GFP_ATOMIC), return false); // <-- error
#endif
        m->next = *list;
        *list = m;
    }
    return true;
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: write_lock_irqsave
// EXPECT context: IrqsSaved<kctx::ProcessCtx>
// EXPECT fix: outside raw sections
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

struct neighbour_lock : rwlock_t {};

void update([[maybe_unused]] ProcessCtx ctx, neighbour_lock *lock, int &entry)
{
#ifdef FIXED
    KCTX_WRITE_LOCK_IRQSAVE(ctx, *lock) {
        entry++;
    }
#else
    KCTX_LOCAL_IRQ_SAVE(ctx) {
        KCTX_WRITE_LOCK_IRQSAVE(ctx, *lock) { // <-- error
            entry++;
        }
    }
#endif
}

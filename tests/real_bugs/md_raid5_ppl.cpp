// SPDX-License-Identifier: BSL-1.0
// BUG: md, raid5-ppl: interrupts off, then the lock: the same as one call, but not on PREEMPT_RT
// CONTEXT: local_irq_save, on PREEMPT_RT
// CHAIN: ppl_io_unit_finished > spin_lock
// SOURCE: https://lore.kernel.org/r/20250817113114.1335810-3-ysk@kzalloc.com
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock
// EXPECT context: IrqsSaved<kctx::IrqCtx>
// EXPECT fix: outside raw sections
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

struct io_list_lock : spinlock_t {};
struct ppl_log {
    io_list_lock lock;
    int free = 0;
};

void ppl_io_unit_finished(IrqCtx ctx, ppl_log *log)
{
#ifdef FIXED
    KCTX_SPIN_LOCK_IRQSAVE(ctx, log->lock) {
        log->free++;
    }
#else
    KCTX_LOCAL_IRQ_SAVE(ctx) {
        KCTX_SPIN_LOCK(ctx, log->lock) { // <-- error
            log->free++;
        }
    }
#endif
}

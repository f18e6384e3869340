// SPDX-License-Identifier: BSL-1.0
// BUG: powerpc, low_i2c: the time base is synchronised over I2C with interrupts off
// CONTEXT: local_irq_save, on PREEMPT_RT
// CHAIN: smp_core99_give_timebase > pmac_i2c_xfer > kw_i2c_xfer > spin_lock_irqsave
// SOURCE: https://lore.kernel.org/r/20210225220623.30543-1-john.ogness@linutronix.de
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock_irqsave
// EXPECT context: IrqsSaved<kctx::ProcessCtx>
// EXPECT fix: raw_spinlock_t
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

#ifdef FIXED
struct kw_lock : raw_spinlock_t {};
#else
struct kw_lock : spinlock_t {};
#endif
struct kw_i2c_host {
    kw_lock lock;
    int transfers = 0;
};

template <context C> void kw_i2c_xfer(C ctx, kw_i2c_host *host)
{
#ifdef FIXED
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, host->lock) {
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, host->lock) { // <-- error
#endif
        host->transfers++;
    }
}

void smp_core99_give_timebase(ProcessCtx ctx, kw_i2c_host *host)
{
    KCTX_LOCAL_IRQ_SAVE(ctx) {
        kw_i2c_xfer(ctx, host);
    }
}

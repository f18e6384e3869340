// SPDX-License-Identifier: BSL-1.0
// BUG: thermal, x86_pkg_temp: the thermal vector, which is never threaded, takes a spinlock_t
// CONTEXT: hard irq, on PREEMPT_RT
// CHAIN: intel_thermal_interrupt > pkg_thermal_notify > spin_lock
// SOURCE: https://lore.kernel.org/r/20191008110021.2j44ayunal7fkb7i@linutronix.de
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock
// EXPECT context: HardIrqCtx
// EXPECT fix: raw_spinlock_t
#include <kctx/api/interrupt.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
struct pkg_temp_lock : raw_spinlock_t {};
#else
struct pkg_temp_lock : spinlock_t {};
#endif
struct zone {
    pkg_temp_lock lock;
    bool scheduled = false;
    delayed_work work;
};

irqreturn_t pkg_thermal_notify(HardIrqCtx ctx, int, void *data)
{
    auto *z = static_cast<zone *>(data);
#ifdef FIXED
    KCTX_RAW_SPIN_LOCK(ctx, z->lock) {
#else
    KCTX_SPIN_LOCK(ctx, z->lock) { // <-- error
#endif
        if (!z->scheduled)
            schedule_delayed_work(ctx, &z->work, 1);
        z->scheduled = true;
    }
    return IRQ_HANDLED;
}

int init(ProcessCtx ctx, zone *z, unsigned int irq)
{
    return request_irq(ctx, irq, handler<pkg_thermal_notify>, IRQF_NO_THREAD, "thermal", z);
}

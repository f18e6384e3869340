// SPDX-License-Identifier: BSL-1.0
// BUG: scsi, pm80xx: a delay that spun was cleaned up into one that sleeps
// CONTEXT: spin_lock_irqsave, in a tasklet
// CHAIN: pm8001_tasklet > process_oq > mpi_hw_event > hw_event_sas_phy_up > msleep
// SOURCE: Fixes 4daf1ef3c681, https://lore.kernel.org/r/20201126132952.2287996-2-bigeasy@linutronix.de
// EXPECT slug: sleep-in-atomic
// EXPECT call: msleep
// EXPECT context: SpinLockedIrqsave<.*pm8001_lock, kctx::TaskletCtx>
// EXPECT fix: work item
#include <kctx/api/kernel.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct pm8001_lock : spinlock_t {};
struct pm8001 {
    pm8001_lock lock;
    tasklet_struct tasklet;
    bool phy_up = false;
};

template <context C> void hw_event_sas_phy_up([[maybe_unused]] C ctx, pm8001 *pm)
{
    pm->phy_up = true;
#ifdef FIXED
    mdelay(200);
#else
    msleep(ctx, 200); // <-- error
#endif
}

void pm8001_tasklet(TaskletCtx ctx, tasklet_struct *t)
{
    pm8001 *pm = container_of(t, pm8001, tasklet);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, pm->lock) {
        hw_event_sas_phy_up(ctx, pm);
    }
}

void probe(pm8001 *pm) { tasklet_setup(&pm->tasklet, handler<pm8001_tasklet>); }

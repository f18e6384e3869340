// SPDX-License-Identifier: BSL-1.0
// BUG: cpufreq, amd-pstate: the scheduler changes the frequency, which looks the policy up under a rwlock_t
// CONTEXT: raw_spin_lock, on PREEMPT_RT
// CHAIN: cpufreq_update_util > amd_pstate_adjust_perf > cpufreq_cpu_get > read_lock_irqsave
// SOURCE: https://lore.kernel.org/r/20260116063234.24084-1-kprateek.nayak@amd.com
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: read_lock_irqsave
// EXPECT context: RawSpinLocked<.*rq_lock, kctx::TimerCtx>
// EXPECT fix: outside raw sections
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

struct rq_lock : raw_spinlock_t {};
struct cpufreq_driver_lock : rwlock_t {};
struct cpufreq {
    cpufreq_driver_lock lock;
    int *policy = nullptr;
};

template <context C> int *cpufreq_cpu_get(C ctx, cpufreq *driver)
{
    KCTX_READ_LOCK_IRQSAVE(ctx, driver->lock) { // <-- error
        return driver->policy;
    }
    return nullptr;
}

template <context C> void amd_pstate_adjust_perf([[maybe_unused]] C ctx, cpufreq *driver)
{
#ifdef FIXED
    int *policy = driver->policy; // the scheduler's caller has it
#else
    int *policy = cpufreq_cpu_get(ctx, driver);
#endif
    ++*policy;
}

void update_load(TimerCtx ctx, rq_lock *rq, cpufreq *driver)
{
    KCTX_RAW_SPIN_LOCK(ctx, *rq) {
        amd_pstate_adjust_perf(ctx, driver);
    }
}

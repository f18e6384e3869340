// SPDX-License-Identifier: BSL-1.0
// BUG: crypto, nx842: a notifier is taken off its chain with the device's spinlock held
// CONTEXT: spin_lock_irqsave
// CHAIN: device_shutdown > nx842_remove > of_reconfig_notifier_unregister > down_write
// SOURCE: 6.11, https://lore.kernel.org/r/20241015105551.1817348-3-vishalc@linux.ibm.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: down_write
// EXPECT context: SpinLockedIrqsave<.*devdata_spinlock, kctx::ProcessCtx>
// EXPECT fix: work item
#include <kctx/kctx.hpp>
#include <kctx/lock/rwsem.hpp>

using namespace kctx;

struct devdata_spinlock : spinlock_t {};
struct chain_rwsem : rw_semaphore {};
struct nx842_devdata {
    devdata_spinlock lock;
    chain_rwsem chain;
    bool registered = true;
};

template <context C> void of_reconfig_notifier_unregister(C ctx, nx842_devdata *data)
{
    KCTX_DOWN_WRITE(ctx, data->chain) { // <-- error
        data->registered = false;
    }
}

void nx842_remove(ProcessCtx ctx, nx842_devdata *data)
{
#ifdef FIXED
    of_reconfig_notifier_unregister(ctx, data);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, data->lock) {
        pr_info("nx842: removed\n");
    }
#else
    KCTX_SPIN_LOCK_IRQSAVE(ctx, data->lock) {
        of_reconfig_notifier_unregister(ctx, data);
    }
#endif
}

// SPDX-License-Identifier: BSL-1.0
// BUG: dmaengine, idxd: the event log is freed under its spinlock, and freeing may sleep
// CONTEXT: spin_lock
// CHAIN: idxd_device_evl_free > dma_free_coherent > vunmap > might_sleep
// SOURCE: Fixes 244da66cda35, https://lore.kernel.org/r/20231212022158.358619-2-rex.zhang@intel.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: dma_free_coherent
// EXPECT context: SpinLocked<.*evl_lock, kctx::ProcessCtx>
// EXPECT fix: in process context
#include <kctx/api/dma.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct evl_lock : spinlock_t {};
struct idxd_evl {
    evl_lock lock;
    void *log;
    dma_addr_t dma;
};

void idxd_device_evl_free(ProcessCtx ctx, device *dev, idxd_evl *evl)
{
#ifdef FIXED
    void *log = nullptr;
    KCTX_SPIN_LOCK(ctx, evl->lock) {
        log = evl->log;
        evl->log = nullptr;
    }
    dma_free_coherent(ctx, dev, 4096, log, evl->dma);
#else
    KCTX_SPIN_LOCK(ctx, evl->lock) {
        dma_free_coherent(ctx, dev, 4096, evl->log, evl->dma); // <-- error
        evl->log = nullptr;
    }
#endif
}

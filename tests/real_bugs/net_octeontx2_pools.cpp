// SPDX-License-Identifier: BSL-1.0
// BUG: network, octeontx2-pf: the pools of a CPU are filled between get_cpu() and put_cpu()
// CONTEXT: get_cpu
// CHAIN: otx2_open > otx2_init_hw_resources > otx2_sq_aura_pool_init > kmalloc
// SOURCE: 87b93b678e95, Fixes 4af1b64, https://github.com/shenki/linux/commit/87b93b678e95c7d93fe6a55b0e0fbda26d8c7760
// EXPECT slug: gfp-may-sleep
// EXPECT call: kcalloc
// EXPECT context: CpuHeld<kctx::SyscallCtx>.*GFP_KERNEL
// EXPECT fix: before the atomic section
#include <kctx/api/kernel.hpp>
#include <kctx/api/percpu.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

struct otx2_nic {
    u64 *pointers;
    int owner;
};

int otx2_sq_aura_pool_init(SyscallCtx ctx, otx2_nic *pf)
{
#ifdef FIXED
    pf->pointers = KCTX_TRY(kcalloc(ctx, 64, sizeof(u64), GFP_KERNEL), return -ENOMEM);
    KCTX_GET_CPU(ctx) {
        pf->owner = smp_processor_id(ctx);
    }
#else
    KCTX_GET_CPU(ctx) {
        pf->pointers = KCTX_TRY(kcalloc(ctx, 64, sizeof(u64), GFP_KERNEL), // <-- error
                                return -ENOMEM);
        pf->owner = smp_processor_id(ctx);
    }
#endif
    return 0;
}

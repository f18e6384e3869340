// SPDX-License-Identifier: BSL-1.0
// BUG: rdma, usnic: memory is mapped for the device under a spinlock, and mapping allocates
// CONTEXT: spin_lock
// CHAIN: usnic_uiom_reg_get > usnic_uiom_map_sorted_intervals > iommu_map
// SOURCE: Fixes e3cf00d0a87f, https://lore.kernel.org/r/20230129093757.637354-1-yangyingliang@huawei.com
// EXPECT slug: gfp-may-sleep
// EXPECT call: iommu_map
// EXPECT context: SpinLocked<.*pd_lock, .*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/iommu.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct pd_lock : spinlock_t {};
struct usnic_uiom_pd {
    pd_lock lock;
    iommu_domain *domain;
};

template <context C> int usnic_uiom_map_sorted_intervals(C ctx, usnic_uiom_pd *pd)
{
#ifdef FIXED
    return iommu_map(ctx, pd->domain, 0x1000, 0x2000, 4096, 3, GFP_ATOMIC);
#else
    return iommu_map(ctx, pd->domain, 0x1000, 0x2000, 4096, 3, GFP_KERNEL); // <-- error
#endif
}

int usnic_uiom_reg_get(SyscallCtx ctx, usnic_uiom_pd *pd)
{
    KCTX_SPIN_LOCK(ctx, pd->lock) {
        return usnic_uiom_map_sorted_intervals(ctx, pd);
    }
    return 0;
}

// SPDX-License-Identifier: BSL-1.0
// BUG: network, be2net: polling the firmware was made to sleep, and is done in an RCU reader
// CONTEXT: rcu_read_lock
// CHAIN: be_ndo_bridge_getlink > be_cmd_get_hsw_config > be_mcc_wait_compl > usleep_range
// SOURCE: 1a82d19ca2d6, Fixes b717241, https://github.com/ctrliq/kernel-src-tree/commit/1a82d19ca2d6835904ee71e2d40fd331098f94a0
// EXPECT slug: sleep-in-atomic
// EXPECT call: usleep_range
// EXPECT context: RcuReader<kctx::SyscallCtx>
// EXPECT fix: udelay()
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

template <context C> int be_mcc_wait_compl([[maybe_unused]] C ctx, iomem *queue)
{
    for (int i = 0; i < 12000; i++) {
        if ((readl(queue) & 1) != 0)
            return 0;
#ifdef FIXED
        udelay(100);
#else
        usleep_range(ctx, 500, 1000); // <-- error
#endif
    }
    return -EIO;
}

template <context C> int be_cmd_get_hsw_config(C ctx, iomem *queue)
{
    return be_mcc_wait_compl(ctx, queue);
}

int rtnl_bridge_getlink(SyscallCtx ctx, iomem *queue)
{
    KCTX_RCU_READ_LOCK(ctx) {
        return be_cmd_get_hsw_config(ctx, queue);
    }
    return 0;
}

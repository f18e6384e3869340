// SPDX-License-Identifier: BSL-1.0
// BUG: network, igc: a monitor that holds a lock reads the PHY, which sleeps between two looks
// CONTEXT: spin_lock
// CHAIN: bond_mii_monitor > igc_read_phy_reg > igc_read_phy_reg_mdic > usleep_range
// SOURCE: c80a29f, https://github.com/DatumSystems/linux/commit/9a9c481593650bbe4066e2185de6b68a82a4110f
// EXPECT slug: sleep-in-atomic
// EXPECT call: usleep_range
// EXPECT context: SpinLocked<.*stats_lock, kctx::WorkCtx>
// EXPECT fix: udelay()
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct stats_lock : spinlock_t {};
struct igc {
    stats_lock lock;
    work_struct monitor;
    iomem *base;
};

template <context C> bool igc_read_phy_reg_mdic([[maybe_unused]] C ctx, igc *hw)
{
    for (int i = 0; i < 64; i++) {
#ifdef FIXED
        udelay(50);
#else
        usleep_range(ctx, 500, 1000); // <-- error
#endif
        if ((readl(hw->base) & 1) != 0)
            return true;
    }
    return false;
}

void bond_mii_monitor(WorkCtx ctx, work_struct *work)
{
    igc *hw = container_of(work, igc, monitor);
    KCTX_SPIN_LOCK(ctx, hw->lock) {
        if (!igc_read_phy_reg_mdic(ctx, hw))
            pr_err("MDI read failed\n");
    }
}

void probe(igc *hw) { INIT_WORK(&hw->monitor, handler<bond_mii_monitor>); }

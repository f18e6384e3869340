// SPDX-License-Identifier: BSL-1.0
// BUG: wireless, ath12k: statistics are asked of the firmware in a lock that grew too wide
// CONTEXT: spin_lock_bh
// CHAIN: ath12k_mac_op_link_sta_statistics > ath12k_mac_get_fw_stats > mutex_lock
// SOURCE: https://lore.kernel.org/r/20251119-ath12k-ng-sleep-in-atomic-v1-1-5d1a726597db@oss.qualcomm.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock
// EXPECT context: SpinLockedBh<.*dp_lock, kctx::SyscallCtx>
// EXPECT fix: work item
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

struct dp_lock : spinlock_t {};
struct fw_mutex : mutex {};
struct ath12k {
    dp_lock dp;
    fw_mutex fw;
    int rssi = 0;
};

template <context C> int ath12k_mac_get_fw_stats(C ctx, ath12k *ar)
{
    int rssi = 0;
    KCTX_MUTEX_LOCK(ctx, ar->fw) { // <-- error
        rssi = 42;
    }
    return rssi;
}

void ath12k_mac_op_link_sta_statistics(SyscallCtx ctx, ath12k *ar)
{
#ifdef FIXED
    const int rssi = ath12k_mac_get_fw_stats(ctx, ar);
    KCTX_SPIN_LOCK_BH(ctx, ar->dp) {
        ar->rssi = rssi;
    }
#else
    KCTX_SPIN_LOCK_BH(ctx, ar->dp) {
        ar->rssi = ath12k_mac_get_fw_stats(ctx, ar);
    }
#endif
}

// SPDX-License-Identifier: BSL-1.0
// BUG: wireless, ath11k: the callback of an iterator that says atomic sends a command, which sleeps
// CONTEXT: rcu_read_lock
// CHAIN: ath11k_mac_op_set_bitrate_mask > ieee80211_iterate_stations_atomic > ath11k_mac_set_bitrate_mask_iter > ath11k_wmi_cmd_send > might_sleep
// SOURCE: Fixes d5c65159f289, https://lore.kernel.org/r/20250603-ath11k-use-non-atomic-iterator-v1-1-d75762068d56@quicinc.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: might_sleep
// EXPECT context: RcuReader<kctx::SyscallCtx>
// EXPECT fix: where sleeping is allowed
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct wiphy_mutex : mutex {};
struct station {
    station *next = nullptr;
    int rate = 0;
};
struct ath11k {
    wiphy_mutex lock;
    station *stations = nullptr;
};

template <context C> void ath11k_wmi_cmd_send(C ctx, station *sta)
{
    might_sleep(ctx); // <-- error
    sta->rate = 54;
}

#ifdef FIXED
template <class F> void ieee80211_iterate_stations_mtx(SyscallCtx ctx, ath11k *ar, F iterator)
{
    KCTX_MUTEX_LOCK(ctx, ar->lock) {
        for (station *sta = ar->stations; sta; sta = sta->next)
            iterator(ctx, sta);
    }
}
#else
template <class F> void ieee80211_iterate_stations_atomic(SyscallCtx ctx, ath11k *ar, F iterator)
{
    KCTX_RCU_READ_LOCK(ctx) {
        for (station *sta = rcu_dereference(ctx, ar->stations); sta; sta = sta->next)
            iterator(ctx, sta);
    }
}
#endif

void ath11k_mac_op_set_bitrate_mask(SyscallCtx ctx, ath11k *ar)
{
    auto iter = [](auto inner, station *sta) { ath11k_wmi_cmd_send(inner, sta); };
#ifdef FIXED
    ieee80211_iterate_stations_mtx(ctx, ar, iter);
#else
    ieee80211_iterate_stations_atomic(ctx, ar, iter);
#endif
}

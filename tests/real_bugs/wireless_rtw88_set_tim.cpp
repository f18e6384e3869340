// SPDX-License-Identifier: BSL-1.0
// BUG: wireless, rtw88: an ARP timer sends a frame, and the driver's set_tim() takes a mutex
// CONTEXT: softirq, a timer
// CHAIN: neigh_timer_handler > dev_queue_xmit > sta_info_recalc_tim > rtw_ops_set_tim > mutex_lock
// SOURCE: 5.18-rc7, https://lore.kernel.org/r/20220526051251.281905-1-pkshih@realtek.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock
// EXPECT context: TimerCtx
// EXPECT fix: work item
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct rtw_mutex : mutex {};
struct rtw_dev {
    rtw_mutex lock;
    timer_list arp;
    work_struct update_beacon;
    int beacons KCTX_GUARDED_BY(lock) = 0;
};

void rtw_fw_update_beacon_work(WorkCtx ctx, work_struct *work)
{
    rtw_dev *rtw = container_of(work, rtw_dev, update_beacon);
    KCTX_MUTEX_LOCK(ctx, rtw->lock) {
        rtw->beacons++;
    }
}

template <context C> void rtw_ops_set_tim(C ctx, rtw_dev *rtw)
{
#ifdef FIXED
    schedule_work(ctx, &rtw->update_beacon);
#else
    KCTX_MUTEX_LOCK(ctx, rtw->lock) { // <-- error
        rtw->beacons++;
    }
#endif
}

template <context C> void sta_info_recalc_tim(C ctx, rtw_dev *rtw) { rtw_ops_set_tim(ctx, rtw); }

void neigh_timer_handler(TimerCtx ctx, timer_list *timer)
{
    sta_info_recalc_tim(ctx, container_of(timer, rtw_dev, arp));
}

void start(rtw_dev *rtw)
{
    INIT_WORK(&rtw->update_beacon, handler<rtw_fw_update_beacon_work>);
    timer_setup(&rtw->arp, handler<neigh_timer_handler>, 0);
}

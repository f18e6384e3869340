// SPDX-License-Identifier: BSL-1.0
// BUG: bluetooth: a link that does not answer is disconnected in an RCU reader, which now takes a mutex
// CONTEXT: rcu_read_lock
// CHAIN: hci_tx_work > hci_sched_le > hci_link_tx_to > hci_disconnect > hci_cmd_sync_queue > mutex_lock
// SOURCE: syzbot e7be5be00de0c3c2d782, Fixes a13f316e90fd, https://lore.kernel.org/r/20230904141155.1688673-1-yinghsu@chromium.org
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock
// EXPECT context: RcuReader<kctx::WorkCtx>
// EXPECT fix: work item
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct cmd_sync_lock : mutex {};
struct hci_dev {
    work_struct tx;
    cmd_sync_lock lock;
    int queued = 0;
};

template <context C> void hci_cmd_sync_queue(C ctx, hci_dev *hdev)
{
    KCTX_MUTEX_LOCK(ctx, hdev->lock) { // <-- error
        hdev->queued++;
    }
}

template <context C> void hci_disconnect(C ctx, hci_dev *hdev) { hci_cmd_sync_queue(ctx, hdev); }

void hci_tx_work(WorkCtx ctx, work_struct *work)
{
    hci_dev *hdev = container_of(work, hci_dev, tx);
#ifdef FIXED
    auto reader = rcu_read_lock(ctx);
    auto outside = rcu_read_unlock(reader);
    hci_disconnect(outside, hdev);
    auto again = rcu_read_lock(outside);
    rcu_read_unlock(again);
#else
    KCTX_RCU_READ_LOCK(ctx) {
        hci_disconnect(ctx, hdev);
    }
#endif
}

void init(hci_dev *hdev) { INIT_WORK(&hdev->tx, handler<hci_tx_work>); }

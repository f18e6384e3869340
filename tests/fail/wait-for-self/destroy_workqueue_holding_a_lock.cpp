// SPDX-License-Identifier: BSL-1.0
// The work waits for the mutex, and its owner for the work.
// EXPECT slug: wait-for-self
// EXPECT call: destroy_workqueue
// EXPECT context: MutexLocked<config_lock, kctx::ProcessCtx>
// EXPECT fix: or wait outside
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct reset_work : work_struct {};
struct config_lock : mutex, used_in<CallbackOf<reset_work, WorkCtx>> {};

void remove(ProcessCtx ctx, config_lock &lock, workqueue_of<reset_work> &wq)
{
    KCTX_MUTEX_LOCK(ctx, lock) {
#ifndef FIXED
        destroy_workqueue(ctx, wq); // <-- error
#endif
    }
    destroy_workqueue(ctx, wq);
}

// SPDX-License-Identifier: BSL-1.0
// The work waits for the lock, and its owner for the work.
// EXPECT slug: wait-for-self
// EXPECT call: flush_work
// EXPECT context: MutexLocked<config_lock, kctx::ProcessCtx>
// EXPECT fix: or wait outside
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct update_work : work_struct {};
struct config_lock : mutex, used_in<CallbackOf<update_work, WorkCtx>> {};

void set_config(ProcessCtx ctx, config_lock &lock, update_work &work, int &value)
{
    KCTX_MUTEX_LOCK(ctx, lock) {
        value++;
#ifndef FIXED
        flush_work(ctx, &work); // <-- error
#endif
    }
    flush_work(ctx, &work);
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: percpu_down_read
// EXPECT context: RcuReaderBh<kctx::SyscallCtx>
// EXPECT fix: rcu_read_lock
#include <kctx/kctx.hpp>
#include <kctx/lock/percpu_rwsem.hpp>
#include <kctx/lock/rcu.hpp>
#include <kctx/lock/rwsem.hpp>

using namespace kctx;

int group_size([[maybe_unused]] SyscallCtx ctx, percpu_rw_semaphore *threads, const int *group)
{
#ifdef FIXED
    KCTX_PERCPU_DOWN_READ(ctx, *threads) {
        KCTX_RCU_READ_LOCK_BH(ctx) {
            return *group;
        }
    }
#else
    KCTX_RCU_READ_LOCK_BH(ctx) {
        KCTX_PERCPU_DOWN_READ(ctx, *threads) { // <-- error
            return *group;
        }
    }
#endif
    return 0;
}

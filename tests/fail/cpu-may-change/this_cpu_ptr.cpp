// SPDX-License-Identifier: BSL-1.0
// An RCU reader may be moved.
// EXPECT slug: cpu-may-change
// EXPECT call: this_cpu_ptr
// EXPECT context: RcuReader<kctx::SyscallCtx>
// EXPECT fix: migrate_disable
#include <kctx/api/percpu.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

static per_cpu<int> hits;

void hit([[maybe_unused]] SyscallCtx ctx)
{
    KCTX_RCU_READ_LOCK(ctx) {
#ifdef FIXED
        KCTX_MIGRATE_DISABLE(ctx) {
            ++*this_cpu_ptr(ctx, &hits);
        }
#else
        ++*this_cpu_ptr(ctx, &hits); // <-- error
#endif
    }
}

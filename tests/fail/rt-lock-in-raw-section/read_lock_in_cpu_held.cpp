// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: read_lock
// EXPECT context: CpuHeld<kctx::SyscallCtx>
// EXPECT fix: outside raw sections
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

struct map_lock : rwlock_t {};

int lookup([[maybe_unused]] SyscallCtx ctx, map_lock *lock, const int *map)
{
#ifdef FIXED
    KCTX_READ_LOCK(ctx, *lock) {
        KCTX_GET_CPU(ctx) {
            return *map;
        }
    }
#else
    KCTX_GET_CPU(ctx) {
        KCTX_READ_LOCK(ctx, *lock) { // <-- error
            return *map;
        }
    }
#endif
    return 0;
}

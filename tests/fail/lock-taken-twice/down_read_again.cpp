// SPDX-License-Identifier: BSL-1.0
// Readers of an rw_semaphore queue behind a writer that waits: the second time waits for ever.
// EXPECT slug: lock-taken-twice
// EXPECT call: down_read
// EXPECT context: RwsemReadLocked<map_lock, kctx::ProcessCtx>
// EXPECT fix: give it back first
#include <kctx/kctx.hpp>
#include <kctx/lock/rwsem.hpp>

using namespace kctx;

struct map_lock : rw_semaphore {};

int walk(ProcessCtx ctx, map_lock *lock, int pages)
{
    KCTX_DOWN_READ(ctx, *lock) {
        if (pages == 0)
            return 0;
    }
    const auto reader = down_read(ctx, lock);
#ifndef FIXED
    const auto again = down_read(reader, lock); // <-- error
    up_read(again, lock);
#endif
    up_read(reader, lock);
    return pages;
}

// SPDX-License-Identifier: BSL-1.0
// The order spans all kinds of locks; a trylock, which does not wait, is free of it.
// EXPECT slug: lock-order
// EXPECT call: down_write
// EXPECT context: MutexLocked<page_lock, kctx::SyscallCtx>
// EXPECT fix: take this one first
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct mmap_lock : rw_semaphore, lock_order<1> {};
struct page_lock : mutex, lock_order<2> {};

bool fault(SyscallCtx ctx, mmap_lock &map, page_lock &page, int &faults)
{
    KCTX_MUTEX_LOCK(ctx, page) {
#ifdef FIXED
        KCTX_DOWN_WRITE_TRYLOCK(ctx, map) {
            faults++;
            return true;
        }
#else
        KCTX_DOWN_WRITE(ctx, map) { // <-- error
            faults++;
            return true;
        }
#endif
    }
    return false;
}

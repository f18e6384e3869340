// SPDX-License-Identifier: BSL-1.0
// A reader may read a second table, but a writer waits for all readers, and lockdep does not tell
// the tables apart: two that do this the other way around wait for each other.
// EXPECT slug: lock-taken-twice
// EXPECT call: write_lock
// EXPECT context: ReadLocked<table_lock, kctx::SoftirqCtx>
// EXPECT fix: give it back first
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

struct table_lock : rwlock_t {};
struct table {
    table_lock lock;
    int entries = 0;
};

void look_up(SoftirqCtx ctx, table &old, table &fresh, int &found)
{
    KCTX_READ_LOCK(ctx, old.lock) {
        found = old.entries;
#ifdef FIXED
        KCTX_READ_LOCK(ctx, fresh.lock) {
            found += fresh.entries;
        }
#else
        KCTX_WRITE_LOCK(ctx, fresh.lock) { // <-- error
            fresh.entries++;
        }
#endif
    }
}

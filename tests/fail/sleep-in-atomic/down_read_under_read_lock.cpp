// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: down_read
// EXPECT context: ReadLocked<table_lock, kctx::SyscallCtx>
// EXPECT fix: rwlock_t
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/rwsem.hpp>

using namespace kctx;

struct table_lock : rwlock_t {};
struct mount_lock : rwlock_t {};

struct volume {
    table_lock table;
    mount_lock mounts;
    rw_semaphore tree;
    int entries;
};

int count_entries([[maybe_unused]] SyscallCtx ctx, volume *v)
{
    KCTX_READ_LOCK(ctx, v->table) {
#ifdef FIXED
        KCTX_READ_LOCK(ctx, v->mounts) {
#else
        KCTX_DOWN_READ(ctx, v->tree) { // <-- error
#endif
            return v->entries;
        }
    }
    return 0;
}

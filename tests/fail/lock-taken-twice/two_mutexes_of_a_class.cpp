// SPDX-License-Identifier: BSL-1.0
// Two objects' locks of one type are one class to lockdep: the second is taken as a subclass.
// EXPECT slug: lock-taken-twice
// EXPECT call: mutex_lock
// EXPECT context: MutexLocked<inode_lock, kctx::SyscallCtx>
// EXPECT fix: _nested() form
#include <kctx/kctx.hpp>
#include <kctx/lock/nested.hpp>

using namespace kctx;

struct inode_lock : mutex {};
struct ext4_inode {
    inode_lock lock;
    int links = 1;
};

void move(SyscallCtx ctx, ext4_inode &from, ext4_inode &to)
{
    KCTX_MUTEX_LOCK(ctx, from.lock) {
#ifdef FIXED
        KCTX_MUTEX_LOCK_NESTED(ctx, to.lock, SINGLE_DEPTH_NESTING) {
            to.links++;
        }
#else
        KCTX_MUTEX_LOCK(ctx, to.lock) { // <-- error
            to.links++;
        }
#endif
        from.links--;
    }
}

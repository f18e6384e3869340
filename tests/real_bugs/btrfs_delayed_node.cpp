// SPDX-License-Identifier: BSL-1.0
// BUG: btrfs, delayed inodes: GFP_NOFS under a spinlock, as if it were atomic
// CONTEXT: spin_lock
// CHAIN: btrfs_dirty_inode > btrfs_get_or_create_delayed_node > xa_insert
// SOURCE: 5.19.0-rc4, Fixes 253bf57555e451, https://lore.kernel.org/r/7a36a9c1d94367f386b18b38f11828c6aaf3a14f.1657097693.git.fdmanana@suse.com
// EXPECT slug: gfp-may-sleep
// EXPECT call: xa_store
// EXPECT context: SpinLocked<.*inode_lock, .*GFP_NOFS
// EXPECT fix: in process context
#include <kctx/api/xarray.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
struct inode_lock : mutex {};
#else
struct inode_lock : spinlock_t {};
#endif
struct btrfs_root {
    inode_lock lock;
    xarray delayed_nodes;
};

void btrfs_get_or_create_delayed_node(SyscallCtx ctx, btrfs_root *root, unsigned long ino,
                                      void *node)
{
#ifdef FIXED
    KCTX_MUTEX_LOCK(ctx, root->lock) {
#else
    KCTX_SPIN_LOCK(ctx, root->lock) {
#endif
        xa_store(ctx, &root->delayed_nodes, ino, node, GFP_NOFS); // <-- error
    }
}

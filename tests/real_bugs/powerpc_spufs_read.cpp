// SPDX-License-Identifier: BSL-1.0
// BUG: powerpc, spufs: a register is copied to the process with the lock of the context held
// CONTEXT: spin_lock
// CHAIN: spufs_proxydma_info_read > simple_read_from_buffer > copy_to_user
// SOURCE: 88413a6bfbbe, Fixes bf1ab978be23, https://lore.kernel.org/r/20200608230607.3361041-161-sashal@kernel.org
// EXPECT slug: sleep-in-atomic
// EXPECT call: copy_to_user
// EXPECT context: SpinLocked<.*register_lock, kctx::SyscallCtx>
// EXPECT fix: before the atomic section
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct register_lock : spinlock_t {};
struct spu_context {
    register_lock lock;
    unsigned int info;
};

long spufs_proxydma_info_read(SyscallCtx ctx, spu_context *spu, user_ptr<unsigned int> to)
{
    unsigned int info;
    KCTX_SPIN_LOCK(ctx, spu->lock) {
        info = spu->info;
#ifndef FIXED
        if (copy_to_user(ctx, to, &info, sizeof info) != 0) // <-- error
            return -EFAULT;
#endif
    }
#ifdef FIXED
    if (copy_to_user(ctx, to, &info, sizeof info) != 0)
        return -EFAULT;
#endif
    return 4;
}

// SPDX-License-Identifier: BSL-1.0
// BUG: fpga, Xilinx zocl (out of tree): a section is read into memory of vmalloc() under a lock
// CONTEXT: read_lock
// CHAIN: zocl_read_axlf_ioctl > zocl_read_sect > vmalloc
// SOURCE: https://github.com/Xilinx/XRT/issues/6271
// EXPECT slug: sleep-in-atomic
// EXPECT call: vmalloc
// EXPECT context: ReadLocked<.*attr_rwlock, kctx::SyscallCtx>
// EXPECT fix: before the atomic section
#include <kctx/api/kernel.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

struct attr_rwlock : rwlock_t {};
struct zocl {
    attr_rwlock lock;
    int size = 0;
};

int zocl_read_sect(SyscallCtx ctx, zocl *z, vmalloc_ptr<char> &section)
{
#ifdef FIXED
    section = KCTX_TRY(vmalloc(ctx, 65536), return -ENOMEM);
    KCTX_READ_LOCK(ctx, z->lock) {
        return z->size;
    }
#else
    KCTX_READ_LOCK(ctx, z->lock) {
        section = KCTX_TRY(vmalloc(ctx, 65536), return -ENOMEM); // <-- error
        return z->size;
    }
#endif
    return 0;
}

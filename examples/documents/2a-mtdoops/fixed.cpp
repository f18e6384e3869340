// SPDX-License-Identifier: BSL-1.0
// The lock guards the text while it is copied, and is left before the copy is written. The path to
// the flash is the same as before: it was never to blame.
#define KCTX_KERNEL_VERSION KCTX_VERSION(2, 6, 32)
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct flash_controller {
    void *buffer;
    unsigned int status;
};

// Starts a command and waits for the interrupt that ends it. Who calls it must be able to wait.
static unsigned int fsl_elbc_run_command(context auto ctx, flash_controller *ctrl)
{
    ctrl->status = 0;
    schedule_timeout(ctx, MAX_SCHEDULE_TIMEOUT);
    return ctrl->status;
}

static unsigned int nand_do_read_ops(context auto ctx, flash_controller *ctrl)
{
    return fsl_elbc_run_command(ctx, ctrl);
}

static unsigned int nand_read(context auto ctx, flash_controller *ctrl)
{
    return nand_do_read_ops(ctx, ctrl);
}

// Between here and the flash lie the page cache and the file system, jffs2.
static unsigned int do_sync_write(context auto ctx, flash_controller *ctrl, const char *, size_t)
{
    return nand_read(ctx, ctrl);
}

struct oops_lock : spinlock_t {};

struct oops_context {
    oops_lock lock; // of text and length, which come from anywhere
    char text[4096];
    size_t length;
    char copy[4096]; // of one writer at a time
    flash_controller *flash;
};

static unsigned int oops_log(ProcessCtx ctx, oops_context *oops)
{
    size_t length = 0;
    KCTX_SPIN_LOCK(ctx, oops->lock) {
        length = oops->length;
        __builtin_memcpy(oops->copy, oops->text, length);
        oops->length = 0;
    }
    return do_sync_write(ctx, oops->flash, oops->copy, length);
}

unsigned int oops_log_init(ProcessCtx ctx, oops_context *oops) { return oops_log(ctx, oops); }

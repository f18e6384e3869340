// SPDX-License-Identifier: BSL-1.0
// A module writes its log to flash with a lock held; reading the flash, which comes before, waits.
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
    schedule_timeout(ctx, MAX_SCHEDULE_TIMEOUT); // <-- rejected
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

// The log shows one level that forbids preemption, and not who took it. Nobody but the module is
// suspect: the path below is that of every write.
struct oops_lock : spinlock_t {};

struct oops_context {
    oops_lock lock;
    char text[4096];
    size_t length;
    flash_controller *flash;
};

static unsigned int oops_log(ProcessCtx ctx, oops_context *oops)
{
    KCTX_SPIN_LOCK(ctx, oops->lock) {
        return do_sync_write(ctx, oops->flash, oops->text, oops->length);
    }
}

unsigned int oops_log_init(ProcessCtx ctx, oops_context *oops) { return oops_log(ctx, oops); }

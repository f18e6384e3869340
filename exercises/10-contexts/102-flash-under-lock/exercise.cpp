// SPDX-License-Identifier: BSL-1.0
// A module keeps the kernel's messages in a file on flash. The path to the flash sleeps.
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>
#include <string.h>

using namespace kctx;

struct flash {
    char cells[64];
    size_t used;
    void (*meanwhile)(); // what others do while the chip works
};

// Starts a command and waits until the controller has done it. It is all right as it is.
inline void flash_write(context auto ctx, flash *f, const char *text, size_t length)
{
    schedule_timeout_uninterruptible(ctx, 1); // TODO 2: nothing is wrong here
    if (f->meanwhile)
        f->meanwhile();
    for (size_t i = 0; i < length; ++i)
        f->cells[f->used++] = text[i];
}

struct oops_lock : spinlock_t {};

struct oops_context {
    oops_lock lock; // of text and length, which come from anywhere
    char text[16];
    size_t length;
    char copy[16]; // of the one who writes
    flash *to;
};

void oops_log(ProcessCtx ctx, oops_context *oops)
{
    // [[solve]]
    size_t length = 0;
    KCTX_SPIN_LOCK(ctx, oops->lock) {
        length = oops->length;
        memcpy(oops->copy, oops->text, length);
        oops->length = 0;
    }
    flash_write(ctx, oops->to, oops->copy, length);
    // [[stub]]
    KCTX_SPIN_LOCK(ctx, oops->lock) { // TODO 1: held for too long
        flash_write(ctx, oops->to, oops->text, oops->length);
        oops->length = 0;
    }
    // [[wrong no-lock]]
    flash_write(ctx, oops->to, oops->text, oops->length);
    KCTX_SPIN_LOCK(ctx, oops->lock) {
        oops->length = 0;
    }
    // [[wrong preempt]]
    KCTX_SPIN_LOCK_IRQSAVE(ctx, oops->lock) {
        flash_write(ctx, oops->to, oops->text, oops->length);
        oops->length = 0;
    }
    // [[end]]
}

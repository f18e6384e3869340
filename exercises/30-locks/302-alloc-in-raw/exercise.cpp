// SPDX-License-Identifier: BSL-1.0
// A hypervisor's mailbox: messages are linked into a list under a raw lock.
#include <kctx/kctx.hpp>

using namespace kctx;

struct message {
    message *next;
    int value;
};

struct mailbox_lock : raw_spinlock_t {};

struct mailbox {
    mailbox_lock lock;
    message *first;
    bool closed;
};

// Whether the message was posted.
bool post(ThreadedIrqCtx ctx, mailbox *box, int value)
{
    // [[solve]]
    message *m = KCTX_TRY(kmalloc(ctx, sizeof(message), GFP_KERNEL), return false);
    m->value = value;
    bool posted = false;
    KCTX_RAW_SPIN_LOCK(ctx, box->lock) {
        if (!box->closed) {
            m->next = box->first;
            box->first = m;
            posted = true;
        }
    }
    if (!posted)
        kfree(ctx, m);
    return posted;
    // [[stub]]
    KCTX_RAW_SPIN_LOCK(ctx, box->lock) {
        if (box->closed)
            return false;
        message *m = KCTX_TRY(kmalloc(ctx, sizeof(message), GFP_ATOMIC), return false); // TODO 1
        m->value = value;
        m->next = box->first;
        box->first = m;
    }
    return true;
    // [[wrong nowait]]
    KCTX_RAW_SPIN_LOCK(ctx, box->lock) {
        if (box->closed)
            return false;
        message *m = KCTX_TRY(kmalloc(ctx, sizeof(message), GFP_NOWAIT), return false);
        m->value = value;
        m->next = box->first;
        box->first = m;
    }
    return true;
    // [[wrong frees-inside]]
    message *m = KCTX_TRY(kmalloc(ctx, sizeof(message), GFP_KERNEL), return false);
    m->value = value;
    KCTX_RAW_SPIN_LOCK(ctx, box->lock) {
        if (box->closed) {
            kfree(ctx, m);
            return false;
        }
        m->next = box->first;
        box->first = m;
    }
    return true;
    // [[wrong leaks]]
    message *m = KCTX_TRY(kmalloc(ctx, sizeof(message), GFP_KERNEL), return false);
    m->value = value;
    KCTX_RAW_SPIN_LOCK(ctx, box->lock) {
        if (box->closed)
            return false;
        m->next = box->first;
        box->first = m;
    }
    return true;
    // [[end]]
}

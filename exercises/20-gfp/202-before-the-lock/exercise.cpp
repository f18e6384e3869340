// SPDX-License-Identifier: BSL-1.0
// A file system keeps quota groups in a list under a spinlock.
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct qgroup {
    qgroup *next;
    unsigned long id;
};

struct qgroup_lock : spinlock_t {};

struct quota {
    qgroup_lock lock;
    qgroup *first;
};

// Adds a group, or returns -EEXIST if there is one of that number, or -ENOMEM.
int quota_add(SyscallCtx ctx, quota *q, unsigned long id)
{
    // [[solve]]
    qgroup *added = KCTX_TRY(kzalloc(ctx, sizeof(qgroup), GFP_NOFS), return -ENOMEM);
    added->id = id;
    KCTX_SPIN_LOCK(ctx, q->lock) {
        for (qgroup *g = q->first; g; g = g->next)
            if (g->id == id)
                goto exists;
        added->next = q->first;
        q->first = added;
    }
    return 0;
exists:
    kfree(ctx, added);
    return -EEXIST;
    // [[stub]]
    KCTX_SPIN_LOCK(ctx, q->lock) {
        for (qgroup *g = q->first; g; g = g->next)
            if (g->id == id)
                return -EEXIST;
        qgroup *added = KCTX_TRY(kzalloc(ctx, sizeof(qgroup), GFP_NOFS), return -ENOMEM); // TODO 1
        added->id = id;
        added->next = q->first;
        q->first = added;
    }
    return 0;
    // [[wrong atomic]]
    KCTX_SPIN_LOCK(ctx, q->lock) {
        for (qgroup *g = q->first; g; g = g->next)
            if (g->id == id)
                return -EEXIST;
        qgroup *added = KCTX_TRY(kzalloc(ctx, sizeof(qgroup), GFP_ATOMIC), return -ENOMEM);
        added->id = id;
        added->next = q->first;
        q->first = added;
    }
    return 0;
    // [[wrong leaks]]
    qgroup *added = KCTX_TRY(kzalloc(ctx, sizeof(qgroup), GFP_NOFS), return -ENOMEM);
    added->id = id;
    KCTX_SPIN_LOCK(ctx, q->lock) {
        for (qgroup *g = q->first; g; g = g->next)
            if (g->id == id)
                return -EEXIST;
        added->next = q->first;
        q->first = added;
    }
    return 0;
    // [[end]]
}

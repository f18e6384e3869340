// SPDX-License-Identifier: BSL-1.0
// Inline functions, of which the linker keeps one copy: a call, an allocation, a lock, a section.
#pragma once

#include <kctx/kctx.hpp>

struct part_lock : kctx::spinlock_t {};
inline part_lock lock_of_part;

static int work(kctx::ProcessCtx ctx)
{
#ifndef ONLY_SECTION
    msleep(ctx, 1);
    kfree(ctx, KCTX_TRY(kmalloc(ctx, 64, kctx::GFP_KERNEL), return 1));
    spin_unlock(spin_lock(ctx, &lock_of_part), &lock_of_part);
#endif
    KCTX_SPIN_LOCK(ctx, lock_of_part) {
        return 1;
    }
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: vfree
// EXPECT context: PreemptDisabled<kctx::ProcessCtx>
// EXPECT fix: after the section
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

void drop_table([[maybe_unused]] ProcessCtx ctx, vmalloc_ptr<int> &table)
{
    const vmalloc_ptr<int> old = table;
    KCTX_PREEMPT_DISABLE(ctx) {
        table = nullptr;
#ifndef FIXED
        vfree(ctx, old); // <-- error
#endif
    }
#ifdef FIXED
    vfree(ctx, old);
#endif
}

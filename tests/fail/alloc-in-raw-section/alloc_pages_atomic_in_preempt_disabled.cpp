// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: alloc-in-raw-section
// EXPECT call: alloc_page
// EXPECT context: PreemptDisabled<kctx::KthreadCtx>.*GFP_ATOMIC
// EXPECT fix: before the raw section
#include <kctx/api/page.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

using namespace kctx;

bool fill_slot([[maybe_unused]] KthreadCtx ctx, page **slot)
{
#ifdef FIXED
    page *fresh = KCTX_TRY(alloc_page(ctx, GFP_ATOMIC), return false);
    KCTX_PREEMPT_DISABLE(ctx) {
        *slot = fresh;
    }
#else
    KCTX_PREEMPT_DISABLE(ctx) {
        *slot = KCTX_TRY(alloc_page(ctx, GFP_ATOMIC), return false); // <-- error
    }
#endif
    return true;
}

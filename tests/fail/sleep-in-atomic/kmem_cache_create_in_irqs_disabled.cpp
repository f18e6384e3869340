// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: kmem_cache_create
// EXPECT context: IrqsDisabled<kctx::ProcessCtx>
// EXPECT fix: probe time
#include <kctx/api/kernel.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>

using namespace kctx;

int early_init([[maybe_unused]] ProcessCtx ctx, kmem_cache **requests)
{
#ifdef FIXED
    *requests = KCTX_TRY(kmem_cache_create(ctx, "req", 64, 0, 0, nullptr), return -ENOMEM);
#else
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
        *requests = KCTX_TRY(kmem_cache_create(ctx, "req", 64, 0, 0, nullptr), // <-- error
                             return -ENOMEM);
    }
#endif
    return 0;
}

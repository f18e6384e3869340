// SPDX-License-Identifier: BSL-1.0
// Must not compile: the memory leaks.
#include <kctx/kctx.hpp>

void leak(kctx::ProcessCtx ctx) { kmalloc(ctx, 64, kctx::GFP_KERNEL); }

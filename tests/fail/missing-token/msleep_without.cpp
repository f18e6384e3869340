// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: missing-token
// EXPECT call: msleep
// EXPECT context: none, that is what is missing
// EXPECT fix: pass the token
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

void settle([[maybe_unused]] kctx::WorkCtx ctx)
{
#ifdef FIXED
    msleep(ctx, 10);
#else
    kctx::msleep(10); // <-- error
#endif
}

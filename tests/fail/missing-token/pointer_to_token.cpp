// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: missing-token
// EXPECT call: complete
// EXPECT context: none, a pointer to a token is none
// EXPECT fix: pass the token
// UNCHECKED: rejected
#include <kctx/api/completion.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
void finish(IrqCtx ctx, completion *done)
#else
void finish(IrqCtx *ctx, completion *done)
#endif
{
    complete(ctx, done); // <-- error
}

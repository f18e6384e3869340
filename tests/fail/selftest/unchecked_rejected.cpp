// SPDX-License-Identifier: BSL-1.0
// SELFTEST: with KCTX_UNCHECKED it is rejected
// COMPILERS: g++-12 clang++-22
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: IrqCtx
// EXPECT fix: poll
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx, 1); // <-- error
#endif
}

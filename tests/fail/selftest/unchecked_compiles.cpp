// SPDX-License-Identifier: BSL-1.0
// SELFTEST: with KCTX_UNCHECKED it compiles
// COMPILERS: g++-12 clang++-22
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: IrqCtx
// EXPECT fix: poll
// UNCHECKED: rejected
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

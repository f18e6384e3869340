// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the first error goes through , not handler wait
// EXPECT chain: handler wait
// COMPILERS: clang++-22
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

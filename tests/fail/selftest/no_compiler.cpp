// SPDX-License-Identifier: BSL-1.0
// SELFTEST: no compiler is called clnag\+\+-22
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: IrqCtx
// EXPECT fix: poll
// COMPILERS: clnag++-22
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the fixed twin does not compile cleanly
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: IrqCtx
// EXPECT fix: poll
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    int unused = 0;
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

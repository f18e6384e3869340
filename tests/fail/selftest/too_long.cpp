// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the output is [0-9]+ lines long, more than 14
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
    wait(ctx); // <-- error
    wait(ctx);
    wait(ctx);
    wait(ctx);
#endif
}

// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the first error is not on line 15, the marked one
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
    wait(ctx);
    poll(ctx); // <-- error
#endif
}

// SPDX-License-Identifier: BSL-1.0
// SELFTEST: `EXPECT context: none`, but no-wait names a context
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: none, it waits everywhere
// EXPECT fix: poll
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

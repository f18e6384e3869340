// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the first error line does not name a context like NmiCtx
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: NmiCtx
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

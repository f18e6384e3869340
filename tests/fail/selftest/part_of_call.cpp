// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the first error line does not name the call wai
// EXPECT slug: no-wait
// EXPECT call: wai
// EXPECT context: IrqCtx
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

// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the first error line has no `fix:` with 'spin'
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: IrqCtx
// EXPECT fix: spin
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

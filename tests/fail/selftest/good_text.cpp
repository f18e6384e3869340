// SPDX-License-Identifier: BSL-1.0
// SELFTEST: passes
// EXPECT text: IrqCtx
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

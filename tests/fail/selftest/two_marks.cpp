// SPDX-License-Identifier: BSL-1.0
// SELFTEST: 2 lines are marked `// <-- error`, not one
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: IrqCtx
// EXPECT fix: poll
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifndef FIXED
    wait(ctx); // <-- error
    wait(ctx); // <-- error
#endif
}

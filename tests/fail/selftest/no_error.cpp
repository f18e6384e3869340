// SPDX-License-Identifier: BSL-1.0
// SELFTEST: it compiles
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: IrqCtx
// EXPECT fix: poll
#include "library.hpp"

void handler(IrqCtx ctx)
{
    poll(ctx); // <-- error
}

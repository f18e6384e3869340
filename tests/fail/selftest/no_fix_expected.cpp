// SPDX-License-Identifier: BSL-1.0
// SELFTEST: no `// EXPECT fix: \.\.\.`
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: IrqCtx
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

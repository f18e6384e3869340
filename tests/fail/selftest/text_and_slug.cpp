// SPDX-License-Identifier: BSL-1.0
// SELFTEST: `// EXPECT slug` beside text
// EXPECT text: unavailable
// EXPECT slug: no-wait
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the first error line does not read like private
// EXPECT text: private
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wait(ctx); // <-- error
#endif
}

// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the first error line does not name the rule kctx\[no-wait\]; .*
// UNCHECKED: rejected
// EXPECT slug: no-wait
// EXPECT call: wait
// EXPECT context: IrqCtx
// EXPECT fix: poll
#include "library.hpp"

void handler(IrqCtx ctx)
{
#ifdef FIXED
    poll(ctx);
#else
    wiat(ctx); // <-- error
#endif
}

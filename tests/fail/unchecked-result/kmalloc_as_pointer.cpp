// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: unchecked-result
// EXPECT call: kmalloc
// EXPECT context: any context
// EXPECT fix: KCTX_TRY
#include <kctx/kctx.hpp>

using namespace kctx;

struct message {
    int length;
};

int receive(WorkCtx ctx)
{
#ifdef FIXED
    message *m = KCTX_TRY(kmalloc(ctx, sizeof(message), GFP_ATOMIC), return -1);
#else
    message *m = kmalloc(ctx, sizeof(message), GFP_ATOMIC); // <-- error
#endif
    m->length = 0;
    return m->length;
}

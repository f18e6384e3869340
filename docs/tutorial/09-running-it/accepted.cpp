// SPDX-License-Identifier: BSL-1.0
// A driver's function that waits says so in its signature: only tasks can call it.
#include <kctx/kctx.hpp>

using namespace kctx;

static void erase(ProcessCtx ctx, int &blocks)
{
    msleep(ctx, 2);
    blocks--;
}

void erase_all(WorkCtx ctx, int &blocks)
{
    while (blocks > 0)
        erase(ctx, blocks);
}

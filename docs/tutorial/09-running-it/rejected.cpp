// SPDX-License-Identifier: BSL-1.0
// A driver's function that waits takes the token on, down to the call that does.
#include <kctx/kctx.hpp>

using namespace kctx;

static void erase(context auto ctx, int &blocks)
{
    msleep(ctx, 2); // <-- rejected
    blocks--;
}

void expired(TimerCtx ctx, int &blocks) { erase(ctx, blocks); }

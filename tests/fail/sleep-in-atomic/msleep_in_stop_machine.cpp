// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: msleep
// EXPECT context: StopMachineCtx
// EXPECT fix: udelay
#include <kctx/api/smp.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static int patch(StopMachineCtx ctx, void *)
{
#ifdef FIXED
    static_cast<void>(ctx);
    udelay(1);
#else
    msleep(ctx, 1); // <-- error
#endif
    return 0;
}

int patch_all(ProcessCtx ctx) { return stop_machine(ctx, handler<patch>, nullptr, nullptr); }

// SPDX-License-Identifier: BSL-1.0
// The flags decide whether an allocation may wait, in clang's analysis as well; its errors have no
// kctx text.
// EXPECT chain: expired refill kmalloc
// COMPILERS: clang++-22
// FLAGS: -DKCTX_PLAIN_CALLS
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

static char *refill()
{
#ifdef FIXED
    return KCTX_TRY(kmalloc(64, GFP_ATOMIC), return nullptr);
#else
    return KCTX_TRY(kmalloc(64, GFP_KERNEL), return nullptr); // <-- error
#endif
}

static void expired(timer_list *) { kfree(refill()); }

void start(timer_list *timer) { timer_setup(timer, handler<expired>, 0); }

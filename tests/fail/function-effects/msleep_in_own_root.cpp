// SPDX-License-Identifier: BSL-1.0
// Any function may be declared not to wait: the error is on its line. It has no kctx text, since
// clang says the same of every call.
// EXPECT chain: reset msleep
// COMPILERS: clang++-22
// FLAGS: -DKCTX_PLAIN_CALLS
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

using namespace kctx;

static void reset()
{
#ifdef FIXED
    udelay(10);
#else
    msleep(1);
#endif
}

void poll_once() noexcept [[clang::nonblocking]]
{
    reset(); // <-- error
}

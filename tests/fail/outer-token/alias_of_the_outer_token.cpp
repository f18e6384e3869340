// SPDX-License-Identifier: BSL-1.0
// The block form hides the outer token; another name for it is caught by clang's thread-safety
// analysis.
// EXPECT slug: outer-token
// EXPECT call: msleep
// EXPECT context: none, clang names the capability of the section, not its type
// EXPECT fix: name the section's own token
// COMPILERS: clang++-*
// FLAGS: -Wthread-safety -Werror=thread-safety
#include <kctx/kctx.hpp>

using namespace kctx;

void refill(WorkCtx ctx, spinlock_t *lock, int &level)
{
    const WorkCtx outside = ctx;
    KCTX_SPIN_LOCK(ctx, *lock) {
        level++;
#ifndef FIXED
        msleep(outside, 1); // <-- error
#endif
    }
    msleep(outside, 1);
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: outer-token
// EXPECT call: spin_lock
// EXPECT context: none, clang names the capability of the section, not its type
// EXPECT fix: leave the section first
// COMPILERS: clang++-*
// FLAGS: -Wthread-safety -Werror=thread-safety
#include <kctx/kctx.hpp>

using namespace kctx;

void move(ThreadedIrqCtx ctx, raw_spinlock_t *registers, spinlock_t *queue, int &n)
{
#ifdef FIXED
    auto queued = spin_lock(ctx, queue);
    auto raw = raw_spin_lock(queued, registers);
    n++;
    queued = raw_spin_unlock(raw, registers);
    spin_unlock(queued, queue);
#else
    auto raw = raw_spin_lock(ctx, registers);
    auto queued = spin_lock(ctx, queue); // <-- error
    n++;
    spin_unlock(queued, queue);
    raw_spin_unlock(raw, registers);
#endif
}

// SPDX-License-Identifier: BSL-1.0
// The first error is the same with clang, but its thread-safety analysis reports the lock and the
// section, which are still held at the end, in six lines each.
// EXPECT slug: discarded-token
// EXPECT call: raw_spin_lock
// EXPECT context: none, the section is left open whatever is around it
// EXPECT fix: auto in = raw_spin_lock
// COMPILERS: g++-12
// UNCHECKED: rejected
#include <kctx/kctx.hpp>

void count(kctx::IrqCtx ctx, kctx::raw_spinlock_t *lock, int &n)
{
#ifdef FIXED
    auto in = raw_spin_lock(ctx, lock);
    n++;
    raw_spin_unlock(in, lock);
#else
    raw_spin_lock(ctx, lock); // <-- error
    n++;
#endif
}

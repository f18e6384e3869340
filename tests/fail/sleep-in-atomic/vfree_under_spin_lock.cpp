// SPDX-License-Identifier: BSL-1.0
// In an interrupt it leaves the work to a kworker, in a task it does not.
// EXPECT slug: sleep-in-atomic
// EXPECT call: vfree
// EXPECT context: SpinLocked<log_lock, kctx::WorkCtx>
// EXPECT fix: vfree_atomic
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct log_lock : spinlock_t {};

struct journal {
    log_lock lock;
    vmalloc_ptr<char> text;
};

void journal_drop([[maybe_unused]] WorkCtx ctx, journal *j)
{
    KCTX_SPIN_LOCK(ctx, j->lock) {
#ifdef FIXED
        vfree_atomic(ctx, j->text);
#else
        vfree(ctx, j->text); // <-- error
#endif
        j->text = nullptr;
    }
}

// SPDX-License-Identifier: BSL-1.0
// Interrupts only read this table: readers may be interrupted, writers must not.
// EXPECT slug: irq-unsafe-lock
// EXPECT call: write_lock
// EXPECT context: kctx::ProcessCtx
// EXPECT fix: _irqsave() form
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct table_lock : rwlock_t, read_in<IrqCtx> {};

int look_up(ProcessCtx ctx, table_lock &lock, const int &entry)
{
    KCTX_READ_LOCK(ctx, lock) {
        return entry;
    }
    return 0;
}

void insert([[maybe_unused]] ProcessCtx ctx, table_lock &lock, int &entry)
{
#ifdef FIXED
    KCTX_WRITE_LOCK_IRQSAVE(ctx, lock) {
        entry = 1;
    }
#else
    KCTX_WRITE_LOCK(ctx, lock) { // <-- error
        entry = 1;
    }
#endif
}

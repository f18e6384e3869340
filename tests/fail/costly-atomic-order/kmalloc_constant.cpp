// SPDX-License-Identifier: BSL-1.0
// clang knows a constant from a number that comes at run time.
// EXPECT slug: costly-atomic-order
// EXPECT call: kmalloc
// EXPECT context: SpinLocked<.*TimerCtx
// EXPECT fix: at most 32 KiB
// COMPILERS: clang++-*
#include <kctx/api/slab.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr size_t BUFFER_SIZE = 40000;

bool grow(TimerCtx ctx, spinlock_t *lock, u8 **buffer)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
#ifdef FIXED
        *buffer = KCTX_TRY(kmalloc(ctx, BUFFER_SIZE / 2, GFP_ATOMIC), return false);
#else
        *buffer = KCTX_TRY(kmalloc(ctx, BUFFER_SIZE, GFP_ATOMIC), return false); // <-- error
#endif
    }
    return true;
}

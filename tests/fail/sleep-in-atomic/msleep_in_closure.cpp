// SPDX-License-Identifier: BSL-1.0
// The body of a closure knows its section only.
// EXPECT slug: sleep-in-atomic
// EXPECT call: msleep
// EXPECT context: RawSpinLocked<bus_lock, kctx::KthreadCtx>
// EXPECT fix: udelay
#include <kctx/kctx.hpp>
#include <kctx/lock/closure.hpp>

using namespace kctx;

struct bus_lock : raw_spinlock_t {};

void settle(KthreadCtx ctx, bus_lock &lock)
{
    with<RawSpinLocked>(ctx, &lock, [](auto in) {
#ifdef FIXED
        static_cast<void>(in);
        udelay(5);
#else
        msleep(in, 5); // <-- error
#endif
    });
}

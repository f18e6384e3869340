// SPDX-License-Identifier: BSL-1.0
// A timer's callback run on the spot, as a file of a timer does when its clock is set: what takes a
// spinlock_t in the callback takes it inside the raw section.
// EXPECT slug: rt-lock-in-raw-section
// EXPECT call: spin_lock
// EXPECT context: RawSpinLocked<base_lock, kctx::TimerCtx>
// EXPECT fix: make it a raw_spinlock_t
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct base_lock : raw_spinlock_t {};
#ifdef FIXED
struct file_lock : raw_spinlock_t {};
#else
struct file_lock : spinlock_t {};
#endif

struct base {
    timer_list timer;
    base_lock lock;
    file_lock file;
    int expired;
};

void file_expired([[maybe_unused]] RawSpinLocked<base_lock, TimerCtx> ctx, base *b)
{
#ifdef FIXED
    KCTX_RAW_SPIN_LOCK(ctx, b->file) {
#else
    KCTX_SPIN_LOCK(ctx, b->file) { // <-- error
#endif
        b->expired++;
    }
}

void base_timer([[maybe_unused]] TimerCtx ctx, timer_list *t)
{
    base *b = container_of(t, base, timer);
    KCTX_RAW_SPIN_LOCK(ctx, b->lock) {
        file_expired(ctx, b);
    }
}

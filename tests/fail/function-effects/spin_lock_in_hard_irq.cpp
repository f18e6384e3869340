// SPDX-License-Identifier: BSL-1.0
// A true hard irq must not even take a spinlock_t, which sleeps on PREEMPT_RT. clang's errors have
// no kctx text.
// EXPECT chain: tick account spin_lock
// COMPILERS: clang++-22
// FLAGS: -DKCTX_PLAIN_CALLS
#include <kctx/api/interrupt.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static raw_spinlock_t lock;
#else
static spinlock_t lock;
#endif
static int ticks;

static void account()
{
#ifdef FIXED
    raw_spin_lock(&lock);
    ticks++;
    raw_spin_unlock(&lock);
#else
    spin_lock(&lock); // <-- error
    ticks++;
    spin_unlock(&lock);
#endif
}

static irqreturn_t tick(int, void *)
{
    account();
    return IRQ_HANDLED;
}

int setup() { return request_irq(0, handler<tick>, IRQF_NO_THREAD, "tick", nullptr); }

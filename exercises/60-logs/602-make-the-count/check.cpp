// SPDX-License-Identifier: BSL-1.0
#include <kctx/api/kernel.hpp>
#include <kctx/lock/bottom_half.hpp>

static step steps[16];
static int count;
static unsigned reached;
static kctx::spinlock_t locks[16];

// What the machine counts in the innermost of the steps from @p at on.
static void go(int at)
{
    if (at == count) {
        reached = lab::preempt_count();
        return;
    }
    switch (steps[at]) {
    case step::softirq:
        return lab::softirq_now("__do_softirq", [at] { go(at + 1); });
    case step::hard_irq:
        return lab::hardirq_now("handle_irq_event", [at] { go(at + 1); });
    case step::spin_lock:
        kctx::env::spin_lock(&locks[at]);
        go(at + 1);
        return kctx::env::spin_unlock(&locks[at]);
    case step::local_bh_disable:
        kctx::env::local_bh_disable();
        go(at + 1);
        return kctx::env::local_bh_enable();
    }
}

LAB_TEST("at most 16 steps")
{
    count = plan(steps);
    LAB_EXPECT(count >= 1 && count <= 16, "too many steps");
}
LAB_TEST("the count")
{
    count = plan(steps);
    lab::detail::power_on({});
    lab::task("cat", 812, [] { go(0); });
    LAB_EXPECT(lab::run(), "the machine does not come to an end");
    constexpr unsigned wanted = LAB_locks + LAB_bh * 0x200 + 0x100 + 0x10000;
    LAB_EXPECT(reached == wanted, "the machine counts another number: one lock is 1, serving a softirq 0x100, "
                                  "bottom halves off 0x200, a hard irq 0x10000");
}

// SPDX-License-Identifier: BSL-1.0
// On the simulated machine, Linux 6.12, x86: sections and interrupts, each inside the one before.
// What is wanted at the innermost place:
//
//     @locks@ spinlock(s), @bh@ time(s) local_bh_disable(), all of it in a hard irq that came while
//     a softirq was served
#include <kctx/kctx.hpp>

enum class step { softirq, hard_irq, spin_lock, local_bh_disable };

// Writes the steps, outermost first, and returns how many; at most 16.
constexpr int plan(step *steps)
{
    int n = 0;
    // [[solve]]
    steps[n++] = step::softirq;
    for (int i = 0; i < @bh@; ++i)
        steps[n++] = step::local_bh_disable;
    steps[n++] = step::hard_irq;
    for (int i = 0; i < @locks@; ++i)
        steps[n++] = step::spin_lock;
    // [[stub]]
    steps[n++] = step::spin_lock; // TODO 1
    // [[wrong no-softirq]]
    for (int i = 0; i < @bh@; ++i)
        steps[n++] = step::local_bh_disable;
    steps[n++] = step::hard_irq;
    for (int i = 0; i < @locks@; ++i)
        steps[n++] = step::spin_lock;
    // [[wrong softirqs-for-bh]]
    steps[n++] = step::softirq;
    for (int i = 0; i < @bh@; ++i)
        steps[n++] = step::softirq;
    steps[n++] = step::hard_irq;
    for (int i = 0; i < @locks@; ++i)
        steps[n++] = step::spin_lock;
    // [[end]]
    return n;
}

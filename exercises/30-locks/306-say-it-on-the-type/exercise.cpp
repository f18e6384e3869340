// SPDX-License-Identifier: BSL-1.0
// Two locks of a network driver. What is known about them is in this comment alone:
// rx_lock is also taken by the interrupt handler (IrqCtx), and where both are held, rx_lock is the
// outer one.
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

// [[solve]]
struct rx_lock : spinlock_t, used_in<IrqCtx>, lock_order<10> {};
struct stats_lock : spinlock_t, used_in<IrqCtx>, lock_order<20> {};
// [[stub]]
struct rx_lock : spinlock_t {}; // TODO 1: say it so that the compiler knows
struct stats_lock : spinlock_t {};
// [[wrong order-only]]
struct rx_lock : spinlock_t, lock_order<10> {};
struct stats_lock : spinlock_t, lock_order<20> {};
// [[wrong inverted]]
struct rx_lock : spinlock_t, used_in<IrqCtx>, lock_order<20> {};
struct stats_lock : spinlock_t, used_in<IrqCtx>, lock_order<10> {};
// [[wrong softirq]]
struct rx_lock : spinlock_t, used_in<SoftirqCtx>, lock_order<10> {};
struct stats_lock : spinlock_t, used_in<SoftirqCtx>, lock_order<20> {};
// [[end]]

struct nic {
    rx_lock rx;
    stats_lock stats;
    unsigned long packets;
};

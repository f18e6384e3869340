// SPDX-License-Identifier: BSL-1.0
// For each context: may code that runs in it call msleep()? Without PREEMPT_RT, and with it.
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

using namespace kctx;

struct answer {
    bool without_rt;
    bool with_rt;
};

// [[solve]]
constexpr answer work_item = {true, true};
constexpr answer threaded_irq = {true, true};
constexpr answer irq_handler = {false, false};
constexpr answer timer = {false, false};
constexpr answer rcu_reader = {false, false};
constexpr answer mutex_held = {true, true};
constexpr answer spinlock_held = {false, false};
// [[stub]]
// TODO 1: true where it may
constexpr answer work_item = {false, false};
constexpr answer threaded_irq = {false, false};
constexpr answer irq_handler = {false, false}; // request_irq()
constexpr answer timer = {false, false};
constexpr answer rcu_reader = {false, false}; // rcu_read_lock() in a task
constexpr answer mutex_held = {false, false}; // in a task
constexpr answer spinlock_held = {false, false}; // a spinlock_t, in a task
// [[wrong rt-threads]]
constexpr answer work_item = {true, true};
constexpr answer threaded_irq = {true, true};
constexpr answer irq_handler = {false, true};
constexpr answer timer = {false, false};
constexpr answer rcu_reader = {false, false};
constexpr answer mutex_held = {true, true};
constexpr answer spinlock_held = {false, false};
// [[wrong work-is-interrupt]]
constexpr answer work_item = {false, false};
constexpr answer threaded_irq = {true, true};
constexpr answer irq_handler = {false, false};
constexpr answer timer = {false, false};
constexpr answer rcu_reader = {false, false};
constexpr answer mutex_held = {true, true};
constexpr answer spinlock_held = {false, false};
// [[end]]

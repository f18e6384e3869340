// SPDX-License-Identifier: BSL-1.0
/// @file
/// A cell of the matrix as the simulated machine goes through it: a context, and in it a call.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <kctx/all.hpp>
#include <kctx/sim/machine.hpp>

namespace agreement {

using namespace kctx;

/// One lock of each kind, of classes of their own: what the context holds, and what the call takes.
struct locks {
    raw_spinlock_t raw;
    spinlock_t spin;
    rwlock_t rw;
    mutex sleeping;
    rt_mutex rt;
    ww_mutex ww;
    semaphore count;
    rw_semaphore readers;
    percpu_rw_semaphore percpu;
    seqlock_t seq;
    local_lock_t local;
    srcu_struct srcu;
    unsigned long bits = 0;
};

struct freed_by_rcu {
    rcu_head rcu;
    char data[64];
};

struct subject;
/// A timer that completes the_completion.
struct completing_timer : hrtimer {
    subject *of = nullptr;
};

/// What a cell works with. All objects that the measurement had in common for all cells are
/// `the_...` here as well: the call was made with them before, in process context.
struct subject {
    sim::machine &m;
    locks held, taken;

    void *p = nullptr;
    iomem *io = nullptr;
    long result = 0;
    unsigned long saved = 0;
    gfp_t flags{};
    char user[64] = {};
    char buffer[64] = {};

    completion the_completion, context_is_over;
    wait_queue_head_t the_queue;
    swait_queue_head the_simple_queue;
    work_struct the_work;
    delayed_work the_delayed_work;
    workqueue_struct *a_workqueue = nullptr;
    kthread_worker *a_worker = nullptr;
    kthread_work the_kthread_work;
    irq_work the_irq_work, fires;
    timer_list the_timer;
    hrtimer the_hrtimer;
    completing_timer completes;
    tasklet_struct the_tasklet;
    xarray the_xarray;
    ida the_ida;
    idr the_idr;
    srcu_struct the_srcu;
    percpu_rw_semaphore the_percpu_rwsem;
    local_lock_t the_local_lock;
    seqcount_t the_seqcount;
    per_cpu<int> the_variable;
    kmem_cache *a_cache = nullptr;
    kmem_cache *a_fresh_cache = nullptr;
    mempool_t *a_pool = nullptr;
    page *a_page = nullptr;
    task_struct *other = nullptr; ///< a task that waits or loops until it is stopped

    explicit subject(sim::machine &machine);
    /// The locks are of classes from now on that nobody has used yet.
    void renew_locks();
};

/// A call as the measurement made it: prepared in process context, made, cleaned up after.
struct measured_call {
    std::string_view name;
    void (*prepare)(subject &);
    void (*make)(subject &);
    void (*clean)(subject &);
    bool trained = true; ///< process context made it once before
    const char *at = ""; ///< where its might_sleep() stands if it is its caller's
};
/// Runs what it is given in the context.
struct measured_context {
    std::string_view name;
    void (*run)(subject &, const std::function<void()> &);
};

/// What no driver may call: __vmalloc(), and fs_reclaim_acquire() or fs_reclaim_release().
void *vmalloc_with_flags(unsigned long size, gfp_t flags);
void reclaim(bool enter);

const measured_call *find_call(std::string_view name);
const measured_context *find_context(std::string_view name);

} // namespace agreement

// SPDX-License-Identifier: BSL-1.0
// What is behind the calls, and what of it only the kernel itself calls.
#include <kctx/sim.hpp>

#include "subject.hpp"

namespace agreement {

namespace env = kctx::env;

void *vmalloc_with_flags(unsigned long size, gfp_t flags)
{
    const sim::in_call in("__vmalloc");
    return sim::scattered(size, flags);
}
void reclaim(bool enter)
{
    if (enter)
        sim::fs_reclaim_acquire(sim::gfp_kernel);
    else
        sim::fs_reclaim_release(sim::gfp_kernel);
}

namespace {
void nothing_of_timer(timer_list *) {}
void nothing_of_work(work_struct *) {}
void nothing_of_irq_work(irq_work *) {}
void nothing_of_tasklet(tasklet_struct *) {}
void nothing_of_kthread_work(kthread_work *) {}
hrtimer_restart nothing_of_hrtimer(hrtimer *) { return HRTIMER_NORESTART; }
hrtimer_restart completes_it(hrtimer *timer)
{
    env::complete(&static_cast<completing_timer *>(timer)->of->the_completion);
    return HRTIMER_NORESTART;
}
void name_locks(locks &l, const char *of)
{
    auto &names = sim::here().part<sim::lockdep>();
    static thread_local unsigned times = 0; // each time of a new class
    const std::string number = std::to_string(++times);
    const auto name = [&](const void *lock, const char *kind) {
        names.name_lock(lock, std::string(kind) + of + number);
    };
    name(&l.raw, "t_raw_spinlock");
    name(&l.spin, "t_spinlock");
    name(&l.rw, "t_rwlock");
    name(&l.sleeping, "t_mutex");
    name(&l.rt, "t_rt_mutex");
    name(&l.ww.base, "t_ww_mutex");
    name(&l.readers, "t_rwsem");
    name(&l.percpu, "t_percpu_rwsem");
    name(&l.seq.lock, "t_seqlock");
    name(&l.local, "ll");
    name(&l.srcu, "srcu");
    names.name_lock(&l.seq.seqcount, "&(&s->seqcount)"); // of all seqlocks that this driver makes
}
} // namespace

void subject::renew_locks()
{
    name_locks(held, "#context");
    name_locks(taken, "#call");
}

subject::subject(sim::machine &machine) : m(machine)
{
    renew_locks();
    // A kernel that has booted has allocated memory under these.
    env::cpus_read_lock();
    sim::allocates(sim::gfp_kernel);
    env::cpus_read_unlock();
    env::down_read(sim::mmap_lock.get());
    sim::allocates(sim::gfp_kernel);
    env::up_read(sim::mmap_lock.get());
    m.part<sim::lockdep>().name_lock(&the_local_lock, "ll_k");
    m.part<sim::lockdep>().name_lock(sim::lock_of(&the_queue), "wq_k.lock");
    m.part<sim::lockdep>().name_lock(sim::spinlock_of(&the_xarray, ""), "xa_k.xa_lock");
    m.part<sim::lockdep>().name_lock(sim::spinlock_of(&the_ida, ""), "ida_k.xa_lock");
    the_work.func = nothing_of_work;
    the_delayed_work.work.func = nothing_of_work;
    the_kthread_work.func = kthread_work_func_t(handler<nothing_of_kthread_work>);
    the_irq_work.func = nothing_of_irq_work;
    the_timer.function = nothing_of_timer;
    the_hrtimer = {nothing_of_hrtimer, 0, CLOCK_MONOTONIC, 1, nullptr};
    static_cast<hrtimer &>(completes) = {completes_it, 0, CLOCK_MONOTONIC, 9, nullptr};
    completes.of = this;
    the_tasklet.callback = nothing_of_tasklet;
    a_workqueue = env::alloc_workqueue("ctxm_wq", 0, 0);
    a_worker = env::kthread_create_worker(0, "ctxm_kw");
    a_cache = env::kmem_cache_create("ctxm_warm", 96, 0, 0, nullptr);
    env::kmem_cache_free(a_cache, env::kmem_cache_alloc(a_cache, sim::gfp_kernel));
    a_pool = env::mempool_create_kmalloc_pool(4, 80);
    a_page = env::alloc_page(sim::gfp_kernel);
}

} // namespace agreement

// SPDX-License-Identifier: BSL-1.0
// RCU and SRCU: readers that may not sleep, updaters that may, and what frees in between.
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rcu.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace routes {
struct route {
    route *next;
    int metric;
    rcu_head rcu;
};
struct table_lock : spinlock_t {};
struct update_mutex : mutex {};
struct table {
    route *first = nullptr;
    table_lock lock;
    update_mutex update;
    work_struct collect;
    timer_list age;
};

// idiom: a reader walks a list that others change meanwhile -- net/core/dev.c, dev_get_by_index_rcu
int lookup(SoftirqCtx ctx, table *t)
{
    KCTX_RCU_READ_LOCK(ctx) {
        for (route *r = rcu_dereference(ctx, t->first); r; r = rcu_dereference(ctx, r->next)) {
            if (r->metric > 0)
                return r->metric;
        }
    }
    return -ENOENT;
}

// idiom: the updater allocates, publishes, and waits for the readers -- kernel/module/main.c, free_module
int replace(SyscallCtx ctx, table *t)
{
    route *fresh = KCTX_TRY(kzalloc(ctx, sizeof(route), GFP_KERNEL), return -ENOMEM);
    route *old = nullptr;
    KCTX_MUTEX_LOCK(ctx, t->update) {
        old = t->first;
        rcu_assign_pointer(t->first, fresh);
    }
    synchronize_rcu(ctx);
    kfree(ctx, old);
    return 0;
}

// idiom: updaters exclude each other by a spinlock, kfree_rcu() frees -- net/ipv6/addrlabel.c, __ip6addrlbl_add
void remove_first(TimerCtx ctx, table *t)
{
    route *old = nullptr;
    KCTX_SPIN_LOCK(ctx, t->lock) {
        old = t->first;
        if (old)
            rcu_assign_pointer(t->first, old->next);
    }
    if (old)
        kfree_rcu(ctx, old, &route::rcu);
}
void age(TimerCtx ctx, timer_list *timer) { remove_first(ctx, container_of(timer, table, age)); }

// idiom: call_rcu() under the lock, the callback frees -- net/bridge/br_fdb.c, fdb_delete
void free_route(RcuCallbackCtx ctx, rcu_head *head) { kfree(ctx, container_of(head, route, rcu)); }
void remove_all(WorkCtx ctx, table *t)
{
    KCTX_SPIN_LOCK_BH(ctx, t->lock) {
        for (route *r = t->first; r; r = r->next)
            call_rcu(ctx, &r->rcu, free_route);
        rcu_assign_pointer(t->first, static_cast<route *>(nullptr));
    }
}

// idiom: an RCU callback that queues a work item, to sleep there -- block/blk-cgroup.c, blkg_free
struct with_release {
    rcu_head rcu;
    work_struct release;
};
void release(WorkCtx ctx, work_struct *work)
{
    msleep(ctx, 1);
    kfree(ctx, container_of(work, with_release, release));
}
void queue_release(RcuCallbackCtx ctx, rcu_head *head)
{
    with_release *r = container_of(head, with_release, rcu);
    INIT_WORK(&r->release, handler<release>);
    schedule_work(ctx, &r->release);
}
void drop(TimerCtx ctx, with_release *r) { call_rcu(ctx, &r->rcu, queue_release); }

// idiom: a work item that is an updater, and waits for the callbacks -- fs/ext4/mballoc.c, ext4_exit_mballoc
void collect(WorkCtx ctx, work_struct *work)
{
    table *t = container_of(work, table, collect);
    remove_all(ctx, t);
    rcu_barrier(ctx);
}

// idiom: exit waits for the callbacks that are under way -- net/bridge/br_fdb.c, br_fdb_fini
void exit_table(ProcessCtx ctx, table *t)
{
    timer_delete_sync(ctx, &t->age);
    cancel_work_sync(ctx, &t->collect);
    rcu_barrier(ctx);
}
void init_table(table *t)
{
    INIT_WORK(&t->collect, handler<collect>);
    timer_setup(&t->age, handler<age>, 0);
}

// idiom: a spinlock inside a reader, for the object that was found -- fs/dcache.c, __d_lookup
bool change(SyscallCtx ctx, table *t)
{
    KCTX_RCU_READ_LOCK(ctx) {
        if (route *r = rcu_dereference(ctx, t->first)) {
            KCTX_SPIN_LOCK(ctx, t->lock) {
                r->metric++;
                return true;
            }
        }
    }
    return false;
}

// idiom: GFP_ATOMIC inside a reader -- security/selinux/avc.c, avc_alloc_node
int snapshot(SyscallCtx ctx, table *t, int **out)
{
    KCTX_RCU_READ_LOCK(ctx) {
        const route *r = rcu_dereference(ctx, t->first);
        *out = KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_ATOMIC), return -ENOMEM);
        **out = r ? r->metric : 0;
    }
    return 0;
}

// idiom: what is found is counted in the reader and used after it -- net/core/dev.c, dev_get_by_index
struct counted {
    int references = 1;
    int value = 0;
};
int use_outside(SyscallCtx ctx, counted *const &shared)
{
    counted *c = nullptr;
    KCTX_RCU_READ_LOCK(ctx) {
        c = rcu_dereference(ctx, shared);
        if (c)
            __atomic_add_fetch(&c->references, 1, __ATOMIC_RELAXED);
    }
    if (!c)
        return -ENOENT;
    msleep(ctx, 1);
    return __atomic_sub_fetch(&c->references, 1, __ATOMIC_ACQ_REL);
}

// idiom: a reader left in the middle, to sleep -- kernel/hung_task.c, rcu_lock_break
void walk(KthreadCtx ctx, table *t)
{
    auto reader = rcu_read_lock(ctx);
    const route *r = rcu_dereference(reader, t->first);
    const int metric = r ? r->metric : 0;
    auto outside = rcu_read_unlock(reader);
    if (metric > 10)
        msleep(outside, 10);
}

// idiom: rcu_read_lock_bh() in a task, the plain pointer in a softirq -- net/core/dev.c, __dev_queue_xmit
int peek_bh(SyscallCtx ctx, table *t)
{
    KCTX_RCU_READ_LOCK_BH(ctx) {
        const route *r = rcu_dereference_bh(ctx, t->first);
        return r ? r->metric : 0;
    }
    return 0;
}

// idiom: with preemption off rcu_dereference_sched() is good -- kernel/trace/ftrace.c, ftrace_filter_pid_sched_switch_probe
int peek_sched(SyscallCtx ctx, table *t)
{
    KCTX_PREEMPT_DISABLE(ctx) {
        const route *r = rcu_dereference_sched(ctx, t->first);
        return r ? r->metric : 0;
    }
    return 0;
}

// idiom: a pointer is compared, not followed, outside any reader -- net/core/dev.c, netdev_run_todo
bool is_empty(ProcessCtx, table *t) { return rcu_access_pointer(t->first) == nullptr; }

// idiom: an object without an rcu_head, freed where one may sleep -- net/core/sysctl_net_core.c, rps_sock_flow_sysctl
void free_plain(ProcessCtx ctx, void *object) { kfree_rcu_mightsleep(ctx, object); }

// idiom: nested readers -- net/ipv4/ip_input.c, ip_local_deliver_finish
int nested(SyscallCtx ctx, table *t)
{
    KCTX_RCU_READ_LOCK(ctx) {
        KCTX_RCU_READ_LOCK(ctx) {
            return rcu_dereference(ctx, t->first) ? 1 : 0;
        }
    }
    return 0;
}
} // namespace routes

namespace slots {
struct slot {
    int pages;
    rcu_head rcu;
};
struct slots_lock : mutex {};
struct vm {
    srcu_struct srcu;
    slots_lock lock;
    slot *current = nullptr;
    wait_queue_head_t queue;
};

// idiom: an SRCU reader may sleep -- arch/x86/kvm/x86.c, kvm_arch_vcpu_ioctl_run
int read_slot(SyscallCtx ctx, vm *v)
{
    KCTX_SRCU_READ_LOCK(ctx, v->srcu) {
        const slot *s = rcu_access_pointer(v->current);
        msleep(ctx, 1);
        return s ? s->pages : 0;
    }
    return 0;
}

// idiom: an SRCU reader takes a mutex and allocates -- fs/notify/fsnotify.c, fsnotify
int fill_slot(SyscallCtx ctx, vm *v)
{
    KCTX_SRCU_READ_LOCK(ctx, v->srcu) {
        KCTX_MUTEX_LOCK(ctx, v->lock) {
            v->current = KCTX_TRY(kzalloc(ctx, sizeof(slot), GFP_KERNEL), return -ENOMEM);
        }
    }
    return 0;
}

// idiom: SRCU readers of one domain nest -- arch/x86/kvm/x86.c, vcpu_enter_guest
template <context C> int pages(C ctx, vm *v)
{
    KCTX_SRCU_READ_LOCK(ctx, v->srcu) {
        return v->current ? v->current->pages : 0;
    }
    return 0;
}
int read_nested(SyscallCtx ctx, vm *v)
{
    KCTX_SRCU_READ_LOCK(ctx, v->srcu) {
        msleep(ctx, 1);
        return pages(ctx, v);
    }
    return 0;
}

// idiom: the updater waits for the readers of its domain alone -- virt/kvm/kvm_main.c, kvm_swap_active_memslots
void swap_slot(SyscallCtx ctx, vm *v, slot *fresh)
{
    slot *old = nullptr;
    KCTX_MUTEX_LOCK(ctx, v->lock) {
        old = v->current;
        rcu_assign_pointer(v->current, fresh);
        synchronize_srcu(ctx, &v->srcu);
    }
    kfree(ctx, old);
}

// idiom: call_srcu() where one must not wait -- kernel/tracepoint.c, rcu_free_old_probes
void free_slot(RcuCallbackCtx ctx, rcu_head *head) { kfree(ctx, container_of(head, slot, rcu)); }
void drop_slot(TimerCtx ctx, vm *v, slot *old) { call_srcu(ctx, &v->srcu, &old->rcu, free_slot); }

// idiom: the pair with its index, around a wait -- virt/kvm/kvm_main.c, kvm_vcpu_check_block
int wait_in_reader(SyscallCtx ctx, vm *v)
{
    int index;
    auto reader = srcu_read_lock(ctx, &v->srcu, index);
    const int error = wait_event_interruptible(reader, v->queue, v->current != nullptr);
    srcu_read_unlock(reader, &v->srcu, index);
    return error;
}
} // namespace slots

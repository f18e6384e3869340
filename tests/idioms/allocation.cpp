// SPDX-License-Identifier: BSL-1.0
// Memory: which flags where, and what is done when there is none.
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/kthread.hpp>
#include <kctx/api/memalloc.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

namespace event_log {
struct event {
    event *next;
    int code;
};
struct queue_lock : spinlock_t {};
struct log {
    queue_lock lock;
    event *first KCTX_GUARDED_BY(lock) = nullptr;
    work_struct refill;
    unsigned long lost = 0;
};

// idiom: GFP_ATOMIC in a handler, and a lost event if there is none -- drivers/tty/tty_buffer.c, __tty_buffer_request_room
irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *l = static_cast<log *>(dev);
    event *e = KCTX_TRY(kmalloc(ctx, sizeof *e, GFP_ATOMIC), {
        l->lost++;
        schedule_work(ctx, &l->refill);
        return IRQ_HANDLED;
    });
    KCTX_SPIN_LOCK(ctx, l->lock) {
        e->next = l->first;
        l->first = e;
    }
    return IRQ_HANDLED;
}

// idiom: GFP_ATOMIC failed, a work item tries with GFP_KERNEL -- drivers/net/virtio_net.c, refill_work
void refill(WorkCtx ctx, work_struct *work)
{
    log *l = container_of(work, log, refill);
    event *e = KCTX_TRY(kzalloc(ctx, sizeof *e, GFP_KERNEL), return);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, l->lock) {
        e->next = l->first;
        l->first = e;
    }
}
int probe(ProcessCtx ctx, log *l)
{
    INIT_WORK(&l->refill, handler<refill>);
    return request_irq(ctx, 6, handler<isr>, IRQF_SHARED, "log", l);
}

// idiom: the memory is there before the lock is taken -- fs/file.c, expand_fdtable
int add(SyscallCtx ctx, log *l, int code)
{
    event *e = KCTX_TRY(kmalloc(ctx, sizeof *e, GFP_KERNEL), return -ENOMEM);
    e->code = code;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, l->lock) {
        e->next = l->first;
        l->first = e;
    }
    return 0;
}

// idiom: allocated outside, and freed again if it is not needed -- fs/inode.c, iget_locked
int add_once(SyscallCtx ctx, log *l)
{
    event *e = KCTX_TRY(kzalloc(ctx, sizeof *e, GFP_KERNEL_ACCOUNT), return -ENOMEM);
    event *unused = nullptr;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, l->lock) {
        if (l->first)
            unused = e;
        else
            l->first = e;
    }
    kfree(ctx, unused);
    return 0;
}

// idiom: a list is taken off under the lock and freed after it -- net/ipv4/route.c, rt_flush_dev
void clear(ProcessCtx ctx, log *l)
{
    event *all = nullptr;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, l->lock) {
        all = l->first;
        l->first = nullptr;
    }
    while (all) {
        event *next = all->next;
        kfree(ctx, all);
        all = next;
    }
}

// idiom: kfree() under a spinlock and in a softirq -- net/core/neighbour.c, neigh_hash_free_rcu
void expire(TimerCtx ctx, log *l)
{
    KCTX_SPIN_LOCK(ctx, l->lock) {
        kfree(ctx, l->first);
        l->first = nullptr;
    }
}
} // namespace event_log

namespace helpers {
struct table {
    void **slots;
    size_t n;
};

// idiom: the caller chooses the flags, the helper passes them on -- lib/rhashtable.c, bucket_table_alloc
template <context C, gfp_set G> int table_alloc(C ctx, table *t, size_t n, G flags)
{
    t->slots = KCTX_TRY(kcalloc(ctx, n, sizeof(void *), flags), return -ENOMEM);
    t->n = n;
    return 0;
}
int from_syscall(SyscallCtx ctx, table *t) { return table_alloc(ctx, t, 512, GFP_KERNEL); }
int from_softirq(SoftirqCtx ctx, table *t) { return table_alloc(ctx, t, 8, GFP_ATOMIC); }

// idiom: first without waiting and without a warning, then with -- drivers/md/dm-crypt.c, crypt_alloc_buffer
page *two_tries(WorkCtx ctx)
{
    page *p;
    p = KCTX_TRY(alloc_page(ctx, GFP_NOWAIT | __GFP_NOWARN), goto wait);
    return p;
wait:
    return KCTX_TRY(alloc_page(ctx, GFP_NOIO), return nullptr);
}

// idiom: a high order if it is cheap, else single pages -- net/core/sock.c, skb_page_frag_refill
page *fragment(SoftirqCtx ctx, unsigned int *order)
{
    page *p;
    *order = 3;
    p = KCTX_TRY(alloc_pages(ctx, GFP_ATOMIC | __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY, 3),
                 goto single);
    return p;
single:
    *order = 0;
    return KCTX_TRY(alloc_page(ctx, GFP_ATOMIC), return nullptr);
}

// idiom: direct reclaim is taken out of a set -- mm/memcontrol.c, mem_cgroup_do_precharge
page *big_without_reclaim(SyscallCtx ctx)
{
    return KCTX_TRY(
        alloc_pages(ctx, (GFP_KERNEL & ~__GFP_DIRECT_RECLAIM) | __GFP_COMP | __GFP_NOWARN, 3),
        return nullptr);
}

// idiom: several steps, undone from the last to the first by goto -- drivers/net/loopback.c, loopback_net_init
int setup(ProcessCtx ctx, table *t, char **name, unsigned long *pages)
{
    t->slots = KCTX_TRY(kcalloc(ctx, 16, sizeof(void *), GFP_KERNEL), return -ENOMEM);
    *name = KCTX_TRY(kstrdup(ctx, "table", GFP_KERNEL), goto free_slots);
    *pages = KCTX_TRY(__get_free_pages(ctx, GFP_KERNEL | __GFP_ZERO, 2), goto free_name);
    return 0;

free_name:
    kfree(ctx, *name);
free_slots:
    kfree(ctx, t->slots);
    return -ENOMEM;
}

// idiom: a table that grows, the old one still good if it fails -- kernel/bpf/verifier.c, realloc_array
int grow(SyscallCtx ctx, table *t)
{
    t->slots =
        KCTX_TRY(krealloc(ctx, t->slots, 2 * t->n * sizeof(void *), GFP_KERNEL), return -ENOMEM);
    t->n *= 2;
    return 0;
}

// idiom: any size by kvmalloc(), freed by kvfree() -- fs/seq_file.c, seq_buf_alloc
ssize_t big_buffer(SyscallCtx ctx, size_t n)
{
    vmalloc_ptr<char> buffer = KCTX_TRY(kvmalloc(ctx, n, GFP_KERNEL_ACCOUNT), return -ENOMEM);
    buffer[0] = 0;
    kvfree(ctx, buffer);
    return static_cast<ssize_t>(n);
}

// idiom: vfree() in an interrupt, which leaves it to a work item -- mm/vmalloc.c, vfree
void free_in_tasklet(TaskletCtx ctx, vmalloc_ptr<void> ring) { vfree(ctx, ring); }

// idiom: vfree_atomic() under a spinlock -- kernel/fork.c, thread_stack_free_rcu
struct stack_lock : spinlock_t {};
void free_stack(ProcessCtx ctx, stack_lock *lock, vmalloc_ptr<void> stack)
{
    KCTX_SPIN_LOCK(ctx, *lock) {
        vfree_atomic(ctx, stack);
    }
}

// idiom: memory that must not fail, where it may wait -- fs/jbd2/transaction.c, jbd2_alloc_handle and start_this_handle
void *must_have(KthreadCtx ctx)
{
    return KCTX_TRY(kmalloc(ctx, 64, GFP_NOFS | __GFP_NOFAIL), return nullptr);
}

// idiom: user memory is copied to memory of its own, then used under a lock -- kernel/module/main.c, copy_module_from_user
int load(SyscallCtx ctx, stack_lock *lock, user_ptr<const void> from, size_t n)
{
    char *copy = KCTX_TRY(kmalloc(ctx, n, GFP_KERNEL), return -ENOMEM);
    if (copy_from_user(ctx, copy, from, n) != 0) {
        kfree(ctx, copy);
        return -EFAULT;
    }
    KCTX_SPIN_LOCK(ctx, *lock) {
        copy[0] = 0;
    }
    kfree(ctx, copy);
    return 0;
}
} // namespace helpers

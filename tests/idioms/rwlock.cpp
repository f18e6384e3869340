// SPDX-License-Identifier: BSL-1.0
// rwlock_t, rw_semaphore, ww_mutex: many readers, or several locks at once.
#include <kctx/api/i2c.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/kthread.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/rwsem.hpp>
#include <kctx/lock/trylock.hpp>
#include <kctx/lock/ww_mutex.hpp>

using namespace kctx;

namespace neighbours {
struct table_lock : rwlock_t {};
struct entry_lock : rwlock_t {};
struct entry {
    entry_lock lock;
    int state KCTX_GUARDED_BY(lock) = 0;
};
struct table {
    table_lock lock;
    int entries KCTX_GUARDED_BY(lock) = 0;
    entry first;
    timer_list gc;
};

// idiom: readers in softirqs, the task that writes turns them off -- net/core/neighbour.c, neigh_changeaddr
void changed(ProcessCtx ctx, table *t)
{
    KCTX_WRITE_LOCK_BH(ctx, t->lock) {
        t->entries = 0;
    }
}

// idiom: one rwlock inside another -- net/core/neighbour.c, neigh_update_gc_list
void remove(ProcessCtx ctx, table *t)
{
    KCTX_WRITE_LOCK_BH(ctx, t->lock) {
        KCTX_WRITE_LOCK(ctx, t->first.lock) {
            t->first.state = -1;
            t->entries--;
        }
    }
}

// idiom: a timer takes the plain form -- net/core/neighbour.c, neigh_timer_handler
void gc(TimerCtx ctx, timer_list *timer)
{
    table *t = container_of(timer, table, gc);
    KCTX_WRITE_LOCK(ctx, t->first.lock) {
        t->first.state++;
    }
    mod_timer(ctx, timer, jiffies + 30);
}
void setup(table *t) { timer_setup(&t->gc, handler<gc>, 0); }

// idiom: a reader in a system call, interrupts off -- fs/fcntl.c, send_sigio
int count(SyscallCtx ctx, table *t)
{
    KCTX_READ_LOCK_IRQSAVE(ctx, t->lock) {
        return t->entries;
    }
    return 0;
}

// idiom: a reader that is a handler -- fs/fcntl.c, kill_fasync_rcu
irqreturn_t isr(IrqCtx ctx, int, void *dev)
{
    auto *t = static_cast<table *>(dev);
    KCTX_READ_LOCK(ctx, t->lock) {
        if (t->entries == 0)
            return IRQ_NONE;
    }
    return IRQ_HANDLED;
}
int setup_irq(ProcessCtx ctx, table *t)
{
    return request_irq(ctx, 13, handler<isr>, IRQF_SHARED, "table", t);
}

// idiom: a writer that is only tried -- fs/ext4/extents_status.c, __es_shrink
bool try_remove(TimerCtx ctx, table *t)
{
    KCTX_WRITE_TRYLOCK(ctx, t->lock) {
        t->entries--;
        return true;
    }
    return false;
}
} // namespace neighbours

namespace inode {
struct map_lock : rw_semaphore {};
struct data_lock : rw_semaphore {};
struct inode {
    map_lock mmap;
    data_lock data;
    int size KCTX_GUARDED_BY(data) = 0;
};

// idiom: a reader allocates and copies to the process -- drivers/gpio/gpiolib-cdev.c, call_ioctl_locked
int read(SyscallCtx ctx, inode *i, user_ptr<int> to)
{
    KCTX_DOWN_READ(ctx, i->data) {
        return put_user(ctx, i->size, to);
    }
    return 0;
}

// idiom: a writer, ended by a deadly signal -- mm/util.c, vm_mmap_pgoff
int truncate(SyscallCtx ctx, inode *i)
{
    KCTX_DOWN_WRITE_KILLABLE(ctx, i->data) {
        i->size = 0;
        return 0;
    }
    return -EINTR;
}

// idiom: the writer becomes a reader, so that others may read while it does the rest -- fs/xfs/xfs_inode.c, xfs_ilock_demote
int extend(SyscallCtx ctx, inode *i)
{
    auto writer = down_write(ctx, &i->data);
    i->size += 4096;
    auto reader = downgrade_write(writer, &i->data);
    msleep(reader, 1);
    up_read(reader, &i->data);
    return 0;
}

// idiom: two semaphores, in order -- fs/ext4/inode.c, ext4_punch_hole
int fault(SyscallCtx ctx, inode *i)
{
    KCTX_DOWN_READ(ctx, i->mmap) {
        KCTX_DOWN_READ(ctx, i->data) {
            return i->size;
        }
    }
    return 0;
}

// idiom: read first, write if there is need, and look again -- fs/ext4/inode.c, ext4_map_blocks
int map(SyscallCtx ctx, inode *i)
{
    KCTX_DOWN_READ(ctx, i->data) {
        if (i->size > 0)
            return i->size;
    }
    KCTX_DOWN_WRITE(ctx, i->data) {
        if (i->size == 0)
            i->size = 1;
        return i->size;
    }
    return 0;
}
} // namespace inode

namespace buffers {
struct reservation : ww_mutex {};
struct buffer {
    reservation lock;
    int fence KCTX_GUARDED_BY(lock) = 0;
};
ww_class reservations;

// idiom: two buffers in any order, and all given back on deadlock -- drivers/gpu/drm/drm_gem.c, drm_gem_lock_reservations
int submit(SyscallCtx ctx, buffer *a, buffer *b)
{
    ww_acquire_ctx acquire;
    ww_acquire_init(&acquire, &reservations);
    int submitted = 0;
    KCTX_WW_MUTEX_LOCK(ctx, a->lock, &acquire) {
        KCTX_WW_MUTEX_LOCK(ctx, b->lock, &acquire) {
            a->fence = b->fence = 1;
            submitted = 1;
        }
    }
    ww_acquire_fini(&acquire);
    return submitted != 0 ? 0 : -EDEADLK;
}

// idiom: after giving way, begin with the one that was contended -- drivers/gpu/drm/drm_modeset_lock.c, drm_modeset_backoff
int submit_again(SyscallCtx ctx, buffer *contended, buffer *other)
{
    ww_acquire_ctx acquire;
    ww_acquire_init(&acquire, &reservations);
    KCTX_WW_MUTEX_LOCK_SLOW(ctx, contended->lock) {
        KCTX_WW_MUTEX_LOCK(ctx, other->lock, &acquire) {
            contended->fence = other->fence = 2;
        }
    }
    ww_acquire_fini(&acquire);
    return 0;
}

// idiom: a single one, tried -- drivers/gpu/drm/ttm/ttm_bo.c, ttm_bo_evict_swapout_allowable
bool evict(KthreadCtx ctx, buffer *b)
{
    KCTX_WW_MUTEX_TRYLOCK(ctx, b->lock) {
        b->fence = 0;
        return true;
    }
    return false;
}
} // namespace buffers

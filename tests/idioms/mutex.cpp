// SPDX-License-Identifier: BSL-1.0
// struct mutex and struct rt_mutex, and spinlocks inside them.
#include <kctx/api/i2c.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rt_mutex.hpp>

using namespace kctx;

namespace sensor {
struct update_lock : mutex {};
struct value_lock : spinlock_t {};
struct chip {
    i2c_client *client;
    update_lock update;
    value_lock guard;
    s32 value KCTX_GUARDED_BY(guard) = 0;
    work_struct poll;
    bool suspended = false;
};

// idiom: a slow bus is talked to with a mutex held -- drivers/hwmon/lm90.c, lm90_update_device
s32 update(SyscallCtx ctx, chip *c)
{
    s32 value = 0;
    KCTX_MUTEX_LOCK(ctx, c->update) {
        value = i2c_smbus_read_byte_data(ctx, c->client, 0x01);
    }
    return value;
}

// idiom: a spinlock inside a mutex, for what an interrupt reads as well -- drivers/tty/serial/serial_core.c, uart_tiocmget
void refresh(SyscallCtx ctx, chip *c)
{
    KCTX_MUTEX_LOCK(ctx, c->update) {
        const s32 value = i2c_smbus_read_word_data(ctx, c->client, 0x02);
        KCTX_SPIN_LOCK_IRQSAVE(ctx, c->guard) {
            c->value = value;
        }
        usleep_range(ctx, 100, 200);
    }
}

// idiom: memory is allocated with the mutex held -- fs/seq_file.c, seq_read_iter
int remember(SyscallCtx ctx, chip *c, u8 *&history, size_t n)
{
    KCTX_MUTEX_LOCK(ctx, c->update) {
        history = KCTX_TRY(kzalloc(ctx, n, GFP_KERNEL), return -ENOMEM);
    }
    return 0;
}

// idiom: user memory is reached with the mutex held -- drivers/usb/class/usblp.c, usblp_write
int set_limit(SyscallCtx ctx, chip *c, user_ptr<const u8> from)
{
    u8 limit;
    KCTX_MUTEX_LOCK(ctx, c->update) {
        if (copy_from_user(ctx, &limit, from, sizeof limit) != 0)
            return -EFAULT;
        return i2c_smbus_write_byte_data(ctx, c->client, 0x03, limit);
    }
    return 0;
}

// idiom: a signal ends the wait for the mutex -- drivers/rtc/dev.c, rtc_dev_ioctl
int calibrate(SyscallCtx ctx, chip *c)
{
    KCTX_MUTEX_LOCK_INTERRUPTIBLE(ctx, c->update) {
        return i2c_smbus_write_byte_data(ctx, c->client, 0x04, 1);
    }
    return -ERESTARTSYS;
}

// idiom: a deadly signal ends the wait for the mutex -- drivers/block/loop.c, loop_global_lock_killable
int reset(SyscallCtx ctx, chip *c)
{
    KCTX_MUTEX_LOCK_KILLABLE(ctx, c->update) {
        return i2c_smbus_write_byte_data(ctx, c->client, 0x05, 1);
    }
    return -EINTR;
}

// idiom: a trylock in a work item, which comes again later if it is taken -- drivers/net/bonding/bond_main.c, bond_mii_monitor
void poll(WorkCtx ctx, work_struct *work)
{
    chip *c = container_of(work, chip, poll);
    KCTX_MUTEX_TRYLOCK(ctx, c->update) {
        i2c_smbus_read_byte_data(ctx, c->client, 0x01);
    } else {
        schedule_work(ctx, work);
    }
}
void setup(chip *c) { INIT_WORK(&c->poll, handler<poll>); }

// idiom: the mutex is given back in the middle, to wait for a work item that takes it -- kernel/workqueue.c, __flush_workqueue
void suspend(ProcessCtx ctx, chip *c)
{
    auto locked = mutex_lock(ctx, &c->update);
    c->suspended = true;
    auto unlocked = mutex_unlock(locked, &c->update);
    cancel_work_sync(unlocked, &c->poll);
    auto again = mutex_lock(unlocked, &c->update);
    i2c_smbus_write_byte_data(again, c->client, 0x06, 0);
    mutex_unlock(again, &c->update);
}

// idiom: goto to one way out, the unlock at its label -- drivers/base/dd.c, __device_attach
int configure(ProcessCtx ctx, chip *c)
{
    int error = 0;
    auto locked = mutex_lock(ctx, &c->update);
    error = i2c_smbus_write_byte_data(locked, c->client, 0x07, 1);
    if (error != 0)
        goto out;
    error = i2c_smbus_write_byte_data(locked, c->client, 0x08, 1);
out:
    mutex_unlock(locked, &c->update);
    return error;
}
} // namespace sensor

namespace two_mutexes {
struct parent_lock : mutex {};
struct child_lock : mutex {};
struct node {
    parent_lock outer;
    child_lock inner;
    int children KCTX_GUARDED_BY(outer) = 0;
    int state KCTX_GUARDED_BY(inner) = 0;
};

// idiom: one mutex inside another, always in this order -- drivers/base/dd.c, __device_driver_lock
void attach(ProcessCtx ctx, node *n)
{
    KCTX_MUTEX_LOCK(ctx, n->outer) {
        KCTX_MUTEX_LOCK(ctx, n->inner) {
            n->state = 1;
            n->children++;
        }
    }
}

// idiom: a trylock against the order, which gives up rather than wait -- drivers/android/binder_alloc.c, binder_alloc_free_page
bool detach(ProcessCtx ctx, node *n)
{
    KCTX_MUTEX_LOCK(ctx, n->inner) {
        KCTX_MUTEX_TRYLOCK(ctx, n->outer) {
            n->state = 0;
            n->children--;
            return true;
        }
    }
    return false;
}
} // namespace two_mutexes

namespace bus {
struct bus_lock : rt_mutex {};
struct adapter {
    bus_lock lock;
    int transfers KCTX_GUARDED_BY(lock) = 0;
};

// idiom: a bus lock with priority inheritance on every kernel -- drivers/i2c/i2c-core-base.c, i2c_adapter_lock_bus
void transfer(ProcessCtx ctx, adapter *a)
{
    KCTX_RT_MUTEX_LOCK(ctx, a->lock) {
        a->transfers++;
        usleep_range(ctx, 10, 20);
    }
}

// idiom: it is only tried where the bus must not be waited for -- drivers/i2c/i2c-core-base.c, i2c_adapter_trylock_bus
bool try_transfer(ProcessCtx ctx, adapter *a)
{
    KCTX_RT_MUTEX_TRYLOCK(ctx, a->lock) {
        a->transfers++;
        return true;
    }
    return false;
}
} // namespace bus

// SPDX-License-Identifier: BSL-1.0
// Where a driver is entered: probe and remove, its file's operations, its files in sysfs; and what
// user memory is for.
#include <kctx/api/device_attribute.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/miscdevice.hpp>
#include <kctx/api/mm.hpp>
#include <kctx/api/platform_device.hpp>
#include <kctx/api/pm.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

namespace card {
struct card_lock : mutex {};
struct fifo_lock : spinlock_t {};
struct card {
    miscdevice misc; // first: what the file's private_data points to
    card_lock lock;
    fifo_lock fifo;
    int level KCTX_GUARDED_BY(fifo) = 0;
    int speed = 0;
    wait_queue_head_t readers;
    device *dev = nullptr;
};

// idiom: open(2) allocates what belongs to the file -- drivers/gpio/gpiolib-cdev.c, gpio_chrdev_open
struct per_file {
    card *owner;
    int seen;
};
int open(SyscallCtx ctx, inode *, file *f)
{
    per_file *p = KCTX_TRY(kzalloc(ctx, sizeof *p, GFP_KERNEL), return -ENOMEM);
    p->owner = static_cast<card *>(f->private_data);
    f->private_data = p;
    return 0;
}

// idiom: the last close frees it, in whatever task -- drivers/gpio/gpiolib-cdev.c, gpio_chrdev_release
int release(ProcessCtx ctx, inode *, file *f)
{
    kfree(ctx, f->private_data);
    return 0;
}

// idiom: read(2) waits unless O_NONBLOCK, and copies out with no spinlock held -- drivers/input/evdev.c, evdev_read
ssize_t read(SyscallCtx ctx, file *f, user_ptr<char> to, size_t size, loff_t *)
{
    card *c = static_cast<per_file *>(f->private_data)->owner;
    int level = 0;
    if ((f->f_flags & 04000) != 0 && c->speed == 0)
        return -EAGAIN;
    if (wait_event_interruptible(ctx, c->readers, c->speed != 0) != 0)
        return -ERESTARTSYS;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c->fifo) {
        level = c->level;
    }
    if (size < sizeof level)
        return -EINVAL;
    return copy_to_user(ctx, to, &level, sizeof level) != 0 ? -EFAULT
                                                            : static_cast<ssize_t>(sizeof level);
}

// idiom: write(2) copies in first, then takes the lock -- drivers/char/tpm/tpm-dev-common.c, tpm_common_write
ssize_t write(SyscallCtx ctx, file *f, user_ptr<const char> from, size_t size, loff_t *)
{
    card *c = static_cast<per_file *>(f->private_data)->owner;
    u8 text[16] = {};
    if (size > sizeof text)
        return -EMSGSIZE;
    if (copy_from_user(ctx, text, from, size) != 0)
        return -EFAULT;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, c->fifo) {
        c->level = text[0];
    }
    return static_cast<ssize_t>(size);
}

// idiom: ioctl(2) with get_user() and put_user() under a mutex -- drivers/char/random.c, random_ioctl
long ioctl(SyscallCtx ctx, file *f, unsigned int command, unsigned long argument)
{
    card *c = static_cast<per_file *>(f->private_data)->owner;
    const user_ptr<int> value(reinterpret_cast<int *>(argument));
    int speed = 0;
    KCTX_MUTEX_LOCK_INTERRUPTIBLE(ctx, c->lock) {
        switch (command) {
        case 1:
            if (get_user(ctx, speed, value) != 0)
                return -EFAULT;
            c->speed = speed;
            return 0;
        case 2:
            return put_user(ctx, c->speed, value);
        default:
            return -ENOTTY;
        }
    }
    return -ERESTARTSYS;
}

// idiom: mmap(2) maps the device -- drivers/char/mem.c, mmap_mem
int mmap(SyscallCtx ctx, file *, vm_area_struct *area)
{
    return remap_pfn_range(ctx, area, 0x1000, 0x80000, 4096, 3) != 0 ? -EAGAIN : 0;
}
const file_operations fops = {
    .llseek = {},
    .read = handler<read>,
    .write = handler<write>,
    .unlocked_ioctl = handler<ioctl>,
    .mmap = handler<mmap>,
    .open = handler<open>,
    .flush = {},
    .release = handler<release>,
};

// idiom: a file in sysfs shows a value under a mutex -- drivers/hwmon/lm90.c, lm90_update_device
ssize_t speed_show(ProcessCtx ctx, device *dev, device_attribute *, char *page)
{
    auto *c = static_cast<card *>(dev_get_drvdata(dev));
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        page[0] = static_cast<char>('0' + c->speed % 10);
        page[1] = '\n';
    }
    return 2;
}

// idiom: a file in sysfs sets one, and the device is resumed for it -- drivers/iio/light/isl29028.c, isl29028_write_raw
ssize_t speed_store(ProcessCtx ctx, device *dev, device_attribute *, const char *page, size_t size)
{
    auto *c = static_cast<card *>(dev_get_drvdata(dev));
    if (const int error = pm_runtime_resume_and_get(ctx, dev); error < 0)
        return error;
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        c->speed = page[0] - '0';
    }
    pm_runtime_put(ctx, dev);
    return static_cast<ssize_t>(size);
}
device_attribute dev_attr_speed = {"speed", 0644, handler<speed_show>, handler<speed_store>};

// idiom: probe: memory, then the files that lead to it -- drivers/misc/hpilo.c, ilo_probe
int probe(ProcessCtx ctx, platform_device *pdev)
{
    card *c = KCTX_TRY(kzalloc(ctx, sizeof *c, GFP_KERNEL), return -ENOMEM);
    int error;
    c->dev = &pdev->dev;
    c->misc = {"card", &fops, 0600};
    mutex_init(&c->lock);
    spin_lock_init(&c->fifo);
    init_waitqueue_head(&c->readers);
    platform_set_drvdata(pdev, c);
    error = device_create_file(ctx, &pdev->dev, &dev_attr_speed);
    if (error != 0)
        goto free_card;
    error = misc_register(ctx, &c->misc);
    if (error != 0)
        goto remove_file;
    return 0;

remove_file:
    device_remove_file(ctx, &pdev->dev, &dev_attr_speed);
free_card:
    kfree(ctx, c);
    return error;
}

// idiom: remove: first what leads in, then what it led to -- drivers/char/ipmi/ipmi_watchdog.c, ipmi_unregister_watchdog
void remove(ProcessCtx ctx, platform_device *pdev)
{
    auto *c = static_cast<card *>(platform_get_drvdata(pdev));
    misc_deregister(ctx, &c->misc);
    device_remove_file(ctx, &pdev->dev, &dev_attr_speed);
    wake_up_all(ctx, &c->readers);
    kfree(ctx, c);
}
platform_driver driver = {handler<probe>, handler<remove>, {"card"}};
int init(ProcessCtx ctx) { return platform_driver_register(ctx, &driver); }
} // namespace card

namespace user_memory {
// idiom: a string from the process, with its length checked -- fs/namei.c, getname_flags
long name(SyscallCtx ctx, char (&to)[64], user_ptr<const char> from)
{
    const long n = strncpy_from_user(ctx, to, from, sizeof to);
    return n == sizeof to ? -ENAMETOOLONG : n;
}

// idiom: an array of structures, one after the other -- drivers/i2c/i2c-dev.c, i2cdev_ioctl_rdwr
struct message {
    unsigned int length;
    unsigned int flags;
};
int messages(SyscallCtx ctx, user_ptr<const message> from, size_t n)
{
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        message m;
        if (copy_from_user(ctx, &m, from + i, sizeof m) != 0)
            return -EFAULT;
        sum += static_cast<int>(m.length);
    }
    return sum;
}

// idiom: first a try without page faults, under a lock, then the long way -- kernel/futex/core.c, futex_get_value_locked
struct hash_lock : spinlock_t {};
int read_value(SyscallCtx ctx, hash_lock *lock, user_ptr<const int> from)
{
    int value = 0;
    KCTX_SPIN_LOCK(ctx, *lock) {
        if (copy_from_user_nofault(&value, from, sizeof value) == 0)
            return value;
    }
    return get_user(ctx, value, from) != 0 ? -EFAULT : value;
}

// idiom: page faults off, for a copy that must not wait -- lib/iov_iter.c, copy_page_from_iter_atomic
long peek(SyscallCtx ctx, user_ptr<const int> from)
{
    int value = 0;
    KCTX_PAGEFAULT_DISABLE(ctx) {
        if (copy_from_user_nofault(&value, from, sizeof value) != 0)
            return -EFAULT;
    }
    return value;
}

// idiom: a buffer of the process is copied whole, and freed after use -- drivers/tty/vt/vt.c, con_font_set
int load(SyscallCtx ctx, user_ptr<const void> from, size_t n)
{
    char *copy = KCTX_TRY(kmalloc(ctx, n, GFP_KERNEL | __GFP_ACCOUNT), return -ENOMEM);
    const bool missing = copy_from_user(ctx, copy, from, n) != 0;
    kfree(ctx, copy);
    return missing ? -EFAULT : 0;
}

// idiom: pages of the process are held for a device -- drivers/vfio/vfio_iommu_type1.c, vaddr_get_pfns
int pin(SyscallCtx ctx, page **pages) { return pin_user_pages_fast(ctx, 0x1000, 4, 1, pages); }

// idiom: the rest of a page is zeroed for the process -- fs/binfmt_elf.c, padzero
bool zero(SyscallCtx ctx, user_ptr<void> to, unsigned long n)
{
    return clear_user(ctx, to, n) == 0;
}
} // namespace user_memory

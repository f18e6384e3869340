// SPDX-License-Identifier: BSL-1.0
/// @file
/// The device model and the subsystems above the buses: power management, sysfs, input, LEDs,
/// sound, block devices, files. What a driver sees of these calls is which locks they take and what
/// they wait for.
/// @par Kernel source
/// drivers/base/, fs/kernfs/, fs/sysfs/, drivers/input/input.c, drivers/leds/, sound/core/, block/,
/// kernel/notifier.c, drivers/dma-buf/dma-fence.c, kernel/time/alarmtimer.c (6.12).
#pragma once

#include <kctx/api/alarmtimer.hpp>
#include <kctx/api/block.hpp>
#include <kctx/api/console.hpp>
#include <kctx/api/device_attribute.hpp>
#include <kctx/api/dma_fence.hpp>
#include <kctx/api/driver_model.hpp>
#include <kctx/api/drivers.hpp>
#include <kctx/api/firmware.hpp>
#include <kctx/api/fs.hpp>
#include <kctx/api/iio.hpp>
#include <kctx/api/input.hpp>
#include <kctx/api/leds.hpp>
#include <kctx/api/miscdevice.hpp>
#include <kctx/api/module.hpp>
#include <kctx/api/platform_device.hpp>
#include <kctx/api/pm.hpp>
#include <kctx/api/power_supply.hpp>
#include <kctx/api/rtc.hpp>
#include <kctx/api/serial.hpp>
#include <kctx/api/sound.hpp>
#include <kctx/api/thermal.hpp>
#include <kctx/api/v4l2.hpp>
#include <kctx/sim/kernel_lock.hpp>
#include <kctx/sim/memory.hpp>
#include <kctx/sim/vmalloc.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

inline const kernel_lock<rw_semaphore> kernfs_rwsem("&root->kernfs_rwsem");
inline const kernel_lock<spinlock_t> kernfs_notify_lock("kernfs_notify_lock");
inline const kernel_lock<mutex> uevent_sock_mutex("uevent_sock_mutex");
inline const kernel_lock<mutex> chrdevs_lock("chrdevs_lock");
inline const kernel_lock<spinlock_t> proc_subdir_lock("proc_subdir_lock");
inline const kernel_lock<spinlock_t> firmware_lock("&fwc->lock");
inline const kernel_lock<mutex> misc_mtx("misc_mtx");
inline const kernel_lock<spinlock_t> pm_lock("&dev->power.lock");
inline const kernel_lock<spinlock_t> wakeup_lock("&ws->lock");
inline const kernel_lock<spinlock_t> power_supply_lock("&psy->changed_lock");
inline const kernel_lock<spinlock_t> input_event_lock("&dev->event_lock");
inline const kernel_lock<mutex> input_mutex("input_mutex");
inline const kernel_lock<spinlock_t> led_lock("led_lock");
inline const kernel_lock<rwlock_t> led_trigger_lock("&trig->leddev_list_lock");
inline const kernel_lock<mutex> rtc_ops_lock("&rtc->ops_lock");
inline const kernel_lock<mutex> thermal_lock("&tz->lock");
inline const kernel_lock<spinlock_t> tty_wait("&tty->write_wait");
inline const kernel_lock<raw_spinlock_t> pool_lock("&pool->lock");
inline const kernel_lock<raw_spinlock_t> timer_base_lock("&base->lock");
inline const kernel_lock<spinlock_t> pcm_lock("&group->lock");
inline const kernel_lock<spinlock_t> control_files_lock("&card->ctl_files_rwlock");
inline const kernel_lock<spinlock_t> video_lock("&vdev->fh_lock");
inline const kernel_lock<spinlock_t> fence_lock("&fence->lock");
inline const kernel_lock<spinlock_t> alarm_lock("&base->lock");
inline const kernel_lock<mutex> iio_lock("&iio_dev_opaque->info_exist_lock");
inline const kernel_lock<semaphore> console_sem("console_sem");
inline const kernel_lock<raw_spinlock_t> call_queue_lock("&csd->lock");
inline const kernel_lock<spinlock_t> request_waiters("&wait->lock");

/// Platform devices, their drivers, and who has whom.
class platform_bus
{
    std::vector<platform_device *> devices_;
    std::vector<platform_driver *> drivers_;
    std::map<platform_device *, platform_driver *> bound_;

public:
    explicit platform_bus(machine &) {}
    /// Adds a device: its driver, if there is one, gets it.
    int add(platform_device *pdev)
    {
        pdev->dev.name = pdev->name;
        devices_.push_back(pdev);
        bind();
        return 0;
    }
    /// Adds a driver: it gets the devices of its name.
    int add(platform_driver *driver)
    {
        drivers_.push_back(driver);
        bind();
        return 0;
    }
    /// Takes a device away from its driver.
    void remove(platform_device *pdev)
    {
        unbind(pdev);
        std::erase(devices_, pdev);
    }
    /// Takes a driver's devices away from it.
    void remove(platform_driver *driver)
    {
        for (platform_device *pdev : devices_) {
            const auto found = bound_.find(pdev);
            if (found != bound_.end() && found->second == driver)
                unbind(pdev);
        }
        std::erase(drivers_, driver);
    }

private:
    void bind()
    {
        for (platform_device *pdev : devices_) {
            for (platform_driver *driver : drivers_) {
                if (bound_.contains(pdev) || std::strcmp(pdev->name, driver->driver.name) != 0)
                    continue;
                bound_[pdev] = driver;
                passes(mutex_of(&pdev->dev, "&dev->mutex"));
                if (driver->probe && driver->probe.function()(pdev) != 0)
                    bound_.erase(pdev);
            }
        }
    }
    void unbind(platform_device *pdev)
    {
        const auto found = bound_.find(pdev);
        if (found == bound_.end())
            return;
        platform_driver *const driver = found->second;
        bound_.erase(found);
        passes(mutex_of(&pdev->dev, "&dev->mutex"));
        if (driver->remove)
            driver->remove.function()(pdev);
    }
};

/// The list of a trigger's LEDs is held while their drivers are called: by a rwlock_t until 5.15.
class led_trigger_section
{
    machine &m_ = here();
    bool rcu_ = m_.config.since(5, 16);

public:
    led_trigger_section()
    {
        if (rcu_)
            m_.rcu_read_lock();
        else
            take<reading>(m_, led_trigger_lock.get(), "_raw_read_lock");
    }
    ~led_trigger_section()
    {
        if (rcu_)
            m_.rcu_read_unlock();
        else
            give<reading>(m_, led_trigger_lock.get());
    }
    led_trigger_section(const led_trigger_section &) = delete;
    led_trigger_section &operator=(const led_trigger_section &) = delete;
};

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

// The device model.
KCTX_SIM_CALL(int, device_register, (device * dev), allocates(gfp_kernel),
              passes(mutex_of(dev, "&dev->mutex")), passes(kernfs_rwsem))
KCTX_SIM_CALL(int, device_add, (device * dev), allocates(gfp_kernel),
              passes(mutex_of(dev, "&dev->mutex")), passes(kernfs_rwsem))
KCTX_SIM_CALL(void, device_unregister, (device * dev), passes(mutex_of(dev, "&dev->mutex")),
              passes(kernfs_rwsem))
void device_lock(device *dev) noexcept
{
    const sim::in_call in("device_lock");
    env::mutex_lock(sim::mutex_of(dev, "&dev->mutex"));
}
void device_unlock(device *dev) noexcept
{
    const sim::in_call in("device_unlock");
    env::mutex_unlock(sim::mutex_of(dev, "&dev->mutex"));
}
device *get_device(device *dev) noexcept
{
    const sim::in_call in("get_device");
    return dev;
}
KCTX_SIM_CALL(void, put_device, (device *), drops_last("drivers/base/core.c"))
KCTX_SIM_CALL(void, kobject_put, (kobject *), drops_last("lib/kobject.c"))
KCTX_SIM_CALL(int, kobject_uevent, (kobject *, int), allocates(gfp_kernel),
              passes(uevent_sock_mutex))
KCTX_SIM_CALL(int, sysfs_create_file, (kobject *, const attribute *), allocates(gfp_kernel),
              passes(kernfs_rwsem))
KCTX_SIM_CALL(int, sysfs_create_group, (kobject *, const attribute_group *), allocates(gfp_kernel),
              passes(kernfs_rwsem))
KCTX_SIM_CALL(void, sysfs_notify, (kobject *, const char *, const char *), reads(kernfs_rwsem),
              passes(kernfs_notify_lock))
KCTX_SIM_CALL(void, sysfs_notify_dirent, (kernfs_node *), passes(kernfs_notify_lock))
KCTX_SIM_CALL(int, device_create_file, (device *, device_attribute *), allocates(gfp_kernel),
              passes(kernfs_rwsem))
KCTX_SIM_CALL(void, device_remove_file, (device *, device_attribute *), passes(kernfs_rwsem))
KCTX_SIM_CALL(dentry *, debugfs_create_file,
              (const char *, unsigned short, dentry *, void *, const file_operations *),
              sleeps("fs/dcache.c"), allocates(gfp_kernel))
KCTX_SIM_CALL(proc_dir_entry *, proc_create,
              (const char *, unsigned short, proc_dir_entry *, const proc_ops *),
              allocates(gfp_kernel), passes(proc_subdir_lock))
KCTX_SIM_CALL(int, cdev_add, (cdev *, unsigned int, unsigned int), allocates(gfp_kernel),
              passes(chrdevs_lock))
KCTX_SIM_CALL(int, misc_register, (miscdevice *), passes(misc_mtx), allocates(gfp_kernel))
KCTX_SIM_CALL(void, misc_deregister, (miscdevice *), passes(misc_mtx))
KCTX_SIM_CALL(int, request_firmware, (const firmware **, const char *, device *),
              allocates(gfp_kernel), awaits())
KCTX_SIM_CALL(int, request_firmware_nowait,
              (const char *, device *, gfp_t flags, void *, firmware_cont_t), allocates(flags),
              passes(pool_lock))
KCTX_SIM_CALL(void, release_firmware, (const firmware *), passes(firmware_lock),
              release_scattered(nullptr))
bool try_module_get(struct module *) noexcept
{
    const sim::in_call in("try_module_get");
    return true;
}
KCTX_SIM_CALL(void, module_put, (struct module *), nothing())
KCTX_SIM_CALL(int, request_module, (const char *), sleeps("kernel/module/kmod.c"), awaits())

// Power management at run time. A device that is asleep is waited for.
KCTX_SIM_CALL(int, pm_runtime_get_sync, (device *), sleeps("drivers/base/power/runtime.c"),
              passes(pm_lock))
KCTX_SIM_CALL(int, pm_runtime_resume_and_get, (device *), sleeps("drivers/base/power/runtime.c"),
              passes(pm_lock))
KCTX_SIM_CALL(int, pm_runtime_put_sync, (device *), sleeps("drivers/base/power/runtime.c"),
              passes(pm_lock))
KCTX_SIM_CALL(int, pm_runtime_get, (device *), passes(pm_lock))
KCTX_SIM_CALL(int, pm_request_resume, (device *), passes(pm_lock))
KCTX_SIM_CALL(int, pm_runtime_put, (device *), passes(pm_lock))
KCTX_SIM_CALL(int, pm_runtime_put_autosuspend, (device *), passes(pm_lock))
KCTX_SIM_CALL(void, pm_runtime_enable, (device *), passes(pm_lock))
KCTX_SIM_CALL(void, pm_runtime_disable, (device *), passes(pm_lock),
              sleeps("drivers/base/power/runtime.c"))
KCTX_SIM_CALL(void, pm_stay_awake, (device *), passes(wakeup_lock))
KCTX_SIM_CALL(void, pm_relax, (device *), passes(wakeup_lock))
KCTX_SIM_CALL(void, pm_wakeup_event, (device *, unsigned int), passes(wakeup_lock))
KCTX_SIM_CALL(void, power_supply_changed, (power_supply *), passes(power_supply_lock))

// Input, LEDs, sensors, clocks.
KCTX_SIM_CALL(void, input_event, (input_dev *, unsigned int, unsigned int, int),
              passes(input_event_lock))
KCTX_SIM_CALL(void, input_report_key, (input_dev *, unsigned int, int), passes(input_event_lock))
KCTX_SIM_CALL(void, input_report_abs, (input_dev *, unsigned int, int), passes(input_event_lock))
KCTX_SIM_CALL(void, input_sync, (input_dev *), passes(input_event_lock))
KCTX_SIM_CALL(int, input_register_device, (input_dev *), allocates(gfp_kernel), passes(input_mutex))
KCTX_SIM_CALL(void, input_unregister_device, (input_dev *), passes(input_mutex))
KCTX_SIM_CALL(void, led_set_brightness, (led_classdev *, unsigned int), passes(led_lock))
KCTX_SIM_CALL(int, led_set_brightness_sync, (led_classdev *, unsigned int),
              sleeps("drivers/leds/led-core.c"))
void led_trigger_event(led_trigger *, led_brightness) noexcept
{
    const sim::in_call in("led_trigger_event");
    const sim::led_trigger_section in_trigger;
    sim::passes(sim::led_lock);
}
void iio_trigger_poll(iio_trigger *) noexcept
{
    const sim::in_call in("iio_trigger_poll");
    sim::warn_on(!sim::here().in_hardirq(), sim::at("kernel/irq/irqdesc.c", 0),
                 "generic_handle_irq");
}
KCTX_SIM_CALL(void, iio_trigger_poll_nested, (iio_trigger *),
              sleeps("drivers/iio/industrialio-trigger.c"))
int iio_read_channel_raw(iio_channel *, int *value) noexcept
{
    const sim::in_call in("iio_read_channel_raw");
    sim::passes(sim::iio_lock);
    *value = 0;
    return 0;
}
KCTX_SIM_CALL(int, rtc_read_time, (rtc_device *, rtc_time *), passes(rtc_ops_lock))
KCTX_SIM_CALL(int, rtc_set_time, (rtc_device *, rtc_time *), passes(rtc_ops_lock))
KCTX_SIM_CALL(void, thermal_zone_device_update, (thermal_zone_device *, int), passes(thermal_lock))

// Serial lines, sound, video.
KCTX_SIM_CALL(void, uart_write_wakeup, (uart_port *), passes(tty_wait))
int tty_insert_flip_char(tty_port *, unsigned char, char) noexcept
{
    const sim::in_call in("tty_insert_flip_char");
    if (sim::paths().slab_empty)
        sim::allocates(sim::gfp_atomic);
    return 1;
}
KCTX_SIM_CALL(void, tty_flip_buffer_push, (tty_port *), passes(pool_lock))
KCTX_SIM_CALL(void, snd_pcm_period_elapsed, (snd_pcm_substream *), passes(pcm_lock))
KCTX_SIM_CALL(void, snd_ctl_notify, (snd_card *, unsigned int, snd_ctl_elem_id *),
              passes(control_files_lock))
KCTX_SIM_CALL(void, v4l2_event_queue, (video_device *, const v4l2_event *), passes(video_lock))

// Block devices and files.
bio *bio_alloc(block_device *, unsigned short, unsigned int, gfp_t flags) noexcept
{
    const sim::in_call in("bio_alloc");
    return sim::object<bio>(flags);
}
KCTX_SIM_CALL(void, bio_put, (bio * b), frees(b))
KCTX_SIM_CALL(void, submit_bio, (bio *), sleeps("block/blk-core.c"))
KCTX_SIM_CALL(int, submit_bio_wait, (bio *), sleeps("block/blk-core.c"), awaits())
KCTX_SIM_CALL(int, blkdev_issue_flush, (block_device *), sleeps("block/blk-core.c"), awaits())
KCTX_SIM_CALL(request *, blk_mq_alloc_request, (request_queue *, unsigned int, unsigned int),
              waits_if_contended())
KCTX_SIM_CALL(void, blk_mq_start_request, (request *), passes(timer_base_lock))
KCTX_SIM_CALL(void, blk_mq_complete_request, (request *), passes(call_queue_lock))
KCTX_SIM_CALL(void, blk_mq_end_request, (request *, unsigned int), passes(request_waiters))
void blk_mq_run_hw_queue(blk_mq_hw_ctx *, bool async) noexcept
{
    const sim::in_call in("blk_mq_run_hw_queue");
    sim::warn_on(!async && sim::here().in_interrupt(), sim::at("block/blk-mq.c", 0),
                 "blk_mq_run_hw_queue");
    if (!async)
        sim::sleeps("block/blk-mq.c");
}
KCTX_SIM_CALL(void, blk_mq_delay_run_hw_queue, (blk_mq_hw_ctx *, unsigned long),
              passes(timer_base_lock))
KCTX_SIM_CALL(file *, filp_open, (const char *, int, unsigned short), allocates(gfp_kernel),
              sleeps("fs/namei.c"))
KCTX_SIM_CALL(int, filp_close, (file *, void *), sleeps("fs/open.c"))
KCTX_SIM_CALL(ssize_t, kernel_read, (file *, void *, size_t, loff_t *), sleeps("fs/read_write.c"))
KCTX_SIM_CALL(ssize_t, kernel_write, (file *, const void *, size_t, loff_t *),
              sleeps("fs/read_write.c"))
KCTX_SIM_CALL(int, vfs_fsync, (file *, int), sleeps("fs/sync.c"), awaits())
void console_lock() noexcept
{
    const sim::in_call in("console_lock");
    sim::sleeps("kernel/printk/printk.c");
    env::down(sim::console_sem.get());
}
void console_unlock() noexcept
{
    const sim::in_call in("console_unlock");
    sim::sleeps("kernel/printk/printk.c");
    env::up(sim::console_sem.get());
}

// Platform devices meet their drivers by name.
int platform_driver_register(platform_driver *driver) noexcept
{
    const sim::in_call in("platform_driver_register");
    sim::allocates(sim::gfp_kernel);
    return sim::here().part<sim::platform_bus>().add(driver);
}
void platform_driver_unregister(platform_driver *driver) noexcept
{
    const sim::in_call in("platform_driver_unregister");
    sim::here().part<sim::platform_bus>().remove(driver);
}
int platform_device_register(platform_device *pdev) noexcept
{
    const sim::in_call in("platform_device_register");
    sim::allocates(sim::gfp_kernel);
    return sim::here().part<sim::platform_bus>().add(pdev);
}
void platform_device_unregister(platform_device *pdev) noexcept
{
    const sim::in_call in("platform_device_unregister");
    sim::here().part<sim::platform_bus>().remove(pdev);
}

// Fences, alarms.
/// The lines of platform devices begin at 16.
int platform_get_irq(platform_device *, unsigned int index) noexcept
{
    const sim::in_call in("platform_get_irq");
    sim::sleeps("drivers/base/platform.c");
    return static_cast<int>(16 + index);
}
iomem *devm_platform_ioremap_resource(platform_device *, unsigned int) noexcept
{
    const sim::in_call in("devm_platform_ioremap_resource");
    sim::allocates(sim::gfp_kernel);
    sim::writes(sim::resource_lock);
    return static_cast<iomem *>(sim::map_registers(sim::page_bytes));
}

KCTX_SIM_CALL(int, dma_fence_signal, (dma_fence *), passes(fence_lock))
KCTX_SIM_CALL(long, dma_fence_wait, (dma_fence *, bool), sleeps("drivers/dma-buf/dma-fence.c"),
              passes(fence_lock))
KCTX_SIM_CALL(void, alarm_start, (alarm *, ktime_t), passes(alarm_lock))
KCTX_SIM_CALL(int, alarm_try_to_cancel, (alarm *), passes(alarm_lock))

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END

// SPDX-License-Identifier: BSL-1.0
// The contracts against what was read of each function in Linux 6.12: tests/data/facts,
// api_sleepness.tsv. Its contexts are those without PREEMPT_RT; of a function whose flags decide
// they are the widest, with flags that do not wait.
#include <kctx/all.hpp>

#include "../kernel/facts.hpp"

#include <map>
#include <set>
#include <string>

using namespace kctx;

#if KCTX_PREEMPT_RT != KCTX_RT_OFF
#error "the facts are of kernels without PREEMPT_RT"
#endif

namespace {

using verdicts = std::map<std::string, bool>; // by the facts' word for the context

template <class Call> verdicts of_call()
{
    return {{"process", is_legal<Call, ProcessCtx> || is_legal<Call, SyscallCtx>},
            {"process-nonpreemptible", is_legal<Call, PreemptDisabled<ProcessCtx>>},
            {"softirq", is_legal<Call, SoftirqCtx>},
            {"hardirq", is_legal<Call, HardIrqCtx>},
            {"nmi", is_legal<Call, NmiCtx>}};
}
template <class Call> verdicts of_allocation()
{
    using G = flag::GFP_ATOMIC;
    return {{"process", may_allocate<ProcessCtx, Call, G>},
            {"process-nonpreemptible", may_allocate<PreemptDisabled<ProcessCtx>, Call, G>},
            {"softirq", may_allocate<SoftirqCtx, Call, G>},
            {"hardirq", may_allocate<HardIrqCtx, Call, G>},
            {"nmi", may_allocate<NmiCtx, Call, G>}};
}

#define CALL(name) {#name, of_call<call::name>()},
#define ALLOCATION(name) {#name, of_allocation<call::name>()},
const std::map<std::string, verdicts> contracts = {
    // clang-format off
    ALLOCATION(kmalloc) ALLOCATION(kzalloc) ALLOCATION(kcalloc) ALLOCATION(krealloc)
    ALLOCATION(kmem_cache_alloc) ALLOCATION(kvmalloc) ALLOCATION(alloc_pages)
    ALLOCATION(__get_free_pages) ALLOCATION(get_zeroed_page) ALLOCATION(mempool_alloc)
    ALLOCATION(dma_alloc_coherent) ALLOCATION(dma_pool_alloc) ALLOCATION(devm_kmalloc)
    ALLOCATION(iommu_map) ALLOCATION(request_firmware_nowait) ALLOCATION(usb_submit_urb)
    ALLOCATION(usb_alloc_urb) ALLOCATION(alloc_skb) ALLOCATION(skb_copy)
    ALLOCATION(pskb_expand_head) ALLOCATION(xa_store) ALLOCATION(idr_alloc) ALLOCATION(ida_alloc)
    CALL(kfree) CALL(kvfree) CALL(vmalloc) CALL(vfree) CALL(vfree_atomic) CALL(vmap) CALL(vunmap)
    CALL(vm_map_ram) CALL(free_pages) CALL(__free_pages) CALL(mempool_free) CALL(mempool_create)
    CALL(kmem_cache_create) CALL(kmem_cache_destroy) CALL(dma_free_coherent) CALL(dma_map_single)
    CALL(dma_map_page) CALL(dma_pool_create) CALL(dma_pool_free) CALL(dma_request_chan)
    CALL(devm_ioremap_resource) CALL(devm_ioremap) CALL(ioremap) CALL(memremap) CALL(free_percpu)
    CALL(get_user_pages_fast) CALL(pin_user_pages) CALL(kmap) CALL(set_memory_x) CALL(schedule)
    CALL(schedule_timeout) CALL(msleep) CALL(ssleep) CALL(usleep_range) CALL(fsleep)
    CALL(cond_resched) CALL(might_sleep) CALL(yield) CALL(wait_event) CALL(wait_event_interruptible)
    CALL(wake_up) CALL(swake_up_one) CALL(prepare_to_wait) CALL(finish_wait) CALL(add_wait_queue)
    CALL(complete) CALL(complete_all) CALL(wait_for_completion) CALL(try_wait_for_completion)
    CALL(wake_up_process) CALL(set_current_state) CALL(io_schedule) CALL(try_to_freeze)
    CALL(request_irq) CALL(request_threaded_irq) CALL(free_irq) CALL(disable_irq)
    CALL(disable_irq_nosync) CALL(enable_irq) CALL(synchronize_irq) CALL(irq_wake_thread)
    CALL(tasklet_schedule) CALL(tasklet_kill) CALL(tasklet_disable) CALL(tasklet_disable_nosync)
    CALL(irq_work_sync) CALL(queue_work) CALL(queue_work_on) CALL(mod_delayed_work)
    CALL(queue_delayed_work) CALL(cancel_work) CALL(cancel_delayed_work) CALL(cancel_work_sync)
    CALL(cancel_delayed_work_sync) CALL(flush_work) CALL(flush_workqueue) CALL(drain_workqueue)
    CALL(destroy_workqueue) CALL(alloc_workqueue) CALL(mod_timer) CALL(add_timer) CALL(timer_delete)
    CALL(timer_delete_sync) CALL(timer_shutdown_sync) CALL(try_to_del_timer_sync)
    CALL(hrtimer_start) CALL(hrtimer_cancel) CALL(hrtimer_try_to_cancel) CALL(alarm_start)
    CALL(smp_call_function_single) CALL(smp_call_function_single_async) CALL(on_each_cpu)
    CALL(stop_machine) CALL(cpus_read_lock) CALL(kthread_run) CALL(kthread_create)
    CALL(kthread_stop) CALL(kthread_park) CALL(kthread_queue_work) CALL(kthread_flush_work)
    CALL(kthread_cancel_work_sync) CALL(device_register) CALL(device_add) CALL(put_device)
    CALL(device_lock) CALL(kobject_put) CALL(kobject_uevent) CALL(sysfs_create_file)
    CALL(sysfs_create_group) CALL(sysfs_notify) CALL(debugfs_create_file) CALL(proc_create)
    CALL(misc_register) CALL(cdev_add) CALL(try_module_get) CALL(module_put) CALL(request_module)
    CALL(request_firmware) CALL(clk_prepare) CALL(clk_unprepare) CALL(clk_enable) CALL(clk_disable)
    CALL(clk_set_rate) CALL(clk_set_parent) CALL(clk_get_rate) CALL(regulator_enable)
    CALL(regulator_disable) CALL(regulator_set_voltage) CALL(reset_control_assert)
    CALL(reset_control_deassert) CALL(regmap_read) CALL(regmap_write) CALL(regmap_update_bits)
    CALL(pinctrl_select_state) CALL(pwm_apply_might_sleep) CALL(pwm_apply_atomic)
    CALL(gpiod_get_value) CALL(gpiod_set_value) CALL(gpiod_get_value_cansleep)
    CALL(gpiod_set_value_cansleep) CALL(gpiod_direction_output) CALL(gpiod_get) CALL(devm_gpiod_get)
    CALL(led_set_brightness) CALL(led_set_brightness_sync) CALL(input_event) CALL(input_report_key)
    CALL(input_register_device) CALL(power_supply_changed) CALL(thermal_zone_device_update)
    CALL(rtc_read_time) CALL(iio_trigger_poll) CALL(iio_trigger_poll_nested)
    CALL(iio_read_channel_raw) CALL(mbox_send_message) CALL(v4l2_event_queue)
    CALL(snd_pcm_period_elapsed) CALL(uart_write_wakeup) CALL(tty_flip_buffer_push)
    CALL(get_random_bytes) CALL(add_interrupt_randomness) CALL(i2c_transfer)
    CALL(i2c_smbus_read_byte_data) CALL(i2c_add_adapter) CALL(spi_sync) CALL(spi_write_then_read)
    CALL(spi_async) CALL(spi_bus_lock) CALL(usb_kill_urb) CALL(usb_poison_urb) CALL(usb_unlink_urb)
    CALL(usb_control_msg) CALL(usb_bulk_msg) CALL(usb_set_interface) CALL(usb_clear_halt)
    CALL(usb_autopm_get_interface) CALL(pci_enable_device) CALL(pci_set_power_state)
    CALL(pci_read_config_dword) CALL(pci_set_master) CALL(pci_alloc_irq_vectors)
    CALL(pci_reset_function) CALL(pm_runtime_get_sync) CALL(pm_runtime_get) CALL(pm_request_resume)
    CALL(pm_runtime_put) CALL(pm_runtime_put_autosuspend) CALL(pm_runtime_put_sync)
    CALL(pm_runtime_enable) CALL(pm_stay_awake) CALL(pm_wakeup_event) CALL(netif_rx)
    CALL(netif_receive_skb) CALL(napi_schedule) CALL(napi_complete_done) CALL(napi_disable)
    CALL(napi_enable) CALL(napi_synchronize) CALL(netdev_alloc_skb) CALL(napi_alloc_skb)
    CALL(dev_kfree_skb_any) CALL(dev_kfree_skb_irq) CALL(kfree_skb) CALL(consume_skb)
    CALL(dev_queue_xmit) CALL(netif_wake_queue) CALL(netif_tx_disable) CALL(register_netdev)
    CALL(unregister_netdev) CALL(rtnl_lock) CALL(synchronize_net) CALL(dev_set_mac_address)
    CALL(dev_close) CALL(phy_start) CALL(phy_stop) CALL(mdiobus_read) CALL(phy_read)
    CALL(submit_bio) CALL(submit_bio_wait) CALL(blk_mq_run_hw_queue) CALL(blk_mq_complete_request)
    CALL(blk_mq_alloc_request) CALL(blkdev_issue_flush) CALL(copy_to_user) CALL(copy_from_user)
    CALL(get_user) CALL(put_user) CALL(kernel_read) CALL(filp_open) CALL(vfs_fsync)
    CALL(mmap_read_lock) CALL(remap_pfn_range) CALL(vmf_insert_pfn) CALL(console_lock)
    CALL(ktime_get) CALL(ktime_get_real_ts64) CALL(xa_erase) CALL(atomic_notifier_call_chain)
    CALL(blocking_notifier_call_chain) CALL(dma_fence_signal) CALL(dma_fence_wait)
    CALL(dmaengine_submit) CALL(dma_async_issue_pending) CALL(dmaengine_terminate_sync)
    CALL(dmaengine_terminate_async) CALL(send_sig) CALL(kill_pid) CALL(put_task_struct)
    CALL(snd_ctl_notify)
    // clang-format on
};

/// The headers whose functions are locks and the like: their contracts have tests of their own.
const std::set<std::string> lock_headers = {
    "bit_spinlock.h", "bottom_half.h", "irqflags.h", "local_lock.h", "mutex.h",
    "percpu-rwsem.h", "preempt.h",     "rcupdate.h", "rtmutex.h",    "rwlock.h",
    "rwsem.h",        "semaphore.h",   "spinlock.h", "srcu.h",       "ww_mutex.h"};

/// Functions of the facts that are no contracts.
const std::set<std::string> without_contract = {
    // Legal in every context, so that they take no token.
    "udelay", "mdelay", "printk", "irq_work_queue", "get_device", "kmap_local_page", "xa_load",
    "netif_stop_queue", "copy_from_kernel_nofault", "ktime_get_mono_fast_ns", "kfifo_put",
    "kfifo_get", "timer_setup",
    // Goes by another name, or is put together: __alloc_percpu(), get_cpu() and this_cpu_ptr().
    "alloc_percpu", "get_cpu", "get_cpu_ptr",
    // Not declared.
    "kmalloc_nolock", "kfree_nolock", "alloc_pages_nolock", "devm_request_threaded_irq",
    "irq_set_irq_wake", "irq_set_affinity", "raise_softirq", "schedule_on_each_cpu",
    "timer_shutdown", "hwspin_lock_timeout",
    // There is none, but kthread_cancel_delayed_work_sync(), which waits.
    "kthread_cancel_delayed_work"};

/// Where a contract says otherwise: the contexts that differ, and why the contract is right.
struct difference {
    std::set<std::string> contexts;
    const char *reason;
};
const std::map<std::string, difference> differences = {
    {"kvmalloc",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "with flags that do not wait it is kmalloc() alone, measured to be legal where that is"}},
    {"kvfree",
     {{"process-nonpreemptible"},
      "its kernel-doc asks for a preemptible task or an interrupt: vfree() sleeps in other tasks"}},
    {"prepare_to_wait", {{"process-nonpreemptible"}, "takes a spinlock_t and sleeps later"}},
    {"finish_wait", {{"process-nonpreemptible"}, "takes a spinlock_t and sleeps no more"}},
    {"set_current_state", {{"process-nonpreemptible"}, "writes a word of the task"}},
    {"smp_call_function_single",
     {{"process-nonpreemptible"}, "measured: warns in interrupts and with interrupts off only"}},
    {"on_each_cpu",
     {{"process-nonpreemptible"}, "measured: warns in interrupts and with interrupts off only"}},
    {"put_device",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "the last reference calls the release function, which may sleep"}},
    {"kobject_put",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "the last reference calls the release function, which may sleep"}},
    {"request_firmware_nowait",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "allocates with the flags given and queues a work item"}},
    {"regmap_read",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "a map has a mutex unless it says fast_io"}},
    {"regmap_write",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "a map has a mutex unless it says fast_io"}},
    {"regmap_update_bits",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "a map has a mutex unless it says fast_io"}},
    {"pci_read_config_dword", {{"nmi"}, "pci_lock may be held by what the NMI interrupted"}},
    {"napi_alloc_skb",
     {{"process", "process-nonpreemptible", "hardirq"},
      "is for softirqs, unlike netdev_alloc_skb()"}},
    {"kfree_skb", {{"process-nonpreemptible"}, "only interrupts must be on"}},
    {"consume_skb", {{"process-nonpreemptible"}, "only interrupts must be on"}},
    {"dev_queue_xmit", {{"process-nonpreemptible"}, "only interrupts must be on"}},
    {"netif_tx_disable", {{"process-nonpreemptible", "softirq"}, "only interrupts must be on"}},
};

} // namespace

TEST_CASE("every contract agrees with the facts, or has its reason not to")
{
    std::set<std::string> seen;
    for (const facts::row &row : facts::read("api_sleepness.tsv")) {
        const std::string &name = row.at("function");
        const std::string &header = row.at("header");
        if (lock_headers.contains(header.substr(header.find('/') + 1)))
            continue;
        CAPTURE(name);
        CHECK(seen.insert(name).second);
        const auto contract = contracts.find(name);
        CHECK((contract != contracts.end()) != without_contract.contains(name));
        if (contract == contracts.end())
            continue;
        const auto listed = facts::split(row.at("contexts"), ',');
        const std::set<std::string> allowed(listed.begin(), listed.end());
        std::set<std::string> differ;
        for (const auto &[context, legal] : contract->second) {
            if (legal != allowed.contains(context))
                differ.insert(context);
        }
        const auto reason = differences.find(name);
        const auto expected =
            reason == differences.end() ? std::set<std::string>{} : reason->second.contexts;
        std::string text;
        for (const std::string &context : differ)
            text += context + " ";
        CAPTURE(text);
        CHECK(differ == expected);
    }
    for (const auto &difference : differences)
        CHECK_MESSAGE(seen.contains(difference.first), difference.first);
    for (const std::string &name : without_contract)
        CHECK(seen.contains(name));
}

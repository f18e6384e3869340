// SPDX-License-Identifier: BSL-1.0
/// @file
/// Who calls a driver's functions, and in which context: by the call that registers one, and by the
/// member of a structure that holds one.
#pragma once

namespace kctx::tools::lint {

/// A call that registers a function.
struct registration {
    const char *call;
    int function;        ///< its position among the arguments, from 0
    const char *context; ///< a story of the contract table
    int flags = -1;      ///< position of the flags that choose another context
};
// IRQF_NO_THREAD and its like make an IrqCtx a HardIrqCtx, TIMER_IRQSAFE turns irqs off,
// HRTIMER_MODE_*_HARD and _SOFT choose: context_of() in source.cpp.
inline constexpr registration registrations[] = {
    // include/linux/interrupt.h
    {"request_irq", 1, "IrqCtx", 2},
    {"devm_request_irq", 2, "IrqCtx", 3},
    {"request_threaded_irq", 1, "IrqCtx", 3},
    {"devm_request_threaded_irq", 2, "IrqCtx", 4},
    {"request_threaded_irq", 2, "ThreadedIrqCtx"},
    {"devm_request_threaded_irq", 3, "ThreadedIrqCtx"},
    {"pci_request_irq", 2, "IrqCtx"},
    {"pci_request_irq", 3, "ThreadedIrqCtx"},
    {"request_percpu_irq", 1, "HardIrqCtx"},
    {"irq_set_chained_handler", 1, "HardIrqCtx"},
    {"irq_set_chained_handler_and_data", 1, "HardIrqCtx"},
    {"tasklet_setup", 1, "TaskletCtx"},
    {"tasklet_init", 1, "TaskletCtx"},
    {"DECLARE_TASKLET", 1, "TaskletCtx"},
    {"DECLARE_TASKLET_OLD", 1, "TaskletCtx"},
    // include/linux/timer.h, include/linux/hrtimer.h
    {"timer_setup", 1, "TimerCtx", 2},
    {"timer_setup_on_stack", 1, "TimerCtx", 2},
    {"DEFINE_TIMER", 1, "TimerCtx"},
    {"hrtimer_setup", 1, "HrtimerCtx<either>", 3},
    // include/linux/workqueue.h
    {"INIT_WORK", 1, "WorkCtx"},
    {"INIT_DELAYED_WORK", 1, "WorkCtx"},
    {"INIT_DEFERRABLE_WORK", 1, "WorkCtx"},
    {"DECLARE_WORK", 1, "WorkCtx"},
    {"DECLARE_DELAYED_WORK", 1, "WorkCtx"},
    {"kthread_run", 0, "KthreadCtx"},
    {"kthread_create", 0, "KthreadCtx"},
    // include/linux/irq_work.h, include/linux/smp.h, include/linux/rcupdate.h
    {"init_irq_work", 1, "IrqWorkCtx"},
    {"IRQ_WORK_INIT", 0, "IrqWorkCtx"},
    {"IRQ_WORK_INIT_HARD", 0, "HardIrqCtx"},
    {"smp_call_function_single", 1, "SmpCallCtx"},
    {"smp_call_function", 0, "SmpCallCtx"},
    {"smp_call_function_many", 1, "SmpCallCtx"},
    {"on_each_cpu", 0, "SmpCallCtx"},
    {"on_each_cpu_mask", 1, "SmpCallCtx"},
    {"call_rcu", 1, "RcuCallbackCtx"},
    {"stop_machine", 0, "StopMachineCtx"},
    {"open_softirq", 1, "SoftirqCtx"},
    {"register_nmi_handler", 1, "NmiCtx"},
    // include/linux/netdevice.h
    {"netif_napi_add", 2, "NapiCtx"},
    {"netif_napi_add_weight", 2, "NapiCtx"},
    {"netif_napi_add_tx", 2, "NapiCtx"},
    {"netif_napi_add_config", 2, "NapiCtx"},
    // Documentation/driver-api/usb/URB.rst, "What about interrupts?"
    {"usb_fill_bulk_urb", 5, "IrqCtx"},
    {"usb_fill_control_urb", 6, "IrqCtx"},
    {"usb_fill_int_urb", 5, "IrqCtx"},
    // drivers/input/ff-memless.c: from the timer and from the event handler, with event_lock held
    {"input_ff_create_memless", 2, "SyscallCtx + spin_lock_irqsave"},
};

/// A member of a table that the kernel calls in a context that it documents.
struct member {
    const char *type; ///< the structure; nullptr: the name alone says it
    const char *name;
    const char *context;
};
inline constexpr member members[] = {
    // Documentation/networking/netdevices.rst, "struct net_device synchronization rules"
    {nullptr, "ndo_start_xmit", "SyscallCtx + rcu_read_lock_bh"},
    {nullptr, "ndo_get_stats64", "SyscallCtx + rcu_read_lock"},
    {nullptr, "ndo_set_rx_mode", "SyscallCtx + spin_lock_bh"},
    {nullptr, "ndo_tx_timeout", "TimerCtx"},
    {nullptr, "ndo_features_check", "SyscallCtx + rcu_read_lock_bh"},
    {nullptr, "ndo_select_queue", "SyscallCtx + rcu_read_lock_bh"},
    // Documentation/driver-api/serial/driver.rst: with port->lock held, interrupts off
    {"uart_ops", "start_tx", "SyscallCtx + spin_lock_irqsave"},
    {"uart_ops", "stop_tx", "SyscallCtx + spin_lock_irqsave"},
    {"uart_ops", "stop_rx", "SyscallCtx + spin_lock_irqsave"},
    {"uart_ops", "set_mctrl", "SyscallCtx + spin_lock_irqsave"},
    {"uart_ops", "get_mctrl", "SyscallCtx + spin_lock_irqsave"},
    {"uart_ops", "enable_ms", "SyscallCtx + spin_lock_irqsave"},
    {"uart_ops", "set_ldisc", "SyscallCtx"},
    // drivers/usb/gadget/udc/core.c, usb_ep_queue(), usb_ep_dequeue(): any context that has them
    {"usb_ep_ops", "queue", "SyscallCtx + spin_lock_irqsave"},
    {"usb_ep_ops", "dequeue", "SyscallCtx + spin_lock_irqsave"},
    // drivers/usb/core/hcd.c: usb_hcd_irq(), usb_hcd_submit_urb()
    {"hc_driver", "irq", "IrqCtx"},
    // include/linux/irq.h, struct irq_chip: under irq_desc::lock, a raw spinlock
    {"irq_chip", "irq_ack", "SyscallCtx + raw_spin_lock_irqsave"},
    {"irq_chip", "irq_mask", "SyscallCtx + raw_spin_lock_irqsave"},
    {"irq_chip", "irq_mask_ack", "SyscallCtx + raw_spin_lock_irqsave"},
    {"irq_chip", "irq_unmask", "SyscallCtx + raw_spin_lock_irqsave"},
    {"irq_chip", "irq_eoi", "SyscallCtx + raw_spin_lock_irqsave"},
    {"irq_chip", "irq_enable", "SyscallCtx + raw_spin_lock_irqsave"},
    {"irq_chip", "irq_disable", "SyscallCtx + raw_spin_lock_irqsave"},
    {"irq_chip", "irq_set_type", "SyscallCtx + raw_spin_lock_irqsave"},
    {"irq_chip", "irq_set_affinity", "SyscallCtx + raw_spin_lock_irqsave"},
    // drivers/pci/access.c: under pci_lock, a raw spinlock
    {"pci_ops", "read", "SyscallCtx + raw_spin_lock_irqsave"},
    {"pci_ops", "write", "SyscallCtx + raw_spin_lock_irqsave"},
    // include/linux/clk-provider.h, struct clk_ops: "must not sleep", under enable_lock
    {"clk_ops", "enable", "SyscallCtx + spin_lock_irqsave"},
    {"clk_ops", "disable", "SyscallCtx + spin_lock_irqsave"},
    // include/linux/leds.h, struct led_classdev: "must not sleep"
    {nullptr, "brightness_set", "SyscallCtx + spin_lock_irqsave"},
    // Documentation/sound/kernel-api/writing-an-alsa-driver.rst, "Atomicity": under stream lock
    {"snd_pcm_ops", "trigger", "SyscallCtx + spin_lock_irqsave"},
    {"snd_pcm_ops", "pointer", "SyscallCtx + spin_lock_irqsave"},
    {"snd_pcm_ops", "ack", "SyscallCtx + spin_lock_irqsave"},
    // Documentation/scsi/scsi_mid_low_api.rst, queuecommand; block/blk-mq.c runs it in a reader
    {"scsi_host_template", "queuecommand", "SyscallCtx + rcu_read_lock"},
    {"blk_mq_ops", "complete", "SoftirqCtx"},
    // include/net/mac80211.h, struct ieee80211_ops: "must be atomic"
    {"ieee80211_ops", "tx", "SyscallCtx + rcu_read_lock_bh"},
    {"ieee80211_ops", "wake_tx_queue", "SyscallCtx + rcu_read_lock_bh"},
    {"ieee80211_ops", "set_tim", "SyscallCtx + rcu_read_lock"},
    {"ieee80211_ops", "sta_notify", "SyscallCtx + rcu_read_lock"},
    {"ieee80211_ops", "sta_rc_update", "SyscallCtx + rcu_read_lock"},
    {"ieee80211_ops", "link_sta_rc_update", "SyscallCtx + rcu_read_lock"},
    // Documentation/driver-api/dmaengine/provider.rst: "in an interrupt context", and client.rst,
    // "Submit the transaction": from the callback of a transfer, which the engine's tasklet makes
    {nullptr, "device_issue_pending", "TaskletCtx"},
    {nullptr, "device_tx_status", "TaskletCtx"},
    {nullptr, "device_prep_slave_sg", "TaskletCtx"},
    {nullptr, "device_prep_dma_cyclic", "TaskletCtx"},
    {nullptr, "device_prep_dma_memcpy", "TaskletCtx"},
    // drivers/hid/usbhid/hid-core.c, hid_irq_in(): from the completion of the URB
    {"hid_driver", "raw_event", "IrqCtx"},
    {"hid_driver", "event", "IrqCtx"},
    // include/linux/fs.h
    {"file_operations", "read", "SyscallCtx"},
    {"file_operations", "write", "SyscallCtx"},
    {"file_operations", "unlocked_ioctl", "SyscallCtx"},
};

} // namespace kctx::tools::lint

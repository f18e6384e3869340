// SPDX-License-Identifier: BSL-1.0
/// @file
/// The functions that traces of sleeping reports consist of, between the scheduler and the code
/// that should not have called: which of them wait, and what a caller writes to reach them. And the
/// functions through which the kernel enters a context.
/// @par Kernel source
/// The functions named; trees read: 2.6.32 ... 6.18.
#pragma once

#include <kctx/klog/report.hpp>

#include <cstddef>
#include <string_view>

namespace kctx::klog {

/// What a function of the kernel does that may sleep.
enum class wait_kind : unsigned char {
    none,
    inner,     ///< part of others, never called by a driver
    waits,     ///< for time, an event, another task
    locks,     ///< takes a lock whose owner may sleep
    allocates, ///< memory, with the flags it is given
    faults,    ///< touches user memory
    rt_lock,   ///< takes a spinlock_t or rwlock_t, which sleeps on PREEMPT_RT
    offers,    ///< offers the CPU: cond_resched(), might_sleep()
};

/// A function that waits, and for what.
struct primitive {
    std::string_view function; ///< as in traces; with a * at its end: whatever begins so
    wait_kind kind;            ///< what it waits for
    std::string_view call;     ///< what the caller writes, if that is another name
};

// clang-format off
/// The functions of the kernel that wait, the innermost that a trace names.
inline constexpr primitive primitives[] = {
    {"__schedule", wait_kind::inner, ""}, {"schedule_debug", wait_kind::inner, ""},
    {"preempt_schedule*", wait_kind::inner, ""}, {"schedule_rtlock", wait_kind::inner, ""},
    {"rt_mutex_schedule", wait_kind::inner, ""}, {"schedule_preempt_disabled", wait_kind::inner, ""},
    {"schedule_hrtimeout*", wait_kind::waits, ""}, {"do_nanosleep", wait_kind::inner, ""},
    {"schedule_timeout*", wait_kind::waits, ""}, {"schedule", wait_kind::inner, "schedule"},
    {"io_schedule*", wait_kind::waits, ""},
    {"__cond_resched*", wait_kind::inner, "cond_resched"}, {"_cond_resched", wait_kind::offers, "cond_resched"},
    {"cond_resched", wait_kind::offers, ""}, {"dynamic_cond_resched", wait_kind::offers, "cond_resched"},
    {"__might_resched", wait_kind::inner, ""}, {"___might_sleep", wait_kind::inner, ""},
    {"__might_sleep", wait_kind::inner, "might_sleep"}, {"might_sleep", wait_kind::offers, ""},
    {"__might_fault", wait_kind::faults, "copy_from_user"}, {"might_fault", wait_kind::faults, "copy_from_user"},
    {"might_alloc", wait_kind::inner, ""},
    // time
    {"msleep*", wait_kind::waits, ""}, {"usleep_range*", wait_kind::waits, "usleep_range"},
    {"fsleep", wait_kind::waits, ""}, {"ssleep", wait_kind::waits, ""},
    // completions, wait queues
    {"do_wait_for_common", wait_kind::inner, ""}, {"__wait_for_common", wait_kind::inner, ""},
    {"wait_for_common*", wait_kind::inner, ""}, {"wait_for_completion*", wait_kind::waits, ""},
    {"__wait_on_bit*", wait_kind::inner, ""}, {"out_of_line_wait_on_bit*", wait_kind::waits, "wait_on_bit"},
    {"bit_wait*", wait_kind::inner, ""}, {"bit_wait_io", wait_kind::inner, ""},
    {"__wait_on_buffer", wait_kind::waits, "wait_on_buffer"}, {"__sync_dirty_buffer", wait_kind::waits, "sync_dirty_buffer"},
    {"__lock_page*", wait_kind::locks, "lock_page"}, {"__folio_lock*", wait_kind::locks, "folio_lock"},
    {"wait_on_page_bit*", wait_kind::waits, "wait_on_page_bit"}, {"folio_wait_bit*", wait_kind::waits, "folio_wait_bit"},
    {"wait_woken", wait_kind::waits, ""}, {"prepare_to_wait_event", wait_kind::inner, ""},
    // sleeping locks
    {"__mutex_lock*", wait_kind::inner, "mutex_lock"}, {"mutex_lock*", wait_kind::locks, ""},
    {"_mutex_lock*", wait_kind::locks, "mutex_lock"},
    {"__ww_mutex_lock*", wait_kind::inner, "ww_mutex_lock"}, {"ww_mutex_lock*", wait_kind::locks, ""},
    {"rt_mutex_lock*", wait_kind::locks, ""}, {"rt_mutex_slowlock*", wait_kind::inner, ""},
    {"__rt_mutex*", wait_kind::inner, ""}, {"rt_mutex_*", wait_kind::inner, ""}, {"_rt_mutex*", wait_kind::inner, ""},
    {"__down", wait_kind::inner, "down"}, {"__down_common", wait_kind::inner, "down"},
    {"__down_interruptible", wait_kind::inner, "down_interruptible"}, {"__down_timeout", wait_kind::inner, "down_timeout"},
    {"down", wait_kind::locks, ""}, {"down_interruptible", wait_kind::locks, ""},
    {"down_killable", wait_kind::locks, ""}, {"down_timeout", wait_kind::locks, ""},
    {"__down_read*", wait_kind::inner, "down_read"}, {"__down_write*", wait_kind::inner, "down_write"},
    {"rwsem_down_*", wait_kind::inner, ""}, {"call_rwsem_down_*", wait_kind::inner, ""},
    {"down_read*", wait_kind::locks, ""}, {"down_write*", wait_kind::locks, ""},
    {"percpu_down_*", wait_kind::locks, ""}, {"__percpu_down_read", wait_kind::inner, "percpu_down_read"},
    {"percpu_rwsem_wait", wait_kind::inner, ""}, {"cpus_read_lock", wait_kind::locks, ""}, {"get_online_cpus", wait_kind::locks, ""},
    {"console_lock", wait_kind::locks, ""}, {"rtnl_lock", wait_kind::locks, ""}, {"lock_sock_nested", wait_kind::locks, "lock_sock"},
    {"device_lock", wait_kind::locks, ""}, {"regmap_lock_mutex", wait_kind::inner, ""}, {"clk_prepare_lock", wait_kind::inner, ""},
    // PREEMPT_RT
    {"rt_spin_lock*", wait_kind::rt_lock, "spin_lock"}, {"__rt_spin_lock*", wait_kind::inner, "spin_lock"},
    {"rtlock_slowlock*", wait_kind::inner, "spin_lock"}, {"rt_read_lock", wait_kind::rt_lock, "read_lock"},
    {"rt_write_lock", wait_kind::rt_lock, "write_lock"}, {"_raw_spin_lock*", wait_kind::inner, ""},
    {"__local_bh_disable_ip", wait_kind::rt_lock, "local_bh_disable"},
    // work, timers, threads, interrupts, RCU
    {"__cancel_work_timer", wait_kind::inner, "cancel_work_sync"}, {"__cancel_work_sync", wait_kind::inner, "cancel_work_sync"},
    {"cancel_work_sync", wait_kind::waits, ""}, {"cancel_delayed_work_sync", wait_kind::waits, ""},
    {"cancel_rearming_delayed_work", wait_kind::waits, "cancel_delayed_work_sync"},
    {"__flush_work*", wait_kind::inner, "flush_work"}, {"flush_work", wait_kind::waits, ""},
    {"flush_delayed_work", wait_kind::waits, ""}, {"__flush_workqueue", wait_kind::inner, "flush_workqueue"},
    {"flush_workqueue", wait_kind::waits, ""}, {"drain_workqueue", wait_kind::waits, ""},
    {"destroy_workqueue", wait_kind::waits, ""}, {"flush_scheduled_work", wait_kind::waits, ""},
    {"start_flush_work", wait_kind::inner, ""},
    {"__timer_delete_sync", wait_kind::inner, "timer_delete_sync"}, {"del_timer_sync", wait_kind::waits, "timer_delete_sync"},
    {"timer_delete_sync", wait_kind::waits, ""}, {"hrtimer_cancel", wait_kind::waits, ""},
    {"kthread_stop", wait_kind::waits, ""}, {"kthread_create*", wait_kind::waits, ""},
    {"__kthread_create*", wait_kind::inner, "kthread_create"}, {"kthread_flush_work", wait_kind::waits, ""},
    {"__free_irq", wait_kind::inner, "free_irq"}, {"free_irq", wait_kind::waits, ""}, {"disable_irq", wait_kind::waits, ""},
    {"synchronize_irq", wait_kind::waits, ""}, {"__synchronize_irq", wait_kind::inner, "synchronize_irq"},
    {"request_threaded_irq", wait_kind::waits, ""}, {"__setup_irq", wait_kind::inner, "request_irq"},
    {"__wait_rcu_gp", wait_kind::inner, "synchronize_rcu"}, {"wait_rcu_gp", wait_kind::inner, "synchronize_rcu"},
    {"synchronize_rcu*", wait_kind::waits, ""}, {"synchronize_sched*", wait_kind::waits, "synchronize_rcu"},
    {"synchronize_net", wait_kind::waits, ""}, {"__synchronize_srcu", wait_kind::inner, "synchronize_srcu"},
    {"synchronize_srcu*", wait_kind::waits, ""}, {"rcu_barrier*", wait_kind::waits, "rcu_barrier"},
    {"stop_machine*", wait_kind::waits, ""}, {"smp_call_on_cpu", wait_kind::waits, ""},
    {"call_usermodehelper*", wait_kind::waits, ""}, {"__request_module", wait_kind::waits, "request_module"},
    // memory
    {"slab_pre_alloc_hook*", wait_kind::inner, ""}, {"slab_alloc*", wait_kind::inner, ""}, {"___slab_alloc", wait_kind::inner, ""},
    {"__slab_alloc*", wait_kind::inner, ""}, {"new_slab*", wait_kind::inner, ""}, {"allocate_slab", wait_kind::inner, ""},
    {"__kmem_cache_alloc*", wait_kind::inner, "kmem_cache_alloc"}, {"kmem_cache_alloc*", wait_kind::allocates, "kmem_cache_alloc"},
    {"__kmem_cache_alloc_lru", wait_kind::inner, "kmem_cache_alloc"},
    {"kmem_cache_zalloc", wait_kind::allocates, "kmem_cache_alloc"},
    {"____cache_alloc*", wait_kind::inner, ""}, {"cache_alloc*", wait_kind::inner, ""}, {"cache_grow*", wait_kind::inner, ""},
    {"__do_kmalloc*", wait_kind::inner, "kmalloc"}, {"__do_cache_alloc", wait_kind::inner, ""},
    {"___kmalloc*", wait_kind::inner, "kmalloc"}, {"__kmalloc*", wait_kind::allocates, "kmalloc"},
    {"kmalloc*", wait_kind::allocates, "kmalloc"}, {"kzalloc*", wait_kind::allocates, "kmalloc"},
    {"krealloc*", wait_kind::allocates, "krealloc"}, {"__do_krealloc", wait_kind::inner, "krealloc"},
    {"kmemdup*", wait_kind::allocates, "kmemdup"}, {"kstrdup*", wait_kind::allocates, "kstrdup"},
    {"kvasprintf*", wait_kind::allocates, "kvasprintf"}, {"kasprintf", wait_kind::allocates, ""},
    {"__kvmalloc*", wait_kind::inner, "kvmalloc"}, {"kvmalloc*", wait_kind::allocates, "kvmalloc"},
    {"prepare_alloc_pages*", wait_kind::inner, ""}, {"__alloc_frozen_pages*", wait_kind::inner, "alloc_pages"},
    {"__alloc_pages*", wait_kind::allocates, "alloc_pages"}, {"alloc_pages*", wait_kind::allocates, "alloc_pages"},
    {"__get_free_pages*", wait_kind::allocates, "__get_free_pages"}, {"get_zeroed_page*", wait_kind::allocates, "__get_free_pages"},
    {"get_free_pages*", wait_kind::allocates, "__get_free_pages"},
    {"folio_alloc*", wait_kind::allocates, "alloc_pages"}, {"__folio_alloc*", wait_kind::inner, "alloc_pages"},
    {"get_page_from_freelist", wait_kind::inner, ""}, {"rmqueue*", wait_kind::inner, ""}, {"__rmqueue*", wait_kind::inner, ""},
    {"mempool_alloc*", wait_kind::allocates, "mempool_alloc"}, {"pcpu_alloc*", wait_kind::allocates, "alloc_percpu"},
    {"__alloc_percpu*", wait_kind::allocates, "alloc_percpu"},
    {"__vmalloc*", wait_kind::inner, "vmalloc"}, {"vmalloc*", wait_kind::allocates, "vmalloc"}, {"vzalloc*", wait_kind::allocates, "vmalloc"},
    {"__get_vm_area*", wait_kind::inner, "vmalloc"}, {"alloc_vmap_area", wait_kind::inner, ""}, {"vb_alloc", wait_kind::inner, ""},
    {"__vunmap", wait_kind::inner, "vfree"}, {"__vfree", wait_kind::inner, "vfree"}, {"vfree*", wait_kind::waits, "vfree"},
    {"remove_vm_area", wait_kind::inner, "vfree"}, {"vunmap", wait_kind::waits, ""},
    {"__vm_unmap_aliases", wait_kind::inner, ""}, {"_vm_unmap_aliases", wait_kind::inner, ""}, {"vm_unmap_aliases", wait_kind::waits, ""},
    {"page_frag_alloc*", wait_kind::inner, "alloc_pages"}, {"__page_frag_alloc*", wait_kind::inner, "alloc_pages"},
    {"__page_frag_cache_*", wait_kind::inner, "alloc_pages"},
    {"kmalloc_reserve", wait_kind::inner, ""}, {"__kmalloc_reserve*", wait_kind::inner, ""},
    {"__alloc_skb", wait_kind::allocates, "alloc_skb"}, {"alloc_skb*", wait_kind::allocates, "alloc_skb"},
    {"__netdev_alloc_skb*", wait_kind::allocates, "netdev_alloc_skb"}, {"netdev_alloc_*", wait_kind::allocates, "netdev_alloc_skb"},
    {"__napi_alloc_*", wait_kind::allocates, "napi_alloc_skb"}, {"napi_alloc_*", wait_kind::allocates, "napi_alloc_skb"},
    {"dma_alloc_*", wait_kind::allocates, "dma_alloc_coherent"}, {"dma_direct_alloc*", wait_kind::inner, ""},
    // user memory
    {"do_page_fault", wait_kind::faults, "page_fault"}, {"__do_page_fault", wait_kind::inner, "page_fault"},
    {"do_user_addr_fault", wait_kind::inner, "page_fault"}, {"exc_page_fault", wait_kind::faults, "page_fault"},
    {"asm_exc_page_fault", wait_kind::inner, "page_fault"}, {"page_fault", wait_kind::faults, ""},
    {"async_page_fault", wait_kind::faults, "page_fault"}, {"handle_page_fault", wait_kind::inner, "page_fault"},
    {"lock_mm_and_find_vma", wait_kind::inner, ""}, {"do_translation_fault", wait_kind::inner, "page_fault"},
    {"do_mem_abort", wait_kind::inner, "page_fault"}, {"el1_abort", wait_kind::inner, "page_fault"},
    {"el1h_64_sync_handler", wait_kind::inner, "page_fault"}, {"el1h_64_sync", wait_kind::inner, "page_fault"},
    {"el1_sync_handler", wait_kind::inner, "page_fault"}, {"el1_sync", wait_kind::inner, "page_fault"},
    {"el1_da", wait_kind::inner, "page_fault"}, {"do_DataAbort", wait_kind::inner, "page_fault"},
    {"__dabt_svc", wait_kind::inner, "page_fault"},
    {"__arch_copy_from_user", wait_kind::faults, "copy_from_user"}, {"__arch_copy_to_user", wait_kind::faults, "copy_to_user"},
    {"arm_copy_from_user", wait_kind::faults, "copy_from_user"}, {"arm_copy_to_user", wait_kind::faults, "copy_to_user"},
    {"copy_user_*", wait_kind::faults, "copy_from_user"}, {"raw_copy_from_user", wait_kind::faults, "copy_from_user"},
    {"raw_copy_to_user", wait_kind::faults, "copy_to_user"}, {"__copy_tofrom_user*", wait_kind::faults, "copy_from_user"},
    {"__get_user_*", wait_kind::faults, "get_user"}, {"__put_user_*", wait_kind::faults, "put_user"},
    {"_copy_from_user", wait_kind::faults, "copy_from_user"}, {"_copy_to_user", wait_kind::faults, "copy_to_user"},
    {"copy_from_user", wait_kind::faults, ""}, {"copy_to_user", wait_kind::faults, ""},
    {"__copy_from_user*", wait_kind::faults, "copy_from_user"}, {"__copy_to_user*", wait_kind::faults, "copy_to_user"},
    {"strncpy_from_user", wait_kind::faults, ""}, {"__get_user_pages*", wait_kind::inner, "get_user_pages"},
    {"get_user_pages*", wait_kind::faults, "get_user_pages"},
    // buses and firmware
    {"usb_start_wait_urb", wait_kind::inner, ""}, {"usb_internal_control_msg", wait_kind::inner, "usb_control_msg"},
    {"usb_control_msg*", wait_kind::waits, ""}, {"usb_bulk_msg", wait_kind::waits, ""}, {"usb_interrupt_msg", wait_kind::waits, ""},
    {"usb_kill_urb", wait_kind::waits, ""}, {"usb_kill_anchored_urbs", wait_kind::waits, ""},
    {"__i2c_transfer", wait_kind::inner, "i2c_transfer"}, {"i2c_transfer*", wait_kind::waits, "i2c_transfer"},
    {"i2c_smbus_xfer*", wait_kind::inner, ""}, {"i2c_smbus_*", wait_kind::waits, ""},
    {"__spi_sync", wait_kind::inner, "spi_sync"}, {"spi_sync*", wait_kind::waits, ""},
    {"clk_prepare*", wait_kind::waits, "clk_prepare"}, {"clk_unprepare", wait_kind::waits, ""},
    {"regulator_enable", wait_kind::waits, ""}, {"regulator_disable", wait_kind::waits, ""},
    {"gpiod_*_cansleep", wait_kind::waits, ""}, {"gpiod_set_value_cansleep", wait_kind::waits, ""},
    {"request_firmware*", wait_kind::waits, ""}, {"_request_firmware", wait_kind::inner, "request_firmware"},
    {"__pm_runtime_resume", wait_kind::waits, "pm_runtime_get_sync"}, {"__pm_runtime_idle", wait_kind::waits, "pm_runtime_put_sync"},
    {"__pm_runtime_suspend", wait_kind::waits, "pm_runtime_put_sync"},
};
// clang-format on

/// The entry of a function, the exact name before a prefix; nullptr if it is none.
constexpr const primitive *find_primitive(std::string_view function)
{
    const primitive *best = nullptr;
    for (const primitive &p : primitives) {
        if (p.function == function)
            return &p;
        const std::string_view stem = p.function.substr(0, p.function.size() - 1);
        if (p.function.ends_with('*') && function.starts_with(stem) &&
            (best == nullptr || best->function.size() < p.function.size()))
            best = &p;
    }
    return best;
}

/// A function through which the kernel enters a context: what it calls runs there.
struct entry_function {
    std::string_view function; ///< as in traces
    std::string_view token;    ///< kctx's name of the context
    std::string_view words;    ///< for a sentence: "in ..."
    bool passes_on = false;    ///< there is more of the kernel between it and the handler
};

// clang-format off
/// The functions that the kernel enters its contexts through.
inline constexpr entry_function entry_functions[] = {
    {"handle_IRQ_event", "IrqCtx", "a hard interrupt handler", false},
    {"__handle_irq_event_percpu", "IrqCtx", "a hard interrupt handler", false},
    {"handle_irq_event_percpu", "IrqCtx", "a hard interrupt handler", false},
    {"handle_irq_event", "IrqCtx", "a hard interrupt handler", false},
    {"irq_forced_thread_fn", "ThreadedIrqCtx", "the thread of a forced-threaded interrupt handler", false},
    {"irq_thread_fn", "ThreadedIrqCtx", "a threaded interrupt handler", false},
    {"call_timer_fn", "TimerCtx", "a timer's callback, in softirq context", false},
    {"tasklet_action_common", "TaskletCtx", "a tasklet, in softirq context", false},
    {"tasklet_action", "TaskletCtx", "a tasklet, in softirq context", false},
    {"tasklet_hi_action", "TaskletCtx", "a tasklet, in softirq context", false},
    {"__hrtimer_run_queues", "SoftirqCtx", "a timer's callback", false},
    {"rcu_do_batch", "RcuCallbackCtx", "an RCU callback, in softirq context", false},
    {"irq_work_run_list", "IrqWorkCtx", "an irq_work", true},
    {"irq_work_single", "IrqWorkCtx", "an irq_work", false},
    {"flush_smp_call_function_queue", "HardIrqCtx", "a function call of another CPU, in a hard interrupt", false},
    {"__flush_smp_call_function_queue", "HardIrqCtx", "a function call of another CPU, in a hard interrupt", false},
    {"generic_smp_call_function_single_interrupt", "HardIrqCtx", "a function call of another CPU, in a hard interrupt", true},
    {"napi_poll", "SoftirqCtx", "network receive, in softirq context", false},
    {"__napi_poll", "SoftirqCtx", "network receive, in softirq context", false},
    {"net_rx_action", "SoftirqCtx", "network receive, in softirq context", false},
    {"hrtimer_run_softirq", "SoftirqCtx", "the softirq of high-resolution timers", true},
    {"blk_done_softirq", "SoftirqCtx", "the block layer's softirq", false},
    {"run_timer_softirq", "TimerCtx", "a timer's callback, in softirq context", true},
    {"__do_softirq", "SoftirqCtx", "a softirq", false},
    {"handle_softirqs", "SoftirqCtx", "a softirq", false},
    {"do_current_softirqs", "SoftirqCtx", "a softirq", false},
    {"run_ksoftirqd", "SoftirqCtx", "a softirq in its thread", true},
    {"do_softirq", "SoftirqCtx", "a softirq", true},
    {"process_one_work", "WorkCtx", "a work item, which is process context", false},
    {"worker_thread", "WorkCtx", "a work item, which is process context", false},
    {"do_one_initcall", "ProcessCtx", "a module's init function, which is process context", false},
    {"sys_init_module", "ProcessCtx", "a module's init function, which is process context", false},
    {"do_init_module", "ProcessCtx", "a module's init function, which is process context", true},
    {"really_probe", "ProcessCtx", "a driver's probe function, which is process context", true},
    {"kthread", "KthreadCtx", "a kernel thread", false},
    {"smpboot_thread_fn", "KthreadCtx", "a kernel thread", false},
    {"asm_do_IRQ", "IrqCtx", "a hard interrupt", true},
    {"do_IRQ", "IrqCtx", "a hard interrupt", true},
    {"hrtimer_interrupt", "HardIrqCtx", "the timer interrupt", true},
    {"tick_handle_periodic", "HardIrqCtx", "the timer interrupt", true},
    {"do_nmi", "NmiCtx", "an NMI", true},
    {"default_do_nmi", "NmiCtx", "an NMI", true},
    {"nmi_handle", "NmiCtx", "an NMI", false},
    {"do_syscall_64", "SyscallCtx", "a system call", true},
    {"do_int80_syscall_32", "SyscallCtx", "a system call", true},
    {"do_syscall_32_irqs_on", "SyscallCtx", "a system call", true},
    {"invoke_syscall", "SyscallCtx", "a system call", true},
    {"el0_svc_common", "SyscallCtx", "a system call", true},
    {"el0_svc", "SyscallCtx", "a system call", true},
    {"ret_fast_syscall", "SyscallCtx", "a system call", true},
    {"system_call_exception", "SyscallCtx", "a system call", true},
    {"ret_from_syscall", "SyscallCtx", "a system call", true},
    {"system_call_fastpath", "SyscallCtx", "a system call", true},
    {"entry_SYSCALL_64_after_hwframe", "SyscallCtx", "a system call", true},
    {"entry_SYSCALL_64_fastpath", "SyscallCtx", "a system call", true},
    {"start_kernel", "ProcessCtx", "the boot of the kernel", true},
    {"kernel_init", "ProcessCtx", "the boot of the kernel", true},
};
// clang-format on

/// The entry of a function; nullptr if the kernel enters no context through it.
constexpr const entry_function *find_entry(std::string_view function)
{
    for (const entry_function &e : entry_functions) {
        if (e.function == function)
            return &e;
    }
    return nullptr;
}

} // namespace kctx::klog

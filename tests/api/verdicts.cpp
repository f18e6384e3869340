// SPDX-License-Identifier: BSL-1.0
// Which call is legal where. Built three times: for kernels without PREEMPT_RT, with it, and for
// code that must be legal on both.
#include <doctest/doctest.h>

#include <kctx/all.hpp>

#include <string>

using namespace kctx;

namespace {

template <class... Contexts> struct contexts {};

// One column each: a task, a system call, a work item; an irq handler, a true hard irq, a softirq,
// an NMI; in a task with a spinlock_t, a raw_spinlock_t, no preemption, no interrupts, no bottom
// halves, as an RCU reader, with a mutex.
using columns =
    contexts<ProcessCtx, SyscallCtx, WorkCtx, IrqCtx, HardIrqCtx, SoftirqCtx, NmiCtx,
             SpinLocked<spinlock_t, ProcessCtx>, RawSpinLocked<raw_spinlock_t, ProcessCtx>,
             PreemptDisabled<ProcessCtx>, IrqsDisabled<ProcessCtx>, BhDisabled<ProcessCtx>,
             RcuReader<ProcessCtx>, MutexLocked<mutex, ProcessCtx>>;

template <class Call, class... C> std::string verdicts_of(contexts<C...>)
{
    return {(is_legal<Call, C> ? '+' : '-')...};
}
template <class Call, class G, class... C> std::string allocations_of(contexts<C...>)
{
    return {(may_allocate<C, Call, G> ? '+' : '-')...};
}
template <class Call> std::string verdicts() { return verdicts_of<Call>(columns{}); }
template <class Call, class G> std::string allocations(G)
{
    return allocations_of<Call, G>(columns{});
}

/// Of a verdict without and with PREEMPT_RT the one that this file is built for.
std::string meant(const std::string &off, const std::string &rt)
{
    if (KCTX_PREEMPT_RT == KCTX_RT_OFF)
        return off;
    if (KCTX_PREEMPT_RT == KCTX_RT_ON)
        return rt;
    std::string both = off;
    for (std::size_t i = 0; i < both.size(); ++i)
        both[i] = off[i] == '+' && rt.at(i) == '+' ? '+' : '-';
    return both;
}

//                          PSW IHSN lrpibcm        PSW IHSN lrpibcm
const auto sleeps = meant("+++----------+", "+++----------+");
const auto locks = meant("++++++-+++++++", "++++-+-+---+++");
const auto spins = meant("++++++-+++++++", "++++++-+++++++");

} // namespace

TEST_CASE("what sleeps is for tasks")
{
    CHECK(verdicts<call::msleep>() == sleeps);
    CHECK(verdicts<call::schedule>() == sleeps);
    CHECK(verdicts<call::schedule_timeout>() == sleeps);
    CHECK(verdicts<call::cond_resched>() == sleeps);
    CHECK(verdicts<call::might_sleep>() == sleeps);
    CHECK(verdicts<call::wait_event>() == sleeps);
    CHECK(verdicts<call::wait_event_interruptible_timeout>() == sleeps);
    CHECK(verdicts<call::swait_event_exclusive>() == sleeps);
    CHECK(verdicts<call::wait_for_completion>() == sleeps);
    CHECK(verdicts<call::wait_for_completion_interruptible_timeout>() == sleeps);
    CHECK(verdicts<call::vmalloc>() == sleeps);
    CHECK(verdicts<call::vmap>() == sleeps);
    CHECK(verdicts<call::vunmap>() == sleeps);
    CHECK(verdicts<call::kmem_cache_create>() == sleeps);
    CHECK(verdicts<call::kmem_cache_destroy>() == sleeps);
    CHECK(verdicts<call::mempool_create>() == sleeps);
    CHECK(verdicts<call::dma_pool_create>() == sleeps);
    CHECK(verdicts<call::dma_free_coherent>() == sleeps);
    CHECK(verdicts<call::__alloc_percpu>() == sleeps);
    CHECK(verdicts<call::ioremap>() == sleeps);
    CHECK(verdicts<call::i2c_transfer>() == sleeps);
    CHECK(verdicts<call::spi_sync>() == sleeps);
    CHECK(verdicts<call::usb_bulk_msg>() == sleeps);
    CHECK(verdicts<call::usb_kill_urb>() == sleeps);
    CHECK(verdicts<call::clk_prepare>() == sleeps);
    CHECK(verdicts<call::regmap_write>() == sleeps);
    CHECK(verdicts<call::gpiod_set_value_cansleep>() == sleeps);
    CHECK(verdicts<call::pm_runtime_get_sync>() == sleeps);
    CHECK(verdicts<call::napi_disable>() == sleeps);
    CHECK(verdicts<call::rtnl_lock>() == sleeps);
    CHECK(verdicts<call::submit_bio_wait>() == sleeps);
    CHECK(verdicts<call::kthread_stop>() == sleeps);
    CHECK(verdicts<call::dmaengine_terminate_sync>() == sleeps);
    CHECK(verdicts<call::request_firmware>() == sleeps);
    CHECK(verdicts<call::put_device>() == sleeps);
}

TEST_CASE("what takes a spinlock_t is not for raw sections on PREEMPT_RT")
{
    CHECK(verdicts<call::wake_up>() == locks);
    CHECK(verdicts<call::wake_up_interruptible_all>() == locks);
    CHECK(verdicts<call::add_wait_queue>() == locks);
    CHECK(verdicts<call::dma_map_single>() == locks);
    CHECK(verdicts<call::dma_pool_free>() == locks);
    CHECK(verdicts<call::spi_async>() == locks);
    CHECK(verdicts<call::usb_unlink_urb>() == locks);
    CHECK(verdicts<call::clk_enable>() == locks);
    CHECK(verdicts<call::gpiod_set_value>() == locks);
    CHECK(verdicts<call::led_trigger_event>() == locks);
    CHECK(verdicts<call::input_event>() == locks);
    CHECK(verdicts<call::pm_runtime_put>() == locks);
    CHECK(verdicts<call::send_sig>() == locks);
    CHECK(verdicts<call::get_random_bytes>() == locks);
    CHECK(verdicts<call::snd_pcm_period_elapsed>() == locks);
    CHECK(verdicts<call::dma_fence_signal>() == locks);
    CHECK(verdicts<call::ida_free>() == locks);
    CHECK(verdicts<call::xa_erase>() == locks);
}

TEST_CASE("freeing takes the allocator's locks")
{
    CHECK(verdicts<call::kfree>() == locks);
    CHECK(verdicts<call::kmem_cache_free>() == locks);
    CHECK(verdicts<call::__free_pages>() == locks);
    CHECK(verdicts<call::mempool_free>() == locks);
    CHECK(verdicts<call::free_percpu>() == locks);
    CHECK(verdicts<call::usb_free_urb>() == locks);
}

TEST_CASE("what takes a raw lock is for all but NMIs")
{
    CHECK(verdicts<call::complete>() == spins);
    CHECK(verdicts<call::try_wait_for_completion>() == spins);
    CHECK(verdicts<call::completion_done>() == spins);
    CHECK(verdicts<call::swake_up_one>() == spins);
    CHECK(verdicts<call::wake_up_process>() == spins);
    CHECK(verdicts<call::vfree_atomic>() == spins);
    CHECK(verdicts<call::napi_schedule>() == spins);
    CHECK(verdicts<call::kthread_queue_work>() == spins);
    CHECK(verdicts<call::pci_read_config_dword>() == spins);
    CHECK(verdicts<call::blk_mq_complete_request>() == spins);
    CHECK(verdicts<call::tty_flip_buffer_push>() == spins);
    CHECK(verdicts<call::smp_call_function_single_async>() == spins);
    CHECK(verdicts<call::ktime_get>() == spins);
}

TEST_CASE("an allocation is what its flags make of it")
{
    CHECK(allocations<call::kmalloc>(GFP_KERNEL) == sleeps);
    CHECK(allocations<call::kmalloc>(GFP_NOIO) == sleeps);
    CHECK(allocations<call::kmalloc>(GFP_NOFS | __GFP_ZERO) == sleeps);
    CHECK(allocations<call::kmalloc>(GFP_USER) == sleeps);
    CHECK(allocations<call::kmalloc>(GFP_KERNEL | __GFP_NOFAIL) == sleeps);
    CHECK(allocations<call::kmalloc>(GFP_ATOMIC) == locks);
    CHECK(allocations<call::kmalloc>(GFP_NOWAIT | __GFP_NOWARN) == locks);
    CHECK(allocations<call::kmalloc>(GFP_KERNEL & ~__GFP_DIRECT_RECLAIM) == locks);
    // The page allocator's flags do not matter to slabs, and the other way round.
    const std::string nowhere(sleeps.size(), '-');
    CHECK(allocations<call::kmalloc>(GFP_HIGHUSER) == nowhere);
    CHECK(allocations<call::kmalloc>(GFP_ATOMIC | __GFP_NOFAIL) == nowhere);
    CHECK(allocations<call::alloc_pages>(GFP_HIGHUSER) == sleeps);
    CHECK(allocations<call::alloc_pages>(GFP_ATOMIC | __GFP_DMA32) == locks);
    CHECK(allocations<call::__get_free_pages>(GFP_HIGHUSER) == nowhere);
    for (const auto &[atomic, waiting] :
         {std::pair{allocations<call::kzalloc>(GFP_ATOMIC), allocations<call::kzalloc>(GFP_KERNEL)},
          {allocations<call::kcalloc>(GFP_ATOMIC), allocations<call::kcalloc>(GFP_KERNEL)},
          {allocations<call::kmem_cache_alloc>(GFP_ATOMIC),
           allocations<call::kmem_cache_alloc>(GFP_KERNEL)},
          {allocations<call::mempool_alloc>(GFP_ATOMIC),
           allocations<call::mempool_alloc>(GFP_KERNEL)},
          {allocations<call::dma_alloc_coherent>(GFP_ATOMIC),
           allocations<call::dma_alloc_coherent>(GFP_KERNEL)},
          {allocations<call::usb_submit_urb>(GFP_ATOMIC),
           allocations<call::usb_submit_urb>(GFP_KERNEL)},
          {allocations<call::alloc_skb>(GFP_ATOMIC), allocations<call::alloc_skb>(GFP_KERNEL)},
          {allocations<call::idr_alloc>(GFP_ATOMIC), allocations<call::idr_alloc>(GFP_KERNEL)},
          {allocations<call::request_firmware_nowait>(GFP_ATOMIC),
           allocations<call::request_firmware_nowait>(GFP_KERNEL)}}) {
        CHECK(atomic == locks);
        CHECK(waiting == sleeps);
    }
}

TEST_CASE("calls with a rule of their own")
{
    //                                                 PSW IHSN lrpibcm    PSW IHSN lrpibcm
    // vfree() in an interrupt leaves it to a work item; on PREEMPT_RT an irq handler runs with
    // bottom halves off, which counts as an interrupt.
    CHECK(verdicts<call::vfree>() == meant("++++++-----+-+", "++++++-----+-+"));
    CHECK(verdicts<call::kvfree>() == meant("++++++-----+-+", "++++-+-----+-+"));
    CHECK(verdicts<call::complete_all>() == meant("++++-+-+++++++", "++++-+-+++++++"));
    CHECK(verdicts<call::copy_to_user>() == meant("-+------------", "-+------------"));
    CHECK(verdicts<call::get_user>() == meant("-+------------", "-+------------"));
    CHECK(verdicts<call::set_current_state>() == meant("+++----+++++++", "++++---+++++++"));
    CHECK(verdicts<call::prepare_to_wait>() == meant("+++----+++++++", "++++---+---+++"));
    CHECK(verdicts<call::smp_processor_id>() == meant("---+++++++++--", "---+++++++++--"));
    CHECK(verdicts<call::this_cpu_ptr>() == verdicts<call::smp_processor_id>());
    CHECK(verdicts<call::smp_call_function_single>() == meant("+++----+++-+++", "++++---+++-+++"));
    CHECK(verdicts<call::on_each_cpu>() == verdicts<call::smp_call_function_single>());
    CHECK(verdicts<call::smp_call_function_many>() == meant("-------+++-+--", "--------++----"));
    CHECK(verdicts<call::netif_rx>() == meant("++++++-+++-+++", "++++-+-+---+++"));
    CHECK(verdicts<call::netif_receive_skb>() == meant("-----+-----+--", "---+-+-----+--"));
    CHECK(verdicts<call::napi_alloc_skb>() == meant("-----+-----+--", "---+-+-----+--"));
    CHECK(verdicts<call::kfree_skb>() == meant("+++--+-+++-+++", "++++-+-+---+++"));
    CHECK(verdicts<call::dev_kfree_skb_any>() == meant("++++++-+++++++", "++++++-+--++++"));
    CHECK(verdicts<call::iio_trigger_poll>() == meant("---++---------", "----+---------"));
}

TEST_CASE("user memory follows the system call into its sections, and no further")
{
    CHECK(is_legal<call::copy_from_user, MutexLocked<mutex, SyscallCtx>>);
    CHECK(is_legal<call::copy_from_user, MigrateDisabled<SyscallCtx>>);
    CHECK(is_legal<call::put_user, SrcuReader<srcu_struct, SyscallCtx>>);
    CHECK_FALSE(is_legal<call::copy_from_user, SpinLocked<spinlock_t, SyscallCtx>>);
    CHECK_FALSE(is_legal<call::copy_from_user, RcuReader<SyscallCtx>>);
    CHECK_FALSE(is_legal<call::copy_from_user, MutexLocked<mutex, ProcessCtx>>);
    CHECK_FALSE(is_legal<call::copy_from_user, KthreadCtx>);
    CHECK_FALSE(is_legal<call::copy_from_user, PageFaultsDisabled<SyscallCtx>>);
    CHECK(is_legal<call::msleep, PageFaultsDisabled<SyscallCtx>>);
}

TEST_CASE("the CPU stays with who stays on it")
{
    CHECK(is_legal<call::smp_processor_id, MigrateDisabled<ProcessCtx>>);
    CHECK(is_legal<call::smp_processor_id, CpuHeld<ProcessCtx>>);
    CHECK(is_legal<call::smp_processor_id, SpinLocked<spinlock_t, ProcessCtx>>);
    CHECK_FALSE(is_legal<call::smp_processor_id, KthreadCtx>);
    CHECK_FALSE(is_legal<call::smp_processor_id, RwsemReadLocked<rw_semaphore, ProcessCtx>>);
}

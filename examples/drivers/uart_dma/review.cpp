// SPDX-License-Identifier: BSL-1.0
// What README.md says of this driver's calls, as assertions.
#include "uart_dma.hpp"

using namespace uart_dma;

// Whether a call may be made in a context without PREEMPT_RT, and with it.
template <class Call, class C> constexpr bool off = Call::legal(C::at(false), false);
template <class Call, class C> constexpr bool rt = Call::legal(C::at(true), true);
template <class Call, class C> constexpr bool never = !off<Call, C> && !rt<Call, C>;

// The handler must be one that may be threaded.
static_assert(rt<call::spin_lock_irqsave, IrqCtx> && !rt<call::spin_lock_irqsave, HardIrqCtx>);

// The handlers cannot wait.
using allocation = allocation_contract<flag::GFP_KERNEL>;
static_assert(never<call::mutex_lock, IrqCtx> && never<allocation, IrqCtx>);
static_assert(never<call::mutex_lock, TaskletCtx> && never<allocation, TaskletCtx>);
static_assert(never<call::mutex_lock, TimerCtx> && never<allocation, TimerCtx>);
static_assert(never<call::dmaengine_terminate_sync, TaskletCtx>);

// Nor can whoever holds the port's lock.
using holds_port = SpinLockedIrqsave<port_lock, MutexLocked<config_lock, SyscallCtx>>;
static_assert(never<call::msleep, holds_port> && never<call::dma_free_coherent, holds_port>);
static_assert(never<call::dmaengine_terminate_sync, holds_port>);

// The console.
static_assert(never<call::spin_lock_irqsave, NmiCtx>);

// What is legal, and for the reviewer.
static_assert(off<call::timer_delete_sync, holds_port> && rt<call::timer_delete_sync, holds_port>);

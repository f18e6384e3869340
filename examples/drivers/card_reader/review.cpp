// SPDX-License-Identifier: BSL-1.0
// What README.md says of this driver's calls, as assertions.
#include "card_reader.hpp"

using namespace card_reader;

// Whether a call may be made in a context without PREEMPT_RT, and with it.
template <class Call, class C> constexpr bool off = Call::legal(C::at(false), false);
template <class Call, class C> constexpr bool rt = Call::legal(C::at(true), true);
template <class Call, class C> constexpr bool never = !off<Call, C> && !rt<Call, C>;

// The primary handler.
static_assert(off<call::spin_lock, HardIrqCtx> && !rt<call::spin_lock, HardIrqCtx>);
static_assert(off<call::wake_up_interruptible, HardIrqCtx> &&
              !rt<call::wake_up_interruptible, HardIrqCtx>);
using allocation = allocation_contract<flag::GFP_ATOMIC>;
static_assert(off<allocation, HardIrqCtx> && !rt<allocation, HardIrqCtx>);

// What waits, with the lock of the FIFO held.
static_assert(never<call::copy_to_user, SpinLocked<fifo_lock, SyscallCtx>>);
static_assert(never<call::msleep, SpinLocked<fifo_lock, WorkCtx>>);
static_assert(never<call::wait_for_completion_timeout, SpinLocked<fifo_lock, WorkCtx>>);

// Threads of the kernel, which serve no process.
static_assert(never<call::copy_to_user, WorkCtx> && never<call::copy_to_user, ThreadedIrqCtx>);

// What is legal, and for the reviewer.
using holds_power = MutexLocked<power_lock, SyscallCtx>;
static_assert(off<call::wait_for_completion_timeout, ThreadedIrqCtx> &&
              rt<call::wait_for_completion_timeout, ThreadedIrqCtx>);
static_assert(off<call::cancel_delayed_work_sync, holds_power> &&
              rt<call::cancel_delayed_work_sync, holds_power>);

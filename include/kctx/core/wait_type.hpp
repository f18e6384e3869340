// SPDX-License-Identifier: BSL-1.0
/// @file
/// The one idea of kctx: a context *allows* waiting up to a level, a call *needs* a level,
/// and a call is illegal where needs > allows. The levels are those of lockdep.
#pragma once

#include <kctx/config.hpp>

namespace kctx {

/// How a context may be made to wait, and how a call may make it wait.
/// @par Kernel source
/// include/linux/lockdep_types.h, enum lockdep_wait_type (5.8 and later).
enum class wait_type : unsigned char {
    free,   ///< not at all: NMI; rcu_read_lock(), printk()
    spin,   ///< a true busy wait: raw_spinlock_t
    config, ///< what sleeps only on PREEMPT_RT: spinlock_t, rwlock_t, local_lock, the allocator
    sleep   ///< what always may sleep: mutex, msleep(), GFP_KERNEL
};

/// The smaller of two levels: a section never allows more than what surrounds it.
constexpr wait_type operator&(wait_type a, wait_type b) noexcept { return a < b ? a : b; }

/// Whether a context that allows @p allows bears a call that needs @p needs.
/// Without PREEMPT_RT a spinlock_t spins, so that config needs no more than spin there.
constexpr bool bears(wait_type allows, wait_type needs, bool rt) noexcept
{
    return needs <= allows || (!rt && needs == wait_type::config && allows == wait_type::spin);
}

} // namespace kctx

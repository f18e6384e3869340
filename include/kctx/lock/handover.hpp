// SPDX-License-Identifier: BSL-1.0
/// @file
/// For functions of a driver that are called with a lock held, give it back, or return with it. The
/// type of their token says so to every compiler; these say it to clang's thread-safety analysis,
/// as __must_hold(), __releases() and __acquires() do in the kernel:
///
///     template <context C>
///     void update(SpinLocked<port_lock, C> ctx, port *p) KCTX_MUST_HOLD(p->lock);
///     template <context C>
///     C finish(SpinLocked<port_lock, C> ctx, port *p) KCTX_LEAVES(p->lock, SpinLocked<port_lock,
///     C>); template <context C> SpinLocked<port_lock, C> begin(C ctx, port *p)
///     KCTX_ENTERS(p->lock, SpinLocked<port_lock, C>);
/// @par Kernel source
/// include/linux/compiler_types.h (6.12).
#pragma once

#include <kctx/core/annotations.hpp>

/// The function is called with @p lock held, and returns with it: it may touch what the lock
/// guards. One that gives it back meanwhile names the type of its token, too.
#define KCTX_MUST_HOLD(lock, ...)                                                                  \
    KCTX_TSA_(requires_capability(lock __VA_OPT__(, KCTX_CLOSES(__VA_ARGS__))))
/// The function gives @p lock back, which its token, of the type that follows, held.
#define KCTX_LEAVES(lock, ...) KCTX_RELEASE(lock, KCTX_CLOSES(__VA_ARGS__))
/// The function returns with @p lock held, as the token says that it returns.
#define KCTX_ENTERS(lock, ...) KCTX_ACQUIRE(lock, KCTX_CLOSES(__VA_ARGS__))
/// The function returns a pointer to the token if it holds @p lock, else NULL.
#define KCTX_MAY_ENTER(lock, ...)                                                                  \
    KCTX_TSA_(try_acquire_capability(true, lock, KCTX_CLOSES(__VA_ARGS__)))

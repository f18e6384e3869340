// SPDX-License-Identifier: BSL-1.0
/// @file
/// How the headers of host/ define what the headers of api/ and lock/ declare.
#pragma once

#include <kctx/declare/call.hpp>

/// Around the definitions of a header. Function effects are promises about the kernel's functions;
/// what stands in for them in userspace may well allocate or wait for a futex, and none of that is
/// the driver's fault, so clang is told not to look inside.
#ifdef KCTX_EFFECTS
#define KCTX_HOST_BEGIN                                                                            \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wfunction-effects\"")
#define KCTX_HOST_END _Pragma("clang diagnostic pop")
#else
#define KCTX_HOST_BEGIN
#define KCTX_HOST_END
#endif

namespace kctx::host {

/// Whether misuse is looked for: a lock taken twice or given back by somebody else, sleeping in an
/// atomic section. As with assert(), NDEBUG turns it off.
#ifdef NDEBUG
inline constexpr bool debug = false;
#else
inline constexpr bool debug = true;
#endif

/// An object that is never destroyed: what the environment keeps is there until the process ends,
/// for the threads and the static objects that end after main().
template <class T> T &immortal() noexcept
{
    static T &object = *new T;
    return object;
}

} // namespace kctx::host

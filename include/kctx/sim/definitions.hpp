// SPDX-License-Identifier: BSL-1.0
/// @file
/// How the headers of sim/ define what the headers of api/ and lock/ declare.
#pragma once

#include <kctx/declare/call.hpp>
#include <kctx/sim/locks.hpp>
#include <kctx/sim/machine.hpp>

/// Around the definitions of a header. Function effects are promises about the kernel's functions;
/// a machine that simulates them allocates and prints, so clang is told not to look inside.
#ifdef KCTX_EFFECTS
#define KCTX_SIM_BEGIN                                                                             \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wfunction-effects\"")
#define KCTX_SIM_END _Pragma("clang diagnostic pop")
#else
#define KCTX_SIM_BEGIN
#define KCTX_SIM_END
#endif

namespace kctx::sim {

/// The machine whose task makes the call.
inline machine &here() { return *machine::here(); }
/// That, at the beginning of the call @p function: somebody may want something to happen there.
inline machine &called(const char *function)
{
    machine &m = here();
    m.called(function);
    return m;
}

} // namespace kctx::sim

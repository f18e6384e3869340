// SPDX-License-Identifier: BSL-1.0
/// @file
/// A library of one call, so that these cases test the runner and nothing else.
#pragma once

struct ProcessCtx {};
struct IrqCtx {};

#ifdef KCTX_UNCHECKED
#define NO_WAIT
#else
#define NO_WAIT __attribute__((unavailable("kctx[no-wait]: wait() waits; fix: use poll()")))
#endif

inline void wait(ProcessCtx) noexcept {}
template <class C> NO_WAIT void wait(C) noexcept;

template <class C> void poll(C) noexcept {}

// SPDX-License-Identifier: BSL-1.0
/// @file
/// A library of one call, so that these cases test the runner and nothing else.
#pragma once

struct ProcessCtx {};
struct IrqCtx {};

template <class C> void wait(C) noexcept;
template <class C>
    requires __is_same
(C, IrqCtx) __attribute__((unavailable("kctx[no-wait]: wait() waits; fix: use poll()"))) void wait(
    C) noexcept;

template <class C> void poll(C) noexcept {}
template <> inline void wait(ProcessCtx) noexcept {}

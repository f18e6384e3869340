// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a translation unit is compiled for. Everything here is a macro that the user may set on the
/// command line; every file of a program must agree (see KCTX_ENV_NAMESPACE).
#pragma once

#include <kctx/version.hpp>

/// A kernel version as the kernel itself encodes it (KERNEL_VERSION, Makefile): a.b.c, c <= 255.
#define KCTX_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))

/// The kernel whose flags, limits and rules apply. Default: 6.12, the kernel the verdicts were
/// measured on.
#ifndef KCTX_KERNEL_VERSION
#define KCTX_KERNEL_VERSION KCTX_VERSION(6, 12, 0)
#endif

/// Values of KCTX_PREEMPT_RT. Portable code is legal only if it is legal on both kinds of kernel.
#define KCTX_RT_OFF 0 ///< the kernels without CONFIG_PREEMPT_RT alone
#define KCTX_RT_ON 1 ///< the kernels with CONFIG_PREEMPT_RT alone
#define KCTX_RT_PORTABLE 2 ///< both: the default
#ifndef KCTX_PREEMPT_RT
/// Which kernels the program is meant for: -DKCTX_PREEMPT_RT=KCTX_RT_ON, or before the first
/// include.
#define KCTX_PREEMPT_RT KCTX_RT_PORTABLE
#endif
#if KCTX_PREEMPT_RT < 0 || KCTX_PREEMPT_RT > 2
#error "kctx: KCTX_PREEMPT_RT is KCTX_RT_OFF (0), KCTX_RT_ON (1) or KCTX_RT_PORTABLE (2)"
#endif
#if KCTX_KERNEL_VERSION < KCTX_VERSION(2, 6, 32)
#error "kctx: KCTX_KERNEL_VERSION is KCTX_VERSION(a, b, c), 2.6.32 or later"
#endif

/// KCTX_UNCHECKED: every call compiles in every context, for programs that are meant to fail at run
/// time on the simulated machine.

/// KCTX_PLAIN_CALLS: calls may be made without a token. Only clang >= 20 checks such code, through
/// function effects (-Wfunction-effects); other compilers accept it unseen.

// The functions behind the calls live in a namespace that names the library's version and the
// configuration, v0_1_portable: files that disagree do not link into one program. The names that
// users and errors speak of stay short: kctx::IrqCtx.
#define KCTX_PASTE_(a, b) a##b
#define KCTX_PASTE(a, b) KCTX_PASTE_(a, b)
#if KCTX_PREEMPT_RT == KCTX_RT_PORTABLE
#define KCTX_RT_NAME_ portable
#elif KCTX_PREEMPT_RT == KCTX_RT_ON
#define KCTX_RT_NAME_ rt
#else
#define KCTX_RT_NAME_ no_rt
#endif
#ifdef KCTX_UNCHECKED
#define KCTX_CHECKED_NAME_ _unchecked
#else
#define KCTX_CHECKED_NAME_
#endif
#define KCTX_ENV_NAME_(major, minor, rt, checked) v##major##_##minor##_##rt##checked
#define KCTX_ENV_NAME(major, minor, rt, checked) KCTX_ENV_NAME_(major, minor, rt, checked)
#define KCTX_ENV_NAMESPACE                                                                         \
    KCTX_ENV_NAME(KCTX_LIB_MAJOR, KCTX_LIB_MINOR, KCTX_RT_NAME_, KCTX_CHECKED_NAME_)

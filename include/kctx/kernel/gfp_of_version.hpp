// SPDX-License-Identifier: BSL-1.0
/// @file
/// The GFP flags of KCTX_KERNEL_VERSION by the kernel's names, with their values in the base
/// configuration (see gfp_history.hpp, which has those of all versions). A flag that the version
/// does not have is KCTX_GFP_LACKS(name, since when or until when, what to use instead).
/// gfp/flags.hpp defines the two macros and includes this file.
// Written by scripts/make-kernel-tables: edit that and its data, not this.
#include <kctx/config.hpp>
#ifdef KCTX_GFP_FLAG
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 12, 0)
#include <kctx/kernel/gfp_flags/of_6_12.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 6, 0)
#include <kctx/kernel/gfp_flags/of_6_6.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 3, 0)
#include <kctx/kernel/gfp_flags/of_6_3.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 1, 0)
#include <kctx/kernel/gfp_flags/of_6_1.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(5, 15, 0)
#include <kctx/kernel/gfp_flags/of_5_15.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(5, 4, 0)
#include <kctx/kernel/gfp_flags/of_5_4.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 19, 0)
#include <kctx/kernel/gfp_flags/of_4_19.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 14, 0)
#include <kctx/kernel/gfp_flags/of_4_14.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 8, 0)
#include <kctx/kernel/gfp_flags/of_4_8.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 6, 0)
#include <kctx/kernel/gfp_flags/of_4_6.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(4, 4, 0)
#include <kctx/kernel/gfp_flags/of_4_4.hpp>
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(3, 10, 0)
#include <kctx/kernel/gfp_flags/of_3_10.hpp>
#else
#include <kctx/kernel/gfp_flags/of_2_6_32.hpp>
#endif
#endif

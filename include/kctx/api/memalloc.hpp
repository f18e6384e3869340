// SPDX-License-Identifier: BSL-1.0
/// @file
/// Scopes in which no allocation starts I/O or calls a file system, whatever its flags say: what
/// memory reclaim itself may wait for.
/// @par Kernel source
/// include/linux/sched/mm.h (6.12).
#pragma once

#include <kctx/lock/scope_calls.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx::detail {
constexpr void hold_noio(auto &s, bool) noexcept { s.noio = true; }
constexpr void hold_nofs(auto &s, bool) noexcept { s.nofs = true; }
} // namespace kctx::detail

namespace kctx {

/// NoIoScope: GFP_KERNEL is GFP_NOIO here.
KCTX_SCOPE_PAIR_SAVING(NoIoScope, hold_noio, unsigned int, memalloc_noio_save,
                       memalloc_noio_restore, "sets PF_MEMALLOC_NOIO",
                       "include/linux/sched/mm.h memalloc_noio_save()")
/// NoFsScope: GFP_KERNEL is GFP_NOFS here.
KCTX_SCOPE_PAIR_SAVING(NoFsScope, hold_nofs, unsigned int, memalloc_nofs_save,
                       memalloc_nofs_restore, "sets PF_MEMALLOC_NOFS",
                       "include/linux/sched/mm.h memalloc_nofs_save()")
/// NoReclaimScope: allocations may use the reserves, and do not reclaim: they are part of it.
KCTX_SCOPE_PAIR_SAVING(NoReclaimScope, hold_nothing, unsigned int, memalloc_noreclaim_save,
                       memalloc_noreclaim_restore, "sets PF_MEMALLOC",
                       "include/linux/sched/mm.h memalloc_noreclaim_save()")

} // namespace kctx

#define KCTX_MEMALLOC_NOIO(ctx)                                                                    \
    KCTX_SECTION(ctx, memalloc_noio_save(ctx, ::kctx::detail::saved<unsigned int>))
#define KCTX_MEMALLOC_NOFS(ctx)                                                                    \
    KCTX_SECTION(ctx, memalloc_nofs_save(ctx, ::kctx::detail::saved<unsigned int>))
#define KCTX_MEMALLOC_NORECLAIM(ctx)                                                               \
    KCTX_SECTION(ctx, memalloc_noreclaim_save(ctx, ::kctx::detail::saved<unsigned int>))

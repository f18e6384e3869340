// SPDX-License-Identifier: BSL-1.0
/// @file
/// kmalloc() and kfree(): the host's memory, and the kernel's check before it.
#pragma once

#include <cstdlib>

#include <kctx/api/kmalloc.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// What slab_alloc() begins with (mm/slub.c; since 4.5 in mm/slab.h, since 5.13 in sched/mm.h). The
/// line is another one in each release: 0 stands for it.
inline void might_alloc(gfp_t flags)
{
    machine &m = here();
    if ((flags.value & kctx::detail::gfp_wait_bit) != 0)
        m.might_sleep(m.config.since(5, 13)  ? "include/linux/sched/mm.h"
                      : m.config.since(4, 5) ? "mm/slab.h"
                                             : "mm/slub.c",
                      0);
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void *kmalloc(size_t size, gfp_t flags) noexcept
{
    const sim::frame in("__kmalloc");
    sim::might_alloc(flags);
    return std::malloc(size);
}
void *kzalloc(size_t size, gfp_t flags) noexcept
{
    const sim::frame in("__kmalloc");
    sim::might_alloc(flags);
    return std::calloc(1, size);
}
void kfree(const void *object) noexcept { std::free(const_cast<void *>(object)); }

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END

// SPDX-License-Identifier: BSL-1.0
/// @file
/// How kernels announce that memory is short, by version: which words, when at all
/// (warn_alloc() in mm/page_alloc.c, dump_header() in mm/oom_kill.c, ___ratelimit() in
/// lib/ratelimit.c). No standard header.
#pragma once

#include <kctx/kernel/gfp_bits.hpp>

namespace kctx::kernel {

/// What stands on the first line behind the mode, and where the cpuset is printed.
enum class failure_header : unsigned char {
    full_stop, ///< "page allocation failure. order:%d, mode:0x%x", to 2.6.38
    colon,     ///< "page allocation failure: order:%d, mode:0x%x", to 4.13 (names since 4.6)
    nodemask,  ///< "..., nodemask=(null)", and the cpuset on the next line, 4.14 ... 4.20
    nodemask_and_cpuset, ///< "..., nodemask=(null),cpuset=/,mems_allowed=0", 5.0 and later
};

/// The form of the first line of a page allocation failure (warn_alloc(), before 4.10
/// warn_alloc_failed()).
constexpr failure_header failure_header_of(unsigned version_code)
{
    if (version_code >= KCTX_VERSION(5, 0, 0))
        return failure_header::nodemask_and_cpuset;
    if (version_code >= KCTX_VERSION(4, 14, 0))
        return failure_header::nodemask;
    if (version_code >= KCTX_VERSION(3, 0, 0))
        return failure_header::colon;
    return failure_header::full_stop;
}

/// At most `burst` reports in an interval; the others are counted.
struct report_rate {
    unsigned seconds;     ///< length of the interval
    unsigned burst;       ///< reports in it
    const char *function; ///< who is named when the count of the missed ones is printed
};

/// printk_ratelimit() to 2.6.38, since then a limit of its own; one in ten seconds since 5.4.
constexpr report_rate failure_rate_of(unsigned version_code)
{
    if (version_code >= KCTX_VERSION(5, 4, 0))
        return {10, 1, "warn_alloc"};
    if (version_code >= KCTX_VERSION(4, 9, 0))
        return {5, 10, "warn_alloc"};
    if (version_code >= KCTX_VERSION(3, 0, 0))
        return {5, 10, "warn_alloc_failed"};
    return {5, 10, "__alloc_pages_slowpath"};
}

/// No report of __GFP_DMA requests where ZONE_DMA has no pages at all: since 5.15.
constexpr bool failure_silent_without_dma(unsigned version_code)
{
    return version_code >= KCTX_VERSION(5, 15, 0);
}

/// Who asked, as far as it decides which nodes a Mem-Info shows.
struct report_asker {
    bool memalloc = false;     ///< PF_MEMALLOC or PF_EXITING
    bool oom_victim = false;   ///< TIF_MEMDIE, tsk_is_oom_victim()
    bool in_interrupt = false; ///< in_interrupt(); since 5.15 !in_task()
};

/// SHOW_MEM_FILTER_NODES: only the nodes that the request may use are shown
/// (warn_alloc_show_mem()). Not if it could not wait, came from an interrupt, or had a claim on the
/// reserves: then all are. Kernels before 3.0 have no filter.
constexpr bool failure_filters_nodes(unsigned version_code, unsigned gfp, const report_asker &who)
{
    if (version_code < KCTX_VERSION(3, 0, 0))
        return false;
    if (!gfp_has(version_code, gfp, gfp_flag::__GFP_NOMEMALLOC) && (who.memalloc || who.oom_victim))
        return false;
    const bool may_wait = gfp_has(version_code, gfp, gfp_flag::__GFP_DIRECT_RECLAIM) ||
                          gfp_has(version_code, gfp, gfp_flag::__GFP_WAIT);
    return may_wait && !who.in_interrupt;
}

/// How "invoked oom-killer" ends.
enum class oom_header : unsigned char {
    oom_adj,       ///< ", order=%d, oom_adj=%d", to 2.6.35
    both_adjs,     ///< ", order=%d, oom_adj=%d, oom_score_adj=%d", to 3.6
    oom_score_adj, ///< ", order=%d, oom_score_adj=%hd"
    nodemask,      ///< ", nodemask=(null), order=%d, oom_score_adj=%hd", 4.10 ... 4.20
};

/// The form of the first line of an OOM report (dump_header(), mm/oom_kill.c).
constexpr oom_header oom_header_of(unsigned version_code)
{
    if (version_code < KCTX_VERSION(2, 6, 36))
        return oom_header::oom_adj;
    if (version_code < KCTX_VERSION(3, 7, 0))
        return oom_header::both_adjs;
    if (version_code >= KCTX_VERSION(4, 10, 0) && version_code < KCTX_VERSION(5, 0, 0))
        return oom_header::nodemask;
    return oom_header::oom_score_adj;
}

} // namespace kctx::kernel

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The mode of an allocation flag by flag, and what follows from it: may it sleep, which zone,
/// which type. The rules are those of kernel/gfp_bits.hpp and kernel/gfp_zone.hpp.
#pragma once

#include <kctx/klog/decoded.hpp>

#include <string>
#include <string_view>

namespace kctx::klog::detail {

/// Allocates while it reclaims memory for others (PF_MEMALLOC).
inline bool is_reclaiming(const report &r)
{
    if (r.comm.starts_with("kswapd"))
        return true;
    for (const std::string_view function : {"try_to_free_pages", "shrink_node", "balance_pgdat"}) {
        if (has_frame(r, function))
            return true;
    }
    return false;
}

/// What the slow path of mm/page_alloc.c does before it gives up on such a request.
inline std::string why_it_failed(const report &r, unsigned version, const decoded_request &q,
                                 const std::string &bytes)
{
    constexpr unsigned costly_order = 3; // PAGE_ALLOC_COSTLY_ORDER
    if (!q.may_sleep)
        return "must not sleep: no reclaim and no compaction by the caller. It fails if no "
               "free "
               "block of " +
               bytes + " can be had above the watermark that applies to it at that moment";
    if (is_reclaiming(r))
        return "may sleep by its flags, but the task is reclaiming memory itself "
               "(PF_MEMALLOC): "
               "it cannot reclaim once more, and fails when what is free will not do";
    if (kernel::gfp_has(version, r.mode, kernel::gfp_flag::__GFP_NORETRY))
        return "may sleep, but gives up after one light attempt to reclaim and compact "
               "(__GFP_NORETRY)";
    if (r.order > costly_order)
        return "may sleep: it reclaimed and compacted before it failed. An order above 3 is "
               "costly: the kernel does not invoke the OOM killer for it, it gives up";
    if (q.zone == kernel::zone_type::ZONE_DMA || q.zone == kernel::zone_type::ZONE_DMA32)
        return "may sleep: it reclaimed before it failed. For a low zone (" +
               std::string(zone_name(q.zone)) + ") the kernel does not invoke the OOM killer";
    return "may sleep: up to order 3 the kernel as a rule goes on reclaiming and invokes the "
           "OOM "
           "killer before it fails. Look for what made it give up: a task that is reclaiming "
           "or being killed, a node or cpuset that it was bound to";
}

/// The version whose flag table fits: the machine's own; if it lies between two trees read, the
/// one of them that the printed names agree with.
inline unsigned table_version(const report &r, decoded &d)
{
    unsigned version = d.from.version.value;
    if (version < kernel::gfp_oldest) {
        d.warnings.push_back("no tree as old was read: the flags are those of " +
                             version_text(kernel::gfp_oldest));
        version = kernel::gfp_oldest;
    }
    const unsigned tree = kernel::gfp_tree(version);
    unsigned next = 0;
    for (const unsigned candidate : kernel::gfp_versions) {
        if (candidate > version && next == 0)
            next = candidate;
    }
    const bool between = (version & ~0xffu) != (tree & ~0xffu) && next != 0;
    if (!r.mode_names) {
        if (between && std::string_view(kernel::format_gfp(tree, r.mode).text) !=
                           kernel::format_gfp(next, r.mode).text)
            d.warnings.push_back("this kernel lies between " + version_text(tree) + " and " +
                                 version_text(next) +
                                 ", where the flags of this mode changed; they are read as in " +
                                 version_text(tree));
        return version;
    }
    if (gfp_names_agree(*r.mode_names, r.mode, version))
        return version;
    if (between && gfp_names_agree(*r.mode_names, r.mode, next)) {
        d.warnings.push_back("the names fit the flags of " + version_text(next) +
                             " and not those of " + version_text(tree) +
                             "; they changed in between, so they are read as in " +
                             version_text(next));
        return next;
    }
    std::string text = "the names in the log disagree with the value: " + hex_text(r.mode) +
                       " is " + kernel::format_gfp(version, r.mode).text + " in " +
                       version_text(tree) + ", ";
    const auto value = gfp_names_value(*r.mode_names, version, kernel::gfp_config::base);
    if (value)
        text += *r.mode_names + " is " + hex_text(*value);
    else
        text += *r.mode_names + " has a name that it does not have";
    d.warnings.push_back(text + ". Another version, or a changed kernel?");
    return version;
}

/// Bits that only some configurations use.
inline void add_configured(unsigned version, unsigned rest, decoded &d)
{
    using kernel::gfp_config;
    using kernel::gfp_flag;
    for (unsigned i = 0; i < static_cast<unsigned>(kernel::gfp_first_composite); ++i) {
        const auto flag = static_cast<gfp_flag>(i);
        for (unsigned c = 1; c < static_cast<unsigned>(gfp_config::count); ++c) {
            const auto config = static_cast<gfp_config>(c);
            const unsigned value = kernel::gfp_value(version, flag, config);
            if (value == 0 || value == kernel::gfp_absent || (rest & value) != value)
                continue;
            if (value == kernel::gfp_value(version, flag))
                continue;
            constexpr std::string_view names[] = {"",
                                                  "LOCKDEP",
                                                  "SLAB_OBJ_EXT",
                                                  "LOCKDEP and SLAB_OBJ_EXT",
                                                  "KMEMCHECK",
                                                  "KASAN_HW_TAGS, LOCKDEP and SLAB_OBJ_EXT"};
            d.parts.push_back({kernel::gfp_name(flag), value, 1,
                               std::string(kernel::gfp_meaning(flag)) + " (in a kernel with " +
                                   std::string(names[c]) + ")"});
            rest &= ~value;
        }
    }
    if (rest != 0) {
        d.parts.push_back({"unknown", rest, 0, "no flag of this version"});
        d.warnings.push_back("the mode has bits that are no flag of this version (" +
                             hex_text(rest) + ")");
    }
}

inline void decode_failure(const report &r, decoded &d)
{
    if (!r.has_request) {
        d.warnings.push_back("what was asked for (order, mode) is not in the log");
        return;
    }
    using kernel::gfp_flag;
    const unsigned version = table_version(r, d);
    decoded_request q;
    for (unsigned i = 0; i < static_cast<unsigned>(kernel::gfp_first_composite); ++i) {
        const auto flag = static_cast<gfp_flag>(i);
        if (kernel::gfp_has(version, r.mode, flag))
            d.parts.push_back({kernel::gfp_name(flag), kernel::gfp_value(version, flag), 1,
                               kernel::gfp_meaning(flag)});
    }
    unsigned rest = r.mode;
    for (const decoded_part &part : d.parts)
        rest &= ~part.bits;
    if (rest != 0)
        add_configured(version, rest, d);

    q.names = kernel::format_gfp(version, r.mode).text;
    q.may_sleep = kernel::gfp_may_sleep(version, r.mode);
    q.zone = kernel::gfp_zone(version, r.mode);
    q.type = kernel::gfp_migratetype(version, r.mode);
    q.pages = 1ul << (r.order < 40 ? r.order : 40);
    q.page_kb = r.page_kb().value_or(4);
    q.page_size_assumed = !r.page_kb();
    d.request = q;

    d.path = path_from(r.frames, reporting_frames(r.frames));
    if (r.kind == report_kind::vmalloc_failure || r.kind == report_kind::out_of_memory)
        return;
    const std::string bytes = std::to_string(q.pages * q.page_kb) + " kB in one piece";
    d.context.push_back(why_it_failed(r, version, q, bytes));
    if (r.order != 0)
        d.context.push_back("needs " + bytes + ": free memory in smaller pieces does not help");
    std::string_view mark;
    const trace_context context = context_of(r.frames, mark);
    if (context == trace_context::softirq || context == trace_context::hardirq)
        d.context.push_back(
            "the trace shows " +
            std::string(context == trace_context::softirq ? "a softirq"
                                                          : "a hard interrupt handler") +
            " (" + std::string(mark) + ")" +
            (r.comm.starts_with("ksoftirqd") ? ", in its thread"
                                             : ": " + (r.comm.empty() ? "the task" : r.comm) +
                                                   " is only what was running on the CPU"));
    else if (mark == "start_kernel")
        d.context.push_back("early boot (start_kernel()): until the kernel can schedule it strips "
                            "the reclaim, IO and FS flags from every request (gfp_allowed_mask)");
    else if (context == trace_context::process && !q.may_sleep && !is_reclaiming(r))
        d.context.push_back("the trace shows process context (" + std::string(mark) +
                            "): if no lock is held there, it may sleep and use GFP_KERNEL");
    else if (!r.work.empty() && !q.may_sleep)
        d.context.push_back("the task is a worker (" + r.work +
                            ") and the trace shows no interrupt: a work item is process context, "
                            "if no lock is held there it may sleep and use GFP_KERNEL");
    if (is_idle(r) && r.frames.empty() && !q.may_sleep)
        d.context.push_back("the idle task allocates nothing by itself: an interrupt or softirq "
                            "did");
}

} // namespace kctx::klog::detail

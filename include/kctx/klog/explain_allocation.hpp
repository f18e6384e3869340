// SPDX-License-Identifier: BSL-1.0
/// @file
/// Explains memory that was not to be had: page allocation, slab and vmalloc failures, OOM.
#pragma once

#include <kctx/klog/cause_sleeping.hpp>
#include <kctx/klog/decode_request.hpp>
#include <kctx/klog/explain_memory.hpp>

#include <string>
#include <string_view>

namespace kctx::klog::detail {

inline bool in_interrupt(const report &r)
{
    std::string_view mark;
    const trace_context shown = context_of(r.frames, mark);
    return shown == trace_context::softirq || shown == trace_context::hardirq;
}

/// Could the caller have asked otherwise?
inline void add_request_notes(const report &r, explanation &e)
{
    if (!e.said.request || r.kind != report_kind::page_allocation_failure)
        return;
    const decoded_request &q = *e.said.request;
    const bool atomic = !q.may_sleep;
    std::string_view mark;
    const trace_context shown = context_of(r.frames, mark);
    const bool worker = !r.work.empty() || shown == trace_context::process;
    const bool interrupt = in_interrupt(r);
    const bool nowait = q.names.find("GFP_ATOMIC") == std::string::npos; // meant not to wait
    if (atomic && !nowait && !interrupt && worker && !is_reclaiming(r)) {
        const std::string where = !r.work.empty()
                                      ? "in a work item (" + r.work + ")"
                                      : "in process context (" + std::string(mark) + ")";
        e.say("It was asked " + where + ", which may sleep: " + q.names +
              " was not needed, unless a lock is held that the log does not show. GFP_KERNEL "
              "would have reclaimed and compacted first.");
        e.fixes.push_back("GFP_KERNEL, if no lock is held there; it cannot use CMA either, but it "
                          "reclaims and compacts");
    } else if (atomic && interrupt) {
        e.say("It was asked in an interrupt (" + std::string(mark) + "), which must not sleep" +
              (r.comm.starts_with("ksoftirqd")
                   ? "."
                   : "; " + (r.comm.empty() ? "the task" : r.comm) + " only happened to run."));
    }
    if (r.order > 3) {
        if (atomic)
            e.slug = "costly-atomic-order";
        e.say("Orders above 3 are costly: no kernel promises them" +
              std::string(atomic ? ", and without reclaim they are luck."
                                 : ", not even with "
                                   "GFP_KERNEL, which gives up after it has tried."));
        e.fixes.push_back("smaller pieces: single pages in a scatter list, or at most order 3 (" +
                          std::to_string(8 * q.page_kb) + " kB)");
        e.fixes.push_back("allocate once, early (probe, module load), and keep it");
        e.fixes.push_back("kvmalloc(), if no device reaches the memory by DMA");
    } else if (r.order > 0) {
        e.fixes.push_back("single pages, or kvmalloc() where the memory need not be contiguous");
    }
    e.fixes.push_back("check the result, and go on without the memory: any allocation may fail");
    if (atomic && r.order == 0)
        e.fixes.push_back("a mempool, or more min_free_kbytes, for bursts that reclaim cannot "
                          "follow");
}

inline void explain_failure(const report &r, explanation &e)
{
    e.call = find_call(r);
    const std::string who = r.comm.empty() ? "A task" : r.comm;
    const std::string caller =
        e.call ? function_text(e.call->caller, e.call->module) : std::string();
    if (r.kind == report_kind::slab_failure) {
        const slab_request &s = set_by_kind(r.slab);
        e.say(
            "The slab cache " + (s.cache.empty() ? std::string("of this request") : s.cache) +
            (s.object_bytes ? " (objects of " + std::to_string(*s.object_bytes) + " bytes)" : "") +
            " could not get pages for more objects" +
            (s.node >= 0 ? " on node " + std::to_string(s.node) : "") + ".");
    } else if (!e.said.request) {
        e.say(who + " did not get the pages it asked for; the line with order and flags is cut.");
        return;
    }
    if (e.said.request) {
        const decoded_request &q = *e.said.request;
        const std::string size = "order " + std::to_string(r.order) + ", " +
                                 std::to_string(q.pages * q.page_kb) + " kB in one piece";
        if (r.kind == report_kind::page_allocation_failure)
            e.say((caller.empty() ? who : caller) + " asked for " + size + " with " +
                  (q.names.empty() ? hex_text(r.mode) : q.names) + " and did not get it" +
                  (caller.empty() ? "" : ", in task " + who) + ".");
        else
            e.say("It asked for order " + std::to_string(r.order) + " with " + q.names + ".");
        const bool memalloc = is_reclaiming(r);
        e.memory = explain_shortage(r, e.said, in_interrupt(r), memalloc);
    }
    if (const auto &m = e.memory; m && !m->why.empty()) {
        const std::string why = m->why + ".";
        const int largest = m->would_have.empty() ? -1 : m->largest_order;
        e.say(why);
        if (largest >= 0)
            e.say("The largest usable order was " + std::to_string(largest) + ".");
    } else if (e.said.request) {
        e.findings.push_back(
            {"how the zones stood: the log has no Mem-Info that is whole", certainty::unknown, {}});
        e.say("The log has no Mem-Info that would say why.");
    }
    add_request_notes(r, e);
}

inline void explain_vmalloc(const report &r, explanation &e)
{
    e.call = find_call(r);
    const vmalloc_request &v = set_by_kind(r.vmalloc);
    const std::string caller = e.call           ? function_text(e.call->caller, e.call->module)
                               : r.comm.empty() ? "A task"
                                                : r.comm;
    e.say(caller + " asked vmalloc() for " +
          (v.bytes && *v.bytes != 0 ? std::to_string(*v.bytes) + " bytes" : std::string("memory")) +
          " and did not get it" + (v.reason.empty() ? "." : ": " + v.reason + "."));
    const auto has = [&v](std::string_view words) {
        return v.reason.find(words) != std::string::npos;
    };
    if (has("exceeds total pages")) {
        e.say("That is more than the machine has memory: the size itself is wrong, often a "
              "length "
              "from user space that nobody checked.");
        e.slug = "allocation-too-large";
        e.fixes.push_back("check the size against a limit of your own before you allocate");
    } else if (has("vm_struct") || has("vmap") || has("free range")) {
        e.say("There was no free range of addresses for it; the memory itself was not short. "
              "On 32 "
              "bits the vmalloc area is small, and on all for modules.");
        e.fixes.push_back("free what is mapped and not needed, or enlarge the area (vmalloc= on 32 "
                          "bits)");
    } else {
        e.say("Its pages could not be had one by one.");
        e.memory = explain_shortage(r, e.said, in_interrupt(r), is_reclaiming(r));
        if (e.memory && !e.memory->why.empty())
            e.say(e.memory->why + ".");
        e.fixes.push_back("check the result; ask for less, or later");
    }
}

inline void explain_oom(const report &r, explanation &e)
{
    const oom_state &s = set_by_kind(r.oom);
    const std::string who = r.comm.empty() ? "A task" : r.comm;
    if (e.said.request)
        e.say(who + " asked for order " + std::to_string(r.order) + " with " +
              e.said.request->names +
              ", reclaim found nothing more, and the OOM killer was invoked.");
    else
        e.say("The OOM killer killed; the line that says who asked is not in the log.");
    if (s.cgroup)
        e.say("It is the limit of a memory cgroup that was reached, not the machine's memory.");
    if (!s.killed_comm.empty())
        e.say("It killed " + s.killed_comm +
              (s.killed_pid ? ", pid " + std::to_string(*s.killed_pid) : "") +
              (s.killed_anon_rss_kb
                   ? " (" + std::to_string(*s.killed_anon_rss_kb) + " kB of anonymous memory)"
                   : "") +
              ".");
    if (!s.cgroup && e.said.request) {
        e.memory = explain_shortage(r, e.said, false, false);
        if (e.memory && !e.memory->why.empty())
            e.say(e.memory->why + ".");
    }
    if (r.memory)
        add_memory_findings(*r.memory, e);
    e.fixes.push_back(s.cgroup ? "raise the group's limit, or make what runs in it use less"
                               : "find what holds the memory: the process table, slab and the "
                                 "unreclaimable part of the Mem-Info say where it went");
}

} // namespace kctx::klog::detail

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reading the reports of memory that was not to be had (mm/page_alloc.c warn_alloc(),
/// mm/vmalloc.c, mm/slub.c slab_out_of_memory(), mm/oom_kill.c), all formats of 2.6.32 ... 6.18:
///   comm: page allocation failure: order:%u, mode:%#x(%pGg), nodemask=...
///   comm: vmalloc error: size %lu, vm_struct allocation failed, mode:...
///   SLUB: Unable to allocate memory on node %d, gfp=%#x(%pGg)
///   comm invoked oom-killer: gfp_mask=%#x(%pGg), order=%d, oom_score_adj=%hd
#pragma once

#include <kctx/klog/trace.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace kctx::klog::detail {

/// The task name before ": page allocation failure": at most 15 characters (TASK_COMM_LEN), so what
/// is longer has something else before it.
inline std::string_view failing_task(std::string_view before)
{
    if (before.size() <= 15)
        return before;
    if (const std::size_t bracket = before.rfind("] "); bracket != before.npos)
        return trim(before.substr(bracket + 2));
    const std::size_t space = before.rfind(' ');
    return space == before.npos ? before.substr(before.size() - 15) : before.substr(space + 1);
}

/// 0x%x(names) behind "mode:", "gfp=", "gfp_mask=". False if it is not there.
inline bool parse_mode(const line &l, std::string_view text, std::string_view label, report &r)
{
    cursor c(text);
    if (!c.skip_past(label) || !c.skip("0x"))
        return false;
    const std::string_view number = c.rest();
    const auto mode = c.hex();
    if (!mode)
        return false;
    r.mode = *mode;
    r.put_mark("mode", l.where(number.substr(0, number.size() - c.rest().size())));
    if (c.skip("(")) {
        const std::string_view names = c.take_while([](char ch) { return ch != ')'; });
        r.mode_names = printable(names.substr(0, 1024));
        r.put_mark("names", l.where(names));
    }
    return true;
}

inline bool parse_order(const line &l, std::string_view text, std::string_view label, report &r)
{
    cursor c(text);
    if (!c.skip_past(label))
        return false;
    const std::string_view number = c.rest();
    const auto order = c.decimal();
    if (!order || *order > 63)
        return false;
    r.order = *order;
    r.put_mark("order", l.where(number.substr(0, number.size() - c.rest().size())));
    return true;
}

/// Behind "page allocation failure": the order, and the mode if it is on this line.
inline bool parse_failure(const line &l, std::string_view text, report &r, bool &complete)
{
    cursor c(text);
    r.full_stop = c.skip(".");
    if (!r.full_stop && !c.skip(":"))
        return false;
    c.skip_spaces();
    complete = false;
    if (c.at_end())
        return true; // wrapped before the order
    if (!c.rest().starts_with("order:") || !parse_order(l, c.rest(), "order:", r))
        return false;
    complete = parse_mode(l, c.rest(), "mode:", r);
    r.has_request = complete;
    r.has_nodemask = c.rest().find("nodemask=") != text.npos;
    r.has_cpuset = c.rest().find("cpuset=") != text.npos;
    return true;
}

/// The rest of a header that a mailer wrapped: "order:4, mode:0x20", "mode:0xcc0(GFP_KERNEL)".
inline bool continue_failure(const line &l, report &r)
{
    if (l.body.starts_with("order:") && !parse_order(l, l.body, "order:", r))
        return false;
    if (!l.body.starts_with("order:") && !l.body.starts_with("mode:"))
        return false;
    r.has_request = parse_mode(l, l.body, "mode:", r);
    r.has_nodemask = l.body.find("nodemask=") != l.body.npos;
    r.has_cpuset = l.body.find("cpuset=") != l.body.npos;
    return r.has_request;
}

/// Behind "vmalloc error:" and "vmalloc: allocation failure": size and reason.
///   size 4294643712, exceeds total pages, mode:0xdc0(...)         (5.13 and later)
///   : 4294643712 bytes, mode:...   , allocated 12 of 34 bytes, mode:...   (before)
inline bool parse_vmalloc(const line &l, std::string_view text, report &r, bool &complete)
{
    vmalloc_request v;
    cursor c(text);
    c.skip(":");
    c.skip(",");
    c.skip_spaces();
    std::string_view rest = c.rest();
    if (rest.starts_with("size ")) {
        cursor size(rest.substr(5));
        v.bytes = size.decimal64();
        size.skip(",");
        size.skip_spaces();
        rest = size.rest();
    } else if (rest.starts_with("allocated ")) {
        cursor size(rest);
        if (size.skip_past(" of "))
            v.bytes = size.decimal64();
    } else {
        cursor size(rest);
        v.bytes = size.decimal64();
    }
    const std::string_view reason = trim(rest.substr(0, rest.find("mode:")));
    v.reason = printable(reason.substr(0, reason.find_last_not_of(", ") + 1).substr(0, 96));
    if (v.reason.empty() && !v.bytes)
        return false;
    r.vmalloc = v;
    complete = parse_mode(l, text, "mode:", r);
    r.has_request = complete;
    r.has_nodemask = text.find("nodemask=") != text.npos;
    r.has_cpuset = text.find("cpuset=") != text.npos;
    parse_order(l, text, "page order ", r);
    return true;
}

/// Behind "SLUB: Unable to allocate memory on".
inline bool parse_slab(const line &l, std::string_view text, report &r)
{
    slab_request s;
    cursor c(text);
    if (c.skip_past("node ")) {
        if (text.find(") on node ") != text.npos) // 6.12: "on CPU 1 (of node 0) on node -1"
            c.skip_past(") on node ");
        const bool any = c.skip("-");
        const auto node = c.decimal();
        s.node = any || !node ? -1 : static_cast<int>(*node);
    }
    r.slab = s;
    r.has_request = parse_mode(l, text, "gfp=", r);
    return true;
}

///   cache: kmalloc-192, object size: 192, buffer size: 192, default order: 0, min order: 0
inline void read_slab(const line &l, report &r)
{
    if (!r.slab)
        return;
    slab_request &s = *r.slab;
    if (!s.cache.empty() || !l.body.starts_with("cache: "))
        return;
    cursor c(l.body.substr(7));
    s.cache = printable(c.take_while([](char ch) { return ch != ','; }).substr(0, 64));
    s.object_bytes = number_after(l.body, "object size: ");
    s.buffer_bytes = number_after(l.body, "buffer size: ");
    s.default_order = number_after(l.body, "default order: ");
    s.min_order = number_after(l.body, "min order: ");
    if (s.default_order && *s.default_order < 64)
        r.order = *s.default_order;
    r.put_mark("cache", l.where(l.body));
}

/// Around " invoked oom-killer:".
inline bool parse_oom(const line &l, std::string_view text, report &r, bool &complete)
{
    if (!r.oom)
        r.oom.emplace();
    const bool order = parse_order(l, text, "order=", r);
    complete = parse_mode(l, text, "gfp_mask=", r) && order;
    r.has_request = complete;
    for (const std::string_view label : {"oom_score_adj=", "oom_adj=", "oomkilladj="}) {
        cursor c(text);
        if (!c.skip_past(label))
            continue;
        const bool negative = c.skip("-");
        if (const auto value = c.decimal())
            r.oom->adjustment = negative ? -static_cast<int>(*value) : static_cast<int>(*value);
        break;
    }
    return true;
}

/// Does a line say that the OOM killer killed? They may be all that is left of a report.
inline bool is_oom_kill(std::string_view body)
{
    constexpr std::string_view first = "OMoK"; // of the words below
    if (body.empty() || first.find(body[0]) == first.npos)
        return false;
    return begins_with(body, "Out of memory: Kill") ||
           begins_with(body, "Out of memory (oom_kill_") ||
           begins_with(body, "Memory cgroup out of memory: Kill") ||
           begins_with(body, "oom-kill:constraint=") ||
           (begins_with(body, "Killed process ") && body.find("total-vm:") != body.npos);
}

/// The lines behind an OOM header: the constraint, who was killed.
inline void read_oom(const line &l, report &r)
{
    const std::string_view body = l.body;
    if (!r.oom)
        return;
    oom_state &s = *r.oom;
    if (body.starts_with("Task in /") || body.starts_with("memory: usage ") ||
        body.starts_with("Memory cgroup"))
        s.cgroup = true;
    if (body.starts_with("oom-kill:constraint=")) {
        cursor c(body.substr(20));
        s.constraint = printable(c.take_while([](char ch) { return ch != ','; }).substr(0, 64));
        s.cgroup = s.cgroup || s.constraint == "CONSTRAINT_MEMCG";
        r.put_mark("constraint", l.where(body));
        cursor task(body);
        if (s.killed_comm.empty() && task.skip_past(",task=")) {
            s.killed_comm =
                printable(task.take_while([](char ch) { return ch != ','; }).substr(0, 64));
            s.killed_pid = number_after(body, ",pid=");
        }
    }
    std::size_t at = body.find("Killed process ");
    if (at == body.npos)
        at = body.find("Kill process ");
    if (at == body.npos)
        return;
    cursor c(body.substr(at));
    c.skip("Killed process ");
    c.skip("Kill process ");
    const auto pid = c.decimal();
    if (!pid || !c.skip_past("("))
        return;
    const std::string_view name = c.take_while([](char ch) { return ch != ')' && ch != ','; });
    s.killed_pid = pid;
    s.killed_comm = printable(name.substr(0, 64));
    r.put_mark("killed", l.where(name));
    cursor rss(body);
    if (rss.skip_past("anon-rss:"))
        s.killed_anon_rss_kb = rss.decimal64();
}

} // namespace kctx::klog::detail

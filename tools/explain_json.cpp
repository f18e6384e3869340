// SPDX-License-Identifier: BSL-1.0
// kctx explain --json. The schema is in docs/explain.md: names and meanings stay, new ones may
// come.
#include "explain.hpp"

#include <string>

namespace kctx::tools {

using namespace klog;
using json = nlohmann::ordered_json;

namespace {

template <class T> void put(json &j, const char *name, const std::optional<T> &value)
{
    if (value)
        j[name] = *value;
}

void put(json &j, const char *name, const std::string &value)
{
    if (!value.empty())
        j[name] = value;
}

template <class T, class Value> json source_json(const concluded<T> &c, Value value)
{
    json j{{"value", value}, {"from", origin_name(c.from)}, {"why", c.why}};
    if (c.line != 0)
        j["line"] = c.line;
    return j;
}

json parts_json(const decoded &d)
{
    json parts = json::array();
    for (const decoded_part &part : d.parts)
        parts.push_back({{"name", part.name},
                         {"bits", part.bits},
                         {"level", part.level},
                         {"meaning", part.meaning}});
    return parts;
}

json lock_json(const lock_line &l)
{
    json j{{"name", l.name}, {"usage", l.usage}};
    put(j, "outer", l.outer);
    put(j, "inner", l.inner);
    put(j, "at", l.at);
    j["line"] = l.line;
    return j;
}

constexpr std::string_view certainty_word(certainty c)
{
    return c == certainty::proved ? "proved" : c == certainty::likely ? "likely" : "unknown";
}

constexpr std::string_view section_word(section s)
{
    constexpr std::string_view words[] = {"none", "preemption", "raw", "bh", "irqs", "rcu"};
    return words[static_cast<std::size_t>(s)];
}

json call_json(const guilty_call &c)
{
    json j{{"function", c.call}, {"caller", c.caller}};
    put(j, "module", c.module);
    put(j, "slept_in", c.slept_in);
    j["line"] = c.line;
    return j;
}

json context_json(const call_context &c)
{
    json j{{"token", c.token}, {"words", c.words}, {"certainty", certainty_word(c.how)}};
    put(j, "entry", c.entry);
    put(j, "entry_module", c.entry_module);
    j["section"] = section_word(c.held);
    put(j, "holder", c.holder);
    put(j, "lock", c.lock);
    j["holder_certainty"] = certainty_word(c.holder_how);
    return j;
}

json zone_json(const zone_check &z)
{
    const kernel::watermark_result &w = z.result;
    json j{{"zone", z.name},
           {"allowed", z.allowed},
           {"complete", z.complete},
           {"passes", z.passes()},
           {"free_pages", z.pages.free},
           {"less_order_pages", w.less_order},
           {"less_highatomic_pages", w.less_highatomic},
           {"less_cma_pages", w.less_cma},
           {"usable_pages", w.usable},
           {"min_pages", w.mark},
           {"min_with_rights_pages", w.min},
           {"lowmem_reserve_pages", w.lowmem_reserve},
           {"largest_usable_order", z.largest_order},
           {"unusable_index_thousandths", z.unusable_index},
           {"fragmentation_index_thousandths", z.fragmentation_index},
           {"why", z.why},
           {"arithmetic", z.arithmetic}};
    return j;
}

json amounts_json(const std::vector<amount> &values)
{
    json j = json::object();
    for (const amount &a : values)
        j[a.name + (a.kb ? "_kb" : "")] = a.value;
    return j;
}

json memory_json(const memory_info &m)
{
    json zones = json::array();
    for (const zone_memory &z : m.zones) {
        json orders = json::array();
        for (const order_blocks &b : z.orders)
            orders.push_back({{"blocks", b.blocks}, {"kb", b.block_kb}, {"types", b.types}});
        json j{{"zone", z.name}};
        put(j, "node", z.node);
        j["values"] = amounts_json(z.values);
        j["lowmem_reserve_pages"] = z.lowmem_reserve_pages;
        j["orders"] = orders;
        put(j, "orders_total_kb", z.orders_total_kb);
        zones.push_back(std::move(j));
    }
    return {{"line", m.line},
            {"global", amounts_json(m.global)},
            {"zones", zones},
            {"totals", amounts_json(m.totals)}};
}

json proc_json(const proc_memory &p)
{
    json free = json::array();
    for (const free_row &row : p.free) {
        json j{{"node", row.node}, {"zone", row.zone}};
        put(j, "type", row.type);
        j["blocks"] = row.blocks;
        if (row.at_least)
            j["at_least"] = true;
        free.push_back(std::move(j));
    }
    json zones = json::array();
    for (const zoneinfo_zone &z : p.zones)
        zones.push_back({{"node", z.node},
                         {"zone", z.zone},
                         {"values", amounts_json(z.values)},
                         {"protection_pages", z.protection_pages}});
    json blocks = json::array();
    for (const free_row &row : p.blocks)
        blocks.push_back({{"node", row.node}, {"zone", row.zone}, {"pageblocks", row.blocks}});
    return {{"free", free}, {"types", p.types}, {"pageblocks", blocks}, {"zones", zones}};
}

} // namespace

json rebuilt_json(const rebuilt &b)
{
    json contradictions = json::array();
    for (const contradiction &c : b.contradictions)
        contradictions.push_back({{"text", c.text}, {"expected", c.expected}});
    json trials = json::array();
    for (const trial &t : b.trials)
        trials.push_back({{"request", t.request}, {"works", t.works}, {"note", t.note}});
    json j{{"rebuilt", b.failure.empty()}};
    put(j, "failure", b.failure);
    j["numbers"] = b.numbers;
    j["not_reproduced"] = b.not_reproduced;
    j["chosen"] = b.chosen;
    j["contradictions"] = contradictions;
    j["trials"] = trials;
    return j;
}

json report_json(const std::string &file, const report &r, const explanation &e)
{
    const decoded &d = e.said;
    json j{{"file", printable(file)},
           {"line", r.line},
           {"kind", kind_name(r.kind)},
           {"header", r.header},
           {"verdict", e.verdict}};
    put(j, "rule", e.slug);
    j["fixes"] = e.fixes;
    put(j, "comm", r.comm);
    put(j, "pid", r.pid);
    put(j, "work", r.work);
    j["kernel"] = source_json(d.from.version, d.from.kernel);
    j["arch"] = source_json(d.from.architecture, arch_name(d.from.architecture.value));
    j["rt"] = source_json(d.from.rt, d.from.rt.value);
    if (e.call)
        j["call"] = call_json(*e.call);
    if (e.context)
        j["context"] = context_json(*e.context);
    if (r.kind == report_kind::sleeping_function) {
        put(j, "location", r.sleep.location);
        put(j, "in_atomic", r.sleep.in_atomic);
        put(j, "irqs_disabled", r.sleep.irqs_disabled);
        put(j, "non_block", r.sleep.non_block);
        put(j, "expected_count", r.sleep.expected_count);
        put(j, "rcu_depth", r.sleep.rcu_depth);
        put(j, "expected_rcu_depth", r.sleep.expected_rcu_depth);
    }
    if (d.count) {
        j["count"] = *d.count;
        j["underflow"] = d.underflow;
        j["fields"] = parts_json(d);
        j["own"] = d.own;
    }
    if (d.request) {
        const decoded_request &q = *d.request;
        j["order"] = r.order;
        j["pages"] = q.pages;
        j["page_kb"] = q.page_kb;
        j["page_size_assumed"] = q.page_size_assumed;
        j["mode"] = r.mode;
        j["names"] = q.names;
        j["flags"] = parts_json(d);
        j["may_sleep"] = q.may_sleep;
        j["zone"] = zone_name(q.zone);
        j["migratetype"] = migratetype_name(q.type);
    }
    if (e.memory) {
        json zones = json::array();
        for (const zone_check &z : e.memory->zones)
            zones.push_back(zone_json(z));
        j["shortage"] = {{"alloc_flags", e.memory->flags_text},
                         {"why", e.memory->why},
                         {"explained", e.memory->explained},
                         {"largest_usable_order", e.memory->largest_order},
                         {"would_have_succeeded", e.memory->would_have},
                         {"zones", zones}};
    }
    if (!r.held.empty()) {
        json held = json::array();
        for (const lock_line &l : r.held)
            held.push_back(lock_json(l));
        j["held"] = held;
    }
    if (r.lockdep) {
        json l = json::object();
        if (r.lockdep->wanted)
            l["wanted"] = lock_json(*r.lockdep->wanted);
        put(l, "context_outer", r.lockdep->context_outer);
        put(l, "context_inner", r.lockdep->context_inner);
        put(l, "usage_before", r.lockdep->usage_before);
        put(l, "usage_now", r.lockdep->usage_now);
        j["lockdep"] = l;
    }
    if (r.vmalloc) {
        json v{{"reason", r.vmalloc->reason}};
        put(v, "bytes", r.vmalloc->bytes);
        j["vmalloc"] = v;
    }
    if (r.slab) {
        json s{{"node", r.slab->node}};
        put(s, "cache", r.slab->cache);
        put(s, "object_bytes", r.slab->object_bytes);
        put(s, "buffer_bytes", r.slab->buffer_bytes);
        put(s, "default_order", r.slab->default_order);
        put(s, "min_order", r.slab->min_order);
        j["slab"] = s;
    }
    if (r.oom) {
        json o{{"cgroup", r.oom->cgroup}};
        put(o, "adjustment", r.oom->adjustment);
        put(o, "constraint", r.oom->constraint);
        put(o, "killed_comm", r.oom->killed_comm);
        put(o, "killed_pid", r.oom->killed_pid);
        put(o, "killed_anon_rss_kb", r.oom->killed_anon_rss_kb);
        j["oom"] = o;
    }
    if (r.exception) {
        const oops_state &s = *r.exception;
        json o{{"words", s.words}};
        put(o, "address", s.address);
        put(o, "code", s.code);
        put(o, "number", s.number);
        put(o, "access",
            s.access.empty() ? detail::decode_code(s, d.from.architecture.value).access : s.access);
        put(o, "at", s.at);
        put(o, "source", s.source);
        j["oops"] = o;
    }
    if (r.panic)
        j["panic"] = {{"text", r.panic->text}, {"line", r.panic->line}};
    if (r.memory)
        j["memory_info"] = memory_json(*r.memory);
    if (r.proc)
        j["proc"] = proc_json(*r.proc);
    put(j, "taint", r.taint);
    json findings = json::array();
    for (const finding &f : e.findings)
        findings.push_back(
            {{"text", f.text}, {"certainty", certainty_word(f.how)}, {"lines", f.lines}});
    j["findings"] = findings;
    j["path"] = d.path;
    json frames = json::array();
    for (const frame &f : r.frames) {
        json o{{"function", f.function}};
        put(o, "module", f.module);
        o["line"] = f.line;
        frames.push_back(std::move(o));
    }
    j["frames"] = frames;
    json marks = json::array();
    for (const mark &m : r.marks) {
        if (m.field != "frame")
            marks.push_back(
                {{"field", m.field}, {"begin", m.where.begin}, {"length", m.where.length}});
    }
    j["marks"] = marks;
    j["warnings"] = d.warnings;
    return j;
}

} // namespace kctx::tools

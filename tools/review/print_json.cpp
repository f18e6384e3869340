// SPDX-License-Identifier: BSL-1.0
#include "review.hpp"

#include <nlohmann/json.hpp>

namespace kctx::tools::review {
namespace {

using nlohmann::json;

json in_json(const std::optional<context> &in) { return in ? json(in->words()) : json(nullptr); }

const char *level(wait_type needs)
{
    constexpr const char *names[] = {"free", "spin", "config", "sleep"};
    return names[static_cast<int>(needs)];
}

json call_json(const report &r, int function, const call_site &c)
{
    constexpr const char *kinds[] = {"section", "call", "function", "pointer"};
    const unsigned refused = refused_on(r, function, c);
    json call = {{"kind", kinds[static_cast<int>(c.is)]},
                 {"name", c.name},
                 {"context", in_json(c.in)},
                 {"at", position(r, c.at)},
                 {"legal_no_rt", (refused & rt_off) == 0},
                 {"legal_rt", (refused & rt_on) == 0}};
    if (!c.lock.empty())
        call["lock"] = c.lock;
    if (!c.flags.empty())
        call["flags"] = c.flags;
    if (c.row)
        call["needs"] = level(c.row->needs);
    if (c.callee >= 0)
        call["function"] = c.callee;
    if (c.on != all_kernels)
        call["compiled"] = {{"no_rt", (c.on & rt_off) != 0}, {"rt", (c.on & rt_on) != 0}};
    return call;
}

} // namespace

std::string as_json(const report &r)
{
    json functions = json::array(), entries = json::array(), refused = json::array(),
         decrees = json::array();
    for (std::size_t i = 0; i < r.code.functions.size(); ++i) {
        const function &f = r.code.functions[i];
        json calls = json::array();
        for (const call_site &c : f.calls)
            calls.push_back(call_json(r, static_cast<int>(i), c));
        functions.push_back({{"name", f.name},
                             {"context", in_json(f.in)},
                             {"at", position(r, f.at)},
                             {"calls", std::move(calls)}});
    }
    for (const entry &e : r.code.entries) {
        json one = {{"function", e.function}, {"context", in_json(e.in)}};
        if (e.in) {
            if (const bearing b = bearing_of(*e.in); b.known) {
                one["no_rt"] = bears_in_words(b.off, false);
                one["rt"] = bears_in_words(b.rt, true);
            }
        }
        if (!e.how.empty()) {
            one["registered_by"] = e.how;
            one["registered_at"] = position(r, e.registered);
        }
        entries.push_back(std::move(one));
    }
    for (const illegal &i : r.refused) {
        json ways = json::array();
        for (const auto &[entry, way] : i.ways) {
            json steps = json::array();
            for (const step &s : way)
                steps.push_back({{"function", s.function}, {"line", s.line}});
            ways.push_back({{"entry", entry}, {"steps", std::move(steps)}});
        }
        refused.push_back({{"slug", i.what.slug},
                           {"call", i.what.call},
                           {"at", position(r, i.what.at)},
                           {"column", i.what.at.column},
                           {"context", in_json(i.in)},
                           {"no_rt", (i.what.on & rt_off) != 0},
                           {"rt", (i.what.on & rt_on) != 0},
                           {"portable", (i.what.on & portable) != 0},
                           {"text", i.what.text},
                           {"fix", i.what.fix},
                           {"ways", std::move(ways)}});
    }
    for (const decree &d : r.code.decrees)
        decrees.push_back({{"what", d.what}, {"at", position(r, d.at)}});
    return json{{"title", r.title},
                {"kernel", r.kernel},
                {"compilers", r.compilers},
                {"functions", functions},
                {"entries", entries},
                {"illegal", refused},
                {"lock_advice", lock_advice(r)},
                {"assumed_contexts", decrees},
                {"remarks", r.remarks}}
               .dump(1) +
           "\n";
}

} // namespace kctx::tools::review

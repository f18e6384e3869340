// SPDX-License-Identifier: BSL-1.0
// Errors and structure joined: which call an error is about, and how the kernel gets there.
#include "review.hpp"

#include <algorithm>
#include <deque>
#include <filesystem>

namespace kctx::tools::review {
namespace {

namespace fs = std::filesystem;

bool same_file(const std::string &a, const std::string &b)
{
    return a == b || fs::weakly_canonical(a) == fs::weakly_canonical(b);
}

/// How well a call fits an error; 0: not at all.
int fitness(const call_site &c, const refusal &r)
{
    if (!r.call.empty() && c.name != r.call)
        return 0;
    if (r.in && c.in != r.in)
        return 0;
    if (c.at.line == r.at.line)
        return c.name == r.call ? 4 : 2;
    // A macro's arguments on the lines after its name have the name's line in the code.
    return c.name == r.call && r.in && c.at.line < r.at.line && c.at.line + 8 > r.at.line ? 1 : 0;
}

/// The ways from an entry to a function: for each entry the shortest.
std::vector<std::pair<int, std::vector<step>>> ways_to(const structure &code, int target)
{
    std::vector<std::pair<int, std::vector<step>>> ways;
    for (std::size_t e = 0; e < code.entries.size(); ++e) {
        std::vector<int> before(code.functions.size(), -2), line(code.functions.size(), 0);
        std::deque<int> open{code.entries[e].function};
        before[static_cast<std::size_t>(open.front())] = -1;
        while (!open.empty()) {
            const int f = open.front();
            open.pop_front();
            for (const call_site &c : code.functions[static_cast<std::size_t>(f)].calls) {
                if (c.callee < 0 || before[static_cast<std::size_t>(c.callee)] != -2)
                    continue;
                before[static_cast<std::size_t>(c.callee)] = f;
                line[static_cast<std::size_t>(c.callee)] = c.at.line;
                open.push_back(c.callee);
            }
        }
        if (before[static_cast<std::size_t>(target)] == -2)
            continue;
        std::vector<step> way{{target, 0}};
        for (int f = target; before[static_cast<std::size_t>(f)] >= 0;
             f = before[static_cast<std::size_t>(f)])
            way.insert(way.begin(),
                       {before[static_cast<std::size_t>(f)], line[static_cast<std::size_t>(f)]});
        ways.emplace_back(static_cast<int>(e), std::move(way));
    }
    std::ranges::sort(ways, {}, [](const auto &w) { return w.second.size(); });
    return ways;
}

void find_place(illegal &found, const structure &code)
{
    int best = 0;
    for (std::size_t i = 0; i < code.functions.size(); ++i) {
        const function &f = code.functions[i];
        if (!same_file(f.at.file, found.what.at.file))
            continue;
        for (const call_site &c : f.calls) {
            if (const int fit = fitness(c, found.what); fit > best) {
                best = fit;
                found.function = static_cast<int>(i);
                found.in = found.what.in ? found.what.in : c.in;
            }
        }
        const int line = found.what.at.line;
        if (best == 0 && f.at.line <= line && line <= f.last_line) {
            found.function = static_cast<int>(i);
            found.in = found.what.in ? found.what.in : f.in;
        }
    }
    if (!found.in)
        found.in = found.what.in;
}

} // namespace

std::vector<illegal> join(const std::vector<compiled> &all, const structure &code)
{
    std::vector<illegal> found;
    for (const compiled &c : all) {
        for (const refusal &r : c.refusals) {
            const auto known = std::ranges::find_if(found, [&r](const illegal &k) {
                return k.what.at == r.at && k.what.slug == r.slug && k.what.in == r.in &&
                       k.what.text == r.text;
            });
            if (known != found.end())
                known->what.on |= r.on;
            else
                found.push_back({r, {}, -1, {}});
        }
    }
    for (illegal &i : found) {
        find_place(i, code);
        if (i.function >= 0)
            i.ways = ways_to(code, i.function);
        for (auto &[entry, way] : i.ways)
            way.back().line = i.what.at.line;
        // Of code without tokens the entry says where it runs.
        if (!i.in && !i.ways.empty())
            i.in = code.entries[static_cast<std::size_t>(i.ways.front().first)].in;
    }
    std::ranges::sort(found, {}, [](const illegal &i) { return i.what.at; });
    return found;
}

unsigned refused_on(const report &r, int function, const call_site &call)
{
    unsigned on = no_kernel;
    for (const illegal &i : r.refused) {
        if (i.function == function && fitness(call, i.what) >= (i.what.call.empty() ? 2 : 1))
            on |= i.what.on;
    }
    return on;
}

std::string short_name(const report &r, const std::string &file)
{
    const fs::path folder = fs::weakly_canonical(r.files.front()).parent_path();
    const fs::path below = fs::weakly_canonical(file).lexically_relative(folder);
    return below.empty() || below.string().starts_with("..") ? file : below.string();
}

std::string position(const report &r, const place &at)
{
    return short_name(r, at.file) + ":" + std::to_string(at.line);
}

std::string way_in_words(const report &r, const std::vector<step> &way, const std::string &call)
{
    std::string text;
    for (const step &s : way) {
        text += r.code.functions[static_cast<std::size_t>(s.function)].name;
        if (s.line != 0)
            text += ":" + std::to_string(s.line);
        text += " > ";
    }
    return text + call;
}

std::string_view kernels_in_words(unsigned on)
{
    if ((on & rt_off) != 0 && (on & rt_on) != 0)
        return "with PREEMPT_RT and without";
    if ((on & rt_on) != 0)
        return "with PREEMPT_RT";
    return (on & rt_off) != 0 ? "without PREEMPT_RT" : "in code for both kinds of kernel";
}

std::string call_in_words(const call_site &c)
{
    const bool unnamed = c.is == call_site::kind::pointer || c.name.find(' ') != c.name.npos;
    if (unnamed)
        return c.name;
    return c.name + "(" + (c.is == call_site::kind::enters ? c.lock : c.flags) + ")";
}

bool may_wait(const call_site &c) { return c.row && c.row->needs == wait_type::sleep; }

bool allocates(const call_site &c)
{
    return c.row && c.is == call_site::kind::library &&
           (!c.flags.empty() || std::string_view(c.row->text->slug) == "alloc-in-raw-section");
}

} // namespace kctx::tools::review

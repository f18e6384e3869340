// SPDX-License-Identifier: BSL-1.0
// What all forms of the report show: the call structure in lines, and calls by subject.
#include "review.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace kctx::tools::review {
namespace {

constexpr std::size_t deepest = 40;

class walk
{
    const report &report_;
    std::set<int> told_;
    std::vector<tree_line> lines_;

    void function_of(int i, std::size_t depth)
    {
        const function &f = report_.code.functions[static_cast<std::size_t>(i)];
        const std::size_t held = f.in ? f.in->held.size() : 0;
        for (const call_site &c : f.calls) {
            const std::size_t sections =
                c.in && c.is != call_site::kind::function && c.in->held.size() > held
                    ? c.in->held.size() - held
                    : 0;
            tree_line line{depth + sections, i, &c, false, refused_on(report_, i, c)};
            if (c.callee >= 0) {
                // What it is called with may be more than it asks for.
                line.depth += c.in && c.in->held.size() > held ? c.in->held.size() - held : 0;
                line.seen = !told_.insert(c.callee).second || depth > deepest;
            }
            lines_.push_back(line);
            if (c.callee >= 0 && !line.seen)
                function_of(c.callee, line.depth + 1);
        }
    }

public:
    explicit walk(const report &r) : report_(r) {}
    std::vector<tree_line> from(int i)
    {
        told_.insert(i);
        function_of(i, 0);
        return std::move(lines_);
    }
};

bool belongs(const call_site &c, uses which)
{
    switch (which) {
    case uses::locks:
        return c.is == call_site::kind::enters && !c.lock.empty();
    case uses::allocations:
        return allocates(c);
    default:
        return c.is == call_site::kind::library && may_wait(c) && !allocates(c);
    }
}

} // namespace

std::vector<tree_line> tree_of(const report &r, const entry &e) { return walk(r).from(e.function); }

std::vector<use_row> rows_of(const report &r, uses which)
{
    std::vector<use_row> rows;
    for (std::size_t i = 0; i < r.code.functions.size(); ++i) {
        for (const call_site &c : r.code.functions[i].calls) {
            if (!belongs(c, which))
                continue;
            auto row = std::ranges::find_if(rows, [&c](const use_row &known) {
                return known.call->at == c.at && call_in_words(*known.call) == call_in_words(c);
            });
            if (row == rows.end())
                row = rows.insert(row, {&c, static_cast<int>(i), {}, no_kernel});
            std::string where = c.in ? c.in->words() : "no token";
            if (std::ranges::find(row->contexts, where) == row->contexts.end())
                row->contexts.push_back(std::move(where));
            row->refused |= refused_on(r, static_cast<int>(i), c);
        }
    }
    std::ranges::sort(rows, [which](const use_row &a, const use_row &b) {
        const std::string none;
        return std::tie(which == uses::locks ? a.call->lock : none, a.call->at) <
               std::tie(which == uses::locks ? b.call->lock : none, b.call->at);
    });
    return rows;
}

} // namespace kctx::tools::review

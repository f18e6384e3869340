// SPDX-License-Identifier: BSL-1.0
// What a context does not have, and lockdep would say: a lock that an interrupt takes and that is
// taken elsewhere with that interrupt on, and two locks in two orders.
#include "review.hpp"

#include <algorithm>
#include <map>

namespace kctx::tools::review {
namespace {

/// A lock that is taken in one place, in one context.
struct taking {
    const call_site *call;
    const context *in;
    int function;
    context_state before, after; ///< without PREEMPT_RT
};

bool is_reader(const taking &t) { return t.call->name.starts_with("read_"); }

class adviser
{
    const report &report_;
    std::map<std::string, std::vector<taking>> by_lock_; // those that spin
    std::map<std::pair<std::string, std::string>, const taking *> inside_;
    std::vector<taking> all_;

    std::string where(const taking &t) const
    {
        return report_.code.functions[static_cast<std::size_t>(t.function)].name + ":" +
               std::to_string(t.call->at.line);
    }

    /// lockdep: {IN-HARDIRQ-W} -> {HARDIRQ-ON-W}, kernel/locking/lockdep.c print_usage_bug(). A
    /// reader does not wait for a reader that it interrupted.
    template <class In, class Open>
    void interrupted(const std::string &lock, const std::vector<taking> &all, std::string_view who,
                     std::string_view form, In in, Open open, std::vector<std::string> &said) const
    {
        const auto inside =
            std::ranges::find_if(all, [&](const taking &t) { return in(t.before); });
        if (inside == all.end())
            return;
        std::string places;
        for (const taking &t : all) {
            const bool readers =
                is_reader(t) && std::ranges::none_of(all, [&](const taking &other) {
                    return in(other.before) && !is_reader(other);
                });
            if (in(t.before) || !open(t.after) || readers)
                continue;
            if (const std::string one = where(t); places.find(one) == places.npos)
                places += (places.empty() ? "" : ", ") + one;
        }
        if (places.empty())
            return;
        said.push_back(lock + ": " + std::string(who) + " takes it (" + where(*inside) + ", " +
                       inside->in->words() + "), and " + places +
                       " leaves that interrupt on: it would wait for the holder, which it "
                       "interrupted; fix: " +
                       std::string(form) + " there, and used_in<" + inside->in->entry +
                       "> on the lock's type, by which the compiler sees to it");
    }

public:
    explicit adviser(const report &r) : report_(r)
    {
        for (std::size_t i = 0; i < r.code.functions.size(); ++i) {
            for (const call_site &c : r.code.functions[i].calls) {
                if (c.is != call_site::kind::enters || c.lock.empty() || !c.in ||
                    refused_on(r, static_cast<int>(i), c) != no_kernel)
                    continue;
                context inner = *c.in;
                inner.held.push_back({c.name, c.lock});
                const bearing before = bearing_of(*c.in), after = bearing_of(inner);
                if (before.known && after.known)
                    all_.push_back({&c, &*c.in, static_cast<int>(i), before.off, after.off});
            }
        }
        for (const taking &t : all_) {
            if (t.call->row && t.call->row->needs != wait_type::sleep)
                by_lock_[t.call->lock].push_back(t);
            for (const held_section &outer : t.in->held)
                if (!outer.lock.empty() && outer.lock != t.call->lock)
                    inside_.try_emplace({outer.lock, t.call->lock}, &t);
        }
    }

    std::vector<std::string> text() const
    {
        std::vector<std::string> said;
        for (const auto &[lock, all] : by_lock_) {
            const std::size_t before = said.size();
            interrupted(
                lock, all, "a hard interrupt", "the _irqsave form",
                [](const context_state &s) { return s.hardirq; },
                [](const context_state &s) { return !s.irqs_disabled && !s.hardirq; }, said);
            if (said.size() != before)
                continue; // its fix keeps softirqs out as well
            interrupted(
                lock, all, "a softirq", "the _bh form",
                [](const context_state &s) { return s.serving_softirq; },
                [](const context_state &s) {
                    return !s.irqs_disabled && !s.bh_disabled && !s.serving_softirq && !s.hardirq;
                },
                said);
        }
        for (const auto &[pair, one] : inside_) {
            const auto other = inside_.find({pair.second, pair.first});
            if (other == inside_.end() || pair.second < pair.first)
                continue;
            said.push_back(pair.first + " and " + pair.second + ": " + where(*one) + " takes " +
                           pair.second + " inside " + pair.first + ", " + where(*other->second) +
                           " the other way round: two CPUs would wait for each other; fix: one "
                           "order, which lock_order<> declares");
        }
        return said;
    }
};

} // namespace

std::vector<std::string> lock_advice(const report &r) { return adviser(r).text(); }

} // namespace kctx::tools::review

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What lockdep checks where a lock is taken, and the graph that it keeps for that.
/// @par Kernel source
/// kernel/locking/lockdep.c (5.9 ... 6.12): __lock_acquire(), check_wait_context(), mark_usage(),
/// check_deadlock(), check_prev_add(), __bfs(); Documentation/locking/lockdep-design.rst.
#pragma once

#include <kctx/sim/lockdep.hpp>
#include <kctx/sim/lockdep_report.hpp>

namespace kctx::sim {

// The graph: who is taken with what held.

/// The dependencies from @p from to @p to that may deadlock together with one from @p to to
/// @p from (a strong path of __bfs()); empty if there are none.
inline std::vector<const lock_class::edge *> way(const lock_class &from, const lock_class &to,
                                                 bool closes_shared, bool closes_recursive)
{
    struct step {
        const lock_class::edge *edge;
        std::size_t before;
    };
    std::vector<step> steps;
    std::set<std::pair<const lock_class *, bool>> seen;
    const auto visit = [&](const lock_class &c, bool recursive, std::size_t before) {
        for (const lock_class::edge &e : c.after) {
            if (recursive && e.shared_prev)
                continue; // a reader among readers
            if (seen.insert({e.next, e.recursive_next}).second)
                steps.push_back({&e, before});
        }
    };
    visit(from, closes_recursive, 0);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const lock_class::edge &e = *steps[i].edge;
        if (e.next == &to && !(e.recursive_next && closes_shared)) {
            std::vector<const lock_class::edge *> found;
            for (std::size_t at = i + 1; at != 0; at = steps[at - 1].before)
                found.insert(found.begin(), steps[at - 1].edge);
            return found;
        }
        visit(*e.next, e.recursive_next, i + 1);
    }
    return {};
}

/// The shortest way from @p from, which it begins with, to a class whose usage is in @p mask;
/// empty if there is none.
template <class Next>
lock_way search(const lock_class &from, unsigned mask, bool may_be_itself, Next next)
{
    struct step {
        lock_dependency here;
        std::size_t before;
    };
    std::vector<step> seen{{{&from, nullptr}, 0}};
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if ((i != 0 || may_be_itself) && (seen[i].here.of->usage & mask) != 0) {
            lock_way found;
            for (std::size_t at = i;; at = seen[at].before) {
                found.insert(found.begin(), seen[at].here);
                if (at == 0)
                    return found;
            }
        }
        next(*seen[i].here.of, [&](const lock_class *c, const call_path &taken_at) {
            if (std::ranges::none_of(seen, [c](const step &s) { return s.here.of == c; }))
                seen.push_back({{c, &taken_at}, i});
        });
    }
    return {};
}

/// To one taken while @p from is held, directly or not.
inline lock_way reached(const lock_class &from, unsigned mask)
{
    return search(from, mask, false, [](const lock_class &c, auto add) {
        for (const lock_class::edge &e : c.after)
            add(e.next, e.frames);
    });
}

/// To one that is held where @p from is taken, or to itself.
inline lock_way reaching(const lock_class &from, unsigned mask, bool may_be_itself)
{
    return search(from, mask, may_be_itself, [](const lock_class &c, auto add) {
        for (const lock_class *before : c.before)
            for (const lock_class::edge &e : before->after)
                if (e.next == &c)
                    add(before, e.frames);
    });
}

// The classes.

lockdep::lockdep(machine &m) : m_(m) {}
lockdep::~lockdep() = default;

void lockdep::name_lock(const void *lock, std::string name)
{
    instance &i = locks_.try_emplace(lock, instance{next_address(), {}}).first->second;
    i.name = std::move(name);
    i.of.clear();
}
void lockdep::name_lock_once(const void *lock, const char *name)
{
    const auto [at, is_new] = locks_.try_emplace(lock, instance{next_address(), {}});
    if (is_new)
        at->second.name = name;
}
void lockdep::forget(const void *lock) { locks_.erase(lock); }

// A lock is taken, and given back.

void lockdep::acquire(const void *lock, const lock_kind &kind, const lock_use &use)
{
    task_struct &me = m_.current();
    const auto [at, is_new] = locks_.try_emplace(lock, instance{next_address(), {}});
    held_lock next{
        .of = class_of(at->second, kind, use),
        .address = at->second.address,
        .lock = lock,
        .at = me.frames.empty() ? "" : me.frames.back(),
        .mode = use.mode,
        .trylock = use.trylock,
        .irqs_off = m_.irqs_disabled(),
        .irq_context = static_cast<unsigned char>((me.hardirq_context != 0 ? 2 : 0) |
                                                  (me.softirq_context != 0 ? 1 : 0)),
    };
    if (m_.in_nmi()) { // lockdep is off there, but for verify_lock_unused()
        const unsigned char conflicts =
            use.mode == lock_mode::write ? used_for_writing | used_for_reading : used_for_writing;
        if (!off_ && !use.trylock && (next.of->used & conflicts) != 0) {
            off_ = true;
            lockdep_report(m_).in_nmi(next, lockdep_report::path_of(use.function, m_.config));
        }
        return;
    }
    if (!off_)
        check(me, next, use.function);
    const bool reads = use.mode != lock_mode::write;
    const unsigned char used = reads ? used_for_reading : used_for_writing;
    if ((next.of->used & used) == 0) [[unlikely]] {
        next.of->used |= used;
        call_path &at_first = next.of->used_at[lock_usages + (reads ? 1 : 0)];
        at_first = me.frames;
        if (use.function)
            at_first.push_back(use.function);
        at_first.push_back("lock_acquire");
    }
    me.held.push_back(next);
}

void lockdep::release(const void *lock)
{
    if (m_.in_nmi())
        return;
    task_struct &me = m_.current();
    const auto found = std::find_if(me.held.rbegin(), me.held.rend(),
                                    [lock](const held_lock &h) { return h.lock == lock; });
    if (found != me.held.rend()) {
        me.held.erase(std::next(found).base());
    } else if (!off_) {
        off_ = true;
        const auto known = locks_.find(lock);
        lockdep_report(m_).unlock_balance(known == locks_.end() ? "lock" : known->second.name);
    }
}

bool lockdep::is_held(const void *lock) const
{
    return std::ranges::any_of(m_.current().held,
                               [lock](const held_lock &h) { return h.lock == lock; });
}

bool lockdep::holds_kind(const lock_kind &kind) const
{
    return std::ranges::any_of(m_.current().held,
                               [&kind](const held_lock &h) { return h.of->kind == &kind; });
}

std::uint64_t lockdep::next_address() const
{
    const bool wide = m_.config.arch == kernel::arch::x86 || m_.config.arch == kernel::arch::arm64;
    return (wide ? 0xffff888007b00000 : 0xc2b00000) + 0x40 * locks_.size();
}

lock_class *lockdep::class_of(instance &lock, const lock_kind &kind, const lock_use &use)
{
    lock_class *&known = lock.of[use.subclass];
    if (known)
        return known;
    if (lock.name.empty() && use.name)
        lock.name = use.name;
    if (!lock.name.empty()) {
        if (const auto found = named_.find({lock.name, use.subclass}); found != named_.end())
            return known = found->second;
    }
    const std::string name = lock.name.empty() ? kind.name : lock.name;
    classes_.push_back({.name = name, .kind = &kind});
    known = &classes_.back();
    known->number = static_cast<unsigned>(classes_.size() - 1);
    known->subclass = use.subclass;
    if (use.subclass == 0)
        known->version = ++versions_[name];
    if (!lock.name.empty())
        named_[{lock.name, use.subclass}] = known;
    return known;
}

void lockdep::check(task_struct &me, held_lock &next, const char *function)
{
    const call_path innermost = lockdep_report::path_of(function, m_.config);
    // The maps of RCU's readers are acquired without `check`: they are in no dependency.
    if (next.of->kind->outer == lock_wait::free) {
        off_ = !check_wait_context(me, next, innermost);
        return;
    }
    (check_wait_context(me, next, innermost) && mark_usage(me, next, innermost) &&
     (next.trylock || check_deadlock(me, next, innermost)) &&
     add_dependencies(me, next, innermost)) ||
        (off_ = true);
}

bool lockdep::check_wait_context(const task_struct &me, const held_lock &next,
                                 const call_path &path)
{
    const lock_kind &kind = *next.of->kind;
    if (!m_.config.since(5, 8) || kind.inner == lock_wait::unchecked || next.trylock)
        return true;
    // Until 5.13 the context alone was not looked at.
    if (me.held.empty() && !m_.config.since(5, 13))
        return true;
    const lockdep_report report(m_);
    lock_wait allowed = context(me);
    auto outside = me.held.end();
    while (outside != me.held.begin() && std::prev(outside)->irq_context == next.irq_context)
        --outside;
    for (; outside != me.held.end(); ++outside) {
        const lock_kind &held = *outside->of->kind;
        if (held.waits_override)
            allowed = held.inner;
        else if (held.inner != lock_wait::unchecked)
            allowed = std::min(allowed, held.inner);
    }
    const lock_wait needs = kind.outer == lock_wait::unchecked ? kind.inner : kind.outer;
    if (report.number(needs) <= report.number(allowed))
        return true;
    report.wait_context(next, context(me), path);
    return false;
}

/// task_wait_context()
lock_wait lockdep::context(const task_struct &me) const
{
    if (me.hardirq_context != 0)
        return me.hardirq_threadable ? lock_wait::config : lock_wait::spin;
    return me.softirq_context != 0 ? lock_wait::config : lock_wait::max;
}

bool lockdep::mark_usage(const task_struct &me, const held_lock &next, const call_path &path)
{
    const unsigned read = next.mode == lock_mode::write ? 0 : 1;
    bool good = true;
    if (!next.trylock) {
        if (me.hardirq_context != 0)
            good = good && mark(me, next, used_in_hardirq + read, path);
        if (me.softirq_context != 0)
            good = good && mark(me, next, used_in_softirq + read, path);
    }
    if (!next.irqs_off) {
        good = good && mark(me, next, enabled_hardirq + read, path);
        if (me.softirqs_on)
            good = good && mark(me, next, enabled_softirq + read, path);
    }
    return good;
}

bool lockdep::mark(const task_struct &me, const held_lock &next, unsigned usage,
                   const call_path &path)
{
    lock_class &c = *next.of;
    if ((c.usage & 1u << usage) != 0)
        return true;
    c.usage |= 1u << usage;
    c.used_at[usage] = me.frames;
    c.used_at[usage].insert(c.used_at[usage].end(), path.begin(), path.end());
    // The opposite, of writers; of readers too if this is a writer.
    const unsigned opposite = (usage & ~1u) ^ 2u;
    const bool reads = (usage & 1u) != 0;
    for (const unsigned bad : {opposite, opposite + 1}) {
        if (bad != opposite && reads)
            continue;
        if ((c.usage & 1u << bad) != 0) {
            lockdep_report(m_).usage(next, bad, usage, path);
            return false;
        }
    }
    // And that of those it is taken with: an interrupt that takes one outside of it waits for
    // who holds this, and so on.
    const bool in_irq = (usage & 2u) == 0;
    const unsigned mask = 1u << opposite | (reads ? 0u : 1u << (opposite + 1));
    if (const lock_way to = in_irq ? reached(c, mask) : reaching(c, mask, false); !to.empty()) {
        lockdep_report(m_).inversion(next, to, usage, in_irq, path);
        return false;
    }
    return true;
}

bool lockdep::check_deadlock(const task_struct &me, const held_lock &next, const call_path &path)
{
    for (const held_lock &held : me.held) {
        if (held.of != next.of)
            continue;
        if (next.mode == lock_mode::read_recursive && held.mode != lock_mode::write)
            return true; // validate_chain(): it adds nothing to the graph
        lockdep_report(m_).recursion(next, held, path);
        return false;
    }
    return true;
}

/// check_prevs_add(): up to the first that was not only tried.
bool lockdep::add_dependencies(const task_struct &me, const held_lock &next, const call_path &path)
{
    if (next.trylock)
        return true;
    for (auto prev = me.held.rbegin(); prev != me.held.rend(); ++prev) {
        if (prev->irq_context != next.irq_context)
            break;
        if (prev->of == next.of)
            continue;
        if (!add_dependency(me, *prev, next, path))
            return false;
        if (!prev->trylock)
            break;
    }
    return true;
}

bool lockdep::add_dependency(const task_struct &me, const held_lock &prev, const held_lock &next,
                             const call_path &path)
{
    const bool shared = prev.mode != lock_mode::write;
    const bool recursive = next.mode == lock_mode::read_recursive;
    const std::uint64_t key = std::uint64_t{prev.of->number} << 34 |
                              std::uint64_t{next.of->number} << 2 | (shared ? 2u : 0u) |
                              (recursive ? 1u : 0u);
    if (edges_.contains(key))
        return true;
    if (!m_.config.since(5, 10) && (recursive || prev.mode == lock_mode::read_recursive))
        return true; // such readers were left out
    if (const auto circle = way(*next.of, *prev.of, shared, recursive); !circle.empty()) {
        lockdep_report(m_).circle(prev, next, circle, path);
        return false;
    }
    for (const unsigned irq : {used_in_hardirq, used_in_softirq}) {
        const lock_way before = reaching(*prev.of, 3u << irq, true);
        if (before.empty())
            continue;
        // A reader that others let pass waits for writers alone.
        const unsigned own = (recursive ? 1u : 3u) << (irq + 2);
        const lock_way after = (next.of->usage & own) != 0 ? lock_way{{next.of, nullptr}}
                                                           : reached(*next.of, 3u << (irq + 2));
        if (after.empty())
            continue;
        // Two readers do not keep each other out.
        const bool both_read =
            (before.back().of->usage & 1u << irq) == 0 && (after.back().of->usage & 4u << irq) == 0;
        if (!both_read) {
            lockdep_report(m_).irq_order(prev, next, before, after, irq, path);
            return false;
        }
    }
    edges_.insert(key);
    lock_class::edge edge{next.of, shared, recursive, me.frames};
    edge.frames.insert(edge.frames.end(), path.begin(), path.end());
    prev.of->after.push_back(std::move(edge));
    next.of->before.push_back(prev.of);
    return true;
}

} // namespace kctx::sim

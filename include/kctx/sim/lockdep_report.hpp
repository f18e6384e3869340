// SPDX-License-Identifier: BSL-1.0
/// @file
/// The words of lockdep's reports.
/// @par Kernel source
/// kernel/locking/lockdep.c: print_lock_invalid_wait_context(), print_usage_bug(),
/// print_deadlock_bug(), print_circular_bug(), print_bad_irq_dependency(),
/// print_irq_inversion_bug() (2.6.32 ... 6.12).
#pragma once

#include <kctx/sim/core.hpp>
#include <kctx/sim/trace.hpp>

namespace kctx::sim {

/// A class on a way through the graph, and where it was taken together with the one before it.
struct lock_dependency {
    const lock_class *of;      ///< the class
    const call_path *taken_at; ///< nullptr: the way begins with it
};
/// From one class to another, in the order in which they are taken.
using lock_way = std::vector<lock_dependency>;

/// Prints lockdep's reports line by line, in the form of the kernel's version.
class lockdep_report
{
    machine &m_;

public:
    explicit lockdep_report(machine &m) : m_(m) {}

    /// The functions from the one that takes a lock down to where lockdep reports.
    static call_path path_of(const char *function, const machine_config &)
    {
        call_path path;
        if (function)
            path.push_back(function);
        path.push_back("lock_acquire");
        return path;
    }

    /// The number of a wait type; without CONFIG_PROVE_RAW_LOCK_NESTING a spinlock_t spins.
    unsigned number(lock_wait w) const
    {
        const auto n = static_cast<unsigned>(w);
        return !m_.config.prove_raw_lock_nesting && w >= lock_wait::config ? n - 1 : n;
    }

    /// "2 locks held by ...": those of the task; @p off: that lockdep is off.
    void held_locks(bool off) const
    {
        if (off) {
            line("INFO: lockdep is turned off.");
            return;
        }
        const task_struct &me = m_.current();
        if (me.held.empty()) {
            line(text("no locks held by %s/%d.", me.is.comm.c_str(), me.is.pid));
            return;
        }
        line(text("%zu lock%s held by %s/%d:", me.held.size(), me.held.size() == 1 ? "" : "s",
                  me.is.comm.c_str(), me.is.pid));
        for (std::size_t i = 0; i < me.held.size(); ++i)
            line(text(" #%zu: ", i) + lock(me.held[i]));
    }

    /// print_lock_invalid_wait_context()
    void wait_context(const held_lock &next, lock_wait context, const call_path &path) const
    {
        line("");
        line("=============================");
        line("[ BUG: Invalid wait context ]");
        line(kernel());
        line("-----------------------------");
        line(who() + " is trying to lock:");
        line(lock(next));
        line("other info that might help us debug this:");
        line(text("context-{%u:%u}", number(context), number(context)));
        held_locks(false);
        backtrace(path, {"__lock_acquire"});
    }

    /// print_usage_bug(): taken in an interrupt and with interrupts on.
    void usage(const held_lock &next, unsigned was, unsigned now, const call_path &path) const
    {
        title("inconsistent lock state",
              "================================", "--------------------------------");
        line(text("inconsistent {%s} -> {%s} usage.", word(was), word(now)));
        line(who() + " " + irq_state() + " takes:");
        line(lock(next));
        line(text("{%s} state was registered at:", word(was)));
        trace(next.of->used_at[was], 2);
        m_.print_irq_trace();
        line("");
        line("other info that might help us debug this:");
        line(" Possible unsafe locking scenario:");
        line("");
        line("       CPU0");
        line("       ----");
        line("  lock(" + name(*next.of) + ");");
        line("  <Interrupt>");
        line("    lock(" + name(*next.of) + ");");
        deadlock_line();
        held_locks(false);
        line("");
        backtrace(path, {"__lock_acquire", "mark_lock", "print_usage_bug"});
    }

    /// verify_lock_unused(): an NMI may have interrupted who has it.
    void in_nmi(const held_lock &next, const call_path &path) const
    {
        title("inconsistent lock state",
              "================================", "--------------------------------");
        line("inconsistent {INITIAL USE} -> {IN-NMI} usage.");
        line(who() + " " + irq_state() + " takes:");
        line(lock(next));
        line("{INITIAL USE} state was registered at:");
        line("");
        line("other info that might help us debug this:");
        held_locks(false);
        line("");
        backtrace(path, {"__lock_acquire", "verify_lock_unused", "print_usage_bug"});
    }

    /// print_deadlock_bug(): a lock of a class is held already.
    void recursion(const held_lock &next, const held_lock &held, const call_path &path) const
    {
        title("possible recursive locking detected", "============================================",
              "--------------------------------------------");
        line(who() + " is trying to acquire lock:");
        line(lock(next));
        line("");
        line("but task is already holding lock:");
        line(lock(held));
        line("");
        line("other info that might help us debug this:");
        line(" Possible unsafe locking scenario:");
        line("");
        line("       CPU0");
        line("       ----");
        line("  lock(" + name(*held.of) + ");");
        line("  lock(" + name(*next.of) + ");");
        deadlock_line();
        line(" May be due to missing lock nesting notation");
        line("");
        held_locks(false);
        line("");
        backtrace(path, {"__lock_acquire", "print_deadlock_bug"});
    }

    /// @p way: from the class of @p next to that of @p prev.
    void circle(const held_lock &prev, const held_lock &next,
                const std::vector<const lock_class::edge *> &way, const call_path &path) const
    {
        title("possible circular locking dependency detected",
              "======================================================",
              "------------------------------------------------------");
        line(who() + " is trying to acquire lock:");
        line(lock(next));
        line("");
        line("but task is already holding lock:");
        line(lock(prev));
        line("");
        line("which lock already depends on the new lock.");
        line("");
        line("");
        line("the existing dependency chain (in reverse order) is:");
        for (std::size_t i = way.size(); i-- > 0;) {
            line("");
            line(text("-> #%zu ", i + 1) + named(*way[i]->next) + ":");
            trace(way[i]->frames, 7);
        }
        line("");
        line("-> #0 " + named(*next.of) + ":");
        call_path now = m_.current().frames;
        now.insert(now.end(), path.begin(), path.end());
        now.push_back("__lock_acquire");
        trace(now, 7);
        line("");
        line("other info that might help us debug this:");
        line("");
        if (way.size() > 1) {
            line("Chain exists of:");
            std::string chain = "  " + name(*next.of);
            for (const lock_class::edge *e : way)
                chain += " --> " + name(*e->next);
            line(chain);
            line("");
        }
        const std::string mine = name(*prev.of);
        const std::string wanted = name(*next.of);
        const std::string between = way.size() > 1 ? name(*way[way.size() - 2]->next) : wanted;
        line(" Possible unsafe locking scenario:");
        line("");
        line("       CPU0                    CPU1");
        line("       ----                    ----");
        line("  lock(" + mine + ");");
        line("                               lock(" + between + ");");
        line("                               lock(" + mine + ");");
        line("  lock(" + wanted + ");");
        deadlock_line();
        held_locks(false);
        line("");
        backtrace(path, {"__lock_acquire", "check_noncircular", "print_circular_bug"});
    }

    /// An interrupt takes the last of @p before, which leads to @p prev; the last of @p after, to
    /// which @p next leads, is taken with it on.
    void irq_order(const held_lock &prev, const held_lock &next, const lock_way &before,
                   const lock_way &after, unsigned irq, const call_path &path) const
    {
        const lock_class &safe = *before.back().of;
        const lock_class &unsafe = *after.back().of;
        const char *kind = irq == used_in_hardirq ? "HARDIRQ" : "SOFTIRQ";
        title(text("%s-safe -> %s-unsafe lock order detected", kind, kind),
              "=====================================================",
              "-----------------------------------------------------");
        line(who() + " " + irq_state() + " is trying to acquire:");
        line(lock(next));
        line("");
        line("and this task is already holding:");
        line(lock(prev));
        line("which would create a new lock dependency:");
        line(" " + named(*prev.of) + " -> " + named(*next.of));
        line("");
        line(text("but this new dependency connects a %s-irq-safe lock:", kind));
        line(" " + named(safe));
        line("");
        line(text("... which became %s-irq-safe at:", kind));
        trace(safe.used_at[(safe.usage & 1u << irq) != 0 ? irq : irq + 1], 2);
        line("");
        line(text("to a %s-irq-unsafe lock:", kind));
        line(" " + named(unsafe));
        line("");
        line(text("... which became %s-irq-unsafe at:", kind));
        line("...");
        trace(unsafe.used_at[(unsafe.usage & 4u << irq) != 0 ? irq + 2 : irq + 3], 2);
        line("");
        line("other info that might help us debug this:");
        line("");
        interrupt_scenario(safe, unsafe, *prev.of, *next.of);
        held_locks(false);
        line("");
        line(text("the dependencies between %s-irq-safe lock and the holding lock:", kind));
        dependencies(before, true, path);
        line("");
        line(
            text("the dependencies between the lock to be acquired and %s-irq-unsafe lock:", kind));
        dependencies(after, false, path);
        line("");
        backtrace(path, {"__lock_acquire", "check_irq_usage"});
    }

    /// @p next is now used in interrupts (@p in_irq), or with them on, and the last of @p way the
    /// other way.
    void inversion(const held_lock &next, const lock_way &way, unsigned usage, bool in_irq,
                   const call_path &path) const
    {
        const lock_class &other = *way.back().of;
        const char *kind = usage < used_in_softirq ? "HARDIRQ" : "SOFTIRQ";
        title("possible irq lock inversion dependency detected",
              "========================================================",
              "--------------------------------------------------------");
        line(who() + " just changed the state of lock:");
        line(lock(next));
        line(text("but this lock %s another, %s-%ssafe lock in the past:",
                  in_irq ? "took" : "was taken by", kind, in_irq ? "un" : ""));
        line(" " + named(other));
        line("");
        line("");
        line("and interrupts could create inverse lock ordering between them.");
        line("");
        line("");
        line("other info that might help us debug this:");
        if (in_irq)
            interrupt_scenario(*next.of, other, *way[1].of, other);
        else
            interrupt_scenario(other, *next.of, *way[1].of, *next.of);
        held_locks(false);
        line("");
        line("the shortest dependencies between 2nd lock and 1st lock:");
        dependencies(way, false, path);
        line("");
        backtrace(path, {"__lock_acquire", "mark_lock", "print_irq_inversion_bug"});
    }

    /// print_unlock_imbalance_bug(): given back by who does not hold it.
    void unlock_balance(const std::string &name) const
    {
        title("bad unlock balance detected!",
              "=====================================", "-------------------------------------");
        line(who() + " is trying to release lock (" + name + ") at:");
        line("but there are no more locks to release!");
        line("");
        line("other info that might help us debug this:");
        held_locks(false);
        line("");
        backtrace({"lock_release"}, {});
    }

    /// One line, at KERN_WARNING.
    void line(std::string_view what) const { m_.printk(level::warning, what); }
    /// `6.12.117 #7 Not tainted`
    std::string kernel() const
    {
        return m_.config.release + " " + m_.config.build + " " + m_.taint();
    }
    /// "task/pid" as reports begin with it
    std::string who() const
    {
        const task_struct &me = m_.current();
        return text("%s/%d", me.is.comm.c_str(), me.is.pid);
    }
    /// A recorded trace, outermost last, @p indent columns in.
    void trace(const call_path &frames, int indent) const
    {
        for (std::size_t i = frames.size(); i-- > 0;)
            line(std::string(static_cast<std::size_t>(indent), ' ') + where(frames[i]));
    }
    /// "stack backtrace:" and the trace; @p inner are the functions of lockdep itself.
    void backtrace(const call_path &path, const call_path &inner) const
    {
        line("stack backtrace:");
        call_path innermost = path;
        innermost.insert(innermost.end(), inner.begin(), inner.end());
        for (const char *function : printing_functions(m_.config))
            innermost.push_back(function);
        m_.print_trace(innermost);
    }
    /// `(card->lock#2/1){+.+.}-{3:3}`
    std::string named(const lock_class &c) const
    {
        std::string out = "(" + name(c) + "){";
        for (unsigned i = 0; i < lock_usages; i += 4)
            for (unsigned read = 0; read < 2; ++read) {
                const bool in = (c.usage & 1u << (i + read)) != 0;
                const bool on = (c.usage & 1u << (i + 2 + read)) != 0;
                out += on ? (in ? '?' : '+') : (in ? '-' : '.');
            }
        if (!m_.config.since(4, 14))
            out += ".."; // RECLAIM_FS
        out += '}';
        if (m_.config.since(5, 8)) {
            const lock_wait outer =
                c.kind->outer == lock_wait::unchecked ? c.kind->inner : c.kind->outer;
            out += text("-{%u:%u}", number(outer), number(c.kind->inner));
        }
        return out;
    }
    /// print_lockdep_cache(), __print_lock_name(): the class by its name, as `card->lock#2/1`.
    static std::string name(const lock_class &c)
    {
        std::string out = c.name;
        if (c.version > 1)
            out += text("#%u", c.version);
        if (c.subclass != 0)
            out += text("/%u", c.subclass);
        return out;
    }

private:
    std::string where(const char *function) const
    {
        const symbol s = m_.symbols.find(function, text_start(m_.config.arch));
        const std::string at = describe(function, s, s.offset);
        return m_.config.since(4, 14)
                   ? at
                   : text("[<%llx>] ", static_cast<unsigned long long>(s.returns_to)) + at;
    }
    std::string lock(const held_lock &h) const
    {
        std::string out;
        if (m_.config.since(4, 15))
            out = text("%016llx", static_cast<unsigned long long>(h.address));
        return out + " " + named(*h.of) + ", at: " + where(h.at);
    }
    void title(const std::string &what, const char *above, const char *below) const
    {
        line("");
        line(above);
        line(m_.config.since(4, 11) ? "WARNING: " + what : "[ INFO: " + what + " ]");
        line(kernel());
        line(below);
    }
    static const char *word(unsigned usage)
    {
        static constexpr const char *words[] = {
            "IN-HARDIRQ-W", "IN-HARDIRQ-R", "HARDIRQ-ON-W", "HARDIRQ-ON-R", "IN-SOFTIRQ-W",
            "IN-SOFTIRQ-R", "SOFTIRQ-ON-W", "SOFTIRQ-ON-R", "INITIAL USE",  "INITIAL READ USE"};
        return words[usage];
    }
    /// print_lock_class_header(). The symbol of the class's key is nobody's to know.
    void class_header(const lock_class &c, int depth) const
    {
        const std::string indent(static_cast<std::size_t>(depth), ' ');
        line(indent + "-> " + named(c) + " {");
        for (unsigned i = 0; i < lock_usages + 2; ++i) {
            // Readers are told apart since 5.10.
            if (c.used_at[i].empty() || (i == lock_usages + 1 && !m_.config.since(5, 10)))
                continue;
            const std::string head = indent + "   " + word(i) + " at:";
            line(head);
            trace(c.used_at[i], depth + static_cast<int>(head.size()) + 1);
        }
        line(indent + " }");
    }
    /// print_shortest_lock_dependencies(), from the end of the way to its beginning, which is taken
    /// now. Since 5.14 that of a way against the dependencies shows each trace one class later,
    /// where it belongs.
    void dependencies(const lock_way &way, bool backwards, const call_path &path) const
    {
        call_path now = m_.current().frames;
        now.insert(now.end(), path.begin(), path.end());
        const bool later = backwards && m_.config.since(5, 14);
        const call_path *behind = nullptr;
        for (std::size_t i = way.size(); i-- > 0;) {
            const auto depth = static_cast<int>(i);
            class_header(*way[i].of, depth);
            const call_path *at = way[i].taken_at ? way[i].taken_at : &now;
            if (later)
                at = std::exchange(behind, at);
            if (!at)
                continue;
            line(std::string(i, ' ') + " ... acquired at:");
            trace(*at, 3);
            line("");
        }
    }
    /// In hard irqs and softirqs as lockdep and as preempt_count see it, and whether they are on.
    std::string irq_state() const
    {
        const task_struct &me = m_.current();
        const unsigned hard = m_.units.fields.hardirq;
        return text("[HC%u[%u]:SC%u[%u]:HE%d:SE%d]", me.hardirq_context,
                    (me.preempt_count & hard) / kernel::field_unit(hard), me.softirq_context,
                    m_.softirq_count() >> 8, m_.irqs_disabled() ? 0 : 1, me.softirqs_on ? 1 : 0);
    }
    void deadlock_line() const
    {
        line("");
        line(" *** DEADLOCK ***");
        line("");
    }
    void interrupt_scenario(const lock_class &safe, const lock_class &unsafe,
                            const lock_class &prev, const lock_class &next) const
    {
        const lock_class &middle = &prev == &safe ? next : prev;
        if (&middle != &unsafe) {
            line("Chain exists of:");
            line("  " + name(safe) + " --> " + name(middle) + " --> " + name(unsafe));
            line("");
        }
        line(" Possible interrupt unsafe locking scenario:");
        line("");
        line("       CPU0                    CPU1");
        line("       ----                    ----");
        line("  lock(" + name(unsafe) + ");");
        line("                               local_irq_disable();");
        line("                               lock(" + name(safe) + ");");
        line("                               lock(" + name(middle) + ");");
        line("  <Interrupt>");
        line("    lock(" + name(safe) + ");");
        deadlock_line();
    }
};

} // namespace kctx::sim

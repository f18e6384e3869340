// SPDX-License-Identifier: BSL-1.0
/// @file
/// Why kctx may differ from a cell. A running kernel reports only what it reaches, so kctx may be
/// stricter; and some reports are about the past of the objects used, which neither the context nor
/// the call knows. Each reason is a predicate with its kernel source (Linux 6.12), so that it holds
/// for cells that nobody has seen yet; none is a list of cells.
#pragma once

#include "mapping.hpp"

#include <kctx/lock/irq_state.hpp>
#include <kctx/lock/lock_class.hpp>

namespace truth {

/// A cell on which kctx and the kernel disagree.
struct difference {
    const cell &of;
    const rules::call_row *call; ///< NULL: the context itself
    const rules::story &in;      ///< with the sections that belong to the call
    rules::config on;

    bool stricter() const { return of.passed; }
    bool rt() const { return on != rules::config::off; }
    const kctx::context_state &state() const { return rt() ? in.rt : in.off; }
    /// What the call takes is named so in the measurement: its size, its argument.
    bool named(std::string_view part) const { return of.call.find(part) != std::string::npos; }
    /// Where the contract was read: "mm/page_alloc.c ...".
    bool from(std::string_view source) const
    {
        return call && std::string_view(call->text->source).starts_with(source);
    }
    bool has_rule(std::string_view rule) const { return call && call->rule == rule; }
    bool needs(kctx::wait_type level) const { return call && call->needs == level; }
    /// A true hard irq, preemption or interrupts off, or a raw lock held.
    bool in_raw_section() const { return rt() && state().allows == kctx::wait_type::spin; }
};

/// Why kctx may be stricter.
enum class reason {
    path,     ///< this cell took another path than the one that waits, or met no check
    unchecked ///< the kernel never checks what is wrong all the same
};

struct stricter_class {
    const char *name;
    reason why;
    bool (*covers)(const difference &d);
    const char *source;
};
inline constexpr stricter_class stricter_classes[] = {
    {"page-at-hand", reason::path,
     [](const difference &d) {
         const bool pages =
             d.from("mm/page_alloc.c") || d.from("include/linux/gfp.h") || d.named("kmalloc_16K");
         return pages && d.in_raw_section() && d.needs(kctx::wait_type::config) &&
                !d.named("_order4") && !d.named("_pcp_empty");
     },
     "mm/page_alloc.c, rmqueue_pcplist() and free_unref_page(): a page of the CPU's own list "
     "(orders up to 3) takes pcp_spin_trylock() only; an empty list takes zone->lock"},
    {"nothing-to-do", reason::path,
     [](const difference &d) {
         const bool no_memory = d.named("_NULL") || d.named("_kmalloced") ||
                                (d.named("kvmalloc_16M") && d.needs(kctx::wait_type::config));
         const bool has_room = d.from("lib/") && d.needs(kctx::wait_type::sleep) &&
                               kctx::bears(d.state().allows, kctx::wait_type::config, d.rt());
         const bool not_queued = d.from("kernel/kthread.c kthread_flush_work") ||
                                 d.from("kernel/kthread.c kthread_cancel_work_sync");
         return no_memory || has_room || not_queued;
     },
     "mm/slub.c, kfree(): NULL; mm/util.c, kvfree(): is_vmalloc_addr() is false, kvmalloc(): "
     "fails at once when more than a slab gives must not wait; lib/idr.c, "
     "ida_alloc_range(), lib/xarray.c, __xas_nomem(), lib/radix-tree.c, __radix_tree_preload(): "
     "nodes are at hand, GFP_NOWAIT comes first; kernel/kthread.c, kthread_flush_work(): the "
     "work is idle"},
    {"flags-of-slow-path", reason::path,
     [](const difference &d) { return d.has_rule("consistent_flags"); },
     "mm/page_alloc.c, __alloc_pages_slowpath(): flags that contradict each other are warned of "
     "when the free lists were of no help"},
    {"not-contended", reason::path,
     [](const difference &d) {
         return d.in_raw_section() && d.needs(kctx::wait_type::config) &&
                (d.from("include/linux/seqlock.h read_seq") || d.from("kernel/rcu/srcutree.c") ||
                 d.from("kernel/time/"));
     },
     "include/linux/seqlock.h, __seqprop_spinlock_sequence(): locks when it meets a writer; "
     "kernel/rcu/srcutree.c, spin_lock_irqsave_sdp_contended(); kernel/time/timer.c, "
     "del_timer_wait_running(): locks while the callback runs"},
    {"page-of-user-present", reason::path,
     [](const difference &d) {
         const bool may_wait_for_it =
             d.state().user_memory && d.state().allows == kctx::wait_type::sleep;
         return d.has_rule("has_user_memory") && !may_wait_for_it;
     },
     "mm/memory.c, __might_fault(): silent with page faults off; arch/x86/include/asm/uaccess.h: "
     "__get_user() asks nothing at all; a kernel thread gets -EFAULT"},
    {"lock-not-known-in-nmi", reason::path,
     [](const difference &d) {
         return d.state().nmi && d.call && d.call->needs > kctx::wait_type::free;
     },
     "kernel/locking/lockdep.c, verify_lock_unused(): in an NMI it objects to a lock whose class "
     "was used outside of one before, and these were new"},
    {"bound-worker", reason::path,
     [](const difference &d) {
         return d.has_rule("stays_on_cpu") && d.in.text.starts_with("WorkCtx");
     },
     "lib/smp_processor_id.c, check_preemption_disabled(): is_percpu_thread() holds for a worker "
     "of a bound workqueue; WorkCtx does not say which one the work is on"},
    {"warned-before", reason::path, [](const difference &d) { return !d.in.may_be(d.on); },
     "include/linux/once.h: what the context itself does wrong was warned of once"},
    {"no-might-sleep", reason::unchecked,
     [](const difference &d) {
         return d.needs(kctx::wait_type::sleep) &&
                (d.from("kernel/sched/") || d.from("kernel/time/sleep_timeout.c")) &&
                !kctx::detail::in_atomic(d.state(), d.rt()) && !d.state().rcu_reader;
     },
     "kernel/sched/core.c, schedule_debug(): asks for preempt_count() and RCU, not for interrupts, "
     "which schedule() turns on, nor for non_block_start()"},
    {"irqs-turned-on", reason::unchecked,
     [](const difference &d) {
         return d.state().irqs_disabled &&
                d.of.then.find("left irqs_disabled=0") != std::string::npos;
     },
     "include/linux/irqflags.h, local_irq_enable(): turns interrupts on whatever they were; the "
     "measurement noted that they came back on"},
};

struct undecided_class {
    const char *name;
    bool (*covers)(const difference &d);
    const char *source;
};
/// What neither context nor call decides: for complaints of kind lock-usage, rcu, warn or crash,
/// where none is of sleeping.
inline constexpr undecided_class undecided_classes[] = {
    {"lock-history", [](const difference &d) { return d.of.kind == "lock-usage"; },
     "kernel/locking/lockdep.c, mark_lock() and check_prev_add(): how locks of the same class were "
     "used before, in this test or by the training; mm/page_alloc.c, __fs_reclaim_acquire()"},
    {"task-state",
     [](const difference &d) {
         return d.of.kind == "warn" &&
                d.of.first_line.find("when !TASK_RUNNING") != std::string::npos;
     },
     "kernel/sched/core.c, __might_sleep(): what set_current_state() wrote into the task before"},
};

} // namespace truth

// SPDX-License-Identifier: BSL-1.0
/// @file
/// RCU: its read sides, the pointers read there, and waiting until all readers are done.
/// @par Kernel source
/// include/linux/rcupdate.h, include/linux/srcu.h, kernel/rcu/tree.c, kernel/rcu/srcutree.c (6.12).
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/irq_state.hpp>
#include <kctx/lock/scope_calls.hpp>

namespace kctx::detail {
constexpr void hold_rcu(auto &s, bool) noexcept
{
    s.allows = s.allows & wait_type::config;
    s.rcu_reader = true;
}
} // namespace kctx::detail

namespace kctx::rule {

/// rcu_read_lock_held(): PREEMPT_RT's locks and bottom halves imply it, those of other kernels do
/// not.
struct rcu_read_lock_held {
    static constexpr bool holds(const context_state &s, bool) noexcept { return s.rcu_reader; }
};
/// rcu_read_lock_bh_held()
struct rcu_read_lock_bh_held {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return s.bh_disabled || s.serving_softirq || s.irqs_disabled;
    }
};
/// rcu_read_lock_sched_held()
struct rcu_read_lock_sched_held {
    static constexpr bool holds(const context_state &s, bool rt) noexcept
    {
        return !detail::preemptible(s, rt);
    }
};
/// Who waits for all readers must not be one.
struct no_rcu_reader {
    static constexpr bool holds(const context_state &s, bool) noexcept { return !s.rcu_reader; }
};

} // namespace kctx::rule

#define KCTX_LEVEL_derefs free
#define KCTX_RULE_derefs rcu_read_lock_held
#define KCTX_BREAKS_rcu_read_lock_held(name)                                                       \
    "kctx[rcu-outside-reader]: " name "() reads a pointer that may be freed at once, outside "     \
    "rcu_read_lock(); fix: KCTX_RCU_READ_LOCK(ctx) around the use of the pointer"
#define KCTX_LEVEL_derefs_bh free
#define KCTX_RULE_derefs_bh rcu_read_lock_bh_held
#define KCTX_BREAKS_rcu_read_lock_bh_held(name)                                                    \
    "kctx[rcu-outside-reader]: " name "() reads a pointer that may be freed at once, outside "     \
    "rcu_read_lock_bh(); fix: KCTX_RCU_READ_LOCK_BH(ctx) around the use of the pointer"
#define KCTX_LEVEL_derefs_sched free
#define KCTX_RULE_derefs_sched rcu_read_lock_sched_held
#define KCTX_BREAKS_rcu_read_lock_sched_held(name)                                                 \
    "kctx[rcu-outside-reader]: " name "() reads a pointer that may be freed at once, where "       \
    "preemption is on; fix: KCTX_RCU_READ_LOCK_SCHED(ctx) around the use of the pointer"
#define KCTX_LEVEL_awaits_readers sleep
#define KCTX_RULE_awaits_readers no_rcu_reader
#define KCTX_SLUG_awaits_readers KCTX_SLUG_sleeps
#define KCTX_SAYS_awaits_readers KCTX_SAYS_sleeps
#define KCTX_BREAKS_no_rcu_reader(name)                                                            \
    "kctx[wait-for-self]: " name "() waits for all RCU readers, and this is one itself (a "        \
    "spinlock_t of PREEMPT_RT makes one, too); fix: call_rcu(), or wait after rcu_read_unlock()"

// Counting a reader is no one access of every CPU (srcu_read_lock_nmisafe() is one).
#define KCTX_LEVEL_counts_reader spin
#define KCTX_RULE_counts_reader none
#define KCTX_SLUG_counts_reader "lock-in-nmi"
#define KCTX_SAYS_counts_reader(name, why)                                                         \
    name "() " why ", in more than one access, between which the NMI may have come"

namespace kctx {

/// RcuReader: what RCU protects is not freed until the section ends. Other tasks may run meanwhile,
/// but the section must not block.
KCTX_SCOPE_PAIR(RcuReader, hold_rcu, rcu_read_lock, rcu_read_unlock, "holds back RCU",
                "include/linux/rcupdate.h rcu_read_lock()")
/// RcuReaderBh: the same with bottom halves off.
KCTX_RULED_SCOPE_PAIR(spins_bh, RcuReaderBh, hold_bh, rcu_read_lock_bh, rcu_read_unlock_bh,
                      "runs softirqs when it ends", "rcu_read_lock()",
                      "include/linux/rcupdate.h rcu_read_lock_bh()")
/// RcuReaderSched: the same with preemption off.
KCTX_SCOPE_PAIR(RcuReaderSched, hold_preempt, rcu_read_lock_sched, rcu_read_unlock_sched,
                "holds back RCU, with preemption off",
                "include/linux/rcupdate.h rcu_read_lock_sched()")

/// A domain of readers of its own, which may sleep; the environment gives it meaning.
struct KCTX_CAPABILITY("srcu_struct") srcu_struct {
    unsigned value = 0;       ///< the environment's word
    unsigned readers[2] = {}; ///< how many read in each of the two phases
};
/// SrcuReader: what this domain protects is not freed until the section ends. It may sleep.
/// The pair passes the index that srcu_read_lock() returns: `srcu_read_lock(ctx, &domain, index)`.
KCTX_LOCK_PAIR_SAVING(counts_reader, srcu_struct, SrcuReader, hold_nothing, int, srcu_read_lock,
                      srcu_read_unlock, "counts a reader", "rcu_read_lock()",
                      "include/linux/srcu.h srcu_check_nmi_safety()")
template <> inline constexpr bool detail::recursive<call::srcu_read_lock> = true;

namespace env::inline KCTX_ENV_NAMESPACE {
// What reading a pointer means beside the load.
void rcu_dereference() noexcept KCTX_EFFECT_spin;
void rcu_dereference_bh() noexcept KCTX_EFFECT_spin;
void rcu_dereference_sched() noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE

/// Declares a read of an rcu_ptr; @p kind names the read side that it needs.
#define KCTX_RCU_DEREFERENCE(kind, name)                                                           \
    namespace call {                                                                               \
    struct name : contract<wait_type::KCTX_LEVEL_##kind, rule::KCTX_RULE_##kind> {};              \
    }                                                                                              \
    template <may<call::name> C, class T>                                                          \
    KCTX_ALWAYS_INLINE T *name(C, T *const &pointer) noexcept KCTX_EFFECT_spin                                 \
    {                                                                                              \
        env::name();                                                                               \
        return __atomic_load_n(&pointer, __ATOMIC_CONSUME);                                        \
    }                                                                                              \
    KCTX_REJECTED_BY_RULE(kind, (T *), name, (C, T *const &), class T)                             \
    KCTX_NO_TOKEN(name)                                                                    \
    KCTX_CONTRACT_TEXT(name, "rcu-outside-reader", "reads a pointer that RCU protects",            \
                       "read it inside a read side", "include/linux/rcupdate.h " #name "()")
/// Reads a pointer that RCU protects, inside rcu_read_lock().
KCTX_RCU_DEREFERENCE(derefs, rcu_dereference)
/// The same inside rcu_read_lock_bh(), or where softirqs cannot run.
KCTX_RCU_DEREFERENCE(derefs_bh, rcu_dereference_bh)
/// The same inside rcu_read_lock_sched(), or where preemption is off.
KCTX_RCU_DEREFERENCE(derefs_sched, rcu_dereference_sched)

/// Publishes @p value: readers that see it see what it points to.
template <class T> inline void rcu_assign_pointer(T *&pointer, T *value) noexcept
{
    __atomic_store_n(&pointer, value, __ATOMIC_RELEASE);
}
/// Reads a pointer that something else keeps from being freed: a reference, a lock.
template <class T> inline T *rcu_dereference_raw(T *const &pointer) noexcept
{
    return __atomic_load_n(&pointer, __ATOMIC_CONSUME);
}
KCTX_LEGAL_ANYWHERE(rcu_dereference_raw, "checks nothing",
                    "include/linux/rcupdate.h rcu_dereference_raw()")
KCTX_LEGAL_ANYWHERE(rcu_assign_pointer, "stores a pointer",
                    "include/linux/rcupdate.h rcu_assign_pointer()")
KCTX_LEGAL_ANYWHERE(rcu_access_pointer, "does not follow the pointer",
                    "include/linux/rcupdate.h rcu_access_pointer()")
/// Reads a pointer only to compare it; what it points to must not be touched.
template <class T> inline T *rcu_access_pointer(T *const &pointer) noexcept
{
    return __atomic_load_n(&pointer, __ATOMIC_RELAXED);
}

/// Waits until all readers that are inside now have left.
KCTX_RULED_CALL(awaits_readers, void, synchronize_rcu, (), (), "waits for all readers",
                "call_rcu()", "kernel/rcu/tree.c synchronize_rcu()")
/// The same, at the expense of the other CPUs.
KCTX_RULED_CALL(awaits_readers, void, synchronize_rcu_expedited, (), (), "waits for all readers",
                "call_rcu()", "kernel/rcu/tree_exp.h synchronize_rcu_expedited()")
/// Waits until all callbacks of call_rcu() that are queued now have run.
KCTX_RULED_CALL(awaits_readers, void, rcu_barrier, (), (), "waits for all callbacks",
                "wait in a work item", "kernel/rcu/tree.c rcu_barrier()")
/// Prepares @p domain, which allocates its counters: 0 or -errno.
KCTX_CALL(sleeps, int, init_srcu_struct, (srcu_struct * domain), (domain),
          "allocates the counters of the CPUs", "prepare it at probe time",
          "kernel/rcu/srcutree.c init_srcu_struct()")
/// Gives back what init_srcu_struct() took; nobody reads any more.
KCTX_CALL(sleeps, void, cleanup_srcu_struct, (srcu_struct * domain), (domain),
          "waits for what the domain has queued", "clean it up in process context",
          "kernel/rcu/srcutree.c cleanup_srcu_struct()")
/// Waits until all readers of @p domain that are inside now have left.
KCTX_CALL(sleeps, void, synchronize_srcu, (srcu_struct * domain), (domain),
          "waits for the domain's readers", "call_srcu()",
          "kernel/rcu/srcutree.c synchronize_srcu()")
#define KCTX_TEXT_srcu_reader                                                                      \
    "kctx[wait-for-self]: this waits for all readers of the domain, and is one itself; fix: "      \
    "call_srcu(), or wait after srcu_read_unlock()"
#if !defined(__clang__)
template <class Call, class Context> struct waits_for_srcu_reader {
    KCTX_UNAVAILABLE(KCTX_TEXT_srcu_reader) waits_for_srcu_reader() noexcept;
};
#endif
/// Of a domain with a type of its own, whose readers are known.
template <may<call::synchronize_srcu> C,
          detail::taken_twice<srcu_struct, C, call::synchronize_srcu> Domain>
KCTX_ERROR(KCTX_TEXT_srcu_reader)
void synchronize_srcu(
    C, Domain *KCTX_ERROR_ARG(::kctx::waits_for_srcu_reader<call::synchronize_srcu, C>));

/// Waits until all callbacks of call_srcu() for @p domain that are queued now have run.
KCTX_CALL(sleeps, void, srcu_barrier, (srcu_struct * domain), (domain),
          "waits for the domain's callbacks", "wait in a work item",
          "kernel/rcu/srcutree.c srcu_barrier()")

/// Part of an object that call_rcu() frees; the environment gives it meaning.
struct rcu_head {
    rcu_head *next = nullptr; ///< in the queue of callbacks
    /// What frees the object; the type of call_rcu()'s callback.
    void (*func)(RcuCallbackCtx, rcu_head *) = nullptr;
};
/// A callback of call_rcu().
using rcu_callback_t = void (*)(RcuCallbackCtx, rcu_head *);
/// Has @p func called when all readers that are inside now have left.
KCTX_CALL(spins, void, call_rcu, (rcu_head * head, rcu_callback_t func), (head, func),
          "queues the callback on this CPU", "irq_work_queue() it", "kernel/rcu/tree.c call_rcu()")
/// The same for the readers of @p domain. On PREEMPT_RT it takes a spinlock_t when the domain is
/// new or contended.
KCTX_CALL(locks, void, call_srcu, (srcu_struct * domain, rcu_head *head, rcu_callback_t func),
          (domain, head, func), "guards the domain with it", "call it before the raw section",
          "kernel/rcu/srcutree.c __call_srcu()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Frees @p object after a grace period: what kfree_rcu() and kvfree_rcu() call.
void kvfree_call_rcu(rcu_head *head, void *object) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
KCTX_CONTRACT(spins, kfree_rcu, "queues the object on this CPU", "irq_work_queue() it",
              "kernel/rcu/tree.c kvfree_call_rcu()")
/// Frees @p object when all readers that are inside now have left: `kfree_rcu(ctx, p, &item::rcu)`.
template <may<call::kfree_rcu> C, class T>
KCTX_ALWAYS_INLINE void kfree_rcu(C, T *object, rcu_head T::*head) noexcept KCTX_EFFECT_spin
{
    env::kvfree_call_rcu(&(object->*head), object);
}
KCTX_REJECTED(spins, (void), kfree_rcu, (C, T *, rcu_head T::*), "queues the object on this CPU",
              "irq_work_queue() it", class T)
KCTX_NO_TOKEN(kfree_rcu)
/// Frees @p object, which has no rcu_head, when all readers have left; may wait for them.
KCTX_CALL(sleeps, void, kfree_rcu_mightsleep, (void *object), (object),
          "waits for all readers when memory is short", "kfree_rcu() of an object with an rcu_head",
          "kernel/rcu/tree.c kvfree_call_rcu()")

} // namespace kctx

#define KCTX_RCU_READ_LOCK(ctx) KCTX_SECTION(ctx, rcu_read_lock(ctx))
#define KCTX_RCU_READ_LOCK_BH(ctx) KCTX_SECTION(ctx, rcu_read_lock_bh(ctx))
#define KCTX_RCU_READ_LOCK_SCHED(ctx) KCTX_SECTION(ctx, rcu_read_lock_sched(ctx))
#define KCTX_SRCU_READ_LOCK(ctx, domain)                                                           \
    KCTX_SECTION(ctx, srcu_read_lock(ctx, &(domain), ::kctx::detail::saved<int>), &(domain))

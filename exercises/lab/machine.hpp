// SPDX-License-Identifier: BSL-1.0
/// @file
/// The simulated machine, as far as exercises need it, without its headers: they take seconds to
/// compile, and this a fraction of one. See sim.cpp.
///
///     // [[machine]]
///     LAB_MACHINE({.preemptible = true})
///     {
///         port p{};
///         lab::task("insmod", 300, [&] { probe(lab::token<kctx::ProcessCtx>(), &p); });
///         lab::hardirq(1000, [&] { port_isr(lab::token<kctx::IrqCtx>(), 7, &p); });
///         lab::run();
///     }
///     // [[end]]
#pragma once

#include <kctx/core/context.hpp>

namespace lab {

/// A machine like any other but for what is said here.
struct board {
    unsigned version = KCTX_VERSION(6, 12, 0);
    bool preemptible = true; ///< CONFIG_PREEMPT: spinlocks count
    bool rt = false;         ///< CONFIG_PREEMPT_RT
    bool debug = true;       ///< CONFIG_DEBUG_ATOMIC_SLEEP
    bool lockdep = false;    ///< CONFIG_PROVE_LOCKING
    bool arm = false;        ///< x86 else
    unsigned cpus = 1;
    unsigned hung_task = 0;   ///< seconds asleep until khungtaskd says so
    bool unmap_freed = false; ///< CONFIG_DEBUG_PAGEALLOC: who uses freed memory has an Oops
    /// Its memory, as `kctx mm --megabytes M --cma C` boots it; 0: whatever is asked for is there.
    unsigned megabytes = 0;
    unsigned cma = 0;
};

/// Of a function that the machine calls as the kernel would.
template <class C> C token() { return kctx::assume_context<C>("the machine calls it"); }

namespace detail {
void power_on(const board &b);
void show_functions(); ///< of the answer, on traces
void spawn(const char *comm, int pid, void (*call)(void *), void *body);
void interrupt_at(unsigned long us, void (*call)(void *), void *body);
void line_at(unsigned long us, unsigned irq);
void now(int kind, const char *name, void (*call)(void *), void *body);
template <class F> void call(void *body) { (*static_cast<F *>(body))(); }
} // namespace detail

// The functions that they are given must live until run() has come back.
template <class F> void task(const char *comm, int pid, F &&body)
{
    detail::spawn(comm, pid, detail::call<F>, new F(body));
}
/// @p us microseconds after the start a hard irq comes on CPU 0.
template <class F> void hardirq(unsigned long us, F &&body)
{
    detail::interrupt_at(us, detail::call<F>, new F(body));
}
/// @p us microseconds after the start the line @p irq comes, for whoever has requested it.
inline void line(unsigned long us, unsigned irq) { detail::line_at(us, irq); }
/// Right here, in what runs.
template <class F> void hardirq_now(const char *name, F &&body)
{
    detail::now(0, name, detail::call<F>, &body);
}
template <class F> void softirq_now(const char *name, F &&body)
{
    detail::now(1, name, detail::call<F>, &body);
}
template <class F> void nmi_now(const char *name, F &&body)
{
    detail::now(2, name, detail::call<F>, &body);
}

// Memory, of a machine that has megabytes: the page allocator's model.

/// As after a while: files have filled it, and every second page of them was dropped. Half of it
/// is free, no two pages in a row; for who may wait they can be moved.
void age_memory();
/// As after a long while: what lies between the free pages belongs to drivers, and stays where it
/// is. In CMA, which they do not get, there are files.
void wear_memory();
unsigned long free_pages();
/// As /proc/buddyinfo has them, the per-cpu lists drained.
unsigned long free_blocks(unsigned order);
/// From the allocator itself, with GFP_KERNEL: the first frame of a block of this order.
unsigned long take_block(unsigned order);
void give_block(unsigned long frame, unsigned order);
/// The page frame in which @p memory of a driver lies, and whether that is CMA's.
unsigned long frame_of(const void *memory);
bool is_cma(unsigned long frame);

/// preempt_count() of what runs, 0 before and after.
unsigned preempt_count();
/// Runs the machine until nothing is left to do. Whether every task has ended.
bool run();
/// How many lines of its log begin with @p start.
unsigned reports(const char *start);
/// Prints the log.
void print_log();

} // namespace lab

#ifdef LAB_MACHINE
#undef LAB_MACHINE
#define LAB_MACHINE(...)                                                                           \
    static void lab_scenario();                                                                    \
    int main()                                                                                     \
    {                                                                                              \
        lab::detail::power_on(lab::board __VA_ARGS__);                                             \
        lab::detail::show_functions();                                                             \
        lab_scenario();                                                                            \
        lab::print_log();                                                                          \
    }                                                                                              \
    static void lab_scenario()
#endif

// SPDX-License-Identifier: BSL-1.0
// The simulated machine behind machine.hpp, compiled once for all exercises.
#include <kctx/sim.hpp>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#undef LAB_MACHINE
#include "machine.hpp"

namespace lab {
namespace {

std::unique_ptr<kctx::sim::machine> machine;

kctx::sim::machine &here()
{
    if (!machine)
        detail::power_on({});
    return *machine;
}

} // namespace

void detail::power_on(const board &b)
{
    using kctx::sim::preemption;
    kctx::sim::machine_config config;
    config.version = b.version;
    config.release = std::to_string(b.version >> 16) + "." +
                     std::to_string((b.version >> 8) & 0xff) + "." +
                     std::to_string(b.version & 0xff);
    config.arch = b.arm ? kctx::kernel::arch::arm : kctx::kernel::arch::x86;
    config.preempt = b.rt            ? preemption::rt
                     : b.preemptible ? preemption::full
                                     : preemption::voluntary;
    config.prove_locking = b.lockdep;
    config.debug_atomic_sleep = b.debug;
    config.cpus = b.cpus;
    machine = std::make_unique<kctx::sim::machine>(config);
}

void detail::spawn(const char *comm, int pid, void (*call)(void *), void *body)
{
    here().spawn({.comm = comm, .pid = pid}, [=] { call(body); });
}

void detail::interrupt_at(unsigned long us, const char *name, void (*call)(void *), void *body)
{
    here().irq_at(us * 1000, [=] { call(body); }, {name});
}

void detail::line_at(unsigned long us, unsigned irq) { here().line_at(us * 1000, irq); }

void detail::now(int kind, const char *name, void (*call)(void *), void *body)
{
    const auto action = [=] { call(body); };
    if (kind == 0)
        here().hardirq(action, {name});
    else if (kind == 1)
        here().softirq(action, {name});
    else
        here().nmi(action, {name});
}

unsigned preempt_count()
{
    return kctx::sim::machine::here() != nullptr ? here().preempt_count() : 0;
}

bool run() { return here().run() == kctx::sim::outcome::idle; }

unsigned reports(const char *start)
{
    unsigned n = 0;
    for (const auto &record : here().log.records())
        n += record.line.starts_with(start) ? 1 : 0;
    return n;
}

void print_log()
{
    for (const auto &record : here().log.records())
        std::printf("%s\n", record.line.c_str());
}

} // namespace lab

// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a simulated machine is: kernel, architecture, configuration.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include <kctx/kernel/preempt_count.hpp>

namespace kctx::sim {

/// CONFIG_PREEMPT_NONE, CONFIG_PREEMPT_VOLUNTARY, CONFIG_PREEMPT, CONFIG_PREEMPT_RT.
enum class preemption : unsigned char { none, voluntary, full, rt };

/// What kernel is simulated, on what machine, with which checks. validate() says what does not fit.
struct machine_config {
    unsigned version = KCTX_VERSION(6, 12, 0); ///< as KCTX_VERSION() encodes it
    std::string release = "6.12.0";            ///< as `uname -r` prints it
    std::string build = "#1";                  ///< the first word of `uname -v`
    std::string hardware{};                    ///< "Hardware name:", since 3.10; empty: not known
    kernel::arch arch = kernel::arch::x86;     ///< which architecture its traces and counts are of
    bool many_irqs = false; ///< ARM up to 2.6.36: NR_IRQS > 256, one more hardirq bit
    sim::preemption preempt = sim::preemption::full; ///< CONFIG_PREEMPT_*
    unsigned cpus = 1;                               ///< 1 to 256
    unsigned hz = 250;                               ///< CONFIG_HZ: jiffies a second
    bool debug_atomic_sleep = false;     ///< up to 3.0 it is called DEBUG_SPINLOCK_SLEEP
    bool debug_preempt = false;          ///< who disabled preemption, smp_processor_id()
    bool prove_locking = false;          ///< lockdep
    bool prove_raw_lock_nesting = false; ///< since 5.8: a spinlock_t is no raw_spinlock_t
    bool modules = true;                 ///< CONFIG_MODULES
    bool panic_on_oops = false;          ///< kernel.panic_on_oops
    bool panic_on_warn = false;          ///< kernel.panic_on_warn (5.14 as a parameter)
    unsigned hung_task_timeout = 0;      ///< seconds in TASK_UNINTERRUPTIBLE; 0: nobody looks
    unsigned va_bits = 48;     ///< arm64: CONFIG_ARM64_VA_BITS, with pages of 4 KiB: 39 or 48
    bool printk_time = false;  ///< CONFIG_PRINTK_TIME: `[  12.345678] ` before each line
    bool printk_cpu = false;   ///< `[ 14] ` behind it, as vendors' kernels have it
    bool printk_level = false; ///< lines as they are in the ring of old kernels: `<4>` first
    std::uint64_t boot_ns = 0; ///< virtual time at which the first task starts
    std::size_t log_bytes = 1u << 17; ///< CONFIG_LOG_BUF_SHIFT: older lines give way to newer ones

    /// Whether the kernel is of this version or later.
    bool since(unsigned a, unsigned b, unsigned c = 0) const
    {
        return version >= KCTX_VERSION(a, b, c);
    }

    bool rt() const { return preempt == sim::preemption::rt; } ///< whether it has PREEMPT_RT
    /// Whether a task that runs in the kernel may be preempted where nothing forbids it.
    bool preemptible() const { return preempt == sim::preemption::full || rt(); }

    /// Whether preempt_disable() and spinlocks count: CONFIG_PREEMPT up to 3.0, since then
    /// CONFIG_PREEMPT_COUNT, which CONFIG_DEBUG_ATOMIC_SLEEP selects as well.
    bool counts_preemption() const { return preemptible() || (debug_atomic_sleep && since(3, 1)); }

    /// Throws std::invalid_argument for a machine that cannot be.
    void check() const
    {
        const auto refuse = [](const std::string &what) {
            throw std::invalid_argument("kctx::sim::machine_config: " + what);
        };
        if (!since(2, 6, 32))
            refuse("version: 2.6.32 or later is simulated");
        if (arch != kernel::arch::x86 && arch != kernel::arch::arm && arch != kernel::arch::arm64 &&
            arch != kernel::arch::powerpc)
            refuse("arch: x86 (64 bits), arm, arm64 or powerpc (32 bits) is simulated");
        if (arch == kernel::arch::arm64 && !since(3, 7))
            refuse("arch: there is no arm64 before 3.7");
        if (rt() && !since(4, 4))
            refuse("preempt: PREEMPT_RT is simulated from 4.4 on");
        if (prove_raw_lock_nesting && !prove_locking)
            refuse("prove_raw_lock_nesting: it takes prove_locking");
        if (cpus < 1 || cpus > 256)
            refuse("cpus: " + std::to_string(cpus) + ", and 1 to 256 are simulated");
        if (hz < 24 || hz > 1200)
            refuse("hz: " + std::to_string(hz) + ", and kernels have 24 to 1200");
        if (log_bytes < 1024)
            refuse("log_bytes: less than 1024");
    }
};

} // namespace kctx::sim

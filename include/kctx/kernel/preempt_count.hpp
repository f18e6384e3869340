// SPDX-License-Identifier: BSL-1.0
/// @file
/// The fields of preempt_count by kernel version and architecture, as constexpr data. Sources by
/// version: include/linux/hardirq.h (up to 3.12), preempt_mask.h (3.13 ... 4.3), preempt.h (since),
/// arch/*/include/asm/{hardirq,thread_info,preempt}.h, kernel/sched.c, kernel/sched/core.c.
///
/// Trees read: 2.6.32.9, 2.6.33.3, 2.6.35.6, 2.6.37.0, 3.10.105, 3.13.0, 3.18.140, 4.1.19, 4.4.60,
/// 4.14.5, 4.19.1, 5.4.1, 5.9.2, 5.10.7, 5.15.24, 6.1.192, 6.6.87, 6.12.117, 6.18.2; with
/// PREEMPT_RT 4.9.178-rt131, 5.4.84-rt47. Where a change lies between two of them, the older one's
/// fields stand until the newer, but for the two changes whose release is known (4.4, 5.8).
#pragma once

#include <kctx/config.hpp>

namespace kctx::kernel {

/// Architectures that differ in what is decoded here.
enum class arch : unsigned char { unknown, x86, arm, arm64, powerpc, mips, s390, riscv, other };

/// Where the fields of preempt_count are. A mask of 0: the kernel has no such field, or keeps it
/// somewhere else.
struct preempt_layout {
    unsigned preempt =
        0x000000ff; ///< preempt_disable(), get_cpu(), spinlocks (on RT raw ones only)
    unsigned softirq = 0x0000ff00; ///< serving a softirq, bottom halves disabled
    unsigned hardirq = 0;          ///< hard interrupts, nested as deep as the field counts
    unsigned nmi = 0;              ///< NMIs
    unsigned preempt_active = 0;   ///< PREEMPT_ACTIVE: schedule() was entered at a preemption point

    /// What local_bh_disable() adds: 0x200 since 2.6.37, so that bit 8 alone says "serving a
    /// softirq"; before, both add 0x100 and cannot be told apart.
    unsigned bh_disable = 0x200;

    /// A bit that the stored word uses for need_resched and preempt_count() masks off.
    unsigned hidden = 0;

    /// Every bit that has a meaning, but PREEMPT_NEED_RESCHED.
    constexpr unsigned all() const { return preempt | softirq | hardirq | nmi | preempt_active; }

    bool operator==(const preempt_layout &) const = default;
};

/// One unit of a field: its lowest bit.
constexpr unsigned field_unit(unsigned mask) { return mask & (~mask + 1); }

/// The layout of a kernel. `many_irqs`: an ARM kernel with NR_IRQS > 256 has one more hardirq bit
/// while ARM sets the width itself.
constexpr preempt_layout preempt_count_layout(unsigned version_code, arch a, bool rt,
                                              bool many_irqs = false)
{
    preempt_layout l;
    if (version_code < KCTX_VERSION(2, 6, 37))
        l.bh_disable = 0x100;

    if (version_code < KCTX_VERSION(3, 13, 0)) {
        l.hardirq = 0x03ff0000;
        l.nmi = 0x04000000;
        if (a == arch::arm && version_code < KCTX_VERSION(2, 6, 37)) {
            l.hardirq = many_irqs ? 0x01ff0000 : 0x00ff0000;
            l.nmi = many_irqs ? 0x02000000 : 0x01000000;
        }
        // The architecture's value, else the next bit above NMI.
        if (a == arch::arm || a == arch::arm64)
            l.preempt_active = 0x40000000;
        else if (a == arch::x86 || a == arch::powerpc)
            l.preempt_active = 0x10000000;
        else
            l.preempt_active = 0x08000000;
    } else {
        l.hardirq = 0x000f0000;
        l.nmi = version_code < KCTX_VERSION(5, 8, 0) ? 0x00100000 : 0x00f00000;
        if (version_code < KCTX_VERSION(4, 4, 0))
            l.preempt_active = 0x00200000;
        if (a == arch::x86 || (a == arch::s390 && version_code >= KCTX_VERSION(6, 1, 0)))
            l.hidden = 0x80000000;
    }

    // On PREEMPT_RT the task counts its softirq sections, preempt_count does not.
    if (rt)
        l.softirq = 0;
    return l;
}

/// preempt_count in words. Numbers are levels, as the kernel counts them.
struct preempt_fields {
    unsigned preempt = 0;        ///< levels of preempt_disable() and of spinlocks
    unsigned bh_disable = 0;     ///< levels of local_bh_disable(), spin_lock_bh(): 2.6.37 and later
    unsigned softirq = 0;        ///< 2.6.37 and later: 1 = serving a softirq; before: either kind
    unsigned hardirq = 0;        ///< levels of hard interrupts
    unsigned nmi = 0;            ///< levels of NMIs
    bool preempt_active = false; ///< PREEMPT_ACTIVE (to 4.3): on its way into schedule()
    unsigned rest = 0;           ///< bits that belong to no field

    /// The count fell below zero: more enables than disables. Then the fields mean nothing.
    bool underflow = false;

    bool operator==(const preempt_fields &) const = default;
};

/// What schedule() itself has added when "scheduling while atomic" prints the count, and what it
/// compares the count with: its own preempt_disable(), if the kernel counts preemption levels
/// (CONFIG_PREEMPT up to 3.0, CONFIG_PREEMPT_COUNT since).
constexpr unsigned schedule_offset(bool counting) { return counting ? 1 : 0; }

/// Takes a count apart. Underflow is told by bits 27 to 30, which no valid count has all set; bit
/// 31 is missing from a negative number where preempt_count() masks it off.
constexpr preempt_fields decode_preempt_count(unsigned count, const preempt_layout &l)
{
    const auto level = [count](unsigned mask) {
        return mask == 0 ? 0 : (count & mask) / field_unit(mask);
    };
    preempt_fields f;
    f.rest = count & ~(l.all() | l.hidden);
    f.underflow = (count & 0x78000000) == 0x78000000;
    f.preempt = level(l.preempt);
    f.softirq = level(l.softirq);
    if (l.bh_disable == 0x200) {
        f.bh_disable = f.softirq / 2;
        f.softirq %= 2;
    }
    f.hardirq = level(l.hardirq);
    f.nmi = level(l.nmi);
    f.preempt_active = (count & l.preempt_active) != 0;
    return f;
}

} // namespace kctx::kernel

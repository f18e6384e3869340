// SPDX-License-Identifier: BSL-1.0
#include <kctx/kernel/preempt_count.hpp>

constexpr bool says(unsigned count, unsigned version, kctx::kernel::arch arch, const reading &r)
{
    const auto f = kctx::kernel::decode_preempt_count(
        count, kctx::kernel::preempt_count_layout(version, arch, false));
    return r.in_hard_irq == (f.hardirq != 0) && r.softirq == f.softirq &&
           r.preemption == f.preempt && r.at_a_preemption_point == f.preempt_active;
}

LAB_TEST("swapper/0/0x40010100") { LAB_EXPECT(says(0x40010100, KCTX_VERSION(2, 6, 33), kctx::kernel::arch::arm, swapper), "not all four are right"); }
LAB_TEST("events/0/4/0x00010004") { LAB_EXPECT(says(0x00010004, KCTX_VERSION(2, 6, 32), kctx::kernel::arch::arm, events), "not all four are right"); }
LAB_TEST("insmod/826/0x00000002") { LAB_EXPECT(says(0x00000002, KCTX_VERSION(2, 6, 32), kctx::kernel::arch::powerpc, insmod), "not all four are right"); }

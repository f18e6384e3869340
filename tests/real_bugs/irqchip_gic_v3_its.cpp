// SPDX-License-Identifier: BSL-1.0
// BUG: irqchip, gic-v3-its: a CPU that starts frees its pending table with interrupts off
// CONTEXT: start of a CPU, interrupts off, on PREEMPT_RT
// CHAIN: cpuhp_invoke_callback > its_cpu_init > its_free_pending_table > free_pages
// SOURCE: https://lore.kernel.org/r/20211027151506.2085066-3-valentin.schneider@arm.com
// EXPECT slug: alloc-in-raw-section
// EXPECT call: free_pages
// EXPECT context: StopMachineCtx
// EXPECT fix: after the raw section
#include <kctx/api/page.hpp>
#include <kctx/api/smp.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct its_cpu {
    unsigned long pending_table;
};

#ifdef FIXED
int its_cpu_init(StopMachineCtx, void *) { return 0; }

void its_cpu_memreserve_lpi(ProcessCtx ctx, its_cpu *cpu)
{
    free_pages(ctx, cpu->pending_table, 4);
}
#else
int its_cpu_init(StopMachineCtx ctx, void *data)
{
    free_pages(ctx, static_cast<its_cpu *>(data)->pending_table, 4); // <-- error
    return 0;
}
#endif

int start_cpu(ProcessCtx ctx, its_cpu *cpu)
{
    const int error = stop_machine(ctx, handler<its_cpu_init>, cpu, nullptr);
#ifdef FIXED
    its_cpu_memreserve_lpi(ctx, cpu);
#endif
    return error;
}

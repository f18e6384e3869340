// SPDX-License-Identifier: BSL-1.0
// BUG: acpi, PPTT: a CPU that starts looks up a table that is absent, and waits for a semaphore
// CONTEXT: start of a CPU, interrupts off
// CHAIN: secondary_start_kernel > acpi_find_last_cache_level > acpi_get_table > down_timeout
// SOURCE: Fixes 0c80f9e165f8 (6.3-rc1), https://lore.kernel.org/r/20230308112632.1908748-1-sudeep.holla@arm.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: down_timeout
// EXPECT context: IrqsDisabled<kctx::ProcessCtx>
// EXPECT fix: down_trylock()
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/semaphore.hpp>

using namespace kctx;

struct acpi {
    semaphore mutex;
    bool looked_up = false; ///< and whether it was there does not change
};

template <context C> int acpi_get_table(C ctx, acpi *a)
{
    if (down_timeout(ctx, &a->mutex, 100) != 0) // <-- error
        return -ETIME;
    a->looked_up = true;
    up(ctx, &a->mutex);
    return 0;
}

void secondary_start_kernel(ProcessCtx ctx, acpi *a)
{
#ifdef FIXED
    acpi_get_table(ctx, a); // once, at boot
#endif
    KCTX_LOCAL_IRQ_DISABLE(ctx) {
#ifndef FIXED
        acpi_get_table(ctx, a);
#endif
        if (!a->looked_up)
            pr_warn("no PPTT\n");
    }
}

// SPDX-License-Identifier: BSL-1.0
// BUG: usb gadget, fotg210-udc: a control transfer allocates with GFP_KERNEL in the interrupt handler
// CONTEXT: hard irq
// CHAIN: fotg210_irq > fotg210_setup_packet > fotg210_get_status > kmalloc
// SOURCE: 2337a77c1cc8, https://lore.kernel.org/r/20191113020131.13356-7-sashal@kernel.org
// EXPECT slug: gfp-may-sleep
// EXPECT call: kmalloc
// EXPECT context: IrqCtx.*GFP_KERNEL
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct fotg210_udc {
    void *answer = nullptr;
};

template <context C> int fotg210_get_status(C ctx, fotg210_udc *udc)
{
#ifdef FIXED
    udc->answer = KCTX_TRY(kmalloc(ctx, 2, GFP_ATOMIC), return -ENOMEM);
#else
    udc->answer = KCTX_TRY(kmalloc(ctx, 2, GFP_KERNEL), return -ENOMEM); // <-- error
#endif
    return 0;
}

template <context C> int fotg210_setup_packet(C ctx, fotg210_udc *udc)
{
    return fotg210_get_status(ctx, udc);
}

irqreturn_t fotg210_irq(IrqCtx ctx, int, void *data)
{
    return fotg210_setup_packet(ctx, static_cast<fotg210_udc *>(data)) == 0 ? IRQ_HANDLED
                                                                            : IRQ_NONE;
}

int probe(ProcessCtx ctx, fotg210_udc *udc, unsigned int irq)
{
    return request_irq(ctx, irq, handler<fotg210_irq>, IRQF_SHARED, "fotg210", udc);
}

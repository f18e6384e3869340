// SPDX-License-Identifier: BSL-1.0
inline void nic_isr(IrqCtx ctx, nic *n)
{
    KCTX_SPIN_LOCK(ctx, n->rx) {
        KCTX_SPIN_LOCK(ctx, n->stats) {
            n->packets++;
        }
    }
}
inline unsigned long nic_packets(ProcessCtx ctx, nic *n)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, n->rx) {
        KCTX_SPIN_LOCK(ctx, n->stats) {
            return n->packets;
        }
    }
    return 0;
}

LAB_TEST("the good uses still work")
{
    nic n{};
    host::run<IrqCtx>(nic_isr, &n);
    LAB_EQUAL(host::run<ProcessCtx>(nic_packets, &n), 1, "the packet is not counted");
}

// [[must-reject plain-in-process: irq-unsafe-lock]]
void bad_reader(kctx::ProcessCtx ctx, nic *n)
{
    KCTX_SPIN_LOCK(ctx, n->rx) {
        n->packets = 0;
    }
}
// [[end]]
// [[must-reject bh-in-work: irq-unsafe-lock]]
void bad_work(kctx::WorkCtx ctx, nic *n)
{
    KCTX_SPIN_LOCK_BH(ctx, n->stats) {
        n->packets = 0;
    }
}
// [[end]]
// [[must-reject inverted: lock-order]]
void bad_order(kctx::IrqCtx ctx, nic *n)
{
    KCTX_SPIN_LOCK(ctx, n->stats) {
        KCTX_SPIN_LOCK(ctx, n->rx) {
            n->packets = 0;
        }
    }
}
// [[end]]

// SPDX-License-Identifier: BSL-1.0
// A reader sleeps until the card's interrupt wakes it. It tests first and says then that it sleeps,
// so that an interrupt in between wakes nobody: in one order of events it waits for ever. All
// orders are run, and the shortest that fails is shown. usage: lost_wakeup [FILE]    FILE: the
// failing order as a drawing (SVG) Built with KCTX_UNCHECKED; another file of the program includes
// <kctx/sim.hpp>.
#include <fstream>
#include <iostream>

#include <kctx/all.hpp>
#include <kctx/sim/explore.hpp>

using namespace kctx;

namespace {

struct card {
    task_struct *reader = nullptr;
    bool packet = false;
};

irqreturn_t card_isr(IrqCtx ctx, int, void *dev)
{
    auto *const c = static_cast<card *>(dev);
    c->packet = true;
    wake_up_process(ctx, c->reader);
    return IRQ_HANDLED;
}

void card_read(ProcessCtx ctx, card *c)
{
    if (!c->packet) {
        set_current_state(ctx, TASK_UNINTERRUPTIBLE); // too late: it belongs before the test
        schedule(ctx);
    }
}

void model(card &c, sim::scenario &s)
{
    s.task("read", [&c] {
        const auto ctx = assume_context<ProcessCtx>("the task that the scenario starts");
        c.reader = get_current();
        if (request_irq(ctx, 5, handler<card_isr>, IRQF_SHARED, "card", &c) == 0)
            card_read(ctx, &c);
    });
    s.interrupt(5, "card");
    s.ends_with("a packet was not read", [&c] { return c.packet; });
}

} // namespace

int main(int argc, char **argv)
{
    const sim::exploration found = sim::explore<card>({}, model);
    if (!found.failed) {
        std::cout << found.runs << " orders, and none fails\n";
        return 1;
    }
    std::cout << found.runs << " orders run: " << found.failed->what << "\n\n"
              << found.failed->timeline;
    if (argc > 1)
        std::ofstream(argv[1]) << found.failed->svg;
    return 0;
}

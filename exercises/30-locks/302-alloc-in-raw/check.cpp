// SPDX-License-Identifier: BSL-1.0
LAB_TEST("a message is posted")
{
    mailbox box{};
    LAB_EXPECT(host::run<ThreadedIrqCtx>(post, &box, 42), "it is not posted");
    LAB_EXPECT(box.first && box.first->value == 42 && !box.first->next, "the list is another one");
    host::run<ProcessCtx>([&](auto ctx) { kfree(ctx, box.first); });
}
LAB_TEST("a closed mailbox takes nothing, and keeps nothing")
{
    mailbox box{};
    box.closed = true;
    const auto before = host::memory_in_use();
    LAB_EXPECT(!host::run<ThreadedIrqCtx>(post, &box, 42), "it says that it was posted");
    LAB_EQUAL(host::memory_in_use(), before, "memory is in use that nobody knows of");
}
LAB_TEST("without memory nothing is posted")
{
    mailbox box{};
    host::fail_nth(1);
    const bool posted = host::run<ThreadedIrqCtx>(post, &box, 42);
    host::fail_nth(0);
    LAB_EXPECT(!posted && !box.first, "something was posted");
}

// [[machine]]
LAB_MACHINE({.rt = true})
{
    static mailbox box{};
    lab::task("irq/27-mailbox", 250, [] { post(lab::token<ThreadedIrqCtx>(), &box, 42); });
    lab::run();
}
// [[end]]

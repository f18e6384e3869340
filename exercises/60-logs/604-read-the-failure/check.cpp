// SPDX-License-Identifier: BSL-1.0
#include <kctx/kernel/gfp_of_version.hpp>

LAB_TEST("what was asked for")
{
    LAB_EQUAL(pages_in_a_row, 1l << lab::number_after("order:"), "an order is a power of two");
    constexpr long direct_reclaim = 0x400; // ___GFP_DIRECT_RECLAIM of 5.4
    LAB_EXPECT(may_wait == ((lab::number_after("mode:") & direct_reclaim) != 0), "which bit of the mode allows direct reclaim?");
}
LAB_TEST("who asked")
{
    // A kworker says which of its queues it works for; an interrupt has no such line.
    const bool worker = lab::number_after("Workqueue: usb_hub_wq hub_even") == 0;
    LAB_EXPECT(in_process_context == worker, "a work item is run by a task");
}
LAB_TEST("what was there")
{
    const long usable = lab::number_after("free:") - lab::number_after("free_cma:");
    LAB_EQUAL(pages_without_cma, usable, "free pages, less those of CMA");
    LAB_EXPECT(above_min == (usable * 4 > lab::number_after("min:")), "the watermark is in kB");
}
LAB_TEST("in what pieces")
{
    // The first size whose blocks are of CMA alone: (C).
    long size = 4;
    const char *const of_other_types[] = {"*4kB (UM", "*8kB (UM", "*16kB (UM", "*32kB (UM"};
    for (const char *text : of_other_types) {
        lab::number_after(text); // fails the test if the log is another one
        size *= 2;
    }
    LAB_EQUAL(largest_block_not_of_cma_kB, size / 2, "look at the letters behind the sizes");
}

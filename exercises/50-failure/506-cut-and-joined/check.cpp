// SPDX-License-Identifier: BSL-1.0
// The truth is what the model of the page allocator does with these requests.
constexpr unsigned orders = 11;
struct look {
    unsigned long blocks[orders];
    look()
    {
        for (unsigned order = 0; order < orders; ++order)
            blocks[order] = lab::free_blocks(order);
    }
};
// The largest order of which there were more blocks at one time than at another.
static unsigned lost(const look &before, const look &after)
{
    unsigned order = orders;
    while (order-- != 0 && before.blocks[order] <= after.blocks[order]) {
    }
    return order;
}

LAB_TEST("the first request")
{
    lab::detail::power_on({.megabytes = 64});
    const look before;
    lab::take_block(LAB_small);
    const look after;
    LAB_EQUAL(a_is_cut_from, lost(before, after), "of which orders are there free blocks at all?");
    unsigned long left = 0;
    for (unsigned order = 0; order < orders - 1; ++order)
        left += after.blocks[order];
    LAB_EQUAL(blocks_left_over, left, "a block is halved until it is small enough, and each half that is left over is a free block");
}
LAB_TEST("the second request")
{
    lab::detail::power_on({.megabytes = 64});
    const unsigned long a = lab::take_block(LAB_small);
    const look before;
    const unsigned long b = lab::take_block(LAB_large);
    LAB_EQUAL(b_is_cut_from, lost(before, look()), "the smallest block that is large enough is taken");
    LAB_EQUAL(pages_from_a_to_b, b - a, "which of the two halves is cut on?");
}
LAB_TEST("what is given back")
{
    lab::detail::power_on({.megabytes = 64});
    const unsigned long a = lab::take_block(LAB_small);
    lab::take_block(LAB_large);
    const look before;
    lab::give_block(a, LAB_small);
    LAB_EQUAL(a_is_joined_to, lost(look(), before), "two free halves become one block, and that one has another half");
}

// SPDX-License-Identifier: BSL-1.0
#include <kctx/api/slab.hpp>

static unsigned long memory, free_now;
static void use_memory()
{
    lab::detail::power_on({.megabytes = 64});
    memory = lab::free_pages();
    lab::task("insmod", 826, [] { in_pieces(lab::token<ProcessCtx>()); });
    LAB_EXPECT(lab::run(), "the machine does not come to an end");
    free_now = lab::free_pages();
}

LAB_TEST("a third of the memory is free")
{
    use_memory();
    LAB_EXPECT(free_now >= memory / 3, "too much of it is in use");
}
LAB_TEST("the largest free block")
{
    use_memory();
    unsigned long larger = 0;
    for (unsigned order = LAB_largest + 1; order <= 10; ++order)
        larger += lab::free_blocks(order) << order;
    // A page that lay on a per-cpu list is joined with others only when that is drained.
    LAB_EXPECT(larger <= 8, "there are larger ones");
    LAB_EXPECT(lab::free_blocks(LAB_largest) != 0, "there is none of this order");
}
LAB_TEST("64 kB in a row are not to be had, a page is")
{
    use_memory();
    static bool got_many, got_one;
    lab::task("modprobe", 830, [] {
        auto ctx = lab::token<ProcessCtx>();
        got_many = kmalloc(ctx, 64 * 1024, GFP_KERNEL) ? true : false;
        got_one = kmalloc(ctx, 4096, GFP_KERNEL) ? true : false;
    });
    LAB_EXPECT(lab::run(), "the machine does not come to an end");
    LAB_EXPECT(got_one && !got_many, "the driver gets its 64 kB");
    LAB_EXPECT(lab::reports("modprobe: page allocation failure: order:4") == 1, "the kernel does not report it");
}

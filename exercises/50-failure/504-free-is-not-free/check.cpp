// SPDX-License-Identifier: BSL-1.0
// The rule, as mm/page_alloc.c __zone_watermark_ok() of 5.4 has it for order 0, without lowmem_reserve.
constexpr bool watermark_ok(long free, long cma, long min, bool high, bool harder)
{
    if (high)
        min -= min / 2;
    if (harder)
        min -= min / 4;
    return free - cma > min;
}
constexpr long pages(long kB) { return kB / 4; }
constexpr long usable = pages(LAB_free) - pages(LAB_cma);

LAB_TEST("pages that are not of CMA") { LAB_EXPECT(pages_for_a_driver == usable || pages_for_a_driver == (LAB_free - LAB_cma) / 4, "that is another number of pages"); }
LAB_TEST("GFP_KERNEL at the min watermark")
{
    LAB_EXPECT(gfp_kernel_gets_one_at_min == watermark_ok(pages(LAB_free), pages(LAB_cma), pages(LAB_min), false, false), "compare pages with pages");
}
LAB_TEST("how low GFP_ATOMIC may go")
{
    constexpr long min = pages(LAB_min);
    LAB_EQUAL(atomic_min_pages, min - min / 2 - (min - min / 2) / 4, "first a half, then a quarter of what is left");
}
LAB_TEST("GFP_ATOMIC")
{
    LAB_EXPECT(gfp_atomic_gets_one == watermark_ok(pages(LAB_free), pages(LAB_cma), pages(LAB_min), true, true), "compare with its own limit");
}

// SPDX-License-Identifier: BSL-1.0
LAB_TEST("the line")
{
    lab::detail::power_on({.version = KCTX_VERSION(2, 6, 32), .debug = false});
    lab::task("insmod", 826, [] { oops_log(lab::token<ProcessCtx>()); });
    LAB_EXPECT(lab::run(), "the machine hangs");
    LAB_EXPECT(lab::reports("BUG: ") != 0, "the machine has nothing to report");
    LAB_EXPECT(lab::reports("BUG: scheduling while atomic: insmod/826/0x00000002") != 0,
               "it reports another count");
    LAB_EXPECT(lab::reports("BUG: ") == 1, "it reports more than once");
}

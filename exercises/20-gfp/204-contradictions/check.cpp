// SPDX-License-Identifier: BSL-1.0
LAB_TEST("the journal's record cannot fail")
{
    host::set_memory_faults({.probability = 100, .seed = 1, .times = 20});
    void *const record = host::run<KthreadCtx>(journal_record);
    host::set_memory_faults({});
    LAB_EXPECT(record, "the journal got no record");
    host::run<ProcessCtx>([&](auto ctx) { kfree(ctx, record); });
}
LAB_TEST("the read-ahead table may fail")
{
    host::fail_nth(1);
    void *const table = host::run<ProcessCtx>(read_ahead_table);
    host::fail_nth(0);
    LAB_EXPECT(!table, "the table was insisted on");
}
LAB_TEST("the bounce page is there")
{
    page *const p = host::run<ProcessCtx>(bounce_page);
    LAB_EXPECT(p, "no page");
    host::run<ProcessCtx>([&](auto ctx) { __free_page(ctx, p); });
}

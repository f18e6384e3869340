// SPDX-License-Identifier: BSL-1.0
static char delivered[64];
static unsigned count;
static void keep(WorkCtx, char byte) { delivered[count++] = byte; }

static uart fresh()
{
    uart u{};
    INIT_WORK(&u.bottom, handler<uart_bottom>);
    u.deliver = keep;
    count = 0;
    return u;
}
static void drain(uart &u)
{
    host::run<WorkCtx>(uart_bottom, &u.bottom);
}

LAB_TEST("one run of the bottom half passes on all that is there")
{
    static uart u = fresh();
    for (char c = 'a'; c <= 'c'; ++c)
        u.bytes[u.head++] = c;
    drain(u);
    LAB_EXPECT(count == 3, "bytes stay in the ring after the work has run");
}
LAB_TEST("bytes arrive in order")
{
    static uart u = fresh();
    for (char c = 'a'; c <= 'e'; ++c)
        host::run<IrqCtx>(uart_isr, &u, c);
    host::run<ProcessCtx>([](auto ctx) { flush_work(ctx, &u.bottom); });
    LAB_EXPECT(count == 5 && delivered[0] == 'a' && delivered[4] == 'e', "other bytes arrived, or none");
    LAB_EXPECT(u.lost == 0, "bytes count as lost");
}
LAB_TEST("a full ring loses the newest, and counts them")
{
    static uart u = fresh();
    for (unsigned i = 0; i < RING; ++i)
        u.bytes[u.head++ % RING] = static_cast<char>('A' + i);
    host::run<IrqCtx>(uart_isr, &u, '!');
    host::run<ProcessCtx>([](auto ctx) { cancel_work_sync(ctx, &u.bottom); });
    drain(u);
    LAB_EXPECT(u.lost == 1 || count == RING + 1, "the lost byte is not counted");
    LAB_EXPECT(delivered[0] == 'A', "an old byte was overwritten");
}

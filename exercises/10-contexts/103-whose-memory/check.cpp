// SPDX-License-Identifier: BSL-1.0
LAB_TEST("a process reads the last event")
{
    events e{};
    int got = 0;
    host::run<WorkCtx>(events_put, &e, 42);
    const long n = host::run<SyscallCtx>([&](auto ctx) { return events_read(ctx, &e, user_ptr<int>(&got)); });
    LAB_EXPECT(n == sizeof got && got == 42, "the process got another event");
    LAB_EXPECT(e.read == 1, "reads are not counted");
}
LAB_TEST("an address that is not the process's is -EFAULT")
{
    events e{};
    int got = 0;
    const host::bad_user_memory bad(&got, sizeof got);
    const long n = host::run<SyscallCtx>([&](auto ctx) { return events_read(ctx, &e, user_ptr<int>(&got)); });
    LAB_EXPECT(n == -EFAULT, "the call did not fail with -EFAULT");
}

// [[machine]]
LAB_MACHINE({})
{
    static events e{};
    static int got;
    lab::task("evtest", 812, [] { events_read(lab::token<SyscallCtx>(), &e, user_ptr<int>(&got)); });
    lab::run();
}
// [[end]]

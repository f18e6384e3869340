// SPDX-License-Identifier: BSL-1.0
static int add(quota &q, unsigned long id)
{
    return host::run<SyscallCtx>([&](auto ctx) { return quota_add(ctx, &q, id); });
}
static void drop(quota &q)
{
    while (qgroup *g = q.first) {
        q.first = g->next;
        host::run<ProcessCtx>([&](auto ctx) { kfree(ctx, g); });
    }
}

LAB_TEST("groups are added once")
{
    quota q{};
    LAB_EXPECT(add(q, 5) == 0 && add(q, 6) == 0, "a new group is refused");
    LAB_EXPECT(add(q, 5) == -EEXIST, "a group is there twice");
    LAB_EXPECT(q.first && q.first->id == 6 && q.first->next && q.first->next->id == 5, "the list is another one");
    drop(q);
}
LAB_TEST("what was allocated in vain is freed")
{
    quota q{};
    add(q, 5);
    const auto before = host::memory_in_use();
    add(q, 5);
    LAB_EQUAL(host::memory_in_use(), before, "after -EEXIST memory is in use that nobody knows of");
    drop(q);
}
LAB_TEST("no memory is -ENOMEM")
{
    quota q{};
    host::fail_nth(1);
    const int error = add(q, 5);
    host::fail_nth(0);
    LAB_EXPECT(error == -ENOMEM && !q.first, "it is not refused with -ENOMEM");
}

// [[machine]]
LAB_MACHINE({})
{
    static quota q{};
    lab::task("btrfs", 900, [] { quota_add(lab::token<SyscallCtx>(), &q, 5); });
    lab::run();
}
// [[end]]

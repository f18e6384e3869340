// SPDX-License-Identifier: BSL-1.0
#include <atomic>
#include <chrono>
#include <thread>

LAB_TEST("reading the last sample empties the ring")
{
    ring r{};
    r.samples[0] = 4;
    r.samples[1] = 5;
    r.used = 2;
    LAB_EQUAL(host::run<SyscallCtx>(ring_last, &r), 5, "another sample was the last");
    LAB_EXPECT(r.used == 0 && r.cleared == 1, "the ring is not empty");
}
LAB_TEST("ring_clear() waits for whoever has the lock")
{
    ring r{};
    r.used = 3;
    std::atomic<bool> done = false;
    std::thread other;
    host::run<ProcessCtx>([&](auto ctx) {
        KCTX_MUTEX_LOCK(ctx, r.lock) {
            other = std::thread([&] {
                host::run<KthreadCtx>([&](auto kthread) { ring_clear(kthread, &r); });
                done = true;
            });
            for (int i = 0; i < 40 && !done; ++i)
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            LAB_EXPECT(!done && r.used == 3, "the ring was cleared while another had its lock");
        }
    });
    other.join();
    LAB_EXPECT(r.used == 0 && r.cleared == 1, "the ring was not cleared in the end");
}

// [[machine]]
LAB_MACHINE({.lockdep = true})
{
    static ring r{};
    lab::task("cat", 812, [] { ring_last(lab::token<SyscallCtx>(), &r); });
    lab::run();
}
// [[end]]

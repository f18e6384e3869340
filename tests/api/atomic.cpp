// SPDX-License-Identifier: BSL-1.0
// Counters that many change at a time, and the accessors of variables that others write.
#include <kctx/api/atomic.hpp>
#include <kctx/api/kernel.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace kctx;

namespace {
void in_threads(int n, auto body)
{
    std::vector<std::thread> all;
    for (int i = 0; i < n; ++i)
        all.emplace_back(body);
    for (std::thread &t : all)
        t.join();
}
} // namespace

TEST_CASE("atomic_t")
{
    atomic_t v{40};
    atomic_inc(&v);
    atomic_add(3, &v);
    atomic_sub(2, &v);
    atomic_dec(&v);
    CHECK(atomic_read(&v) == 41);
    CHECK(atomic_inc_return(&v) == 42);
    CHECK(atomic_dec_return(&v) == 41);
    CHECK(atomic_add_return(-1, &v) == 40);
    CHECK(atomic_xchg(&v, 1) == 40);
    CHECK(atomic_cmpxchg(&v, 2, 5) == 1);
    CHECK(atomic_read(&v) == 1);
    CHECK(atomic_cmpxchg(&v, 1, 5) == 1);
    CHECK(atomic_read(&v) == 5);
    atomic_set(&v, 1);
    CHECK(atomic_dec_and_test(&v));
    in_threads(4, [&v] {
        for (int i = 0; i < 10000; ++i)
            atomic_inc(&v);
    });
    CHECK(atomic_read(&v) == 40000);
}

TEST_CASE("refcount_t and kref: from zero there is no way back")
{
    refcount_t r;
    refcount_set(&r, 1);
    refcount_inc(&r);
    CHECK(refcount_read(&r) == 2);
    refcount_dec(&r);
    CHECK(refcount_inc_not_zero(&r));
    CHECK_FALSE(refcount_dec_and_test(&r));
    CHECK(refcount_dec_and_test(&r));
    CHECK_FALSE(refcount_inc_not_zero(&r));
    CHECK(refcount_read(&r) == 0);

    kref k;
    int released = 0;
    const auto release = [&released](kref *) { ++released; };
    kref_init(&k);
    kref_get(&k);
    CHECK(kref_get_unless_zero(&k));
    CHECK_FALSE(kref_put(&k, release));
    CHECK_FALSE(kref_put(&k, release));
    CHECK(released == 0);
    CHECK(kref_put(&k, release));
    CHECK(released == 1);
    CHECK_FALSE(kref_get_unless_zero(&k));

    kref many;
    kref_init(&many);
    for (int i = 1; i < 4; ++i)
        kref_get(&many);
    std::vector<int> last(1);
    in_threads(4, [&] { kref_put(&many, [&](kref *) { ++last[0]; }); });
    CHECK(last[0] == 1);
}

TEST_CASE("READ_ONCE() and WRITE_ONCE()")
{
    int ready = 0;
    std::thread writer([&ready] { WRITE_ONCE(ready, 7); });
    while (READ_ONCE(ready) == 0)
        std::this_thread::yield();
    CHECK(READ_ONCE(ready) == 7);
    writer.join();
}

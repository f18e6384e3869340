// SPDX-License-Identifier: BSL-1.0
#include <kctx/api/uaccess.hpp>
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>

#include <cstring>
#include <doctest/doctest.h>
#include <string>

using namespace kctx;

namespace {

void in_system_call(auto body) { host::run<SyscallCtx>(body); }

template <class T> user_ptr<T> user(T *p) { return user_ptr<T>(p); }

} // namespace

TEST_CASE("copies between kernel and process")
{
    in_system_call([](SyscallCtx ctx) {
        char process[32] = "from the process";
        char kernel[32] = {};
        CHECK(copy_from_user(ctx, kernel, user(process), sizeof process) == 0);
        CHECK(std::string(kernel) == "from the process");
        CHECK(copy_to_user(ctx, user(process), "to it", 6) == 0);
        CHECK(std::string(process) == "to it");
        CHECK(clear_user(ctx, user(process), 3) == 0);
        CHECK(process[2] == 0);
        CHECK(process[3] == 'i');
        CHECK(copy_from_user(ctx, kernel, user(process), 0) == 0);

        int value = 0, theirs = 42;
        CHECK(get_user(ctx, value, user(&theirs)) == 0);
        CHECK(value == 42);
        CHECK(put_user(ctx, 43, user(&theirs)) == 0);
        CHECK(theirs == 43);
    });
}

TEST_CASE("what cannot be reached is missing, and is zeroed in the kernel")
{
    char process[100];
    std::memset(process, 'p', sizeof process);
    const host::bad_user_memory unmapped(process + 60, 40);
    in_system_call([&](SyscallCtx ctx) {
        char kernel[100];
        std::memset(kernel, 'k', sizeof kernel);
        CHECK(copy_from_user(ctx, kernel, user(process), 60) == 0);
        CHECK(copy_from_user(ctx, kernel, user(process), 100) == 40);
        CHECK(kernel[59] == 'p');
        CHECK(kernel[60] == 0);
        CHECK(kernel[99] == 0);
        CHECK(copy_to_user(ctx, user(process), kernel, 61) == 1);
        CHECK(process[60] == 'p');
        CHECK(copy_to_user(ctx, user(process + 80), kernel, 10) == 10);
        CHECK(clear_user(ctx, user(process + 55), 10) == 5);

        int value = 7;
        CHECK(get_user(ctx, value, user(reinterpret_cast<int *>(process + 60))) == -EFAULT);
        CHECK(value == 0);
        CHECK(put_user(ctx, 1, user(reinterpret_cast<int *>(process + 58))) == -EFAULT);
        CHECK(copy_from_user_nofault(kernel, user(process + 70), 4) == -EFAULT);
        CHECK(copy_to_user_nofault(user(process), kernel, 4) == 0);
        CHECK(copy_from_kernel_nofault(kernel, process + 70, 4) == -EFAULT);
    });
}

TEST_CASE("bad memory is bad as long as its object lives")
{
    char process[4] = {};
    in_system_call([&](SyscallCtx ctx) {
        {
            const host::bad_user_memory unmapped(process, 4);
            CHECK(copy_to_user(ctx, user(process), "abc", 4) == 4);
        }
        CHECK(copy_to_user(ctx, user(process), "abc", 4) == 0);
    });
}

TEST_CASE("NULL and addresses of the kernel are bad")
{
    in_system_call([](SyscallCtx ctx) {
        char kernel[8] = "xxxxxxx";
        CHECK(copy_from_user(ctx, kernel, user_ptr<const void>(nullptr), 8) == 8);
        CHECK(kernel[0] == 0);
        const user_ptr<void> high(reinterpret_cast<void *>(0xffff888000000000));
        CHECK(!access_ok(high, 1));
        CHECK(copy_to_user(ctx, high, kernel, 8) == 8);
        CHECK(clear_user(ctx, high, 8) == 8);
        CHECK(access_ok(user(kernel), 8));
        CHECK(!access_ok(user(kernel), ~0ul));
    });
}

TEST_CASE("strings")
{
    char process[8] = "abc";
    in_system_call([&](SyscallCtx ctx) {
        char kernel[8];
        CHECK(strncpy_from_user(ctx, kernel, user<const char>(process), 8) == 3);
        CHECK(std::string(kernel) == "abc");
        CHECK(strncpy_from_user(ctx, kernel, user<const char>(process), 2) == 2);
        const host::bad_user_memory unmapped(process + 2, 6);
        CHECK(strncpy_from_user(ctx, kernel, user<const char>(process), 8) == -EFAULT);
    });
}

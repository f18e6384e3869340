// SPDX-License-Identifier: BSL-1.0
/// @file
/// What check.cpp is written with. It comes before the answer, and is cheap to compile.
///
///     LAB_TEST("the buffer is given back when the irq is refused")
///     {
///         LAB_EXPECT(bytes_in_use() == before, "an allocation was not freed");
///     }
#pragma once

#ifdef LAB_HOST
#include <kctx/host/control.hpp>
#endif
#ifdef LAB_SIM
#include "machine.hpp"
#endif

namespace lab {

/// A test says once what is wrong: the first failed expectation ends it.
struct test {
    const char *name;
    void (*body)();
    test *next = nullptr;

    test(const char *n, void (*b)());
};

struct failed {};
[[noreturn]] void fail(const char *says);
[[noreturn]] void fail_with(const char *says, long is, long should_be);

/// The number that follows @p text where that first stands in the exercise's log.txt, 0x... or
/// decimal; a test fails if there is none.
long number_after(const char *text);

template <class A, class B> void expect_equal(const A &is, const B &should_be, const char *says)
{
    if (static_cast<long>(is) != static_cast<long>(should_be))
        fail_with(says, static_cast<long>(is), static_cast<long>(should_be));
}

} // namespace lab

#define LAB_NAME_2(line) lab_test_##line
#define LAB_NAME_1(line) LAB_NAME_2(line)
#define LAB_NAME_4(line) lab_entry_##line
#define LAB_NAME_3(line) LAB_NAME_4(line)
#define LAB_TEST(name)                                                                             \
    static void LAB_NAME_1(__LINE__)();                                                            \
    static lab::test LAB_NAME_3(__LINE__)(name, LAB_NAME_1(__LINE__));                             \
    static void LAB_NAME_1(__LINE__)()

#define LAB_EXPECT(condition, says)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            lab::fail(says);                                                                       \
    } while (false)
/// Says nothing of the right value.
#define LAB_EQUAL(is, should_be, says) lab::expect_equal(is, should_be, says)

// SPDX-License-Identifier: BSL-1.0
// What a legal call passes to the environment and gives back, with an environment of the test's
// own.
#include <doctest/doctest.h>

#define pr_fmt(format) "card: " format
#include <kctx/api/jiffies.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/kfifo.hpp>
#include <kctx/api/memalloc.hpp>
#include <kctx/api/percpu.hpp>
#include <kctx/api/printk.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/smp.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/api/usb.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/lock/spinlock.hpp>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace kctx;

namespace {

constexpr auto task = assume_context<ProcessCtx>("the test's own thread");
constexpr auto system_call = assume_context<SyscallCtx>("the test's own thread");

// What the environment below has seen, and what it is to do.
unsigned last_flags;
bool memory_is_short;
bool user_memory_is_away;
int cpu;
std::string log_line;
int evaluations;
const void *freed;
std::string scopes; // those that are open, i and f

} // namespace

// The environment is where clang's function effects end: they hold for the calls, not for it.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void *kmalloc(size_t size, gfp_t flags) noexcept
{
    last_flags = flags.value;
    return memory_is_short ? nullptr : std::malloc(size);
}
void kfree(const void *object) noexcept
{
    freed = object;
    std::free(const_cast<void *>(object));
}
vmalloc_memory *vmalloc(unsigned long size) noexcept
{
    return memory_is_short ? nullptr : static_cast<vmalloc_memory *>(std::malloc(size));
}
void kvfree(any_memory memory) noexcept
{
    freed = memory;
    std::free(const_cast<void *>(freed));
}
unsigned int memalloc_noio_save() noexcept
{
    scopes += 'i';
    return 0;
}
void memalloc_noio_restore(unsigned int) noexcept { scopes.pop_back(); }
unsigned int memalloc_nofs_save() noexcept
{
    scopes += 'f';
    return 0;
}
void memalloc_nofs_restore(unsigned int) noexcept { scopes.pop_back(); }
int usb_submit_urb(urb *u, gfp_t flags) noexcept
{
    last_flags = flags.value;
    u->actual_length = u->transfer_buffer_length;
    u->complete.function()(u);
    return 0;
}
unsigned long copy_from_user(void *to, user_ptr<const void> from, unsigned long n) noexcept
{
    if (user_memory_is_away)
        return n;
    std::memcpy(to, from.address(), n);
    return 0;
}
unsigned long copy_to_user(user_ptr<void> to, const void *from, unsigned long n) noexcept
{
    if (user_memory_is_away)
        return n;
    std::memcpy(to.address(), from, n);
    return 0;
}
// In parentheses, since the name is a macro as well.
void(wait_event)(wait_queue_head_t &, wait_condition until) noexcept
{
    while (!until())
        ++evaluations;
}
long(wait_event_timeout)(wait_queue_head_t &, wait_condition until, long timeout) noexcept
{
    for (; timeout > 0 && !until(); --timeout)
        ++evaluations;
    return timeout;
}
int printk_at(const char *level, const char *format, ...) noexcept
{
    std::array<char, 200> text{};
    std::va_list arguments;
    va_start(arguments, format);
    const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
    va_end(arguments);
    log_line = std::string(level + 1) + text.data();
    return length;
}
void dev_printk(const char *level, const device *dev, const char *format, ...) noexcept
{
    std::array<char, 200> text{};
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text.data(), text.size(), format, arguments);
    va_end(arguments);
    log_line = std::string(level + 1) + dev_name(dev) + ": " + text.data();
}
int raw_smp_processor_id() noexcept { return cpu; }
int smp_processor_id() noexcept { return cpu; }
void *per_cpu_copy(void *variable, size_t size, int of_cpu) noexcept
{
    static std::array<unsigned char, 1024> copies[2];
    static void *const base = variable;
    REQUIRE(base == variable);
    REQUIRE(size <= copies[0].size());
    return copies[of_cpu].data();
}
int smp_call_function_single(int on_cpu, smp_call_func_t func, void *info, int) noexcept
{
    const int was = cpu;
    cpu = on_cpu;
    func.function()(info);
    cpu = was;
    return 0;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
#ifdef __clang__
#pragma clang diagnostic pop
#endif

namespace {
void ignored(urb *) {}
} // namespace

TEST_CASE("the environment gets the mask of the flags")
{
    kfree(task, KCTX_TRY(kmalloc(task, 8, GFP_KERNEL | __GFP_ZERO), return));
    CHECK(last_flags == gfp_mask(GFP_KERNEL | __GFP_ZERO));
    kfree(task, KCTX_TRY(kmalloc(task, 8, GFP_ATOMIC), return));
    CHECK(last_flags == gfp_mask(GFP_ATOMIC));
    urb u;
    u.complete = handler<ignored>;
    CHECK(usb_submit_urb(task, &u, GFP_NOIO) == 0);
    CHECK(last_flags == gfp_mask(GFP_NOIO));
}

TEST_CASE("inside a scope the mask loses what the scope forbids")
{
    const auto mask_in = [](auto ctx, auto flags) {
        kfree(ctx, KCTX_TRY(kmalloc(ctx, 8, flags), return ~0u));
        return last_flags;
    };
    CHECK(mask_in(task, GFP_USER) == gfp_mask(GFP_USER));
    auto ctx = task;
    KCTX_MEMALLOC_NOIO(ctx) {
        CHECK(scopes == "i");
        CHECK(mask_in(ctx, GFP_KERNEL) == gfp_mask(GFP_NOIO));
        CHECK(mask_in(ctx, GFP_ATOMIC | __GFP_ZERO) == gfp_mask(GFP_ATOMIC | __GFP_ZERO));
    }
    KCTX_MEMALLOC_NOFS(ctx) {
        CHECK(scopes == "f");
        CHECK(mask_in(ctx, GFP_KERNEL | __GFP_COMP) == gfp_mask(GFP_NOFS | __GFP_COMP));
        CHECK(mask_in(ctx, GFP_USER) == gfp_mask(GFP_USER & ~__GFP_FS));
        KCTX_MEMALLOC_NOIO(ctx) {
            CHECK(scopes == "fi");
            CHECK(mask_in(ctx, GFP_KERNEL) == gfp_mask(GFP_NOIO));
        }
        CHECK(mask_in(ctx, GFP_KERNEL) == gfp_mask(GFP_NOFS));
    }
    CHECK(scopes == "");
    CHECK(mask_in(ctx, GFP_KERNEL) == gfp_mask(GFP_KERNEL));
}

namespace {
int probe(int **slot)
{
    *slot = KCTX_TRY(kmalloc(task, sizeof(int), GFP_KERNEL), return -ENOMEM);
    return 0;
}
} // namespace

TEST_CASE("KCTX_TRY gives the memory, or leaves")
{
    int *slot = nullptr;
    CHECK(probe(&slot) == 0);
    REQUIRE(slot != nullptr);
    *slot = 7;
    kfree(task, slot);
    CHECK(freed == slot);
    int *untouched = slot;
    memory_is_short = true;
    CHECK(probe(&untouched) == -ENOMEM);
    memory_is_short = false;
    CHECK(untouched == slot);
    // A result may also be asked first.
    const auto result = kmalloc(task, 8, GFP_ATOMIC);
    REQUIRE(result);
    kfree(task, result.checked());
}

TEST_CASE("a pointer to memory of vmalloc() is used like a pointer")
{
    vmalloc_ptr<int> table = KCTX_TRY(vmalloc(task, 4 * sizeof(int)), return);
    CHECK(table);
    CHECK(table != nullptr);
    table[2] = 5;
    *table = 3;
    CHECK(table.get()[0] == 3);
    const vmalloc_ptr<const int> same = table;
    CHECK(same == table);
    CHECK(same[2] == 5);
    const int *const start = table.get();
    kvfree(task, table);
    CHECK(freed == start);
    static_assert(sizeof table == sizeof(int *));
}

TEST_CASE("kvfree() takes what kmalloc() returned, too")
{
    void *memory = KCTX_TRY(kmalloc(task, 8, GFP_KERNEL), return);
    kvfree(task, memory);
    CHECK(freed == memory);
    kvfree(task, nullptr);
    CHECK(freed == nullptr);
}

TEST_CASE("wait_event() evaluates its condition anew each time, and only then")
{
    wait_queue_head_t queue;
    int seen = 0;
    evaluations = 0;
    wait_event(task, queue, ++seen == 4);
    CHECK(seen == 4);
    CHECK(evaluations == 3);
    CHECK(wait_event_timeout(task, queue, ++seen == 6, 10) == 9);
    CHECK(wait_event_timeout(task, queue, seen == 0, 10) == 0);
    // The condition may hold commas.
    const int low = 2;
    wait_event(task, queue, std::pair<int, int>(low, 3) == std::pair(2, 3));
    // It is not evaluated in the caller.
    CHECK(wait_event_timeout(task, queue, ++seen, 0) == 0);
    CHECK(seen == 6);
}

TEST_CASE("get_user() and put_user() copy one object of the user's type")
{
    u16 there = 0xfffe;
    const user_ptr<u16> address(&there);
    s64 here = 0;
    CHECK(get_user(system_call, here, address) == 0);
    CHECK(here == 0xfffe);
    CHECK(get_user(system_call, here, user_ptr<const u16>(address)) == 0);
    CHECK(put_user(system_call, 0x12345, address) == 0);
    CHECK(there == 0x2345);

    user_memory_is_away = true;
    CHECK(get_user(system_call, here, address) == -EFAULT);
    CHECK(here == 0);
    CHECK(put_user(system_call, 1, address) == -EFAULT);
    CHECK(copy_to_user(system_call, address, &here, 2) == 2);
    user_memory_is_away = false;
    CHECK(there == 0x2345);
}

TEST_CASE("a user pointer moves by objects, and by bytes of void")
{
    u32 numbers[3] = {1, 2, 3};
    const user_ptr<u32> first(numbers);
    u32 got = 0;
    CHECK(get_user(system_call, got, first + 2) == 0);
    CHECK(got == 3);
    const user_ptr<const void> bytes = first;
    CHECK(copy_from_user(system_call, &got, bytes + 4, 4) == 0);
    CHECK(got == 2);
    CHECK(first == user_ptr<u32>(numbers));
    CHECK_FALSE(user_ptr<u32>());
}

TEST_CASE("printing has a level, the file's pr_fmt() and the device's name")
{
    pr_info("%d of %s\n", 3, "four");
    CHECK(log_line == "6card: 3 of four\n");
    pr_err("alone\n");
    CHECK(log_line == "3card: alone\n");
    pr_cont(" more %d\n", 1);
    CHECK(log_line == "c more 1\n");
    device dev;
    dev.name = "mmc0";
    dev_warn(&dev, "no %s\n", "card");
    CHECK(log_line == "4mmc0: no card\n");
    dev_dbg(&dev, "idle\n");
    CHECK(log_line == "7mmc0: idle\n");
}

TEST_CASE("each CPU has its own copy")
{
    static per_cpu<unsigned long> hits;
    cpu = 0;
    this_cpu_inc(hits);
    this_cpu_add(hits, 5ul);
    cpu = 1;
    this_cpu_inc(hits);
    this_cpu_dec(hits);
    this_cpu_write(hits, this_cpu_read(hits) + 2);
    CHECK(*per_cpu_ptr(&hits, 0) == 6);
    CHECK(*per_cpu_ptr(&hits, 1) == 2);
    constexpr auto pinned = assume_context<SoftirqCtx>("a softirq stays");
    ++*this_cpu_ptr(pinned, &hits);
    CHECK(*per_cpu_ptr(&hits, 1) == 3);
    cpu = 0;
}

namespace {
void note_cpu(SmpCallCtx, void *info) { *static_cast<int *>(info) = cpu; }
void note_cpu_plainly(void *info) { *static_cast<int *>(info) = cpu + 10; }
void completed([[maybe_unused]] IrqCtx ctx, urb *u)
{
    *static_cast<unsigned *>(u->context) = u->actual_length;
    static_assert(is_legal<call::wake_up, decltype(ctx)> &&
                  !is_legal<call::wait_event, decltype(ctx)>);
}
} // namespace

TEST_CASE("a callback gets the token of the context that it is called in, or none")
{
    int ran_on = -1;
    CHECK(smp_call_function_single(task, 1, handler<note_cpu>, &ran_on, 1) == 0);
    CHECK(ran_on == 1);
    CHECK(smp_call_function_single(task, 1, handler<note_cpu_plainly>, &ran_on, 1) == 0);
    CHECK(ran_on == 11);

    usb_device dev;
    dev.devnum = 5;
    unsigned char buffer[64];
    unsigned got = 0;
    urb u;
    usb_fill_bulk_urb(&u, &dev, usb_rcvbulkpipe(&dev, 2), buffer, sizeof buffer, handler<completed>,
                      &got);
    CHECK(u.pipe == ((3u << 30) | (2u << 15) | (5u << 8) | 0x80u));
    CHECK(usb_submit_urb(task, &u, GFP_KERNEL) == 0);
    CHECK(got == 64);
}

TEST_CASE("a ring holds as much as it is long, in order")
{
    kfifo<int, 4> ring;
    int value = 0;
    CHECK(kfifo_is_empty(&ring));
    CHECK(kfifo_get(&ring, &value) == 0);
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4; ++i)
            CHECK(kfifo_put(&ring, i + round) == 1);
        CHECK(kfifo_is_full(&ring));
        CHECK(kfifo_put(&ring, 99) == 0);
        CHECK(kfifo_len(&ring) == 4);
        for (int i = 0; i < 3; ++i) {
            CHECK(kfifo_get(&ring, &value) == 1);
            CHECK(value == i + round);
        }
        CHECK(kfifo_get(&ring, &value) == 1);
    }
    // The counters may run over.
    ring.in = ring.out = ~0u;
    CHECK(kfifo_put(&ring, 1) == 1);
    CHECK(kfifo_put(&ring, 2) == 1);
    CHECK(kfifo_len(&ring) == 2);
    CHECK(kfifo_get(&ring, &value) == 1);
    CHECK(value == 1);
}

namespace {
struct member {
    int x;
};
struct whole {
    long before;
    member inner;
    member others[3];
};
} // namespace

TEST_CASE("what every file of the kernel uses")
{
    whole w{};
    CHECK(container_of(&w.inner, whole, inner) == &w);
    member *const at = &w.inner;
    CHECK(&container_of(at, whole, inner)->before == &w.before);
    CHECK(ARRAY_SIZE(w.others) == 3);
    static_assert(ARRAY_SIZE("abc") == 4);

    CHECK(IS_ERR(ERR_PTR(-ENODEV)));
    CHECK(PTR_ERR(ERR_PTR(-ENODEV)) == -ENODEV);
    CHECK(IS_ERR(ERR_PTR(-4095)));
    CHECK_FALSE(IS_ERR(ERR_PTR(-4096)));
    CHECK_FALSE(IS_ERR(&w));
    CHECK_FALSE(IS_ERR(nullptr));
    CHECK(IS_ERR_OR_NULL(nullptr));
    CHECK_FALSE(IS_ERR_OR_NULL(&w));
}

// include/linux/jiffies.h: the counter wraps, and half of it lies before.
static_assert(time_after(1, 0) && !time_after(0, 1) && !time_after(7, 7));
static_assert(time_after(3, -2ul) && !time_after(-2ul, 3));
static_assert(time_before(0, 1) && !time_before(7, 7) && time_before(-2ul, 3));
static_assert(time_after_eq(7, 7) && time_after_eq(3, -2ul) && !time_after_eq(-2ul, 3));
static_assert(time_before_eq(7, 7) && time_before_eq(-2ul, 3) && !time_before_eq(3, -2ul));
static_assert(jiffies_to_msecs(HZ) == 1000 && jiffies_to_msecs(0) == 0);

TEST_CASE("container_of() of a member, of the base of one, and of a member's member")
{
    struct reset_work : work_struct {};
    struct card {
        int before;
        reset_work reset;
        delayed_work poll;
        timer_list watchdog;
        tasklet_struct done;
    } c{};
    work_struct *const reset = &c.reset;
    work_struct *const poll = &c.poll.work;
    CHECK(container_of(reset, card, reset) == &c);
    CHECK(container_of(&c.reset, card, reset) == &c);
    CHECK(container_of(poll, card, poll.work) == &c);
    CHECK(container_of(to_delayed_work(poll), card, poll) == &c);

    // The object's type is that of the variable that it is for.
    timer_list *const timer = &c.watchdog;
    tasklet_struct *const done = &c.done;
    card *w = from_work(w, reset, reset);
    card *t = from_timer(t, timer, watchdog);
    card *renamed = timer_container_of(renamed, timer, watchdog);
    card *d = from_tasklet(d, done, done);
    CHECK(w == &c);
    CHECK(t == &c);
    CHECK(renamed == &c);
    CHECK(d == &c);
}

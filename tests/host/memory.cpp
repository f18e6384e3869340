// SPDX-License-Identifier: BSL-1.0
#include <kctx/api/dma.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/mempool.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/percpu.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <doctest/doctest.h>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace kctx;

namespace {

constexpr std::size_t page_size = 4096;
constexpr std::size_t kmalloc_max = std::size_t{4} << 20;

bool is_aligned(const void *p, std::size_t to)
{
    return reinterpret_cast<std::uintptr_t>(p) % to == 0;
}
bool is_zero(const void *p, std::size_t size)
{
    const auto *bytes = static_cast<const char *>(p);
    return std::all_of(bytes, bytes + size, [](char c) { return c == 0; });
}

/// kmalloc() as a plain pointer, NULL included.
template <class G> void *try_kmalloc(ProcessCtx ctx, std::size_t size, G flags)
{
    return KCTX_TRY(kmalloc(ctx, size, flags), return nullptr);
}

/// Nothing fails any more when a test is over.
struct no_faults_afterwards {
    ~no_faults_afterwards()
    {
        host::fail_nth(0);
        host::set_memory_faults({});
    }
};

struct rollback {
    std::size_t before = host::memory_in_use();
    ~rollback() { CHECK(host::memory_in_use() == before); }
};

} // namespace

TEST_CASE("kmalloc() aligns as the kernel promises")
{
    rollback all_is_freed;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        for (std::size_t size = 1; size <= kmalloc_max; size *= 2) {
            char *p = KCTX_TRY(kmalloc(ctx, size, GFP_KERNEL), FAIL("no memory"); return);
            CHECK(is_aligned(p, size));
            p[0] = p[size - 1] = 1;
            kfree(ctx, p);
            if (size * 3 > kmalloc_max)
                continue;
            void *odd = KCTX_TRY(kmalloc(ctx, size * 3, GFP_KERNEL), FAIL("no memory"); return);
            CHECK(is_aligned(odd, size));
            kfree(ctx, odd);
        }
    });
}

TEST_CASE("kmalloc() has the kernel's limits")
{
    rollback all_is_freed;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        CHECK(try_kmalloc(ctx, kmalloc_max + 1, GFP_KERNEL) == nullptr);
        // ZERO_SIZE_PTR: not NULL, not to be touched, fine to free
        void *nothing = try_kmalloc(ctx, 0, GFP_KERNEL);
        CHECK(nothing == reinterpret_cast<void *>(16));
        kfree(ctx, nothing);
        kfree(ctx, nullptr);
        CHECK(!kmalloc_array(ctx, SIZE_MAX / 2, 3, GFP_KERNEL));
        CHECK(!kcalloc(ctx, SIZE_MAX / 2, 3, GFP_KERNEL));
    });
}

TEST_CASE("__GFP_ZERO and its like zero what malloc() had used before")
{
    rollback all_is_freed;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        constexpr std::size_t size = 200;
        for (int i = 0; i < 3; ++i) {
            char *dirty = KCTX_TRY(kmalloc(ctx, size, GFP_KERNEL), FAIL("no memory"); return);
            std::memset(dirty, 0x5a, size);
            kfree(ctx, dirty);
            char *p = i == 0   ? KCTX_TRY(kzalloc(ctx, size, GFP_KERNEL), return)
                      : i == 1 ? KCTX_TRY(kmalloc(ctx, size, GFP_KERNEL | __GFP_ZERO), return)
                               : KCTX_TRY(kcalloc(ctx, 4, size / 4, GFP_KERNEL), return);
            CHECK(is_zero(p, size));
            kfree(ctx, p);
        }
    });
}

TEST_CASE("krealloc(), kmemdup(), kstrdup() copy")
{
    rollback all_is_freed;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        char *p = KCTX_TRY(kstrdup(ctx, "eth0", GFP_KERNEL), return);
        CHECK(std::string(p) == "eth0");
        p = KCTX_TRY(krealloc(ctx, p, 3000, GFP_KERNEL), return);
        CHECK(std::string(p) == "eth0");
        p[2999] = 1;
        char *copy = KCTX_TRY(kmemdup(ctx, p, 3000, GFP_KERNEL), return);
        CHECK(std::memcmp(p, copy, 3000) == 0);
        char *start = KCTX_TRY(kstrndup(ctx, p, 3, GFP_KERNEL), return);
        CHECK(std::string(start) == "eth");
        kfree_sensitive(ctx, start);
        kfree(ctx, copy);
        // to nothing it is kfree()
        CHECK(KCTX_TRY(krealloc(ctx, p, 0, GFP_KERNEL), return) == reinterpret_cast<void *>(16));
    });
}

TEST_CASE("the n-th allocation fails, once")
{
    no_faults_afterwards clean;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        host::fail_nth(3);
        void *a = try_kmalloc(ctx, 10, GFP_KERNEL | __GFP_NOWARN);
        void *b = try_kmalloc(ctx, 10, GFP_KERNEL | __GFP_NOWARN);
        CHECK(a);
        CHECK(b);
        CHECK(host::fail_nth_left() == 1);
        std::thread([] { // is another thread's affair
            host::run<ProcessCtx>([](ProcessCtx other) {
                void *c = try_kmalloc(other, 10, GFP_KERNEL);
                CHECK(c);
                kfree(other, c);
            });
        })
            .join();
        CHECK(host::fail_nth_left() == 1);
        CHECK(try_kmalloc(ctx, 10, GFP_KERNEL | __GFP_NOWARN) == nullptr);
        CHECK(host::fail_nth_left() == 0);
        void *d = try_kmalloc(ctx, 10, GFP_KERNEL);
        CHECK(d);
        // what cannot fail does not, and is not counted
        host::fail_nth(1);
        void *e = try_kmalloc(ctx, 10, GFP_KERNEL | __GFP_NOFAIL);
        CHECK(e);
        CHECK(host::fail_nth_left() == 1);
        for (void *p : {a, b, d, e})
            kfree(ctx, p);
    });
}

TEST_CASE("a forced failure is in the log, unless __GFP_NOWARN")
{
    no_faults_afterwards clean;
    std::vector<std::string> log;
    host::set_printk_sink([&](int, std::string_view line) { log.emplace_back(line); });
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        host::fail_nth(1);
        CHECK(!try_kmalloc(ctx, 99, GFP_KERNEL | __GFP_NOWARN));
        host::fail_nth(1);
        CHECK(!try_kmalloc(ctx, 99, GFP_KERNEL));
    });
    host::set_printk_sink({});
    REQUIRE(log.size() == 1);
    CHECK(log[0].starts_with("FAULT_INJECTION: forcing a failure of 99 bytes"));
}

TEST_CASE("allocations fail at random, reproducibly and in proportion")
{
    no_faults_afterwards clean;
    const auto failures = [](unsigned long seed, long times) {
        host::set_memory_faults({.probability = 30, .seed = seed, .times = times});
        std::string pattern;
        host::run<ProcessCtx>([&](ProcessCtx ctx) {
            for (int i = 0; i < 1000; ++i) {
                void *p = try_kmalloc(ctx, 10, GFP_KERNEL | __GFP_NOWARN);
                pattern += p ? '.' : 'x';
                kfree(ctx, p);
            }
        });
        return pattern;
    };
    const std::string first = failures(1, -1);
    const auto count = std::count(first.begin(), first.end(), 'x');
    CHECK(count > 220);
    CHECK(count < 380);
    CHECK(failures(1, -1) == first);
    CHECK(failures(2, -1) != first);
    const std::string few = failures(1, 5);
    CHECK(std::count(few.begin(), few.end(), 'x') == 5);
}

TEST_CASE("memory may be short")
{
    no_faults_afterwards clean;
    rollback all_is_freed;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        host::set_memory_faults({.limit = host::memory_in_use() + 10'000});
        void *a = try_kmalloc(ctx, 8'000, GFP_KERNEL);
        CHECK(a);
        CHECK(try_kmalloc(ctx, 4'000, GFP_KERNEL | __GFP_NOWARN) == nullptr);
        kfree(ctx, a);
        void *b = try_kmalloc(ctx, 4'000, GFP_KERNEL);
        CHECK(b);
        kfree(ctx, b);
    });
}

TEST_CASE("slab caches")
{
    rollback all_is_freed;
    std::vector<std::string> log;
    host::set_printk_sink([&](int, std::string_view line) { log.emplace_back(line); });
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        const auto construct = [](void *p) { std::memset(p, 7, 24); };
        kmem_cache *cache =
            KCTX_TRY(kmem_cache_create(ctx, "frames", 24, 64, 0, construct), FAIL("none"); return);
        unsigned char *frame = KCTX_TRY(kmem_cache_alloc(ctx, cache, GFP_KERNEL), return);
        CHECK(is_aligned(frame, 64));
        CHECK(frame[23] == 7);
        kmem_cache_destroy(ctx, cache); // refused: an object is left
        kmem_cache_free(ctx, cache, frame);
        kmem_cache_destroy(ctx, cache);

        kmem_cache *plain =
            KCTX_TRY(kmem_cache_create(ctx, "plain", 100, 0, 0, nullptr), FAIL("none"); return);
        void *p = KCTX_TRY(kmem_cache_zalloc(ctx, plain, GFP_ATOMIC), return);
        CHECK(is_zero(p, 100));
        kmem_cache_free(ctx, plain, p);
        kmem_cache_destroy(ctx, plain);
        CHECK(!kmem_cache_create(ctx, "bent", 100, 48, 0, nullptr));
    });
    host::set_printk_sink({});
    REQUIRE(log.size() == 1);
    CHECK(log[0] == "kmem_cache_destroy frames: Slab cache still has objects");
}

TEST_CASE("pages are aligned to their size, and known by their address")
{
    rollback all_is_freed;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        for (unsigned order = 0; order <= 10; ++order) {
            page *pages = KCTX_TRY(alloc_pages(ctx, GFP_KERNEL | __GFP_ZERO, order), return);
            char *address = static_cast<char *>(page_address(pages));
            CHECK(is_aligned(address, page_size << order));
            CHECK(is_zero(address, page_size << order));
            CHECK(virt_to_page(address + 100) == pages);
            __free_pages(ctx, pages, order);
        }
        unsigned too_high = 11; // a constant would not compile
        CHECK(!alloc_pages(ctx, GFP_KERNEL, too_high));
        const unsigned long address = KCTX_TRY(get_zeroed_page(ctx, GFP_KERNEL), return);
        CHECK(is_zero(reinterpret_cast<void *>(address), page_size));
        free_page(ctx, address);
        void *three = KCTX_TRY(alloc_pages_exact(ctx, 2 * page_size + 1, GFP_KERNEL), return);
        std::memset(three, 1, 3 * page_size);
        free_pages_exact(ctx, three, 2 * page_size + 1);
    });
}

TEST_CASE("vmalloc() has no limit like kmalloc()'s, kvmalloc() takes either")
{
    rollback all_is_freed;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        vmalloc_ptr<char> big = KCTX_TRY(vzalloc(ctx, 2 * kmalloc_max), return);
        CHECK(is_zero(big.get(), 2 * kmalloc_max));
        CHECK(is_aligned(big.get(), page_size));
        vfree(ctx, big);
        vmalloc_ptr<char> either = KCTX_TRY(kvmalloc(ctx, 2 * kmalloc_max, GFP_KERNEL), return);
        either[2 * kmalloc_max - 1] = 1;
        kvfree(ctx, either);
        CHECK(!kvmalloc(ctx, 2 * kmalloc_max, GFP_ATOMIC)); // vmalloc() would have to sleep
    });
}

TEST_CASE("vmap() shows scattered pages in a row")
{
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        page *pages[3];
        for (page *&p : pages) {
            p = KCTX_TRY(alloc_page(ctx, GFP_KERNEL), return);
            std::memset(page_address(p), 'a' + static_cast<int>(&p - pages), page_size);
        }
        vmalloc_ptr<char> row = KCTX_TRY(vmap(ctx, pages, 3, 0), FAIL("not mapped"); return);
        CHECK(row[0] == 'a');
        CHECK(row[page_size] == 'b');
        CHECK(row[3 * page_size - 1] == 'c');
        row[page_size + 5] = 'x'; // the same memory, seen from either side
        CHECK(static_cast<char *>(page_address(pages[1]))[5] == 'x');
        static_cast<char *>(page_address(pages[2]))[7] = 'y';
        CHECK(row[2 * page_size + 7] == 'y');
        vunmap(ctx, row);
        for (page *p : pages) {
            CHECK(static_cast<char *>(page_address(p))[0] != 0);
            __free_page(ctx, p);
        }
    });
}

TEST_CASE("a pool has its reserve when memory is short, and waits for what comes back")
{
    no_faults_afterwards clean;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        mempool_t *pool = KCTX_TRY(mempool_create_kmalloc_pool(ctx, 2, 100), FAIL("none"); return);
        host::set_memory_faults({.probability = 100});
        void *a = KCTX_TRY(mempool_alloc(ctx, pool, GFP_ATOMIC), FAIL("no reserve"); return);
        void *b = KCTX_TRY(mempool_alloc(ctx, pool, GFP_ATOMIC), FAIL("no reserve"); return);
        CHECK(!mempool_alloc(ctx, pool, GFP_ATOMIC));
        std::thread later([=] {
            host::run<ProcessCtx>([=](ProcessCtx other) {
                msleep(other, 20);
                mempool_free(other, b, pool);
            });
        });
        void *c = KCTX_TRY(mempool_alloc(ctx, pool, GFP_KERNEL), FAIL("does not wait"); return);
        CHECK(c == b);
        later.join();
        mempool_free(ctx, a, pool);
        mempool_free(ctx, c, pool);
        host::set_memory_faults({});
        mempool_destroy(ctx, pool);
    });
}

TEST_CASE("memory for devices")
{
    rollback all_is_freed;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        device dev{"card", nullptr, nullptr};
        dma_addr_t handle = 0;
        void *buffer = KCTX_TRY(dma_alloc_coherent(ctx, &dev, 5000, &handle, GFP_KERNEL), return);
        CHECK(is_aligned(buffer, 8192)); // to the power of two above
        CHECK(is_zero(buffer, 5000));
        CHECK(handle == reinterpret_cast<std::uintptr_t>(buffer));
        dma_free_coherent(ctx, &dev, 5000, buffer, handle);

        dma_pool *pool = KCTX_TRY(dma_pool_create(ctx, "descriptors", &dev, 48, 16, 4096), return);
        std::set<void *> all;
        for (int i = 0; i < 200; ++i) {
            void *d = KCTX_TRY(dma_pool_alloc(ctx, pool, GFP_KERNEL, &handle), return);
            CHECK(handle % 16 == 0);
            CHECK(handle / 4096 == (handle + 47) / 4096); // crosses no boundary
            all.insert(d);
        }
        CHECK(all.size() == 200);
        for (void *d : all)
            dma_pool_free(ctx, pool, d, reinterpret_cast<std::uintptr_t>(d));
        dma_pool_destroy(ctx, pool);

        CHECK(dma_mapping_error(&dev, dma_map_single(ctx, &dev, nullptr, 10, DMA_TO_DEVICE)) ==
              -ENOMEM);
        char memory[10];
        const dma_addr_t mapped = dma_map_single(ctx, &dev, memory, 10, DMA_TO_DEVICE);
        CHECK(dma_mapping_error(&dev, mapped) == 0);
        dma_unmap_single(ctx, &dev, mapped, 10, DMA_TO_DEVICE);
    });
}

namespace {
struct counters {
    long packets = 3; // what every copy begins with
};
per_cpu<counters> port;
} // namespace

TEST_CASE("each CPU has its copy")
{
    int cpus[2] = {-1, -1};
    const auto count = [&](int which, long packets) {
        host::run<ProcessCtx>([&](ProcessCtx ctx) {
            for (long i = 0; i < packets; ++i) {
                KCTX_PREEMPT_DISABLE(ctx) {
                    this_cpu_ptr(ctx, &port)->packets++;
                    cpus[which] = smp_processor_id(ctx);
                }
            }
            CHECK(cpus[which] == raw_smp_processor_id());
        });
    };
    std::thread other;
    {
        std::thread first([&] {
            count(0, 1000);
            other = std::thread([&] { count(1, 10); });
            other.join();
        });
        first.join();
    }
    REQUIRE(cpus[0] != cpus[1]);
    CHECK(per_cpu_ptr(&port, cpus[0])->packets == 1003);
    CHECK(per_cpu_ptr(&port, cpus[1])->packets == 13);

    host::run<ProcessCtx>([](ProcessCtx ctx) {
        per_cpu<long> *own = KCTX_TRY(alloc_percpu(ctx, long), return);
        this_cpu_inc(*own);
        this_cpu_inc(*own);
        CHECK(this_cpu_read(*own) == 2);
        CHECK(*per_cpu_ptr(own, raw_smp_processor_id() + 1) == 0);
        free_percpu(ctx, own);
    });
}

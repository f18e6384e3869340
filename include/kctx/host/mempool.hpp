// SPDX-License-Identifier: BSL-1.0
/// @file
/// Pools of memory that keep a reserve.
/// @par Kernel source
/// mm/mempool.c (6.12).
#pragma once

#include <kctx/api/mempool.hpp>
#include <kctx/host/memory.hpp>
#include <kctx/host/wait.hpp>

namespace kctx {

struct mempool_t {
    size_t least;
    mempool_alloc_t *alloc;
    mempool_free_t *free;
    void *data;
    std::vector<void *> reserve{}; ///< guarded by the lock of the pool's meeting place
};

} // namespace kctx

KCTX_HOST_BEGIN
namespace kctx::host {

inline mempool_t *new_pool(int least, mempool_alloc_t *alloc, mempool_free_t *free,
                           void *data) noexcept
{
    may_sleep("mempool_create");
    if (should_fail(this_cpu(), sizeof(mempool_t), gfp_kernel))
        return nullptr;
    auto *const pool = new mempool_t{static_cast<size_t>(least), alloc, free, data};
    while (pool->reserve.size() < pool->least) {
        void *const element = alloc(gfp_kernel, data);
        if (!element) {
            env::mempool_destroy(pool);
            return nullptr;
        }
        pool->reserve.push_back(element);
    }
    return pool;
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc, mempool_free_t *free,
                          void *pool_data) noexcept
{
    return host::new_pool(min_nr, alloc, free, pool_data);
}
mempool_t *mempool_create_kmalloc_pool(int min_nr, size_t size) noexcept
{
    return host::new_pool(
        min_nr,
        [](gfp_t flags, void *bytes) {
            return env::kmalloc(reinterpret_cast<size_t>(bytes), flags);
        },
        [](void *element, void *) { env::kfree(element); }, reinterpret_cast<void *>(size));
}
mempool_t *mempool_create_slab_pool(int min_nr, kmem_cache *cache) noexcept
{
    return host::new_pool(
        min_nr,
        [](gfp_t flags, void *c) {
            return env::kmem_cache_alloc(static_cast<kmem_cache *>(c), flags);
        },
        [](void *element, void *c) { env::kmem_cache_free(static_cast<kmem_cache *>(c), element); },
        cache);
}
void mempool_destroy(mempool_t *pool) noexcept
{
    host::may_sleep("mempool_destroy");
    if (!pool)
        return;
    for (void *element : pool->reserve)
        pool->free(element, pool->data);
    delete pool;
}
void *mempool_alloc(mempool_t *pool, gfp_t flags) noexcept
{
    if (host::may_wait(flags))
        host::may_sleep("mempool_alloc");
    const gfp_t at_once{(flags.value & ~kctx::detail::gfp_wait_bit) |
                        kctx::detail::gfp_bits<flag::__GFP_NOWARN>};
    if (void *const element = pool->alloc(at_once, pool->data))
        return element;
    void *element = nullptr;
    const auto take = [&] {
        if (pool->reserve.empty())
            return false;
        element = pool->reserve.back();
        pool->reserve.pop_back();
        return true;
    };
    host::wait_for(pool, TASK_UNINTERRUPTIBLE, host::may_wait(flags) ? host::for_ever : 0, take);
    return element;
}
void mempool_free(void *element, mempool_t *pool) noexcept
{
    if (!element)
        return;
    {
        host::meeting_place &place = host::place_of(pool);
        const std::lock_guard held(place.lock);
        if (pool->reserve.size() < pool->least) {
            pool->reserve.push_back(element);
            place.wake_some(pool, 1);
            return;
        }
    }
    pool->free(element, pool->data);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Slabs, pages, pools: the host's memory, and the locks and checks of the kernel's allocators on
/// the way to it. Which way that is, an emptied cache or a full list, the machine can be told
/// (kernel_paths); unless it is, memory is at hand. A machine with memory of its own
/// (physical_memory.hpp) gives what that has.
/// @par Kernel source
/// mm/slub.c, mm/slab_common.c, mm/page_alloc.c, mm/mempool.c, mm/dmapool.c, drivers/base/devres.c,
/// include/linux/sched/mm.h, kernel/dma/mapping.c, lib/debugobjects.c (6.12).
#pragma once

#include <cstring>

#include <kctx/api/devres.hpp>
#include <kctx/api/dma.hpp>
#include <kctx/api/iommu.hpp>
#include <kctx/api/memalloc.hpp>
#include <kctx/api/mempool.hpp>
#include <kctx/api/nolock.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/sim/heap.hpp>
#include <kctx/sim/local_lock.hpp>
#include <kctx/sim/mutex.hpp>

namespace kctx {

/// A slab cache: struct kmem_cache.
struct kmem_cache {
    std::string name;            ///< as reports print it
    std::size_t size;            ///< of an object, in bytes
    void (*constructor)(void *); ///< called for each new object; may be nullptr
    bool has_slab = false;       ///< free objects at hand on this CPU
};
/// A mempool: elements kept for bad times.
struct mempool_t {
    std::size_t least;             ///< elements that it keeps
    mempool_alloc_t *alloc;        ///< makes one
    mempool_free_t *free;          ///< frees one
    void *data;                    ///< what both get
    std::vector<void *> reserve{}; ///< those that are kept now
};
/// A pool of small blocks that devices reach.
struct dma_pool {
    std::size_t size; ///< of a block, in bytes
};

} // namespace kctx

KCTX_SIM_BEGIN
namespace kctx::sim {

/// Whether every bit of @p Flag is set.
template <class Flag> bool has(gfp_t flags)
{
    constexpr unsigned bits = kctx::detail::gfp_bits<Flag>;
    return bits != 0 && (flags.value & bits) == bits;
}
/// Whether the mask lets it sleep.
inline bool may_wait(gfp_t flags) { return (flags.value & kctx::detail::gfp_wait_bit) != 0; }
/// A flag as a mask at run time.
template <class Flag> inline constexpr gfp_t gfp_of{kctx::detail::gfp_bits<Flag>};
/// What the kernel's own paths ask with.
inline constexpr gfp_t gfp_kernel = gfp_of<flag::GFP_KERNEL>;
inline constexpr gfp_t gfp_atomic = gfp_of<flag::GFP_ATOMIC>; ///< the same where they may not sleep
inline constexpr gfp_t gfp_noio = gfp_of<flag::GFP_NOIO>; ///< the same where they may not start I/O
/// The same where they may not even take a lock.
inline constexpr gfp_t gfp_nolock = gfp_of<flag::__GFP_NOWARN>;
/// The mask with __GFP_ZERO.
inline gfp_t zeroed(gfp_t flags)
{
    return {flags.value | kctx::detail::gfp_bits<flag::__GFP_ZERO>};
}

/// current_gfp_context()
inline gfp_t in_scope(gfp_t flags)
{
    const unsigned scopes = here().current().memalloc;
    if ((scopes & scope_noio) != 0)
        flags.value &=
            ~(kctx::detail::gfp_bits<flag::__GFP_IO> | kctx::detail::gfp_bits<flag::__GFP_FS>);
    else if ((scopes & scope_nofs) != 0)
        flags.value &= ~kctx::detail::gfp_bits<flag::__GFP_FS>;
    return flags;
}

/// Memory reclaim as lockdep sees it: a lock that everything takes which may wait for it.
inline constexpr char fs_reclaim = 0;
inline void fs_reclaim_acquire(gfp_t flags)
{
    flags = in_scope(flags);
    if (may_wait(flags) && has<flag::__GFP_FS>(flags) &&
        (here().current().memalloc & scope_noreclaim) == 0)
        lockdep_acquire(here(), &fs_reclaim, map_kind, {.name = "fs_reclaim"});
}
inline void fs_reclaim_release(gfp_t flags)
{
    flags = in_scope(flags);
    if (may_wait(flags) && has<flag::__GFP_FS>(flags) &&
        (here().current().memalloc & scope_noreclaim) == 0)
        lockdep_release(here(), &fs_reclaim);
}
/// What every allocation begins with (before 5.13 without a name, in mm/slab.h or mm/slub.c).
inline void might_alloc(gfp_t flags)
{
    machine &m = here();
    if (m.config.prove_locking) {
        fs_reclaim_acquire(flags);
        fs_reclaim_release(flags);
    }
    if (may_wait(flags))
        m.might_sleep(m.config.since(5, 13)  ? "include/linux/sched/mm.h"
                      : m.config.since(4, 5) ? "mm/slab.h"
                                             : "mm/slub.c",
                      m.config.since(6, 12) && !m.config.since(6, 13) ? 321 : 0);
}

inline const kernel_lock<spinlock_t> zone_lock("zone->lock");
inline const kernel_lock<local_lock_t> slab_lock("c->lock");
inline const kernel_lock<local_lock_t> slab_rt_lock("s->lock_key");
inline const kernel_lock<mutex> slab_mutex("slab_mutex");

/// The lock of the CPU's slab. Without PREEMPT_RT the fast paths do without.
inline void passes_slab_lock(const char *function)
{
    const frame in(function);
    passes(here().config.rt() ? slab_rt_lock : slab_lock);
}

inline constexpr std::size_t page_bytes = 4096; ///< of a page
inline constexpr unsigned costly_order = 3;     ///< PAGE_ALLOC_COSTLY_ORDER
/// get_order(): 2^order pages hold @p size bytes.
inline unsigned order_of(std::size_t size)
{
    unsigned order = 0;
    while ((page_bytes << order) < size)
        ++order;
    return order;
}
/// MAX_ORDER - 1, MAX_ORDER, MAX_PAGE_ORDER.
inline constexpr unsigned max_order = 10;
/// KMALLOC_MAX_CACHE_SIZE: more than that comes from the pages.
inline constexpr std::size_t slab_max = 2 * page_bytes;

/// rmqueue(): the CPU's own list, whose lock nobody waits for; the zone's where that is empty.
inline void takes_pages(unsigned order)
{
    if (order > costly_order) {
        const frame in("get_page_from_freelist");
        passes(zone_lock);
    } else if (paths().pcp_empty) {
        const frame in("__rmqueue_pcplist");
        passes(zone_lock);
    }
}
inline void gives_pages(unsigned order)
{
    if (order > costly_order) {
        const frame in("free_one_page");
        passes(zone_lock);
    } else if (paths().pcp_full) {
        const frame in("free_pcppages_bulk");
        passes(zone_lock);
    }
}
/// Bytes for this use, if the machine has them.
inline void *take(memory_use use, std::size_t size, std::size_t align, gfp_t flags,
                  const kmem_cache *cache = nullptr)
{
    return the_heap().take(
        size, align, has<flag::__GFP_ZERO>(flags),
        {use, size, in_scope(flags).value, cache, cache ? cache->name.c_str() : nullptr});
}
/// @p size bytes in @p use: whole pages
inline void *allocate_pages(memory_use use, std::size_t size, gfp_t flags)
{
    const unsigned order = order_of(size);
    if (order > max_order)
        return nullptr;
    might_alloc(flags);
    takes_pages(order);
    return take(use, size, page_bytes, flags);
}
inline void *allocate_pages(unsigned order, gfp_t flags)
{
    return order > max_order ? nullptr
                             : allocate_pages(memory_use::pages, page_bytes << order, flags);
}
inline void release_pages(const void *pages, unsigned order)
{
    if (pages == nullptr)
        return;
    gives_pages(order);
    the_heap().give(pages);
}

/// ___slab_alloc(): a new slab is pages; then the CPU's lock, on PREEMPT_RT each time.
inline void takes_object(bool has_slab)
{
    if (!has_slab)
        takes_pages(0);
    if (!has_slab || here().config.rt())
        passes_slab_lock("___slab_alloc");
}
inline void gives_object(const char *function)
{
    if (here().config.rt())
        passes_slab_lock(function);
    if (paths().slab_full)
        passes_slab_lock("put_cpu_partial");
}
inline void *allocate_slab(std::size_t size, gfp_t flags)
{
    const std::size_t most = page_bytes << max_order;
    if (size > most)
        return nullptr;
    if (size > slab_max)
        return allocate_pages(memory_use::object, size, flags);
    might_alloc(flags);
    takes_object(!paths().slab_empty);
    return take(memory_use::object, size, alignof(std::max_align_t), flags);
}
/// kfree()
inline void release_slab(const void *object)
{
    if (reinterpret_cast<std::uintptr_t>(object) <= 16) // NULL, ZERO_SIZE_PTR
        return;
    const std::size_t size = the_heap().size_of(object);
    if (size > slab_max)
        gives_pages(order_of(size));
    else
        gives_object("kfree");
    the_heap().give(object);
}
inline bool product(std::size_t n, std::size_t size, std::size_t *bytes)
{
    return !__builtin_mul_overflow(n, size, bytes);
}

// For the rows of calls.

/// Allocates and frees an object of its own.
inline void allocates(gfp_t flags) { release_slab(allocate_slab(64, flags)); }
/// A zeroed object of a type that only the kernel knows, or that drivers know.
template <class T> T *object(gfp_t flags)
{
    return static_cast<T *>(allocate_slab(256, zeroed(flags)));
}
inline void frees(const void *object) { release_slab(object); }

/// debug_objects_fill_pool(): an object that is watched may need a record, which is allocated where
/// the task may wait for a spinlock_t.
inline void debug_object_activate()
{
    machine &m = here();
    if (paths().debug_objects_empty && (!m.config.rt() || m.is_preemptible()))
        takes_object(true);
}

/// A pool with its reserve filled, or nullptr.
inline mempool_t *new_pool(int least, mempool_alloc_t *alloc, mempool_free_t *free, void *data)
{
    allocates(gfp_kernel);
    auto *const pool = new mempool_t{static_cast<std::size_t>(least), alloc, free, data};
    while (pool->reserve.size() < pool->least)
        pool->reserve.push_back(alloc(gfp_kernel, data));
    return pool;
}

inline const kernel_lock<spinlock_t> devres_lock("&dev->devres_lock");
inline const kernel_lock<spinlock_t> swiotlb_lock("&area->lock");
inline const kernel_lock<spinlock_t> page_table_lock("&domain->lock");
inline const kernel_lock<mutex> pools_lock("pools_lock");
inline const kernel_lock<spinlock_t> dma_pool_lock("&retval->lock");

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

unsigned int memalloc_noio_save() noexcept { return sim::enter_scope(sim::scope_noio); }
void memalloc_noio_restore(unsigned int saved) noexcept
{
    sim::leave_scope(sim::scope_noio, saved);
}
unsigned int memalloc_nofs_save() noexcept { return sim::enter_scope(sim::scope_nofs); }
void memalloc_nofs_restore(unsigned int saved) noexcept
{
    sim::leave_scope(sim::scope_nofs, saved);
}
unsigned int memalloc_noreclaim_save() noexcept { return sim::enter_scope(sim::scope_noreclaim); }
void memalloc_noreclaim_restore(unsigned int saved) noexcept
{
    sim::leave_scope(sim::scope_noreclaim, saved);
}

void *kmalloc(size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("__kmalloc");
    return sim::allocate_slab(size, flags);
}
void *kzalloc(size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("__kmalloc");
    return sim::allocate_slab(size, sim::zeroed(flags));
}
void *kmalloc_array(size_t n, size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("__kmalloc");
    size_t bytes;
    return sim::product(n, size, &bytes) ? sim::allocate_slab(bytes, flags) : nullptr;
}
void *kcalloc(size_t n, size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("__kmalloc");
    size_t bytes;
    return sim::product(n, size, &bytes) ? sim::allocate_slab(bytes, sim::zeroed(flags)) : nullptr;
}
void *krealloc(const void *object, size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("krealloc");
    const size_t had = object ? sim::the_heap().size_of(object) : 0;
    if (had >= size)
        return const_cast<void *>(object);
    void *const bigger = sim::allocate_slab(size, flags);
    if (bigger && object) {
        std::memcpy(bigger, object, had);
        sim::release_slab(object);
    }
    return bigger;
}
void *kmemdup(const void *source, size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("kmemdup");
    void *const copy = sim::allocate_slab(size, flags);
    if (copy)
        std::memcpy(copy, source, size);
    return copy;
}
char *kstrndup(const char *text, size_t max, gfp_t flags) noexcept
{
    const sim::in_call in("kstrndup");
    if (!text)
        return nullptr;
    const size_t length = strnlen(text, max);
    auto *const copy = static_cast<char *>(sim::allocate_slab(length + 1, flags));
    if (copy) {
        std::memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}
char *kstrdup(const char *text, gfp_t flags) noexcept
{
    return env::kstrndup(text, text ? std::strlen(text) : 0, flags);
}
void kfree(const void *object) noexcept
{
    const sim::in_call in("kfree");
    sim::release_slab(object);
}
void kfree_sensitive(const void *object) noexcept
{
    const sim::in_call in("kfree_sensitive");
    sim::release_slab(object);
}
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 18, 0)
void *kmalloc_nolock(size_t size, nolock_flags, int) noexcept
{
    const sim::in_call in("kmalloc_nolock");
    sim::machine &m = sim::here();
    if (m.config.rt() && (m.in_nmi() || m.in_hardirq()))
        return nullptr;
    return sim::take(sim::memory_use::object, size, alignof(std::max_align_t), sim::gfp_nolock);
}
void kfree_nolock(const void *object) noexcept
{
    const sim::in_call in("kfree_nolock");
    if (object)
        sim::the_heap().give(object);
}
page *alloc_pages_nolock(nolock_flags, int, unsigned int order) noexcept
{
    const sim::in_call in("alloc_pages_nolock");
    sim::machine &m = sim::here();
    if (m.config.rt() && (m.in_nmi() || m.in_hardirq()))
        return nullptr;
    return static_cast<page *>(sim::take(sim::memory_use::pages, sim::page_bytes << order,
                                         sim::page_bytes, sim::gfp_nolock));
}
#endif

kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int, unsigned long,
                              void (*ctor)(void *)) noexcept
{
    const sim::in_call in("kmem_cache_create");
    env::mutex_lock(sim::slab_mutex.get());
    sim::allocates(sim::gfp_kernel);
    env::mutex_unlock(sim::slab_mutex.get());
    return new kmem_cache{name, size, ctor};
}
void kmem_cache_destroy(kmem_cache *cache) noexcept
{
    const sim::in_call in("kmem_cache_destroy");
    env::cpus_read_lock();
    sim::passes(sim::slab_mutex);
    env::cpus_read_unlock();
    if (sim::memory_model *const model = sim::the_heap().model)
        model->forget(cache);
    delete cache;
}
void *kmem_cache_alloc(kmem_cache *cache, gfp_t flags) noexcept
{
    const sim::in_call in("kmem_cache_alloc");
    sim::might_alloc(flags);
    sim::takes_object(std::exchange(cache->has_slab, true) && !sim::paths().slab_empty);
    void *const object =
        sim::take(sim::memory_use::object, cache->size, alignof(std::max_align_t), flags, cache);
    if (object && cache->constructor)
        cache->constructor(object);
    return object;
}
void *kmem_cache_zalloc(kmem_cache *cache, gfp_t flags) noexcept
{
    return env::kmem_cache_alloc(cache, sim::zeroed(flags));
}
void kmem_cache_free(kmem_cache *, void *object) noexcept
{
    const sim::in_call in("kmem_cache_free");
    if (!object)
        return;
    sim::gives_object("kmem_cache_free");
    sim::the_heap().give(object);
}

// A page is known by its address: its struct page lies in it.
page *alloc_pages(gfp_t flags, unsigned int order) noexcept
{
    const sim::in_call in("__alloc_pages");
    return static_cast<page *>(sim::allocate_pages(order, flags));
}
page *alloc_page(gfp_t flags) noexcept { return env::alloc_pages(flags, 0); }
lowmem_address *__get_free_pages(gfp_t flags, unsigned int order) noexcept
{
    const sim::in_call in("__get_free_pages");
    return static_cast<lowmem_address *>(sim::allocate_pages(order, flags));
}
lowmem_address *__get_free_page(gfp_t flags) noexcept { return env::__get_free_pages(flags, 0); }
lowmem_address *get_zeroed_page(gfp_t flags) noexcept
{
    return env::__get_free_pages(sim::zeroed(flags), 0);
}
void *alloc_pages_exact(size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("alloc_pages_exact");
    return sim::allocate_pages(sim::memory_use::exact, size, flags);
}
void __free_pages(page *pages, unsigned int order) noexcept
{
    const sim::in_call in("__free_pages");
    sim::release_pages(pages, order);
}
void __free_page(page *p) noexcept { env::__free_pages(p, 0); }
void free_pages(unsigned long address, unsigned int order) noexcept
{
    const sim::in_call in("free_pages");
    sim::release_pages(reinterpret_cast<void *>(address), order);
}
void free_page(unsigned long address) noexcept { env::free_pages(address, 0); }
void free_pages_exact(void *memory, size_t size) noexcept
{
    const sim::in_call in("free_pages_exact");
    sim::release_pages(memory, sim::order_of(size));
}
void *page_address(const page *p) noexcept { return const_cast<page *>(p); }
page *virt_to_page(const void *address) noexcept
{
    return reinterpret_cast<page *>(reinterpret_cast<std::uintptr_t>(address) &
                                    ~(sim::page_bytes - 1));
}

mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc, mempool_free_t *free,
                          void *pool_data) noexcept
{
    const sim::in_call in("mempool_create");
    return sim::new_pool(min_nr, alloc, free, pool_data);
}
mempool_t *mempool_create_kmalloc_pool(int min_nr, size_t size) noexcept
{
    const sim::in_call in("mempool_create");
    return sim::new_pool(
        min_nr,
        [](gfp_t flags, void *bytes) {
            return sim::allocate_slab(reinterpret_cast<size_t>(bytes), flags);
        },
        [](void *element, void *) { sim::release_slab(element); }, reinterpret_cast<void *>(size));
}
mempool_t *mempool_create_slab_pool(int min_nr, kmem_cache *cache) noexcept
{
    const sim::in_call in("mempool_create");
    return sim::new_pool(
        min_nr,
        [](gfp_t flags, void *c) {
            return env::kmem_cache_alloc(static_cast<kmem_cache *>(c), flags);
        },
        [](void *element, void *c) { env::kmem_cache_free(static_cast<kmem_cache *>(c), element); },
        cache);
}
void mempool_destroy(mempool_t *pool) noexcept
{
    const sim::in_call in("mempool_destroy");
    if (!pool)
        return;
    for (void *element : pool->reserve)
        pool->free(element, pool->data);
    delete pool;
}
void *mempool_alloc(mempool_t *pool, gfp_t flags) noexcept
{
    const sim::in_call in("mempool_alloc");
    sim::might_alloc(flags);
    for (;;) {
        const gfp_t at_once{flags.value &
                            ~(kctx::detail::gfp_wait_bit | kctx::detail::gfp_bits<flag::__GFP_IO>)};
        if (void *const element = pool->alloc(at_once, pool->data))
            return element;
        {
            const sim::spin_section inside(sim::spinlock_of(pool, "&pool->lock"));
            if (!pool->reserve.empty()) {
                void *const element = pool->reserve.back();
                pool->reserve.pop_back();
                return element;
            }
        }
        if (!sim::may_wait(flags))
            return nullptr;
        sim::here().sleep_on_timeout(pool, TASK_UNINTERRUPTIBLE, 5l * sim::here().config.hz);
    }
}
void mempool_free(void *element, mempool_t *pool) noexcept
{
    const sim::in_call in("mempool_free");
    if (!element)
        return;
    if (pool->reserve.size() < pool->least) {
        const sim::spin_section inside(sim::spinlock_of(pool, "&pool->lock"));
        pool->reserve.push_back(element);
        sim::here().wake_one(pool);
        return;
    }
    pool->free(element, pool->data);
}

void *devm_kmalloc(device *, size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("devm_kmalloc");
    void *const memory = sim::allocate_slab(size, flags);
    sim::passes(sim::devres_lock);
    return memory;
}
void *devm_kzalloc(device *dev, size_t size, gfp_t flags) noexcept
{
    return env::devm_kmalloc(dev, size, sim::zeroed(flags));
}
void devm_kfree(device *, const void *memory) noexcept
{
    const sim::in_call in("devm_kfree");
    sim::passes(sim::devres_lock);
    sim::release_slab(memory);
}

// DMA: devices see memory at its address, through bounce buffers.
void *dma_alloc_coherent(device *, size_t size, dma_addr_t *handle, gfp_t flags) noexcept
{
    const sim::in_call in("dma_alloc_attrs");
    void *const memory = sim::allocate_pages(sim::memory_use::coherent, size, sim::zeroed(flags));
    *handle = reinterpret_cast<dma_addr_t>(memory);
    return memory;
}
void dma_free_coherent(device *, size_t size, void *memory, dma_addr_t) noexcept
{
    const sim::in_call in("dma_free_attrs");
    sim::warn_on(sim::here().irqs_disabled(), {"kernel/dma/mapping.c", 0}, "dma_free_attrs");
    sim::release_pages(memory, sim::order_of(size));
}
dma_addr_t dma_map_single(device *, void *memory, size_t, dma_data_direction) noexcept
{
    const sim::in_call in("dma_map_page_attrs");
    sim::passes(sim::swiotlb_lock);
    return reinterpret_cast<dma_addr_t>(memory);
}
KCTX_SIM_CALL(void, dma_unmap_single, (device *, dma_addr_t, size_t, dma_data_direction),
              passes(swiotlb_lock))
dma_addr_t dma_map_page(device *, page *p, size_t offset, size_t, dma_data_direction) noexcept
{
    const sim::in_call in("dma_map_page_attrs");
    sim::passes(sim::swiotlb_lock);
    return reinterpret_cast<dma_addr_t>(p) + offset;
}
KCTX_SIM_CALL(void, dma_unmap_page, (device *, dma_addr_t, size_t, dma_data_direction),
              passes(swiotlb_lock))
unsigned int dma_map_sg(device *, scatterlist *, int entries, dma_data_direction) noexcept
{
    const sim::in_call in("dma_map_sg_attrs");
    sim::passes(sim::swiotlb_lock);
    return static_cast<unsigned int>(entries);
}
KCTX_SIM_CALL(void, dma_unmap_sg, (device *, scatterlist *, int, dma_data_direction),
              passes(swiotlb_lock))
int dma_mapping_error(device *, dma_addr_t) noexcept { return 0; }
void dma_sync_single_for_cpu(device *, dma_addr_t, size_t, dma_data_direction) noexcept {}
void dma_sync_single_for_device(device *, dma_addr_t, size_t, dma_data_direction) noexcept {}
dma_pool *dma_pool_create(const char *, device *, size_t size, size_t, size_t) noexcept
{
    const sim::in_call in("dma_pool_create");
    sim::passes(sim::pools_lock);
    sim::allocates(sim::gfp_kernel);
    return new dma_pool{size};
}
void dma_pool_destroy(dma_pool *pool) noexcept
{
    const sim::in_call in("dma_pool_destroy");
    sim::passes(sim::pools_lock);
    delete pool;
}
void *dma_pool_alloc(dma_pool *pool, gfp_t flags, dma_addr_t *handle) noexcept
{
    const sim::in_call in("dma_pool_alloc");
    sim::might_alloc(flags);
    sim::passes(sim::dma_pool_lock);
    // A part of a page that others have parts of, as an object of a slab is.
    void *const memory = sim::take(sim::memory_use::object, pool->size, sim::page_bytes, flags);
    *handle = reinterpret_cast<dma_addr_t>(memory);
    return memory;
}
void dma_pool_free(dma_pool *, void *memory, dma_addr_t) noexcept
{
    const sim::in_call in("dma_pool_free");
    sim::passes(sim::dma_pool_lock);
    sim::the_heap().give(memory);
}
int iommu_map(iommu_domain *, unsigned long, phys_addr_t, size_t, int, gfp_t flags) noexcept
{
    const sim::in_call in("iommu_map");
    if (sim::may_wait(flags))
        sim::sleeps("drivers/iommu/iommu.c");
    sim::passes(sim::page_table_lock);
    return 0;
}
size_t iommu_unmap(iommu_domain *, unsigned long, size_t size) noexcept
{
    const sim::in_call in("iommu_unmap");
    sim::passes(sim::page_table_lock);
    return size;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory: from the C library, so that sanitizers and valgrind know it, with the alignment that the
/// kernel promises, its limits, and failures on demand.
/// @par Kernel source
/// include/linux/slab.h, mm/slub.c, mm/slab_common.c, mm/page_alloc.c, mm/failslab.c (6.12).
#pragma once

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <random>

#include <kctx/api/page.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/host/cpu.hpp>

namespace kctx {

struct kmem_cache {
    std::string name;
    size_t size;
    size_t align;
    void (*constructor)(void *);
    std::atomic<long> objects{0};
};

} // namespace kctx

KCTX_HOST_BEGIN
namespace kctx::host {

inline constexpr size_t page_size = 4096;
inline constexpr unsigned max_page_order = 10;
/// KMALLOC_MAX_SIZE.
inline constexpr size_t kmalloc_max = page_size << max_page_order;
/// What kmalloc() of nothing returns (ZERO_SIZE_PTR).
inline constexpr std::uintptr_t zero_size = 16;
inline bool is_nothing(const void *p) noexcept
{
    return reinterpret_cast<std::uintptr_t>(p) <= zero_size;
}

template <class Flag> inline bool has(gfp_t flags) noexcept
{
    constexpr unsigned bits = kctx::detail::gfp_bits<Flag>;
    return bits != 0 && (flags.value & bits) == bits;
}
inline bool may_wait(gfp_t flags) noexcept
{
    return (flags.value & kctx::detail::gfp_wait_bit) != 0;
}

/// The faults that are asked for.
class fault_injection
{
    std::mutex lock_;
    memory_faults faults_;
    std::mt19937 numbers_;

public:
    static inline constinit std::atomic<bool> on{false};

    void set(const memory_faults &faults)
    {
        const std::lock_guard held(lock_);
        faults_ = faults;
        numbers_.seed(static_cast<std::mt19937::result_type>(faults.seed));
        on = faults.probability != 0 || faults.limit != memory_faults{}.limit;
    }
    /// lib/fault-inject.c, should_fail_ex().
    bool strikes(size_t size)
    {
        const std::lock_guard held(lock_);
        if (faults_.times == 0)
            return false;
        const bool drawn = numbers_() % 100 < faults_.probability;
        const bool full = size > faults_.limit || memory_in_use() > faults_.limit - size;
        if (!drawn && !full)
            return false;
        faults_.times -= faults_.times > 0;
        return true;
    }
};

void set_memory_faults(const memory_faults &faults) { immortal<fault_injection>().set(faults); }
void fail_nth(unsigned n) { this_cpu().fail_nth = n; }
unsigned fail_nth_left() { return this_cpu().fail_nth; }
size_t memory_in_use()
{
    cpus &all = immortal<cpus>();
    const std::lock_guard held(all.lock);
    long sum = 0; // of one thread alone it may be negative: it frees what another has allocated
    for (const auto &c : all.all)
        sum += c->memory_in_use.load(std::memory_order_relaxed);
    return static_cast<size_t>(sum);
}

/// Whether this allocation is one that is to fail.
inline bool should_fail(cpu &c, size_t size, gfp_t flags) noexcept
{
    if (c.fail_nth == 0 && !fault_injection::on.load(std::memory_order_relaxed)) [[likely]]
        return false;
    if (has<flag::__GFP_NOFAIL>(flags))
        return false;
    if (c.fail_nth != 0 ? --c.fail_nth != 0 : !immortal<fault_injection>().strikes(size))
        return false;
    if (!has<flag::__GFP_NOWARN>(flags))
        env::printk_at(KERN_NOTICE, "FAULT_INJECTION: forcing a failure of %zu bytes, %s\n", size,
                       comm_and_pid().c_str());
    return true;
}

inline size_t usable_size(const void *p) noexcept
{
    return malloc_usable_size(const_cast<void *>(p));
}
/// Counts what @p c has allocated, +1, or freed, -1: with the checks for misuse only, since to ask
/// for the size of an object costs as much as to allocate it.
inline void account(cpu &c, const void *p, long sign) noexcept
{
    const long now = c.memory_in_use.load(std::memory_order_relaxed);
    c.memory_in_use.store(now + sign * static_cast<long>(usable_size(p)),
                          std::memory_order_relaxed);
}

/// @p align is a power of two.
inline void *allocate(size_t size, size_t align, gfp_t flags) noexcept
{
    cpu &c = this_cpu();
    if (should_fail(c, size, flags))
        return nullptr;
    void *const p =
        align <= alignof(std::max_align_t) ? std::malloc(size) : std::aligned_alloc(align, size);
    if (!p) {
        if (has<flag::__GFP_NOFAIL>(flags))
            bug("Out of memory: %zu bytes with __GFP_NOFAIL\n", size);
        return nullptr;
    }
    if (debug)
        account(c, p, 1);
    if (has<flag::__GFP_ZERO>(flags))
        std::memset(p, 0, size);
    return p;
}
inline void release(const void *p) noexcept
{
    if (is_nothing(p))
        return;
    if (debug)
        account(this_cpu(), p, -1);
    std::free(const_cast<void *>(p));
}

/// kmalloc() promises the largest power of two that divides the size; what needs more than a slab
/// has pages of its own.
inline size_t slab_align(size_t size) noexcept { return size & (~size + 1); }
inline gfp_t zeroed(gfp_t flags) noexcept
{
    return {flags.value | kctx::detail::gfp_bits<flag::__GFP_ZERO>};
}
inline void *slab(size_t size, gfp_t flags) noexcept
{
    if (size == 0)
        return reinterpret_cast<void *>(zero_size);
    return size > kmalloc_max ? nullptr : allocate(size, slab_align(size), flags);
}
inline bool product(size_t n, size_t size, size_t *bytes) noexcept
{
    return !__builtin_mul_overflow(n, size, bytes);
}
inline size_t in_pages(size_t size) noexcept { return (size + page_size - 1) & ~(page_size - 1); }
inline vmalloc_memory *scattered(size_t size, gfp_t flags) noexcept
{
    if (size == 0 || size > static_cast<size_t>(LONG_MAX))
        return nullptr;
    return static_cast<vmalloc_memory *>(allocate(in_pages(size), page_size, flags));
}
inline vmalloc_memory *slab_or_scattered(size_t size, gfp_t flags) noexcept
{
    if (size > INT_MAX)
        return nullptr;
    if (size <= page_size || !may_wait(flags))
        return static_cast<vmalloc_memory *>(slab(size, flags));
    return scattered(size, flags);
}
inline constexpr gfp_t gfp_kernel{kctx::detail::gfp_bits<flag::GFP_KERNEL>};

/// 2^order pages, aligned to their size. A page is known by its address: its struct page lies in
/// it.
inline page *pages(unsigned order, gfp_t flags) noexcept
{
    if (order > max_page_order)
        return nullptr;
    return static_cast<page *>(allocate(page_size << order, page_size << order, flags));
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void *kmalloc(size_t size, gfp_t flags) noexcept { return host::slab(size, flags); }
void *kzalloc(size_t size, gfp_t flags) noexcept { return host::slab(size, host::zeroed(flags)); }
void *kmalloc_array(size_t n, size_t size, gfp_t flags) noexcept
{
    size_t bytes;
    return host::product(n, size, &bytes) ? host::slab(bytes, flags) : nullptr;
}
void *kcalloc(size_t n, size_t size, gfp_t flags) noexcept
{
    return env::kmalloc_array(n, size, host::zeroed(flags));
}
void *krealloc(const void *object, size_t size, gfp_t flags) noexcept
{
    const size_t old = host::is_nothing(object) ? 0 : host::usable_size(object);
    if (size != 0 && old >= size)
        return const_cast<void *>(object);
    void *const p = host::slab(size, flags);
    if (!p)
        return nullptr;
    std::memcpy(p, object, old < size ? old : size);
    host::release(object);
    return p;
}
void *kmemdup(const void *source, size_t size, gfp_t flags) noexcept
{
    void *const p = host::slab(size, flags);
    return p ? std::memcpy(p, source, size) : nullptr;
}
char *kstrndup(const char *text, size_t max, gfp_t flags) noexcept
{
    if (!text)
        return nullptr;
    const size_t length = strnlen(text, max);
    auto *const p = static_cast<char *>(host::slab(length + 1, flags));
    if (p) {
        std::memcpy(p, text, length);
        p[length] = '\0';
    }
    return p;
}
char *kstrdup(const char *text, gfp_t flags) noexcept
{
    return env::kstrndup(text, SIZE_MAX, flags);
}
void kfree(const void *object) noexcept { host::release(object); }
void kfree_sensitive(const void *object) noexcept
{
    if (!host::is_nothing(object))
        explicit_bzero(const_cast<void *>(object), host::usable_size(object));
    host::release(object);
}

kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
                              unsigned long, void (*ctor)(void *)) noexcept
{
    host::may_sleep("kmem_cache_create");
    const bool is_power = (align & (align - 1)) == 0;
    if (!name || size == 0 || size > host::kmalloc_max || !is_power ||
        host::should_fail(host::this_cpu(), sizeof(kmem_cache), host::gfp_kernel))
        return nullptr;
    return new kmem_cache{name, size, align == 0 ? alignof(void *) : align, ctor};
}
void kmem_cache_destroy(kmem_cache *cache) noexcept
{
    host::may_sleep("kmem_cache_destroy");
    if (!cache)
        return;
    if (cache->objects != 0) {
        env::printk_at(KERN_ERR, "kmem_cache_destroy %s: Slab cache still has objects\n",
                       cache->name.c_str());
        return;
    }
    delete cache;
}
void *kmem_cache_alloc(kmem_cache *cache, gfp_t flags) noexcept
{
    void *const p =
        host::allocate((cache->size + cache->align - 1) & ~(cache->align - 1), cache->align, flags);
    if (!p)
        return nullptr;
    ++cache->objects;
    if (cache->constructor)
        cache->constructor(p);
    return p;
}
void *kmem_cache_zalloc(kmem_cache *cache, gfp_t flags) noexcept
{
    return env::kmem_cache_alloc(cache, host::zeroed(flags));
}
void kmem_cache_free(kmem_cache *cache, void *object) noexcept
{
    if (!object)
        return;
    --cache->objects;
    host::release(object);
}

vmalloc_memory *kvmalloc(size_t size, gfp_t flags) noexcept
{
    return host::slab_or_scattered(size, flags);
}
vmalloc_memory *kvzalloc(size_t size, gfp_t flags) noexcept
{
    return host::slab_or_scattered(size, host::zeroed(flags));
}
vmalloc_memory *kvmalloc_array(size_t n, size_t size, gfp_t flags) noexcept
{
    size_t bytes;
    return host::product(n, size, &bytes) ? host::slab_or_scattered(bytes, flags) : nullptr;
}
vmalloc_memory *kvcalloc(size_t n, size_t size, gfp_t flags) noexcept
{
    return env::kvmalloc_array(n, size, host::zeroed(flags));
}
void kvfree(any_memory memory) noexcept { host::release(memory); }

vmalloc_memory *vmalloc(unsigned long size) noexcept
{
    host::may_sleep("vmalloc");
    return host::scattered(size, host::gfp_kernel);
}
vmalloc_memory *vzalloc(unsigned long size) noexcept
{
    host::may_sleep("vzalloc");
    return host::scattered(size, host::zeroed(host::gfp_kernel));
}
vmalloc_memory *vmalloc_user(unsigned long size) noexcept
{
    host::may_sleep("vmalloc_user");
    return host::scattered(size, host::zeroed(host::gfp_kernel));
}
void vfree(vmalloc_ptr<const void> address) noexcept { host::release(address.get()); }
void vfree_atomic(vmalloc_ptr<const void> address) noexcept { host::release(address.get()); }

page *alloc_pages(gfp_t flags, unsigned int order) noexcept { return host::pages(order, flags); }
page *alloc_page(gfp_t flags) noexcept { return host::pages(0, flags); }
lowmem_address *__get_free_pages(gfp_t flags, unsigned int order) noexcept
{
    return reinterpret_cast<lowmem_address *>(host::pages(order, flags));
}
lowmem_address *__get_free_page(gfp_t flags) noexcept { return env::__get_free_pages(flags, 0); }
lowmem_address *get_zeroed_page(gfp_t flags) noexcept
{
    return env::__get_free_pages(host::zeroed(flags), 0);
}
void *alloc_pages_exact(size_t size, gfp_t flags) noexcept
{
    const size_t bytes = host::in_pages(size);
    if (bytes == 0 || bytes > host::kmalloc_max)
        return nullptr;
    return host::allocate(bytes, host::page_size, flags);
}
void __free_pages(page *pages, unsigned int) noexcept { host::release(pages); }
void __free_page(page *p) noexcept { host::release(p); }
void free_pages(unsigned long address, unsigned int) noexcept
{
    host::release(reinterpret_cast<void *>(address));
}
void free_page(unsigned long address) noexcept { env::free_pages(address, 0); }
void free_pages_exact(void *memory, size_t) noexcept { host::release(memory); }
void *page_address(const page *p) noexcept { return const_cast<page *>(p); }
page *virt_to_page(const void *address) noexcept
{
    return reinterpret_cast<page *>(reinterpret_cast<std::uintptr_t>(address) &
                                    ~(host::page_size - 1));
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END

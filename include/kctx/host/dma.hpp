// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory for devices: what a device sees is the address that the program sees.
/// @par Kernel source
/// kernel/dma/mapping.c, mm/dmapool.c (6.12).
#pragma once

#include <bit>

#include <kctx/api/dma.hpp>
#include <kctx/host/memory.hpp>

namespace kctx {

struct dma_pool {
    size_t size;
    size_t align;
    std::atomic<long> buffers{0};
    std::string name;
};

} // namespace kctx

KCTX_HOST_BEGIN
namespace kctx::host {

inline dma_addr_t bus_address(const void *memory) noexcept
{
    return reinterpret_cast<std::uintptr_t>(memory);
}
/// DMA_MAPPING_ERROR.
inline constexpr dma_addr_t no_bus_address = ~dma_addr_t{0};

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void *dma_alloc_coherent(device *, size_t size, dma_addr_t *handle, gfp_t flags) noexcept
{
    const size_t bytes = std::bit_ceil(host::in_pages(size)); // in pages of the buddy allocator
    if (size == 0 || bytes > host::kmalloc_max)
        return nullptr;
    void *const memory = host::allocate(bytes, bytes, host::zeroed(flags));
    if (memory)
        *handle = host::bus_address(memory);
    return memory;
}
void dma_free_coherent(device *, size_t, void *memory, dma_addr_t handle) noexcept
{
    if (host::debug && memory && handle != host::bus_address(memory))
        host::bug("DMA-API: device driver frees DMA memory %px with wrong device address %llx\n",
                  memory, handle);
    host::release(memory);
}
dma_addr_t dma_map_single(device *, void *memory, size_t, dma_data_direction) noexcept
{
    return memory ? host::bus_address(memory) : host::no_bus_address;
}
void dma_unmap_single(device *, dma_addr_t, size_t, dma_data_direction) noexcept {}
dma_addr_t dma_map_page(device *, page *p, size_t offset, size_t, dma_data_direction) noexcept
{
    return host::bus_address(env::page_address(p)) + offset;
}
void dma_unmap_page(device *, dma_addr_t, size_t, dma_data_direction) noexcept {}
unsigned int dma_map_sg(device *, scatterlist *list, int entries, dma_data_direction) noexcept
{
    for (int i = 0; i < entries; ++i) {
        list[i].dma_address = host::bus_address(env::page_address(list[i].memory)) + list[i].offset;
        list[i].dma_length = list[i].length;
    }
    return static_cast<unsigned int>(entries);
}
void dma_unmap_sg(device *, scatterlist *, int, dma_data_direction) noexcept {}
int dma_mapping_error(device *, dma_addr_t address) noexcept
{
    return address == host::no_bus_address ? -ENOMEM : 0;
}
void dma_sync_single_for_cpu(device *, dma_addr_t, size_t, dma_data_direction) noexcept {}
void dma_sync_single_for_device(device *, dma_addr_t, size_t, dma_data_direction) noexcept {}

/// Buffers that are aligned to the power of two above their size cross no boundary.
dma_pool *dma_pool_create(const char *name, device *, size_t size, size_t align,
                          size_t boundary) noexcept
{
    host::may_sleep("dma_pool_create");
    const bool fits = align == 0 || std::has_single_bit(align);
    if (size == 0 || size > host::kmalloc_max || !fits ||
        (boundary != 0 && (boundary < size || !std::has_single_bit(boundary))) ||
        host::should_fail(host::this_cpu(), sizeof(dma_pool), host::gfp_kernel))
        return nullptr;
    return new dma_pool{size, std::max({align, boundary != 0 ? std::bit_ceil(size) : 1, size_t{8}}),
                        0, name};
}
void dma_pool_destroy(dma_pool *pool) noexcept
{
    host::may_sleep("dma_pool_destroy");
    if (pool && pool->buffers != 0)
        env::printk_at(KERN_ERR, "dma_pool_destroy %s, buffers are busy\n", pool->name.c_str());
    else
        delete pool;
}
void *dma_pool_alloc(dma_pool *pool, gfp_t flags, dma_addr_t *handle) noexcept
{
    void *const memory =
        host::allocate((pool->size + pool->align - 1) & ~(pool->align - 1), pool->align, flags);
    if (memory) {
        ++pool->buffers;
        *handle = host::bus_address(memory);
    }
    return memory;
}
void dma_pool_free(dma_pool *pool, void *memory, dma_addr_t) noexcept
{
    --pool->buffers;
    host::release(memory);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END

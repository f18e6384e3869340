// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory whose pages lie scattered, and mappings: what changes the kernel's page tables.
/// @par Kernel source
/// mm/vmalloc.c, mm/util.c, mm/ioremap.c, kernel/resource.c, arch/x86/mm/pat/memtype.c,
/// include/linux/highmem-internal.h, mm/memory.c, mm/gup.c (6.12).
#pragma once

#include <unordered_set>

#include <kctx/api/highmem.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/mm.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/sim/memory.hpp>
#include <kctx/sim/smp.hpp>
#include <kctx/sim/uaccess.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// struct vmap_node: of the areas that are in use.
inline const kernel_lock<spinlock_t> vmap_busy_lock("vn->busy.lock");
inline const kernel_lock<rwlock_t> resource_lock("resource_lock");
inline const kernel_lock<spinlock_t> memtype_lock("memtype_lock");

/// What vmalloc() has given out, so that kvfree() knows it.
struct scattered_areas {
    std::unordered_set<const void *> all; ///< where each begins
    explicit scattered_areas(machine &) {}
};

/// __get_vm_area_node(): a range of addresses, and a record of it.
inline void get_vm_area(gfp_t flags)
{
    machine &m = here();
    if (m.in_interrupt())
        m.bug(at("mm/vmalloc.c", 3177));
    allocates(flags); // struct vm_struct
    {
        const frame in("alloc_vmap_area");
        sleeps("mm/vmalloc.c", 2030);
        allocates(flags); // struct vmap_area
        passes_plain(vmap_busy_lock.get());
    }
}
/// remove_vm_area(): what was mapped is looked up, and the mapping goes.
inline void remove_vm_area()
{
    sleeps("mm/vmalloc.c", 3289);
    {
        const frame in("find_vmap_area");
        passes_plain(vmap_busy_lock.get());
    }
}
inline vmalloc_memory *scattered(std::size_t size, gfp_t flags)
{
    const frame in("__vmalloc_node_range");
    if (size == 0)
        return nullptr;
    get_vm_area(flags);
    might_alloc(flags); // the pages
    takes_pages(0);
    void *const memory = take(memory_use::scattered, size, page_bytes, flags);
    if (memory)
        here().part<scattered_areas>().all.insert(memory);
    return static_cast<vmalloc_memory *>(memory);
}
inline bool is_scattered(const void *p) { return here().part<scattered_areas>().all.contains(p); }
inline void release_scattered(const void *p)
{
    machine &m = here();
    if (m.in_interrupt()) { // vfree_atomic(): a work item does it
        if (m.in_nmi())
            m.bug(at("mm/vmalloc.c", 0));
    } else {
        sleeps("mm/vmalloc.c", 3419);
        if (p)
            remove_vm_area();
    }
    if (p) {
        m.part<scattered_areas>().all.erase(p);
        the_heap().give(p);
    }
}
/// kvmalloc(): first from the slabs, which more than a page need not succeed.
inline vmalloc_memory *slab_or_scattered(std::size_t size, gfp_t flags)
{
    const frame in("__kvmalloc_node");
    if (void *const p = allocate_slab(size, flags))
        return static_cast<vmalloc_memory *>(p);
    if (size <= page_bytes || !may_wait(flags))
        return nullptr;
    return scattered(size, flags);
}
inline void *map_registers(std::size_t size)
{
    {
        const frame in("find_next_iomem_res");
        reads(resource_lock);
    }
    {
        const frame in("memtype_reserve");
        allocates(gfp_kernel);
        passes_plain(memtype_lock.get());
    }
    get_vm_area(gfp_kernel);
    return the_heap().take(size, page_bytes, true);
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

vmalloc_memory *vmalloc(unsigned long size) noexcept
{
    const sim::in_call in("vmalloc");
    return sim::scattered(size, sim::gfp_kernel);
}
vmalloc_memory *vzalloc(unsigned long size) noexcept
{
    const sim::in_call in("vzalloc");
    return sim::scattered(size, sim::zeroed(sim::gfp_kernel));
}
vmalloc_memory *vmalloc_user(unsigned long size) noexcept
{
    const sim::in_call in("vmalloc_user");
    return sim::scattered(size, sim::zeroed(sim::gfp_kernel));
}
void vfree(vmalloc_ptr<const void> address) noexcept
{
    const sim::in_call in("vfree");
    sim::release_scattered(address.get());
}
void vfree_atomic(vmalloc_ptr<const void> address) noexcept
{
    const sim::in_call in("vfree_atomic");
    sim::machine &m = sim::here();
    if (m.in_nmi())
        m.bug(sim::at("mm/vmalloc.c", 0));
    if (address) {
        m.part<sim::scattered_areas>().all.erase(address.get());
        sim::the_heap().give(address.get());
    }
}
vmalloc_memory *kvmalloc(size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("kvmalloc");
    return sim::slab_or_scattered(size, flags);
}
vmalloc_memory *kvzalloc(size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("kvzalloc");
    return sim::slab_or_scattered(size, sim::zeroed(flags));
}
vmalloc_memory *kvmalloc_array(size_t n, size_t size, gfp_t flags) noexcept
{
    const sim::in_call in("kvmalloc_array");
    size_t bytes;
    return sim::product(n, size, &bytes) ? sim::slab_or_scattered(bytes, flags) : nullptr;
}
vmalloc_memory *kvcalloc(size_t n, size_t size, gfp_t flags) noexcept
{
    return env::kvmalloc_array(n, size, sim::zeroed(flags));
}
void kvfree(any_memory memory) noexcept
{
    const sim::in_call in("kvfree");
    if (sim::is_scattered(memory))
        sim::release_scattered(memory);
    else
        sim::release_slab(memory);
}
vmalloc_memory *vmap(page **pages, unsigned int count, unsigned long) noexcept
{
    const sim::in_call in("vmap");
    sim::sleeps("mm/vmalloc.c", 3503);
    if (count == 0)
        return nullptr;
    sim::get_vm_area(sim::gfp_kernel);
    return reinterpret_cast<vmalloc_memory *>(pages[0]); // the first page is all that is seen of it
}
vmalloc_memory *vm_map_ram(page **pages, unsigned int count, int) noexcept
{
    const sim::in_call in("vm_map_ram");
    sim::sleeps("mm/vmalloc.c");
    return count == 0 ? nullptr : reinterpret_cast<vmalloc_memory *>(pages[0]);
}
void vunmap(vmalloc_ptr<const void> address) noexcept
{
    const sim::in_call in("vunmap");
    sim::machine &m = sim::here();
    if (m.in_interrupt())
        m.bug(sim::at("mm/vmalloc.c", 3466));
    sim::sleeps("mm/vmalloc.c", 3467);
    if (address)
        sim::remove_vm_area();
}
page *vmalloc_to_page(vmalloc_ptr<const void> address) noexcept
{
    return env::virt_to_page(address.get());
}

iomem *ioremap(phys_addr_t, size_t size) noexcept
{
    const sim::in_call in("ioremap");
    return static_cast<iomem *>(sim::map_registers(size));
}
void iounmap(iomem *address) noexcept
{
    const sim::in_call in("iounmap");
    {
        const sim::frame inner("find_vmap_area");
        sim::passes_plain(sim::vmap_busy_lock.get());
    }
    sim::remove_vm_area();
    sim::the_heap().give(const_cast<const void *>(static_cast<const volatile void *>(address)));
}
iomem *devm_ioremap(device *, resource_size_t, resource_size_t size) noexcept
{
    const sim::in_call in("devm_ioremap");
    sim::allocates(sim::gfp_kernel);
    return static_cast<iomem *>(sim::map_registers(size));
}
iomem *devm_ioremap_resource(device *, const resource *range) noexcept
{
    const sim::in_call in("devm_ioremap_resource");
    sim::allocates(sim::gfp_kernel);
    sim::writes(sim::resource_lock);
    return static_cast<iomem *>(sim::map_registers(range->end - range->start + 1));
}
void *memremap(resource_size_t, size_t size, unsigned long) noexcept
{
    const sim::in_call in("memremap");
    return sim::map_registers(size);
}

void *kmap(page *p) noexcept
{
    const sim::in_call in("kmap");
    sim::sleeps("include/linux/highmem-internal.h", 164);
    return p;
}
void kunmap(page *) noexcept {}
void *kmap_local_page(page *p) noexcept { return p; }
void kunmap_local(const void *) noexcept {}
void *kmap_atomic(page *p) noexcept
{
    const sim::in_call in("kmap_atomic");
    if (sim::here().config.rt())
        sim::here().migrate_disable();
    else
        sim::here().preempt_disable();
    env::pagefault_disable();
    return p;
}
void kunmap_atomic(const void *) noexcept
{
    const sim::in_call in("kunmap_atomic");
    env::pagefault_enable();
    if (sim::here().config.rt())
        sim::here().migrate_enable();
    else
        sim::here().preempt_enable();
}

// A process's memory.
void mmap_read_lock(mm_struct *mm) noexcept
{
    env::down_read(sim::lock_inside<rw_semaphore>(mm, "&mm->mmap_lock"));
}
bool mmap_read_trylock(mm_struct *mm) noexcept
{
    return env::down_read_trylock(sim::lock_inside<rw_semaphore>(mm, "&mm->mmap_lock"));
}
void mmap_read_unlock(mm_struct *mm) noexcept
{
    env::up_read(sim::lock_inside<rw_semaphore>(mm, "&mm->mmap_lock"));
}
void mmap_write_lock(mm_struct *mm) noexcept
{
    env::down_write(sim::lock_inside<rw_semaphore>(mm, "&mm->mmap_lock"));
}
void mmap_write_unlock(mm_struct *mm) noexcept
{
    env::up_write(sim::lock_inside<rw_semaphore>(mm, "&mm->mmap_lock"));
}
int get_user_pages_fast(unsigned long, int count, unsigned int, page **) noexcept
{
    const sim::in_call in("get_user_pages_fast");
    sim::sleeps("mm/gup.c");
    return count;
}
int pin_user_pages_fast(unsigned long, int count, unsigned int, page **) noexcept
{
    const sim::in_call in("pin_user_pages_fast");
    sim::sleeps("mm/gup.c");
    return count;
}
long pin_user_pages(unsigned long, unsigned long count, unsigned int, page **) noexcept
{
    const sim::in_call in("pin_user_pages");
    sim::sleeps("mm/gup.c");
    return static_cast<long>(count);
}
KCTX_SIM_CALL(int, remap_pfn_range,
              (vm_area_struct *, unsigned long, unsigned long, unsigned long, unsigned long),
              allocates(gfp_kernel))
KCTX_SIM_CALL(unsigned int, vmf_insert_pfn, (vm_area_struct *, unsigned long, unsigned long),
              allocates(gfp_kernel))
KCTX_SIM_CALL(int, set_memory_x, (unsigned long, int), sleeps("arch/x86/mm/pat/set_memory.c"))
KCTX_SIM_CALL(int, set_memory_ro, (unsigned long, int), sleeps("arch/x86/mm/pat/set_memory.c"))

u32 readl(const iomem *address) noexcept
{
    return *reinterpret_cast<const volatile u32 *>(address);
}
void writel(u32 value, iomem *address) noexcept
{
    *reinterpret_cast<volatile u32 *>(address) = value;
}
u16 readw(const iomem *address) noexcept
{
    return *reinterpret_cast<const volatile u16 *>(address);
}
void writew(u16 value, iomem *address) noexcept
{
    *reinterpret_cast<volatile u16 *>(address) = value;
}
u8 readb(const iomem *address) noexcept { return *reinterpret_cast<const volatile u8 *>(address); }
void writeb(u8 value, iomem *address) noexcept
{
    *reinterpret_cast<volatile u8 *>(address) = value;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END

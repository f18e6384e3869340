// SPDX-License-Identifier: BSL-1.0
/// @file
/// vmap(): pages that lie scattered, seen in a row as well. Each page's memory moves into a file
/// without a name, which is then mapped at both addresses.
/// @par Kernel source
/// mm/vmalloc.c vmap(), vunmap() (6.12).
#pragma once

#include <map>
#include <sys/mman.h>

#include <kctx/host/memory.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

class vmap_areas
{
    std::mutex lock_;
    std::map<const void *, std::vector<page *>> areas_; // by address

    /// Has the page at @p to be the memory of the page at @p from.
    static bool share(void *from, void *to) noexcept
    {
        const int file = memfd_create("vmap", MFD_CLOEXEC);
        const bool copied =
            file >= 0 && write(file, from, page_size) == static_cast<ssize_t>(page_size);
        const auto map = [=](void *at) {
            return mmap(at, page_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) ==
                   at;
        };
        const bool shared = copied && map(to) && map(from);
        if (file >= 0)
            close(file);
        return shared;
    }

public:
    void *add(page **pages, unsigned count) noexcept
    {
        const size_t size = count * page_size;
        void *const area = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (area == MAP_FAILED)
            return nullptr;
        for (unsigned i = 0; i < count; ++i) {
            if (!share(env::page_address(pages[i]), static_cast<char *>(area) + i * page_size)) {
                munmap(area, size);
                return nullptr;
            }
        }
        const std::lock_guard held(lock_);
        areas_[area].assign(pages, pages + count);
        return area;
    }
    void remove(const void *area) noexcept
    {
        const std::lock_guard held(lock_);
        const auto found = areas_.find(area);
        if (found == areas_.end()) {
            env::printk_at(KERN_ERR, "Trying to vunmap() nonexistent vm area (%px)\n", area);
            return;
        }
        munmap(const_cast<void *>(area), found->second.size() * page_size);
        areas_.erase(found);
    }
    /// The page of an address: what was mapped there, or what lies there.
    page *page_at(const void *address) noexcept
    {
        const std::lock_guard held(lock_);
        const auto after = areas_.upper_bound(address);
        if (after != areas_.begin()) {
            const auto &[area, pages] = *std::prev(after);
            const auto offset = static_cast<size_t>(static_cast<const char *>(address) -
                                                    static_cast<const char *>(area));
            if (offset / page_size < pages.size())
                return pages[offset / page_size];
        }
        return env::virt_to_page(address);
    }
};

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

vmalloc_memory *vmap(page **pages, unsigned int count, unsigned long) noexcept
{
    host::may_sleep("vmap");
    if (count == 0 || host::should_fail(host::this_cpu(), count * sizeof(void *), host::gfp_kernel))
        return nullptr;
    return static_cast<vmalloc_memory *>(host::immortal<host::vmap_areas>().add(pages, count));
}
vmalloc_memory *vm_map_ram(page **pages, unsigned int count, int) noexcept
{
    return env::vmap(pages, count, 0);
}
page *vmalloc_to_page(vmalloc_ptr<const void> address) noexcept
{
    return host::immortal<host::vmap_areas>().page_at(address.get());
}
void vunmap(vmalloc_ptr<const void> address) noexcept
{
    host::may_sleep("vunmap");
    if (address)
        host::immortal<host::vmap_areas>().remove(address.get());
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END

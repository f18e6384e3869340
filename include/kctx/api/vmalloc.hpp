// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory that is contiguous only in the kernel's address space. It has a pointer type of its own,
/// so that no device is told to reach it by DMA and no kfree() gets it.
/// @par Kernel source
/// include/linux/vmalloc.h, mm/vmalloc.c, mm/util.c (6.12).
#pragma once

#include <kctx/api/types.hpp>
#include <kctx/gfp/allocation.hpp>

namespace kctx {

struct page;

#define KCTX_TEXT_not_contiguous                                                                   \
    "kctx[not-contiguous]: in any context the memory of vmalloc() and kvmalloc() is not for DMA, " \
    "kfree() or virt_to_phys(): its pages lie scattered; fix: kmalloc() or alloc_pages() for a "   \
    "device, kvfree() to free, vmalloc_ptr<T> to keep, get() to read and write"

/// What vmalloc() and kvmalloc() return to be checked.
struct vmalloc_memory;

/// A pointer to memory of vmalloc(): used like any pointer, but a plain one only through get().
template <class T> class vmalloc_ptr
{
    T *p_ = nullptr;

public:
    constexpr vmalloc_ptr() noexcept = default;
    constexpr vmalloc_ptr(decltype(nullptr)) noexcept {}
    constexpr explicit vmalloc_ptr(T *p) noexcept : p_(p) {}
    template <class U>
        requires requires(U *u, T *t) { t = u; }
    constexpr vmalloc_ptr(vmalloc_ptr<U> p) noexcept : p_(p.get())
    {}
#ifdef KCTX_UNCHECKED
    template <class R>
        requires(__is_base_of(unchecked<vmalloc_memory>, R))
    constexpr vmalloc_ptr(R r) noexcept : p_(static_cast<T *>(r.checked().p))
    {}
    template <class U> constexpr operator U *() const noexcept { return static_cast<U *>(p_); }
#else
    KCTX_UNAVAILABLE(KCTX_TEXT_unchecked(vmalloc)) vmalloc_ptr(unchecked<vmalloc_memory>);
    template <class U> KCTX_UNAVAILABLE(KCTX_TEXT_not_contiguous) operator U *();
#endif
    /// As a plain pointer, which must not go where contiguous memory is asked for.
    constexpr T *get() const noexcept { return p_; }
    constexpr explicit operator bool() const noexcept { return p_ != nullptr; }
    constexpr T *operator->() const noexcept { return p_; }
    template <class U = T> constexpr U &operator*() const noexcept { return *p_; }
    template <class U = T> constexpr U &operator[](size_t i) const noexcept { return p_[i]; }
    friend constexpr bool operator==(vmalloc_ptr, vmalloc_ptr) noexcept = default;
};

namespace detail {
/// What checked memory of vmalloc() converts to.
struct scattered_memory {
    void *p;
    template <class T> constexpr operator vmalloc_ptr<T>() const noexcept
    {
        return vmalloc_ptr<T>(static_cast<T *>(p));
    }
#ifdef KCTX_UNCHECKED
    template <class T> constexpr operator T *() const noexcept { return static_cast<T *>(p); }
#else
    template <class U> KCTX_UNAVAILABLE(KCTX_TEXT_not_contiguous) operator U *();
#endif
};
template <> struct checked_form<vmalloc_memory> {
    static scattered_memory of(vmalloc_memory *p) noexcept { return {p}; }
};
} // namespace detail

#define KCTX_VMALLOC_WHY "takes mutexes and allocates page tables with GFP_KERNEL"
#define KCTX_VMALLOC_FIX                                                                           \
    "allocate in process context before the atomic section; GFP flags do not help"

/// @p size bytes in pages that need not be contiguous.
KCTX_MEMORY_CALL(sleeps, vmalloc_memory, vmalloc, (unsigned long size), (size), KCTX_VMALLOC_WHY,
                 KCTX_VMALLOC_FIX, "mm/vmalloc.c __vmalloc_node_range_noprof()")
/// The same, zeroed.
KCTX_MEMORY_CALL(sleeps, vmalloc_memory, vzalloc, (unsigned long size), (size), KCTX_VMALLOC_WHY,
                 KCTX_VMALLOC_FIX, "mm/vmalloc.c __vmalloc_node_range_noprof()")
/// The same, zeroed and fit for remap_vmalloc_range().
KCTX_MEMORY_CALL(sleeps, vmalloc_memory, vmalloc_user, (unsigned long size), (size),
                 KCTX_VMALLOC_WHY, KCTX_VMALLOC_FIX, "mm/vmalloc.c __vmalloc_node_range_noprof()")
/// Maps @p count pages as contiguous.
KCTX_MEMORY_CALL(sleeps, vmalloc_memory, vmap,
                 (page * *pages, unsigned int count, unsigned long flags), (pages, count, flags),
                 KCTX_VMALLOC_WHY, KCTX_VMALLOC_FIX, "mm/vmalloc.c vmap()")
/// The same for a short time and few pages.
KCTX_MEMORY_CALL(sleeps, vmalloc_memory, vm_map_ram, (page * *pages, unsigned int count, int node),
                 (pages, count, node), KCTX_VMALLOC_WHY, KCTX_VMALLOC_FIX,
                 "mm/vmalloc.c vm_map_ram()")
/// Ends the mapping of vmap(); the pages stay.
KCTX_CALL(sleeps, void, vunmap, (vmalloc_ptr<const void> address), (address),
          "takes locks that sleep and may flush the TLBs of all CPUs",
          "unmap in process context, in a work item", "mm/vmalloc.c vunmap()")

// Freeing has a rule of its own: an interrupt leaves it to a kworker, a task does it on the spot
// and sleeps. local_bh_disable() counts as an interrupt here (in_interrupt()).
namespace rule {
/// Where it is freed: a task on the spot, and it sleeps; an interrupt through a kworker; no NMI.
struct frees_vmalloc {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        const bool in_interrupt = s.hardirq || s.serving_softirq || s.bh_disabled;
        return !s.nmi && (in_interrupt || s.allows == wait_type::sleep);
    }
};
} // namespace rule
#define KCTX_BREAKS_frees_vmalloc(name)                                                            \
    "kctx[sleep-in-atomic]: " name "() may sleep unless it runs in an interrupt, and this is an "  \
    "atomic section of a task, or an NMI; fix: vfree_atomic(), or free it after the section"
#define KCTX_LEVEL_vfrees spin
#define KCTX_RULE_vfrees frees_vmalloc
#define KCTX_SLUG_vfrees "sleep-in-atomic"
#define KCTX_SAYS_vfrees(name, why) KCTX_BREAKS_frees_vmalloc(name)
#define KCTX_LEVEL_kvfrees config
#define KCTX_RULE_kvfrees frees_vmalloc
#define KCTX_SLUG_kvfrees "alloc-in-raw-section"
#define KCTX_SAYS_kvfrees(name, why) KCTX_SAYS_allocates(name, why)

/// Frees what vmalloc() returned; NULL is fine.
KCTX_RULED_CALL(vfrees, void, vfree, (vmalloc_ptr<const void> address), (address),
                "sleeps unless it runs in an interrupt", "vfree_atomic()", "mm/vmalloc.c vfree()")
/// The same in any context but NMI: a work item frees it.
KCTX_CALL(spins, void, vfree_atomic, (vmalloc_ptr<const void> address), (address),
          "queues a work item", "irq_work_queue() it", "mm/vmalloc.c vfree_atomic()")

#define KCTX_KVMALLOC_FIX                                                                          \
    "kmalloc() with GFP_ATOMIC for a small size, or allocate before the atomic section"
/// @p size bytes from kmalloc(), or from vmalloc() if that many are not contiguous.
KCTX_ALLOCATION(slab, vmalloc_memory, kvmalloc, (size_t size), (), (size), (), KCTX_KVMALLOC_FIX,
                "mm/util.c __kvmalloc_node_noprof()")
/// The same, zeroed.
KCTX_ALLOCATION(slab, vmalloc_memory, kvzalloc, (size_t size), (), (size), (), KCTX_KVMALLOC_FIX,
                "include/linux/slab.h kvzalloc")
/// @p n objects of @p size bytes each.
KCTX_ALLOCATION(slab, vmalloc_memory, kvmalloc_array, (size_t n, size_t size), (), (n, size), (),
                KCTX_KVMALLOC_FIX, "include/linux/slab.h kvmalloc_array_noprof()")
/// @p n objects of @p size bytes each, zeroed.
KCTX_ALLOCATION(slab, vmalloc_memory, kvcalloc, (size_t n, size_t size), (), (n, size), (),
                KCTX_KVMALLOC_FIX, "include/linux/slab.h kvcalloc_noprof")

namespace env::inline KCTX_ENV_NAMESPACE {
/// The page of an address, for a scatterlist; legal in every context.
page *vmalloc_to_page(vmalloc_ptr<const void> address) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::vmalloc_to_page;
KCTX_LEGAL_ANYWHERE(vmalloc_to_page, "walks the page tables", "mm/vmalloc.c vmalloc_to_page()")

/// What kvfree() takes: memory of kmalloc() or of vmalloc().
class any_memory
{
    const void *p_;

public:
    constexpr any_memory(const void *p) noexcept : p_(p) {}
    template <class T> constexpr any_memory(vmalloc_ptr<T> p) noexcept : p_(p.get()) {}
    constexpr operator const void *() const noexcept { return p_; }
};
/// Frees what kvmalloc(), kmalloc() or vmalloc() returned; NULL is fine.
KCTX_RULED_CALL(kvfrees, void, kvfree, (any_memory memory), (memory), "gives the memory back",
                "keep it, and free it after the raw section", "mm/util.c kvfree()")

} // namespace kctx

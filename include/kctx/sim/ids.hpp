// SPDX-License-Identifier: BSL-1.0
/// @file
/// Numbers for objects: XArray, IDR, IDA. Each tries its own lock first and allocates only if it
/// has no node left.
/// @par Kernel source
/// lib/xarray.c, lib/idr.c, lib/radix-tree.c (6.12).
#pragma once

#include <kctx/api/idr.hpp>
#include <kctx/api/xarray.hpp>
#include <kctx/sim/memory.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// What is stored under which number, in any of the three.
struct stored_ids {
    /// By object, then by number.
    std::unordered_map<const void *, std::map<unsigned long, void *>> in;
    explicit stored_ids(machine &) {}
};
/// What is stored in @p object.
inline std::map<unsigned long, void *> &ids_of(const void *object)
{
    return here().part<stored_ids>().in[object];
}
/// The smallest free number from @p from on.
inline unsigned long first_free(const std::map<unsigned long, void *> &ids, unsigned long from)
{
    while (ids.contains(from))
        ++from;
    return from;
}
inline const kernel_lock<local_lock_t> preload_lock("lock"); ///< radix_tree_preloads.lock

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void *xa_store(xarray *array, unsigned long index, void *entry, gfp_t flags) noexcept
{
    const sim::in_call in("xa_store");
    if (sim::paths().slab_empty && sim::may_wait(flags)) // __xas_nomem(), outside the lock
        sim::allocates(flags);
    sim::passes_plain(sim::spinlock_of(array, "&xa->xa_lock"));
    return std::exchange(sim::ids_of(array)[index], entry);
}
int xa_alloc(xarray *array, u32 *id, void *entry, u32, gfp_t flags) noexcept
{
    const sim::in_call in("xa_alloc");
    if (sim::paths().slab_empty && sim::may_wait(flags))
        sim::allocates(flags);
    sim::passes_plain(sim::spinlock_of(array, "&xa->xa_lock"));
    auto &ids = sim::ids_of(array);
    *id = static_cast<u32>(sim::first_free(ids, 0));
    ids[*id] = entry;
    return 0;
}
void *xa_erase(xarray *array, unsigned long index) noexcept
{
    const sim::in_call in("xa_erase");
    sim::passes_plain(sim::spinlock_of(array, "&xa->xa_lock"));
    auto &ids = sim::ids_of(array);
    const auto found = ids.find(index);
    if (found == ids.end())
        return nullptr;
    void *const entry = found->second;
    ids.erase(found);
    return entry;
}
void *xa_load(xarray *array, unsigned long index) noexcept
{
    const auto &ids = sim::ids_of(array);
    const auto found = ids.find(index);
    return found == ids.end() ? nullptr : found->second;
}

void idr_preload(gfp_t flags) noexcept
{
    const sim::in_call in("__radix_tree_preload");
    if (sim::paths().slab_empty) {
        env::local_lock(sim::preload_lock.get());
        env::local_unlock(sim::preload_lock.get());
        sim::allocates(flags);
    }
    env::local_lock(sim::preload_lock.get());
}
void idr_preload_end() noexcept
{
    const sim::in_call in("idr_preload_end");
    env::local_unlock(sim::preload_lock.get());
}
int idr_alloc(idr *ids, void *object, int start, int end, gfp_t flags) noexcept
{
    const sim::in_call in("idr_alloc");
    sim::allocates(flags);
    auto &all = sim::ids_of(ids);
    const unsigned long id = sim::first_free(all, static_cast<unsigned long>(start));
    if (end > 0 && id >= static_cast<unsigned long>(end))
        return -ENOSPC;
    all[id] = object;
    return static_cast<int>(id);
}
void *idr_remove(idr *ids, unsigned long id) noexcept
{
    const sim::in_call in("idr_remove");
    auto &all = sim::ids_of(ids);
    const auto found = all.find(id);
    if (found == all.end())
        return nullptr;
    void *const object = found->second;
    all.erase(found);
    return object;
}
void *idr_find(const idr *ids, unsigned long id) noexcept
{
    const auto &all = sim::ids_of(ids);
    const auto found = all.find(id);
    return found == all.end() ? nullptr : found->second;
}
int ida_alloc(ida *ids, gfp_t flags) noexcept
{
    const sim::in_call in("ida_alloc_range");
    if (sim::paths().slab_empty)
        sim::allocates(flags);
    sim::passes(sim::spinlock_of(ids, "&ida->xa_lock"));
    auto &all = sim::ids_of(ids);
    const unsigned long id = sim::first_free(all, 0);
    all[id] = nullptr;
    return static_cast<int>(id);
}
void ida_free(ida *ids, unsigned int id) noexcept
{
    const sim::in_call in("ida_free");
    sim::passes(sim::spinlock_of(ids, "&ida->xa_lock"));
    sim::ids_of(ids).erase(id);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END

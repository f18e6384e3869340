// SPDX-License-Identifier: BSL-1.0
/// @file
/// Variables of which each CPU has a copy. The variable itself is none of the copies but what each
/// begins as.
#pragma once

#include <map>
#include <shared_mutex>

#include <kctx/api/percpu.hpp>
#include <kctx/host/memory.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

class percpu_copies
{
    std::shared_mutex lock_;
    std::map<std::pair<const void *, int>, void *> copies_;

public:
    void *of(const void *variable, size_t size, int cpu) noexcept
    {
        const std::pair key{variable, cpu};
        {
            const std::shared_lock held(lock_);
            if (const auto found = copies_.find(key); found != copies_.end())
                return found->second;
        }
        const std::lock_guard held(lock_);
        const auto [at, is_new] = copies_.try_emplace(key);
        if (is_new) {
            constexpr size_t cache_line = 64;
            at->second =
                std::aligned_alloc(cache_line, (size + cache_line - 1) & ~(cache_line - 1));
            std::memcpy(at->second, variable, size);
        }
        return at->second;
    }
    void forget(const void *variable) noexcept
    {
        const std::lock_guard held(lock_);
        const auto first = copies_.lower_bound({variable, INT_MIN});
        auto last = first;
        for (; last != copies_.end() && last->first.first == variable; ++last)
            std::free(last->second);
        copies_.erase(first, last);
    }
};

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int smp_processor_id() noexcept { return host::this_cpu().number(); }
int raw_smp_processor_id() noexcept { return host::this_cpu().number(); }
void __this_cpu_preempt_check(const char *) noexcept {}
void *per_cpu_copy(void *variable, size_t size, int cpu) noexcept
{
    return host::immortal<host::percpu_copies>().of(variable, size, cpu);
}
void *__alloc_percpu_gfp(size_t size, size_t align, gfp_t flags) noexcept
{
    return host::allocate((size + align - 1) & ~(align - 1), align, host::zeroed(flags));
}
void *__alloc_percpu(size_t size, size_t align) noexcept
{
    host::may_sleep("__alloc_percpu");
    return env::__alloc_percpu_gfp(size, align, host::gfp_kernel);
}
void free_percpu(void *variable) noexcept
{
    host::immortal<host::percpu_copies>().forget(variable);
    host::release(variable);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END

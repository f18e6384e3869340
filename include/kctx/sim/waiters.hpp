// SPDX-License-Identifier: BSL-1.0
/// @file
/// Who waits for what: for a lock, a completion, an event.
#pragma once

#include <algorithm>
#include <deque>
#include <unordered_map>

#include <kctx/sim/task.hpp>

namespace kctx::sim {

/// Who waits for one thing.
struct waiter_queue {
    std::deque<task_struct *> tasks{}; ///< who is woken first stands first
    task_struct *owner = nullptr;      ///< who inherits their priority

    /// By priority, behind its equals, as rtmutexes have it; other queues are by arrival.
    void add(task_struct &task)
    {
        const auto after = std::find_if(tasks.begin(), tasks.end(),
                                        [&](const task_struct *t) { return t->prio > task.prio; });
        tasks.insert(after, &task);
    }
};

/// The queues of a machine, by the address of what is waited for. One is there while somebody
/// waits.
class waiter_table
{
    std::unordered_map<const void *, waiter_queue> queues_;

public:
    /// The queue for @p what; nullptr if nobody waits.
    waiter_queue *find(const void *what)
    {
        const auto found = queues_.find(what);
        return found == queues_.end() ? nullptr : &found->second;
    }
    /// The queue for it, made if nobody waits yet.
    waiter_queue &of(const void *what) { return queues_[what]; }
    void erase(const void *what) { queues_.erase(what); } ///< nobody waits for it any more
    std::size_t size() const { return queues_.size(); }   ///< how many things are waited for
};

} // namespace kctx::sim

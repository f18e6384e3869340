// SPDX-License-Identifier: BSL-1.0
/// @file
/// A context's state in words, to compare all of it at once.
#pragma once

#include <kctx/core/context.hpp>

#include <string>

namespace tests {

/// The level, and a word for every flag that is set.
inline std::string described(const kctx::context_state &s)
{
    constexpr const char *levels[] = {"free", "spin", "config", "sleep"};
    std::string text = levels[static_cast<int>(s.allows)];
    const auto add = [&text](bool set, const char *word) {
        if (set)
            text += std::string(" ") + word;
    };
    add(s.nmi, "nmi");
    add(s.hardirq, "hardirq");
    add(s.serving_softirq, "softirq");
    add(s.bh_disabled, "bh");
    add(s.irqs_disabled, "irqs");
    add(s.preempt_disabled, "preempt");
    add(s.migrate_disabled, "migrate");
    add(s.rcu_reader, "rcu");
    add(s.user_memory, "user");
    add(s.noio, "noio");
    add(s.nofs, "nofs");
    add(s.threaded_on_rt, "threaded");
    return text;
}

} // namespace tests

// SPDX-License-Identifier: BSL-1.0
// What the tests of the machine share.
#pragma once

#include <string>
#include <vector>

#include <kctx/sim/machine.hpp>

/// A kernel by its number, otherwise as it comes.
inline kctx::sim::machine_config kernel_of(unsigned version, kctx::kernel::arch arch,
                                           kctx::sim::preemption preempt)
{
    kctx::sim::machine_config m;
    m.version = version;
    m.arch = arch;
    m.preempt = preempt;
    return m;
}

/// The lines of a machine's log that begin with @p start.
inline std::vector<std::string> lines_with(const kctx::sim::machine &m, std::string_view start)
{
    std::vector<std::string> found;
    for (const kctx::sim::log_record &r : m.log.records())
        if (r.line.starts_with(start))
            found.push_back(r.line);
    return found;
}

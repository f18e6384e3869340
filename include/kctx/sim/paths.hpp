// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which paths the kernel's functions take on a machine.
#pragma once

#include <kctx/sim/definitions.hpp>

namespace kctx::sim {

/// Paths of the kernel that only some states of it lead to: false, and the call does not come
/// there.
struct kernel_paths {
    bool slab_empty = false;          ///< no free object at hand: a new slab
    bool slab_full = false;           ///< what is freed lies in a full slab
    bool pcp_empty = false;           ///< no free page on the CPU's own list
    bool pcp_full = false;            ///< nor room for one
    bool contended = false;           ///< somebody else has it, so that it waits
    bool last_reference = false;      ///< what is dropped is the last one
    bool debug_objects_empty = false; ///< CONFIG_DEBUG_OBJECTS has no record left

    explicit kernel_paths(machine &) {}
    /// Has every such path be taken, or none.
    void set_all(bool on)
    {
        slab_empty = slab_full = pcp_empty = pcp_full = contended = last_reference =
            debug_objects_empty = on;
    }
};
/// The paths of the machine that runs.
inline kernel_paths &paths() { return here().part<kernel_paths>(); }

} // namespace kctx::sim

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Contexts as the compiler writes their types, `kctx::SpinLocked<rx_lock, kctx::IrqCtx>`, and as
/// people and the contract table tell them: `IrqCtx + spin_lock(rx_lock)`.
#pragma once

#include <kctx/rules/matrix.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::tools::review {

/// "kctx::gfp<A, B<C>>" -> "kctx::gfp", {"A", "B<C>"}.
struct template_name {
    std::string name;
    std::vector<std::string> arguments;
};
template_name read_name(std::string_view text);
/// Without namespaces: "port_lock".
std::string last_part(std::string_view name);

struct held_section {
    std::string enter; ///< the call that enters it: "spin_lock_irqsave"
    std::string lock;  ///< its type, without namespaces; empty: none, or no type of its own
    bool operator==(const held_section &) const = default;
};

struct context {
    std::string entry;              ///< "IrqCtx"
    std::string callback_of;        ///< of a CallbackOf<Object, IrqCtx>
    std::string own;                ///< of the driver's type that derives from it: "PollCtx"
    std::vector<held_section> held; ///< from the outside in
    bool operator==(const context &) const = default;

    std::string story() const; ///< "IrqCtx + spin_lock", for the table
    std::string words() const; ///< "IrqCtx + spin_lock(rx_lock)"
};

/// Reads the type of a token; nothing if it is none.
std::optional<context> read_context(std::string_view type);

/// What the kernel is in a context, without PREEMPT_RT and with it.
struct bearing {
    bool known = false;
    context_state off, rt;
};
bearing bearing_of(const context &c);
/// "may sleep", "raw spinlocks only"; beside it what surrounds it: "hard irq, interrupts off".
std::string bears_in_words(const context_state &s, bool rt);
std::string state_in_words(const context_state &s);

} // namespace kctx::tools::review

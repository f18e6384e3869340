// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where functions are: what a trace prints of a frame. An example tells the symbols of its kernel;
/// of others a machine makes its own, always the same ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <kctx/sim/text.hpp>

namespace kctx::sim {

/// A function's place: its address range, and the module that it is in.
struct symbol {
    std::uint64_t returns_to = 0; ///< the address that its callee returns to, as traces print it
    std::uint32_t offset = 0;     ///< how far into the function that is
    std::uint32_t size = 0;       ///< of the function
    std::uint32_t stack = 0;      ///< bytes of stack that a call of it takes
    std::string module;           ///< empty: the kernel itself
    bool frameless = false;       ///< an assembler function: what unwinds by frames does not see it

    std::uint64_t start() const { return returns_to - offset; } ///< where it begins
};

/// @p s as %pS prints the address @p offset bytes into it: `oops_log+0xdc/0x1e8 [oopslog]`.
inline std::string describe(std::string_view name, const symbol &s, std::uint32_t offset)
{
    std::string out =
        text("%.*s+0x%x/0x%x", static_cast<int>(name.size()), name.data(), offset, s.size);
    return s.module.empty() ? out : out + " [" + s.module + "]";
}

/// The functions that a program knows the addresses of; others get one made up.
class symbol_table
{
    std::unordered_map<std::string, symbol> known_;

public:
    /// A function of this name is there.
    void add(std::string name, symbol s) { known_.insert_or_assign(std::move(name), std::move(s)); }

    /// That of function @p name; @p text_start: where this architecture has the kernel's code.
    symbol find(std::string_view name, std::uint64_t text_start) const
    {
        if (const auto found = known_.find(std::string(name)); found != known_.end())
            return found->second;
        std::uint32_t hash = 2166136261; // FNV-1a
        for (const char c : name)
            hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
        symbol s;
        s.size = 0x20 + hash % 0x100 * 4;
        s.offset = 4 + (hash >> 8) % (s.size / 4 - 1) * 4;
        s.stack = 0x10 + (hash >> 16) % 16 * 0x10;
        s.returns_to = text_start + std::uint64_t{hash % 0x400000} * 4 + s.offset;
        return s;
    }
};

} // namespace kctx::sim

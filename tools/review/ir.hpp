// SPDX-License-Identifier: BSL-1.0
/// @file
/// What clang's intermediate code, with debug information and without optimisation, says of a
/// file: each function with the types that it was instantiated for, and who is called where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kctx::tools::review {

/// A place in a source file.
struct place {
    std::string file;
    int line = 0;
    int column = 0;
    auto operator<=>(const place &) const = default;
};

/// A function named in another: called, or pointed to.
struct ir_use {
    std::string symbol; ///< empty: called through a pointer
    bool called = false;
    place at;
};

struct ir_function {
    std::string symbol;
    std::string name;  ///< "msleep<kctx::IrqCtx>"
    std::string scope; ///< "kctx", "kctx::detail::thunk<...>"
    place at;
    int last_line = 0;
    bool internal = false;               ///< static
    std::vector<std::string> parameters; ///< their types; of a class, its whole name
    std::vector<ir_use> uses;
};

/// A variable that names functions: `static const file_operations fops = { ... }`.
struct ir_variable {
    std::string name;
    place at;
    std::vector<std::string> symbols;
};

struct ir_module {
    std::vector<ir_function> functions; ///< those that are defined
    std::vector<ir_variable> variables;
};

/// Reads `clang -S -emit-llvm -O0 -g`. What it does not know it leaves out.
ir_module read_ir(std::string_view text);

} // namespace kctx::tools::review

// SPDX-License-Identifier: BSL-1.0
/// @file
/// kctx review, from sources to a report:
///   compile    the compiler on each file, for each kind of kernel: intermediate code and errors
///   ir         the intermediate code: functions, as instantiated, and who is called where
///   structure  the driver: its functions, what they call in which context, who calls them
///   verdict    the errors, each with the call that it is about and the ways there
///   print_*    terminal, Markdown, HTML, JSON
#pragma once

#include "context.hpp"
#include "ir.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::tools::review {

/// A set of kinds of kernel: a kernel without PREEMPT_RT, one with it, and code for both.
enum kernels : unsigned { no_kernel = 0, rt_off = 1, rt_on = 2, portable = 4, all_kernels = 7 };

struct options {
    std::vector<std::string> files;
    std::string include; ///< the folder that has kctx/kctx.hpp
    std::vector<std::string> flags;
    std::string clang = "clang++-22"; ///< for the structure
    std::string compiler;             ///< for the verdicts
    bool plain = false;               ///< KCTX_PLAIN_CALLS: calls without tokens
};

/// An error of the compiler, as it stands on the user's line.
struct refusal {
    unsigned on = no_kernel; ///< the kernels that it is about
    place at;
    std::string slug; ///< empty: none of kctx
    std::string call; ///< "kmalloc"; empty if the message names none
    std::string text;
    std::string fix;
    std::optional<context> in;
    std::string message; ///< all of the line
};

/// What a compiler says of one file for one kind of kernel.
struct compiled {
    std::string file;
    unsigned on = no_kernel;
    std::optional<ir_module> code; ///< nothing: it does not compile unchecked either
    std::string why_no_code;       ///< what the compiler said then
    std::vector<refusal> refusals;
};
/// Throws std::runtime_error if a compiler is not there or does not come to an end.
std::vector<compiled> compile(const options &o);

struct call_site {
    enum class kind {
        enters,   ///< a section: a lock, or interrupts off
        library,  ///< any other call of kctx
        function, ///< a function of the driver
        pointer,  ///< nobody knows which
    } is = kind::library;
    std::string name;
    std::optional<context> in; ///< of the token that it is given
    std::string lock;          ///< its type, or else as it is written: "p->lock"
    std::string flags;         ///< "GFP_KERNEL | __GFP_ZERO"
    place at;
    unsigned on = no_kernel;              ///< the kernels for which it is compiled
    int callee = -1;                      ///< index of a function
    const rules::call_row *row = nullptr; ///< what the table says of it
    bool operator==(const call_site &) const = default;
};

struct function {
    std::string symbol;
    std::string name;
    std::optional<context> in; ///< of its token
    place at;
    int last_line = 0;
    bool internal = false;
    std::vector<call_site> calls; ///< in the order of the text
};

/// A function that the kernel calls.
struct entry {
    int function = -1;
    std::optional<context> in; ///< nothing: it takes no token
    std::string how;           ///< "request_irq()"; empty: its own parameter says so
    place registered;
};

/// A token made by assume_context<>().
struct decree {
    std::string what; ///< as written
    place at;
};

struct structure {
    std::vector<function> functions;
    std::vector<entry> entries;
    std::vector<decree> decrees;
};
structure read_structure(const std::vector<compiled> &all, const options &o);

struct step {
    int function = -1;
    int line = 0; ///< of the call to the next
};
/// One call that some kernel does not bear.
struct illegal {
    refusal what;
    std::optional<context> in;
    int function = -1;                                   ///< that makes the call; -1: unknown
    std::vector<std::pair<int, std::vector<step>>> ways; ///< from an entry, the shortest of each
};

/// What a review says.
struct report {
    std::string title;
    std::vector<std::string> files;
    std::string compilers; ///< as run
    std::string kernel;    ///< "6.12"
    structure code;
    std::vector<illegal> refused;
    std::vector<std::string> remarks; ///< what was not looked at, and why
};
/// Joins errors and structure.
std::vector<illegal> join(const std::vector<compiled> &all, const structure &code);
/// The kernels that refuse a call of a function.
unsigned refused_on(const report &r, int function, const call_site &call);

/// The lines of a source file, for quotations and arguments.
class source_text
{
    std::map<std::string, std::vector<std::string>> files_;

public:
    /// A line without its indentation; empty if there is none.
    std::string line(const place &at);
    /// The arguments of the call or macro that begins at a place.
    std::vector<std::string> arguments(const place &at);
    const std::vector<std::string> &lines(const std::string &file);
};

/// A name for a file: its path below the folder of the first source.
std::string short_name(const report &r, const std::string &file);
std::string position(const report &r, const place &at);
/// "isr:30 > receive:12 > msleep()"
std::string way_in_words(const report &r, const std::vector<step> &way, const std::string &call);
std::string_view kernels_in_words(unsigned on);
std::string call_in_words(const call_site &c);
bool may_wait(const call_site &c);
bool allocates(const call_site &c);

/// A line of the call structure below an entry.
struct tree_line {
    std::size_t depth = 0; ///< of functions and sections
    int function = -1;     ///< that makes the call
    const call_site *call = nullptr;
    bool seen = false; ///< a function that is told above
    unsigned refused = no_kernel;
};
std::vector<tree_line> tree_of(const report &r, const entry &e);

/// What is called in one place, in every context in which that is compiled.
struct use_row {
    const call_site *call = nullptr;
    int function = -1;
    std::vector<std::string> contexts;
    unsigned refused = no_kernel;
};
enum class uses { locks, allocations, waits };
struct use_table {
    std::string_view title;
    uses which;
};
/// The tables of every form of the report, in their order.
inline constexpr use_table use_tables[] = {{"Locks", uses::locks},
                                           {"Allocations", uses::allocations},
                                           {"Other calls that may sleep", uses::waits}};
/// Locks in the order of their names, the others in that of the text.
std::vector<use_row> rows_of(const report &r, uses which);

/// What lockdep would say of locks that the contexts alone allow, each with its places and a fix.
std::vector<std::string> lock_advice(const report &r);

std::string as_text(const report &r, bool color);
std::string as_markdown(const report &r);
std::string as_html(const report &r);
std::string as_json(const report &r);

} // namespace kctx::tools::review

// SPDX-License-Identifier: BSL-1.0
/// @file
/// kctx lint, from a file to its reports:
///   inputs        the files to read: names, Kbuild's .cmd files, compile_commands.json
///   build         how the kernel of a build directory is compiled
///   source        the text: functions, entry points, and the same text with each function marked
///   clang         the compiler, with the overlay
///   diagnostics   what clang says: which call is made where, and what is held there
///   walk          from entry points and sections to the calls: the contract table's verdict
///   print         text, JSON, SARIF
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::tools::lint {

/// A call that clang saw.
struct call_site {
    std::string callee; ///< as the kernel spells it
    enum class mask { none, waits, atomic, unknown } flags = mask::none;
    int line = 0;
    int column = 0;
    std::string macro;            ///< the macro of the file that it is made through
    std::set<std::string> held;   ///< capabilities that this function took and holds
    bool in_file = false;         ///< a function of this file
    std::vector<std::string> via; ///< inline functions of headers in between
};

struct function {
    std::string name;
    struct parameter {
        std::string name;
        bool chooses = false; ///< a bool or a mask: the caller says by it what may be done
    };
    std::vector<parameter> parameters;
    int first_line = 0; ///< of its body
    int last_line = 0;
    std::vector<call_site> calls;
    std::map<std::string, int>
        gives_back;                ///< what it releases and its caller took: from which line
    std::set<std::string> unknown; ///< functions that nobody has a contract of
    int through_pointers = 0;
};

/// A function that the kernel calls, and the context it does so in.
struct entry {
    std::string function;
    std::string context; ///< a story: "IrqCtx", "SyscallCtx + rcu_read_lock"
    std::string how;     ///< "request_irq()", ".ndo_start_xmit"
    int line = 0;
};

/// A piece of the file's text that names an argument.
struct token {
    enum class kind { word, number, text, sign } is = kind::sign;
    std::string_view text;
    int line = 0;
    int column = 0;
    std::size_t offset = 0;
};

/// What decides whether a call is made, in words.
struct conditions_of_call {
    std::set<std::string> words;   ///< of the conditions around it
    std::set<std::string> alone;   ///< a condition of this word and no other: if (!wait)
    std::set<std::string> left_by; ///< of conditions that left the function before
    std::set<std::string> instead; ///< of what is done on the other branches
};

/// A file of C as text.
class source
{
public:
    explicit source(std::string text);
    source(const source &) = delete; // tokens point into the text
    source &operator=(const source &) = delete;

    const std::vector<function> &functions() const { return functions_; }
    const std::vector<entry> &entries() const { return entries_; }
    /// The arguments of the call of @p name that begins at or after a place, as text.
    std::vector<std::string> arguments(std::string_view name, int line, int column) const;
    /// What decides whether the call at a place is made: if, else, loops, returns and ?: around it.
    conditions_of_call conditions(const function &in, int line, int column) const;
    /// Whether a name that contains @p part is anywhere in it.
    bool mentions(std::string_view part) const;
    /// The text with KCTX_FN before the body of every function, and @p path as its name.
    std::string marked(const std::string &path, const std::set<std::string> &undefined) const;

private:
    void tokenize();
    void find_functions();
    void find_entries();
    std::size_t closing(std::size_t open) const;
    std::size_t statement_end(std::size_t at) const;
    void add_words(std::size_t begin, std::size_t end, std::set<std::string> &to) const;
    void add_condition(std::size_t begin, std::size_t end, conditions_of_call &to) const;
    void add_conditional_operators(std::size_t at, conditions_of_call &to) const;
    std::vector<std::string> split(std::size_t open) const;
    void call_entries(std::size_t at);
    void member_entry(std::size_t at);

    std::string text_;
    std::vector<token> tokens_;
    std::vector<function> functions_;
    std::set<std::string_view> names_;
    std::vector<std::size_t> bodies_; ///< offsets of their opening braces
    std::vector<entry> entries_;
};

/// How the kernel of a build directory is compiled.
struct kernel_build {
    std::string directory;
    std::string source_tree;
    int major = 0;
    int minor = 0;
    std::vector<std::string> flags;
};
/// @throws std::runtime_error that says what is missing
kernel_build read_build(const std::string &directory);
/// What the Makefiles above a file of a kernel tree add: -I and -D.
std::vector<std::string> makefile_flags(const std::string &file);
/// -I and -D of a command line of a compiler.
/// @throws std::invalid_argument if a quote is not closed
std::vector<std::string> usable_flags(std::string_view command, const std::string &directory);
/// The words of a command line, without their quotes.
std::vector<std::string> words_of(std::string_view line);
/// @throws std::runtime_error that names a file that cannot be read
std::string text_of_file(const std::string &path);

/// A file to read, and the flags that its build gives beside the kernel's.
struct job {
    std::string path;
    std::optional<std::vector<std::string>> flags; ///< else those of the Makefiles above it
};
/// Reads what Kbuild leaves beside an object, whose relative paths begin at @p kdir or, of a file
/// in the tree that was built, at its top.
/// @throws std::runtime_error with the line and the reason
job read_cmd_file(const std::string &path, std::string_view text, const std::string &kdir);
/// The C files of a compile_commands.json, or those among them that are @p wanted.
/// @throws std::runtime_error with the place and the reason
std::vector<job> read_compile_commands(const std::string &path, std::string_view text,
                                       const std::vector<std::string> &wanted);

/// What clang says of one file.
struct facts {
    std::vector<function> functions;
    std::vector<std::string> errors; ///< why it could not be read
};

/// Adds what clang @p said of the file @p path, whose functions are known.
void read_diagnostics(std::string_view said, const std::string &path, facts &into);

/// Runs clang on files of one kernel, in any number of threads. The overlay is compiled once.
class compiler
{
public:
    /// @throws std::runtime_error if there is no clang, or the headers do not compile
    compiler(std::string program, const kernel_build &build);
    ~compiler();
    compiler(const compiler &) = delete;
    compiler &operator=(const compiler &) = delete;

    facts read(const std::string &path, const source &text,
               const std::vector<std::string> &more_flags) const;
    double seconds_of_overlay() const { return overlay_seconds_; }

private:
    std::string prepare(const std::set<std::string> &headers) const;
    facts read_with(const std::string &overlay, const std::string &path, const source &text,
                    const std::vector<std::string> &more_flags) const;
    std::set<std::string> headers_of(const std::string &path,
                                     const std::vector<std::string> &more_flags) const;

    std::string new_name(const char *ending) const;

    std::string program_;
    kernel_build build_;
    std::string scratch_; ///< a directory of its own
    std::string overlay_; ///< compiled
    double overlay_seconds_ = 0;
    mutable std::atomic<int> files_ = 0; ///< of the scratch directory
};

struct step {
    std::string function;
    int line = 0; ///< of the call to the next
};

/// A call that some kernel does not bear.
struct report {
    std::string slug;
    std::string context; ///< story in the words of the table
    std::string how;     ///< how the kernel gets here; empty: whoever calls, the section is enough
    int how_line = 0;
    std::vector<step> chain;
    std::string call;    ///< "kmalloc(GFP_KERNEL)"
    std::string through; ///< a macro or inline function of the kernel that makes the call
    int line = 0;
    int column = 0;
    bool off = false; ///< wrong without PREEMPT_RT
    bool rt = false;  ///< wrong with it
    std::string why;
    std::string fix;
    std::string source;
};

struct verdict {
    std::vector<report> reports;
    std::set<std::string> unknown; ///< called from atomic context, with no contract
    int through_pointers = 0;
    int undecided = 0; ///< calls that depend on the caller's argument or on in_atomic()
};

struct rule_choice {
    bool state_rules = false; ///< also rules that ask for more than process context has
};
verdict judge(const facts &known, const source &text, const rule_choice &choice);

/// A file with what was found in it.
struct result {
    std::string path;
    verdict found;
    std::vector<std::string> errors; ///< of clang
    std::string unreadable;          ///< why nothing could be said
    double seconds = 0;
};
enum class format { text, json, sarif };
void print(const std::vector<result> &results, format as);

} // namespace kctx::tools::lint

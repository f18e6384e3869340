// SPDX-License-Identifier: BSL-1.0
/// @file
/// kctx lint, from a file to its reports:
///   lint_source   the text: functions, entry points, and the same text with each function marked
///   lint_clang    the build and the compiler: which call is made where, and what is held there
///   lint_walk     from entry points and sections to the calls: the contract table's verdict
///   lint_print    text, JSON, SARIF
#pragma once

#include <cstddef>
#include <map>
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
    /// What decides whether the call at a place is made: the words of the conditions around it.
    std::set<std::string> conditions(const function &in, int line, int column) const;
    /// Whether a name that contains @p part is anywhere in it.
    bool mentions(std::string_view part) const;
    /// The text with KCTX_FN before the body of every function, and @p path as its name.
    std::string marked(const std::string &path, const std::set<std::string> &undefined) const;

private:
    void tokenize();
    void find_functions();
    void find_entries();
    std::size_t closing(std::size_t open) const;
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
/// -I, -D and -include of a command line of a compiler.
std::vector<std::string> usable_flags(std::string_view command, const std::string &directory);

/// What clang says of one file.
struct facts {
    std::vector<function> functions;
    std::vector<std::string> errors; ///< why it could not be read
};

/// Runs clang on files of one kernel. The overlay is compiled once.
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
    std::string prepare(const std::string &name, const std::set<std::string> &headers) const;
    facts read_with(const std::string &overlay, const std::string &path, const source &text,
                    const std::vector<std::string> &more_flags) const;
    std::set<std::string> headers_of(const std::string &path,
                                     const std::vector<std::string> &more_flags) const;

    std::string program_;
    kernel_build build_;
    std::string scratch_; ///< a directory of its own
    std::string overlay_; ///< compiled
    double overlay_seconds_ = 0;
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
    std::vector<std::string> errors;
    double seconds = 0;
};
enum class format { text, json, sarif };
void print(const std::vector<result> &results, format as);

} // namespace kctx::tools::lint

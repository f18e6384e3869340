// SPDX-License-Identifier: BSL-1.0
// kctx overlay: the contract table as a C header for unmodified kernel code.
#include <kctx/rules/matrix.hpp>

#include "commands.hpp"
#include "overlay.hpp"
#include "overlay_kernel.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <vector>

namespace kctx::tools {
namespace {

using rules::call_row;

template <class List> const auto *find_named(const List &list, std::string_view name)
{
    const auto found = std::ranges::find_if(
        list, [name](const auto &entry) { return std::string_view(entry.name) == name; });
    return found == std::end(list) ? nullptr : &*found;
}
template <class List> bool names(const List &list, std::string_view name)
{
    return std::ranges::find(list, name) != std::end(list);
}

/// Which capabilities must not be held where a call is made: by the verdict of the table on a task
/// that holds them.
std::string excluded(const call_row &call, const overlay_options &options)
{
    std::string list = options.for_lint ? ", kctx_entered" : "";
    const auto refuses = [&call, &options](const char *section) {
        const rules::story in = rules::read_story(std::string("SyscallCtx + ") + section);
        return !call.legal(options.rt ? in.rt : in.off, options.rt);
    };
    for (const kernel::holding &held : kernel::holdings) {
        // What a lock adds is of interest only where the lock alone does no harm.
        const bool closed =
            options.for_lint ||
            (refuses(held.section) &&
             !(held.base && refuses(find_named(kernel::holdings, held.base)->section)));
        if (closed)
            list += std::string(", ") + held.name;
    }
    return list.empty() ? "" : "locks_excluded(" + list.substr(2) + ")";
}

const char *effect(wait_type needs, bool rt)
{
    if (needs == wait_type::sleep)
        return "blocking";
    return needs == wait_type::config && rt ? "nonallocating" : "nonblocking";
}

class writer
{
    const overlay_options &options_;
    std::string out_;
    std::set<std::string_view> done_;

    void line(const std::string &text) { out_ += text + "\n"; }
    static std::string attributes(const std::string &list)
    {
        return " __attribute__((" + list + "));";
    }
    static std::string with(const std::string &list, const std::string &more)
    {
        return more.empty() ? list : list + ", " + more;
    }
    void declare(const std::string &type, const std::string &name, const std::string &list)
    {
        out_ += type;
        out_ += name;
        out_ += "(int, ...)" + attributes(list) + "\n";
    }
    void declare_like(const std::string &function, const std::string &name, const std::string &list)
    {
        out_ += "extern __typeof__(";
        out_ += function;
        out_ += ") ";
        out_ += name;
        out_ += attributes(list) + "\n";
    }

    /// Leads calls of a macro or inline function to functions of our own. A macro's is variadic.
    void interpose(const std::string &name, const std::vector<std::string> &prefixes,
                   const std::vector<std::string> &attribute_lists, const std::string &to,
                   bool is_function_too)
    {
        const auto *returned = find_named(kernel::returns, name);
        const bool first = returned && std::string_view(returned->type) == "first";
        const std::string type = returned && !first ? returned->type : "long ";
        line("#ifdef " + name);
        line("#undef " + name);
        for (std::size_t i = 0; i < prefixes.size(); ++i)
            declare(type, prefixes[i] + name, attribute_lists[i]);
        std::string args =
            names(kernel::one_argument, name) ? "KCTX_FIRST(__VA_ARGS__, 0)" : "__VA_ARGS__";
        std::string call = to + "(0, ##" + args + ")";
        if (first)
            call = "(" + call + ", KCTX_FIRST(__VA_ARGS__, 0))";
        if (args != "__VA_ARGS__")
            call = to + "(0, " + args + ")";
        line("#define " + name + "(...) " + call);
        if (is_function_too) {
            line("#else");
            for (std::size_t i = 0; i < prefixes.size(); ++i)
                declare_like(name, prefixes[i] + name, attribute_lists[i]);
            line("#define " + name + "(...) " + to + "(__VA_ARGS__)");
        }
        line("#endif");
    }

    void allocation(const std::string &name)
    {
        const auto *mask = find_named(kernel::masks, name);
        const call_row *waits = rules::find_call(name + "(GFP_KERNEL)");
        const call_row *atomic = rules::find_call(name + "(GFP_ATOMIC)");
        if (!mask || !waits || !atomic)
            return;
        const std::string to = "KCTX_BY_MASK(" + name + ", KCTX_ARG" +
                               std::to_string(mask->argument) + "(__VA_ARGS__, 0, 0, 0, 0, 0, 0))";
        const std::string wait_list =
            with(effect(waits->needs, options_.rt), excluded(*waits, options_));
        const std::string atomic_list =
            with(effect(atomic->needs, options_.rt), excluded(*atomic, options_));
        interpose(name, {"kctx_may_sleep_", "kctx_atomic_", "kctx_unknown_mask_"},
                  {wait_list, atomic_list, atomic_list}, to, true);
    }

    void call(const call_row &row)
    {
        const std::string name = row.text->call;
        const std::string list = with(effect(row.needs, options_.rt), excluded(row, options_));
        if (names(kernel::inlined, name)) {
            interpose(name, {"kctx_"}, {list}, "kctx_" + name, true);
            return;
        }
        // A macro is one's own to declare; a function takes what is added to it.
        interpose(name, {"kctx_"}, {list}, "kctx_" + name, false);
        line("#ifndef " + name);
        declare_like(name, name, list);
        line("#endif");
    }

    void section(const kernel::pair &pair)
    {
        const std::string held =
            std::string(pair.holds) + (pair.also ? std::string(", ") + pair.also : "");
        const call_row *row = rules::find_call(pair.enter);
        std::string list =
            row ? with(effect(row->needs, options_.rt), excluded(*row, options_)) : "nonblocking";
        list = with(list, pair.tries ? "try_acquire_capability(1, " + held + ")"
                                     : "acquire_capability(" + held + ")");
        own(pair.enter, list);
        if (pair.leave)
            own(pair.leave, "nonblocking, release_capability(" + held + ")");
        done_.insert(pair.enter);
    }
    /// A function of a pair: it returns a number or nothing, whatever the kernel has it be.
    void own(const std::string &name, const std::string &list)
    {
        const auto *returned = find_named(kernel::returns, name);
        const bool first = returned && std::string_view(returned->type) == "first";
        line("#undef " + name);
        declare(returned && !first ? returned->type : "long ", "kctx_" + name, list);
        const std::string to = "kctx_" + name + "(0, ##__VA_ARGS__)";
        line("#define " + name + "(...) " +
             (first ? "(" + to + ", KCTX_FIRST(__VA_ARGS__, 0))" : to));
    }

    void guard(const kernel::guard &g)
    {
        const std::string name = g.name;
        if (options_.absent.contains("class_" + name + "_constructor") ||
            (options_.major == 6 && options_.minor < g.since_minor))
            return;
        const std::string held = std::string(g.holds) + (g.also ? std::string(", ") + g.also : "");
        for (const auto &[end, does] : {std::pair("_constructor", "acquire_capability("),
                                        std::pair("_destructor", "release_capability(")}) {
            std::string of = "class_";
            of += name;
            of += end;
            std::string list = "nonblocking, ";
            list += does;
            list += held;
            list += ')';
            declare_like(of, "kctx_" + of, list);
            std::string define = "#define ";
            define += of;
            define += " kctx_";
            define += of;
            line(define);
        }
    }

public:
    explicit writer(const overlay_options &options) : options_(options) {}

    std::string write()
    {
        line("/* Written by kctx overlay: Linux " + std::to_string(options_.major) + "." +
             std::to_string(options_.minor) + (options_.rt ? ", PREEMPT_RT" : "") +
             ". clang 22: -include it, with -Wfunction-effects -Wthread-safety-analysis. */");
        line("#ifndef KCTX_OVERLAY_H\n#define KCTX_OVERLAY_H");
        for (const char *header : kernel::headers) {
            if (!options_.headers.empty() && !options_.headers.contains(header))
                continue;
            line(std::string("#if __has_include(<") + header + ">)\n#include <" + header +
                 ">\n#endif");
        }
        line("struct __attribute__((capability(\"section\"), reentrant_capability)) kctx_section "
             "{ int none; };");
        if (options_.for_lint)
            line("extern struct kctx_section kctx_entered;");
        for (const kernel::holding &held : kernel::holdings)
            line(std::string("extern struct kctx_section ") + held.name + ";");
        line("#define KCTX_FIRST(a, ...) a");
        for (int i = 0; i <= 5; ++i) {
            std::string params;
            for (int j = 0; j < i; ++j)
                params += "a" + std::to_string(j) + ", ";
            line("#define KCTX_ARG" + std::to_string(i) + "(" + params + "mask, ...) mask");
        }
        // A mask that is no constant stands for 0 in the branch that is not chosen.
        line("#define KCTX_BY_MASK(name, mask) __builtin_choose_expr(__builtin_constant_p(mask), "
             "__builtin_choose_expr((__builtin_choose_expr(__builtin_constant_p(mask), mask, 0) & "
             "__GFP_DIRECT_RECLAIM) != 0, kctx_may_sleep_##name, kctx_atomic_##name), "
             "kctx_unknown_mask_##name)");
        for (const kernel::pair &pair : kernel::pairs)
            done_.insert(pair.enter);
        for (const call_row &row : rules::call_rows()) {
            const std::string name = row.text->call;
            const auto *never = find_named(kernel::absent, name);
            const bool legal_anywhere = std::string_view(row.text->slug) == "legal-anywhere";
            if (!done_.insert(row.text->call).second || legal_anywhere ||
                options_.absent.contains(name) ||
                (never && options_.major == 6 && options_.minor <= never->until_minor))
                continue;
            if (row.name != name)
                allocation(name);
            else
                call(row);
        }
        for (const kernel::pair &pair : kernel::pairs)
            section(pair);
        line("#if __has_include(<linux/cleanup.h>)");
        for (const kernel::guard &g : kernel::guards)
            guard(g);
        line("#endif");
        if (options_.for_lint) {
            std::string held;
            for (const kernel::holding &h : kernel::holdings)
                held += std::string(", ") + h.name;
            line("#define KCTX_FN __attribute__((nonblocking, requires_capability(kctx_entered), "
                 "locks_excluded(kctx_entered" +
                 held + ")))");
        }
        line("#endif");
        return std::move(out_);
    }
};

struct arguments {
    std::string version = "6.12";
    bool rt = false;
    bool no_rt = false;
};

int overlay(const arguments &args)
{
    overlay_options options;
    options.rt = args.rt;
    const char *const end = args.version.data() + args.version.size();
    const auto major = std::from_chars(args.version.data(), end, options.major);
    const auto minor = major.ptr == end || *major.ptr != '.'
                           ? std::from_chars_result{end, std::errc::invalid_argument}
                           : std::from_chars(major.ptr + 1, end, options.minor);
    if (major.ec != std::errc() || minor.ec != std::errc() ||
        (minor.ptr != end && *minor.ptr != '.' && *minor.ptr != '-')) {
        std::fprintf(stderr, "kctx overlay: \"%s\" is no kernel version like 6.12\n",
                     args.version.c_str());
        return unusable;
    }
    if (options.major != 6 || options.minor < 1) {
        std::fprintf(stderr,
                     "kctx overlay: the declarations of Linux %s are not known, but those of 6.1 "
                     "and later 6.x are\n",
                     args.version.c_str());
        return unusable;
    }
    std::fputs(overlay_text(options).c_str(), stdout);
    return done;
}

} // namespace

std::string overlay_text(const overlay_options &options) { return writer(options).write(); }

called_name name_of_call(std::string_view function)
{
    using mask = called_name::mask;
    constexpr std::pair<std::string_view, mask> prefixes[] = {
        {"kctx_may_sleep_", mask::waits},
        {"kctx_atomic_", mask::atomic},
        {"kctx_unknown_mask_", mask::unknown},
        {"kctx_", mask::none},
    };
    for (const auto &[prefix, flags] : prefixes) {
        if (function.starts_with(prefix))
            return {function.substr(prefix.size()), flags};
    }
    return {function, mask::none};
}

void add_overlay(CLI::App &program, int &status)
{
    auto args = std::make_shared<arguments>();
    CLI::App *command = program.add_subcommand(
        "overlay", "Write the contracts as a C header for clang and unmodified kernel code");
    command->add_option("--kernel", args->version, "The kernel: 6.1, 6.12")->required();
    auto *rt = command->add_flag("--rt", args->rt, "With PREEMPT_RT");
    command->add_flag("--no-rt", args->no_rt, "Without PREEMPT_RT")->excludes(rt);
    command->footer("Examples:\n"
                    "  kctx overlay --kernel 6.12 --rt > overlay.h");
    command->callback([args, &status] {
        if (!args->rt && !args->no_rt)
            throw CLI::RequiredError("--rt or --no-rt");
        status = overlay(*args);
    });
}

} // namespace kctx::tools

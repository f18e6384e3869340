// SPDX-License-Identifier: BSL-1.0
// kctx explain: reads kernel logs and says what happened, why the kernel says so, and what to do.
#include "explain.hpp"

#include "commands.hpp"

#include <kctx/klog/rebuild_pagetypeinfo.hpp>
#include <kctx/klog/skeleton.hpp>

#include <CLI/CLI.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

namespace kctx::tools {
namespace {

using namespace klog;

struct arguments {
    std::vector<std::string> files;
    std::string kernel;
    std::string machine;
    std::string rule;
    bool rt = false;
    bool no_rt = false;
    bool json = false;
    bool html = false;
    bool skeleton = false;
    bool rebuild = false;
    std::string state;
};

/// Shows how far a long file is read, on a terminal alone.
class progress
{
public:
    progress(const std::string &name, std::uint64_t size) : name_(name), size_(size)
    {
        on_ = isatty(STDERR_FILENO) != 0 && isatty(STDOUT_FILENO) == 0 && size_ >= (64u << 20);
    }
    void at(std::uint64_t bytes)
    {
        if (!on_ || size_ == 0 || bytes - shown_ < (16u << 20))
            return;
        shown_ = bytes;
        std::fprintf(stderr, "\r%s: %llu %%", printable(name_).c_str(),
                     static_cast<unsigned long long>(bytes * 100 / size_));
    }
    ~progress()
    {
        if (on_ && shown_ != 0)
            std::fputs("\r\033[K", stderr);
    }
    progress(const progress &) = delete;
    progress &operator=(const progress &) = delete;

private:
    std::string name_;
    std::uint64_t size_;
    std::uint64_t shown_ = 0;
    bool on_ = false;
};

/// Feeds a file to a line_splitter in pieces. Says why if it cannot.
template <class OnLine> bool read_file(const std::string &name, OnLine &&on_line)
{
    struct closer {
        void operator()(std::FILE *f) const { std::fclose(f); }
    };
    std::unique_ptr<std::FILE, closer> opened;
    std::FILE *in = stdin;
    std::uint64_t size = 0;
    int error = 0;
    if (name != "-") {
        errno = 0;
        opened.reset(std::fopen(name.c_str(), "rb"));
        error = errno;
        in = opened.get();
        std::error_code none;
        const auto bytes = std::filesystem::file_size(name, none);
        size = none ? 0 : bytes;
    }
    progress shown(name, size);
    line_splitter splitter;
    static std::array<char, 262144> buffer;
    std::uint64_t read = 0;
    while (in != nullptr) {
        errno = 0;
        const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), in);
        error = errno;
        splitter.feed({buffer.data(), n}, on_line);
        shown.at(read += n);
        if (n < buffer.size())
            break;
    }
    splitter.finish(on_line);
    if (in != nullptr && std::ferror(in) == 0)
        return true;
    std::fprintf(stderr, "kctx explain: cannot read %s: %s\n", printable(name).c_str(),
                 std::strerror(error));
    return false;
}

/// Writes a state for kctx replay. Says why if it cannot.
bool write_state(const std::string &name, const mm::memory_state &state)
{
    const std::string text = mm::dump_text(state);
    std::FILE *out = std::fopen(name.c_str(), "wb");
    const bool written =
        out != nullptr && std::fwrite(text.data(), 1, text.size(), out) == text.size();
    if (out != nullptr && std::fclose(out) == 0 && written)
        return true;
    std::fprintf(stderr, "kctx explain: cannot write %s: %s\n", printable(name).c_str(),
                 std::strerror(errno));
    return false;
}

/// The rule's text, or what there is.
int print_rule(const std::string &slug)
{
    if (slug == "list") {
        for (const std::string_view known : rule_slugs())
            std::printf("%.*s\n", static_cast<int>(known.size()), known.data());
        return done;
    }
    if (const char *text = rule_text(slug)) {
        std::fputs(text, stdout);
        return done;
    }
    std::fprintf(stderr, "kctx explain: there is no rule \"%s\", but", printable(slug).c_str());
    for (const std::string_view known : rule_slugs())
        std::fprintf(stderr, " %.*s", static_cast<int>(known.size()), known.data());
    std::fputc('\n', stderr);
    return unusable;
}

int explain(const arguments &args)
{
    if (!args.rule.empty())
        return print_rule(args.rule);
    known_machine known;
    if (!args.kernel.empty()) {
        known.kernel = parse_release(args.kernel);
        known.kernel->text = printable(args.kernel);
    }
    if (!args.machine.empty())
        known.machine = arch_named(args.machine);
    if (args.rt || args.no_rt)
        known.rt = args.rt;

    const text_printer text;
    html_page page;
    nlohmann::ordered_json reports = nlohmann::ordered_json::array();
    unsigned long count = 0;
    unsigned long skeletons = 0;
    bool state_written = false;
    bool readable = true;
    const std::vector<std::string> files =
        args.files.empty() ? std::vector<std::string>{"-"} : args.files;
    for (const std::string &file : files) {
        const std::string shown = file == "-" ? "<stdin>" : file;
        explainer of_this_log(known);
        report_reader reader([&](const report &r) {
            ++count;
            const explanation e = of_this_log.explain(r);
            std::optional<rebuilt> built;
            if (args.rebuild && (r.memory || r.kind == report_kind::pagetypeinfo)) {
                built = r.memory ? rebuild(r, e.said) : rebuild_pagetypeinfo(r, e.said);
                if (!args.state.empty() && !state_written && built->failure.empty()) {
                    readable = write_state(args.state, built->state) && readable;
                    state_written = true;
                }
            }
            if (args.json) {
                reports.push_back(report_json(shown, r, e));
                if (built)
                    reports.back()["rebuild"] = rebuilt_json(*built);
            } else if (args.html) {
                page.add(shown, r, e);
            } else if (args.skeleton) {
                if (const std::string code = skeleton_of(r, e); !code.empty() && skeletons == 0) {
                    std::fputs(code.c_str(), stdout);
                    ++skeletons;
                }
            } else {
                text.print(shown, r, e);
                if (built)
                    text.print(*built);
            }
        });
        readable = read_file(file, [&](const line &l) { reader.read(l); }) && readable;
        reader.finish();
    }

    if (args.json) {
        const nlohmann::ordered_json all{
            {"schema", 1}, {"reports", reports}, {"count", count}, {"files", files.size()}};
        std::puts(all.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace).c_str());
    } else if (args.html) {
        std::fputs(page.text().c_str(), stdout);
    } else if (!args.skeleton && count != 0) {
        std::printf("%lu report%s", count, count == 1 ? "" : "s");
        if (files.size() > 1)
            std::printf(" in %zu files", files.size());
        std::putchar('\n');
    }
    if (!readable)
        return unusable;
    if (args.skeleton && count != 0 && skeletons == 0) {
        std::fputs("kctx explain: no report here has a call and a trace to make code of\n", stderr);
        return nothing_found;
    }
    if (count == 0) {
        std::fputs(
            "kctx explain: no report found. It reads reports of sleeping in atomic context, of "
            "lockdep about contexts, of memory that ran out, Oopses and panics, Mem-Info, and "
            "/proc/buddyinfo, pagetypeinfo and zoneinfo.\n",
            stderr);
        return nothing_found;
    }
    return done;
}

} // namespace

void add_explain(CLI::App &program, int &status)
{
    auto args = std::make_shared<arguments>();
    CLI::App *command = program.add_subcommand(
        "explain",
        "Say what happened in a kernel's log, why the kernel reports it, and what to do: "
        "scheduling while atomic, sleeping function called, invalid wait context, "
        "page allocation failure, OOM, Oops, Mem-Info, and others");
    command->alias("decode");
    command->add_option("FILE", args->files, "Kernel logs; - or none: standard input");
    command
        ->add_option("--kernel", args->kernel,
                     "The kernel's release, e.g. 5.4.125; without it the log is asked")
        ->check([](const std::string &text) {
            return parse_release(text)
                       ? std::string()
                       : "\"" + printable(text) + "\" is no kernel release (5.4.125)";
        });
    command
        ->add_option(
            "--arch", args->machine,
            "The architecture: x86, arm, arm64, powerpc, mips, s390, riscv, or as uname -m")
        ->check([](const std::string &text) {
            return arch_named(text) != arch::unknown
                       ? std::string()
                       : "\"" + printable(text) + "\" is no architecture that is known here";
        });
    CLI::Option *rt = command->add_flag("--rt", args->rt, "A PREEMPT_RT kernel");
    command->add_flag("--no-rt", args->no_rt, "Not a PREEMPT_RT kernel")->excludes(rt);
    CLI::Option *json =
        command->add_flag("--json", args->json, "One JSON document instead of text");
    CLI::Option *html =
        command->add_flag("--html", args->html, "One self-contained page instead of text")
            ->excludes(json);
    command
        ->add_flag("--skeleton", args->skeleton,
                   "C++ for kctx from the first report's trace: it does not compile at the guilty "
                   "call, and does with -DKCTX_FIXED")
        ->excludes(json)
        ->excludes(html);
    CLI::Option *rebuild = command->add_flag(
        "--rebuild", args->rebuild,
        "Make a page allocator state of a Mem-Info or a pagetypeinfo, say which of its numbers "
        "contradict each other, and try the failed request there");
    command
        ->add_option("--state", args->state,
                     "Write the first rebuilt state, for kctx replay --state")
        ->needs(rebuild);
    command->add_option("--rule", args->rule,
                        "Print the text of a rule, e.g. sleep-in-atomic; list: their names");
    command->footer(
        "Prefixes of dmesg, journald, syslog and mailers, broken lines and missing ends do no "
        "harm. "
        "Each statement says how sure it is.\n\n"
        "Exit status: 0 something was explained, 1 the input has nothing that is read here, 2 bad "
        "arguments, or a file that cannot be read or written.\n\n"
        "Environment: NO_COLOR turns colours off.\n\n"
        "Examples:\n"
        "  dmesg | kctx explain\n"
        "  kctx explain --html log.txt > log.html\n"
        "  kctx explain --skeleton log.txt > log.cpp\n"
        "  kctx explain --rule sleep-in-atomic");
    command->callback([args, &status] { status = explain(*args); });
}

} // namespace kctx::tools

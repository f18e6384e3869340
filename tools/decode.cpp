// SPDX-License-Identifier: BSL-1.0
// kctx decode: reads kernel logs and says what the numbers in three kinds of reports mean.
#include "commands.hpp"

#include <kctx/klog/decode.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
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
    bool rt = false;
    bool no_rt = false;
    bool json = false;
};

/// What a report is called in the output for programs.
constexpr std::string_view kind_name(report_kind kind)
{
    switch (kind) {
    case report_kind::scheduling_while_atomic:
        return "scheduling-while-atomic";
    case report_kind::sleeping_function:
        return "sleeping-function";
    default:
        return "page-allocation-failure";
    }
}

/// Prints for people: the report's line, then labelled rows, wrapped.
class text_printer
{
public:
    text_printer()
    {
        const char *term = std::getenv("TERM");
        const char *no_color = std::getenv("NO_COLOR");
        color_ = isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0') &&
                 term != nullptr && std::string_view(term) != "dumb";
    }

    void print(const std::string &file, const report &r, const decoded &d)
    {
        std::printf("%s%s:%lu:%s %s%s%s\n", paint("\033[2m"), printable(file).c_str(), r.line,
                    paint("\033[0m"), paint("\033[1m"), r.header.c_str(), paint("\033[0m"));
        std::string task = r.comm.empty() ? "not in the log" : r.comm;
        if (r.pid)
            task += ", pid " + std::to_string(*r.pid);
        if (!r.work.empty())
            task += ", a worker: " + r.work;
        row("task", task);
        row("kernel", d.from.kernel + source(d.from.version));
        row("arch",
            std::string(arch_name(d.from.architecture.value)) + source(d.from.architecture));
        row("rt", (d.from.rt.value ? "yes" : "no") + source(d.from.rt));
        if (d.request)
            request(r, *d.request, d);
        else
            count(r, d);
        for (const std::string &sentence : d.context)
            row(&sentence == &d.context.front() ? "context" : "", sentence);
        if (!d.path.empty())
            row("path", d.path);
        for (const std::string &warning : d.warnings)
            row("warning", warning, "\033[33m");
        std::putchar('\n');
    }

private:
    static constexpr std::size_t label_width = 12;
    static constexpr std::size_t width = 100;

    const char *paint(const char *code) const { return color_ ? code : ""; }

    template <class T> static std::string source(const concluded<T> &c)
    {
        std::string text = " (";
        text += origin_name(c.from);
        if (c.line != 0)
            text += c.from == origin::found ? " in line " + std::to_string(c.line)
                                            : " from line " + std::to_string(c.line);
        return text + ": " + c.why + ")";
    }

    void count(const report &r, const decoded &d) const
    {
        const might_sleep_state &s = r.sleep;
        if (r.kind == report_kind::sleeping_function) {
            if (!s.location.empty())
                row("check at", s.location);
            std::string state;
            const auto value = [&state](const char *name, const std::optional<unsigned> &v) {
                if (v)
                    state += (state.empty() ? "" : ", ") + std::string(name) + std::to_string(*v);
            };
            value("in_atomic ", s.in_atomic);
            value("irqs_disabled ", s.irqs_disabled);
            value("non_block ", s.non_block);
            value("RCU nest depth ", s.rcu_depth);
            value("expected RCU depth ", s.expected_rcu_depth);
            if (!state.empty())
                row("state", state);
        }
        if (!d.count)
            return;
        row("count", hex_text(*d.count, 8) + (d.underflow ? " (below what it can be)" : ""));
        parts(d);
        if (!d.own.empty())
            row("+1", d.own);
    }

    void request(const report &r, const decoded_request &q, const decoded &d) const
    {
        std::string size = "order " + std::to_string(r.order) + " = " + std::to_string(q.pages) +
                           (q.pages == 1 ? " page = " : " pages = ") +
                           std::to_string(q.pages * q.page_kb * 1024) + " bytes (pages of " +
                           std::to_string(q.page_kb) + " kB";
        size += q.page_size_assumed ? ", assumed)" : ", found in the Mem-Info)";
        row("request", size);
        row("mode", hex_text(r.mode) + " = " + (q.names.empty() ? "no flags" : q.names) +
                        (r.mode_names ? "" : " (tracepoint names; this log prints none)"));
        parts(d);
        row("may sleep", q.may_sleep ? "yes" : "no");
        row("zone", std::string(zone_name(q.zone)) + " or lower" +
                        (q.zone == kernel::zone_type::ZONE_HIGHMEM
                             ? "; a kernel without high memory: ZONE_NORMAL"
                             : ""));
        row("type", std::string(migratetype_name(q.type)));
    }

    void parts(const decoded &d) const
    {
        std::size_t longest = 0;
        for (const decoded_part &part : d.parts)
            longest = part.name.size() > longest ? part.name.size() : longest;
        for (const decoded_part &part : d.parts) {
            const std::string name = part.name + std::string(longest - part.name.size(), ' ');
            row("", name + "  " + hex_text(part.bits, 8) + "  " + part.meaning, "", longest + 14);
        }
    }

    /// A labelled row, words wrapped with a hanging indent.
    void row(std::string_view label, std::string_view text, const char *code = "",
             std::size_t hang = 0) const
    {
        std::printf("  %s%-*.*s", paint(*code != '\0' ? code : "\033[36m"),
                    static_cast<int>(label_width - 2), static_cast<int>(label.size()),
                    label.data());
        std::fputs(paint("\033[0m"), stdout);
        std::size_t column = label_width;
        bool first = true;
        while (!text.empty()) {
            std::size_t spaces = text.find_first_not_of(' ');
            if (spaces == std::string_view::npos)
                break;
            std::size_t end = text.find(' ', spaces);
            end = end == std::string_view::npos ? text.size() : end;
            if (!first && column + end > width) {
                std::printf("\n%*s", static_cast<int>(label_width + hang), "");
                column = label_width + hang;
                text.remove_prefix(spaces);
                end -= spaces;
            }
            std::fwrite(text.data(), 1, end, stdout);
            column += end;
            text.remove_prefix(end);
            first = false;
        }
        std::putchar('\n');
    }

    bool color_ = false;
};

using json = nlohmann::ordered_json;

template <class T, class Value> json source_json(const concluded<T> &c, Value value)
{
    json j{{"value", value}, {"from", origin_name(c.from)}, {"why", c.why}};
    if (c.line != 0)
        j["line"] = c.line;
    return j;
}

json parts_json(const decoded &d)
{
    json parts = json::array();
    for (const decoded_part &part : d.parts)
        parts.push_back({{"name", part.name},
                         {"bits", part.bits},
                         {"level", part.level},
                         {"meaning", part.meaning}});
    return parts;
}

json report_json(const std::string &file, const report &r, const decoded &d)
{
    json j{{"file", printable(file)},
           {"line", r.line},
           {"kind", kind_name(r.kind)},
           {"header", r.header},
           {"comm", r.comm}};
    const auto put = [&j](const char *name, const std::optional<unsigned> &value) {
        if (value)
            j[name] = *value;
    };
    put("pid", r.pid);
    if (!r.work.empty())
        j["work"] = r.work;
    j["kernel"] = source_json(d.from.version, d.from.kernel);
    j["arch"] = source_json(d.from.architecture, arch_name(d.from.architecture.value));
    j["rt"] = source_json(d.from.rt, d.from.rt.value);
    if (r.kind == report_kind::sleeping_function) {
        j["location"] = r.sleep.location;
        put("in_atomic", r.sleep.in_atomic);
        put("irqs_disabled", r.sleep.irqs_disabled);
        put("non_block", r.sleep.non_block);
        put("expected_count", r.sleep.expected_count);
        put("rcu_depth", r.sleep.rcu_depth);
        put("expected_rcu_depth", r.sleep.expected_rcu_depth);
    }
    if (d.count) {
        j["count"] = *d.count;
        j["underflow"] = d.underflow;
        j["fields"] = parts_json(d);
        j["own"] = d.own;
    }
    if (d.request) {
        const decoded_request &q = *d.request;
        j["order"] = r.order;
        j["pages"] = q.pages;
        j["page_kb"] = q.page_kb;
        j["page_size_assumed"] = q.page_size_assumed;
        j["mode"] = r.mode;
        j["names"] = q.names;
        j["flags"] = parts_json(d);
        j["may_sleep"] = q.may_sleep;
        j["zone"] = zone_name(q.zone);
        j["migratetype"] = migratetype_name(q.type);
    }
    j["context"] = d.context;
    j["path"] = d.path;
    j["warnings"] = d.warnings;
    return j;
}

/// Feeds a file to `splitter` in pieces. Says why if it cannot.
template <class OnLine> bool read_file(const std::string &name, OnLine &&on_line)
{
    struct closer {
        void operator()(std::FILE *f) const { std::fclose(f); }
    };
    std::unique_ptr<std::FILE, closer> opened;
    std::FILE *in = stdin;
    if (name != "-") {
        opened.reset(std::fopen(name.c_str(), "rb"));
        in = opened.get();
    }
    line_splitter splitter;
    static std::array<char, 65536> buffer;
    while (in != nullptr) {
        const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), in);
        splitter.feed({buffer.data(), n}, on_line);
        if (n < buffer.size())
            break;
    }
    splitter.finish(on_line);
    if (in != nullptr && std::ferror(in) == 0)
        return true;
    std::fprintf(stderr, "kctx decode: cannot read %s: %s\n", printable(name).c_str(),
                 std::strerror(errno));
    return false;
}

int decode(const arguments &args)
{
    known_machine known;
    if (!args.kernel.empty()) {
        known.kernel = parse_release(args.kernel);
        known.kernel->text = printable(args.kernel);
    }
    if (!args.machine.empty())
        known.machine = arch_named(args.machine);
    if (args.rt || args.no_rt)
        known.rt = args.rt;

    text_printer text;
    json reports = json::array();
    unsigned long count = 0;
    bool readable = true;
    const std::vector<std::string> files =
        args.files.empty() ? std::vector<std::string>{"-"} : args.files;
    for (const std::string &file : files) {
        const std::string shown = file == "-" ? "<stdin>" : file;
        decoder of_this_log(known);
        report_reader reader([&](const report &r) {
            ++count;
            const decoded d = of_this_log.decode(r);
            if (args.json)
                reports.push_back(report_json(shown, r, d));
            else
                text.print(shown, r, d);
        });
        readable = read_file(file, [&](const line &l) { reader.read(l); }) && readable;
        reader.finish();
    }

    if (args.json) {
        const json all{{"reports", reports}, {"count", count}, {"files", files.size()}};
        std::puts(all.dump(2, ' ', true, json::error_handler_t::replace).c_str());
    } else if (count != 0) {
        std::printf("%lu report%s", count, count == 1 ? "" : "s");
        if (files.size() > 1)
            std::printf(" in %zu files", files.size());
        std::putchar('\n');
    }
    if (!readable)
        return unusable;
    if (count == 0) {
        std::fprintf(
            stderr,
            "kctx decode: no report found. It reads \"BUG: scheduling while atomic\", \"BUG: "
            "sleeping function called from invalid context\" and \"page allocation "
            "failure\".\n");
        return nothing_found;
    }
    return done;
}

} // namespace

void add_decode(CLI::App &program, int &status)
{
    auto args = std::make_shared<arguments>();
    CLI::App *command = program.add_subcommand(
        "decode", "Say what the numbers in a kernel log's reports mean: the count of \"scheduling "
                  "while atomic\" and \"sleeping function called\", the mode of \"page allocation "
                  "failure\"");
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
    command->add_flag("--json", args->json, "One JSON document instead of text");
    command->callback([args, &status] { status = decode(*args); });
}

} // namespace kctx::tools

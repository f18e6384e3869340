// SPDX-License-Identifier: BSL-1.0
// kctx mm: a small script of requests to the page allocator model, and what comes of it.
#include "commands.hpp"

#include <kctx/mm/draw.hpp>
#include <kctx/mm/failure_report.hpp>
#include <kctx/mm/slab.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

namespace kctx::tools {
namespace {

using namespace mm;
using json = nlohmann::ordered_json;

constexpr const char *language = R"(Script: one command a line; # begins a comment.
  alloc NAME GFP ORDER   asks for 2^ORDER pages; GFP is the mask in hex, as a report prints it
  free NAME              gives them back
  leak COUNT GFP ORDER   takes blocks that nobody will free
  kmalloc NAME SIZE GFP  and kfree by: kfree NAME
  files COUNT            fills single pages with files: they can be moved and reclaimed
  drop N                 every N-th page of files is given back
  compact                moves what is movable together
  drain                  empties the per-cpu lists
  dump                   prints Mem-Info and pagetypeinfo
  draw [FILE]            the pageblocks as text, or as SVG into a file)";

struct arguments {
    std::string script = "-";
    std::string kernel = "5.4.124";
    unsigned megabytes = 256, cma = 64;
    std::string trace;
};

class runner
{
public:
    explicit runner(const arguments &args)
        : pages_(machine(args)), caches_(pages_), version_(pages_.rules().version)
    {}

    /// Throws malformed.
    void run(const std::string &line, unsigned long number)
    {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string command;
        if (!(words >> command))
            return;
        const auto word = [&](const char *what) {
            std::string w;
            if (!(words >> w))
                throw malformed(number, command + ": expected " + what);
            return w;
        };
        const auto value = [&](const char *what, int base, unsigned long most) {
            const std::string w = word(what);
            std::size_t used = 0;
            unsigned long n = 0;
            try {
                n = std::stoul(w, &used, base);
            } catch (const std::exception &) {
                used = 0;
            }
            if (used != w.size() || w[0] == '-' || n > most)
                throw malformed(number, command + ": " + what + " is '" + w + "'");
            return n;
        };
        json step{{"line", number}, {"command", line}};
        if (command == "alloc" || command == "leak") {
            const bool leak = command == "leak";
            const std::string name = leak ? "" : word("a name");
            const unsigned long count = leak ? value("a count", 10, 1ul << 30) : 1;
            const auto gfp = static_cast<unsigned>(value("a mask in hex", 16, 0xffffffff));
            const auto order = static_cast<unsigned>(value("an order", 10, 63));
            if (!leak && blocks_.count(name) != 0)
                throw malformed(number, "alloc: '" + name + "' is in use");
            for (unsigned long i = 0; i < count; ++i) {
                const page_result p = pages_.alloc_pages(gfp, order);
                if (!p) {
                    report(gfp, order, step);
                    break;
                }
                if (!leak) {
                    blocks_[name] = {p.pfn(), order};
                    std::printf("%s: frames 0x%llx ... 0x%llx\n", name.c_str(),
                                static_cast<unsigned long long>(p.pfn()),
                                static_cast<unsigned long long>(p.pfn() + (1ull << order) - 1));
                    step["pfn"] = p.pfn();
                }
            }
        } else if (command == "free") {
            const auto found = blocks_.find(word("a name"));
            if (found == blocks_.end())
                throw malformed(number, "free: nothing of that name was allocated");
            pages_.free_pages(found->second.first, found->second.second);
            blocks_.erase(found);
        } else if (command == "kmalloc") {
            const std::string name = word("a name");
            const unsigned long size = value("a size", 10, ~0ul);
            const auto gfp = static_cast<unsigned>(value("a mask in hex", 16, 0xffffffff));
            if (objects_.count(name) != 0 && objects_[name] != 0)
                throw malformed(number, "kmalloc: '" + name + "' is in use");
            const address at = caches_.kmalloc(size, gfp);
            if (at == 0)
                report(gfp, kernel::order_of_size(size), step);
            objects_[name] = at; // kfree(NULL) is fine
            std::printf("%s: 0x%llx\n", name.c_str(), static_cast<unsigned long long>(at));
            step["address"] = at;
        } else if (command == "kfree") {
            const auto found = objects_.find(word("a name"));
            if (found == objects_.end())
                throw malformed(number, "kfree: nothing of that name was allocated");
            caches_.kfree(found->second);
            objects_.erase(found);
        } else if (command == "files") {
            const unsigned long count = value("a count", 10, 1ul << 30);
            const unsigned mask =
                kernel::gfp_value(version_, kernel::gfp_flag::GFP_HIGHUSER_MOVABLE);
            for (unsigned long i = 0; i < count; ++i) {
                const page_result p = pages_.alloc_pages(mask, 0);
                if (!p) {
                    report(mask, 0, step);
                    break;
                }
                pages_.set_reclaimable(p.pfn());
            }
        } else if (command == "drop") {
            drop_files(value("a number", 10, 1ul << 30));
        } else if (command == "compact") {
            pages_.compact_memory();
        } else if (command == "drain") {
            pages_.drain_all_pages();
        } else if (command == "dump") {
            const memory_state s = pages_.save();
            std::cout << print(describe_mem_info(s, mem_info_format(version_)),
                               mem_info_format(version_))
                      << print(describe_pagetypeinfo(s, kernel::migratetypes_of(version_)));
        } else if (command == "draw") {
            std::string file;
            if (words >> file) {
                std::ofstream out(file);
                if (!(out << draw_svg(pages_.save())))
                    throw malformed(number, "draw: cannot write " + file);
            } else {
                std::cout << draw_text(pages_.save());
            }
        } else {
            throw malformed(number, "there is no command '" + command + "'");
        }
        std::string rest;
        if (words >> rest)
            throw malformed(number, command + ": '" + rest + "' is too much");
        std::cout.flush();
        std::fflush(stdout);
        for (const zone_state &z : pages_.save().zones) {
            const free_counts n = count_free(z);
            step["zones"][z.name] = {{"free", z.free.exact()}, {"free_by_type_and_order", n}};
        }
        trace_.push_back(std::move(step));
    }

    const json &trace() const { return trace_; }

private:
    static boot_config machine(const arguments &args)
    {
        boot_config c;
        c.release = args.kernel;
        c.zones.push_back({kernel::zone_type::ZONE_DMA32, 0, std::uint64_t{args.megabytes} * 256,
                           1024, std::uint64_t{args.cma} * 256, 0});
        return c;
    }

    /// They are where compaction has put them: found by what they are.
    void drop_files(unsigned long every)
    {
        unsigned long n = 0;
        for (const zone &z : pages_.zones()) {
            for (page_index p = z.begin; p < z.end; ++p) {
                if (pages_.map().tag[p].is_movable() && every != 0 && ++n % every == 0)
                    pages_.free_pages(pages_.map().pfn(p), 0);
            }
        }
    }

    void report(unsigned gfp, unsigned order, json &step)
    {
        failed_request r;
        r.comm = "kctx";
        r.order = order;
        r.gfp = gfp;
        std::cout << failure_header(version_, r);
        step["failed"] = failure_header(version_, r);
        for (const zone_refusal &z : pages_.last_failure().zones)
            std::cout << "  " << z.watermark.usable << " pages usable, " << z.watermark.min
                      << " must stay: "
                      << (z.watermark.verdict == kernel::watermark_result::outcome::no_block
                              ? "no block of this order"
                              : "the watermark")
                      << "\n";
    }

    page_allocator pages_;
    kmalloc_caches caches_;
    unsigned version_;
    std::map<std::string, std::pair<std::uint64_t, unsigned>> blocks_;
    std::map<std::string, address> objects_;
    json trace_ = json::array();
};

int run(const arguments &args)
{
    std::ifstream file;
    if (args.script != "-") {
        file.open(args.script);
        if (!file) {
            std::fprintf(stderr, "kctx mm: %s: cannot be read\n", args.script.c_str());
            return unusable;
        }
    }
    std::istream &in = args.script == "-" ? std::cin : file;
    try {
        runner r(args);
        unsigned long number = 0;
        for (std::string line; std::getline(in, line);)
            r.run(line, ++number);
        if (!args.trace.empty() && !(std::ofstream(args.trace) << r.trace().dump(1) << '\n')) {
            std::fprintf(stderr, "kctx mm: cannot write %s\n", args.trace.c_str());
            return unusable;
        }
    } catch (const std::exception &e) {
        std::fprintf(stderr, "kctx mm: %s: %s\n", args.script.c_str(), e.what());
        return unusable;
    }
    return done;
}

} // namespace

void add_mm(CLI::App &program, int &status)
{
    auto args = std::make_shared<arguments>();
    CLI::App *command = program.add_subcommand("mm", "Requests to the page allocator model");
    command->footer(language);
    command->add_option("SCRIPT", args->script, "The script; - is the standard input");
    command->add_option("--kernel", args->kernel, "Its release: 5.4.124, 6.1.192 ...");
    command->add_option("--megabytes", args->megabytes, "Memory, of one zone")
        ->check(CLI::Range(64u, 1u << 20));
    command->add_option("--cma", args->cma, "Megabytes of it that are CMA")
        ->check(CLI::Range(0u, 1u << 20));
    command->add_option("--trace", args->trace, "Writes each step and its state as JSON");
    command->callback([args, &status] { status = run(*args); });
}

} // namespace kctx::tools

// SPDX-License-Identifier: BSL-1.0
// The figure `logs`: how many of a folder's logs are classified as its INDEX.tsv says (file, kind,
// kernel, tab-separated), how many counts and masks are decoded, how many whole failure reports get
// their cause. The last line of its output is the figure.
#include <kctx/klog/explain.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace kctx::klog;
namespace fs = std::filesystem;

namespace {

struct tally {
    unsigned rows = 0, right = 0;
    unsigned numbers = 0, decoded = 0;
    unsigned failures = 0, caused = 0;
};

std::string file(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> split(const std::string &text, char at)
{
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == at)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

/// Is there a report of the kind that the index calls so?
bool is_kind(const report &r, std::string_view name)
{
    switch (r.kind) {
    case report_kind::scheduling_while_atomic:
        return name == "swa";
    case report_kind::sleeping_function:
        return name == "sleep";
    case report_kind::invalid_wait_context:
        return name == "iwc";
    case report_kind::inconsistent_lock_state:
        return name == "ils";
    case report_kind::page_allocation_failure:
        return name == "paf" || (name == "meminfo" && r.memory);
    case report_kind::slab_failure:
        return name == "slub" || (name == "meminfo" && r.memory);
    case report_kind::vmalloc_failure:
        return name == "vmalloc" || (name == "meminfo" && r.memory);
    case report_kind::out_of_memory:
        return name == "oom" || (name == "meminfo" && r.memory);
    case report_kind::memory_info:
        return name == "meminfo";
    case report_kind::oops:
        return name == "oops" || name == "bug";
    case report_kind::kernel_panic:
        return name == "panic";
    case report_kind::buddyinfo:
        return name == "buddyinfo";
    case report_kind::pagetypeinfo:
        return name == "pti";
    default:
        return name == "zoneinfo";
    }
}

void count(const report &r, const explanation &e, const std::string &name, tally &t)
{
    bool unknown = false;
    for (const decoded_part &part : e.said.parts)
        unknown = unknown || part.name == "unknown";
    if (e.said.count || r.has_request) {
        ++t.numbers;
        t.decoded += !unknown;
        if (unknown)
            std::printf("%s:%lu: not decoded: %s\n", name.c_str(), r.line, r.header.c_str());
    }
    if ((r.kind != report_kind::page_allocation_failure && r.kind != report_kind::slab_failure) ||
        !r.has_request || !r.memory || r.memory->zones.empty())
        return;
    for (const zone_memory &z : r.memory->zones) {
        if (!z.complete())
            return;
    }
    ++t.failures;
    const bool cause = e.memory && e.memory->explained && !e.memory->why.empty();
    t.caused += cause;
    if (!cause)
        std::printf("%s:%lu: no cause: %s\n", name.c_str(), r.line, r.header.c_str());
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    const fs::path corpus = argv[1];
    std::istringstream index(file(corpus / "INDEX.tsv"));
    std::string row;
    std::getline(index, row);
    tally t;
    while (std::getline(index, row)) {
        const std::vector<std::string> cells = split(row, '\t');
        if (cells.size() < 3 || !fs::exists(corpus / cells[0]))
            continue;
        std::vector<report> reports;
        explainer ex;
        report_reader reader([&](const report &r) {
            count(r, ex.explain(r), cells[0], t);
            reports.push_back(r);
        });
        line_splitter splitter;
        const auto read = [&](const line &l) { reader.read(l); };
        splitter.feed(file(corpus / cells[0]), read);
        splitter.finish(read);
        reader.finish();
        if (cells[1].empty() || cells[1] == "session" || cells[1] == "snap" || cells[1] == "proc")
            continue;
        ++t.rows;
        bool right = true;
        for (const std::string &kind : split(cells[1], '+')) {
            bool any = false;
            for (const report &r : reports)
                any = any || is_kind(r, kind);
            right = right && any;
        }
        bool version = cells[2].empty();
        for (const report &r : reports)
            version = version || r.about.kernel.value.text.starts_with(cells[2]);
        if (right && version)
            ++t.right;
        else
            std::printf("%s: %s, kernel '%s': %s\n", cells[0].c_str(), cells[1].c_str(),
                        cells[2].c_str(), right ? "another kernel is read" : "not found");
    }
    std::printf("counts and masks decoded: %u of %u; causes of whole failure reports: %u of %u\n",
                t.decoded, t.numbers, t.caused, t.failures);
    std::printf("logs: %.1f percent (%u of %u rows, %u of %u decoded, %u of %u causes)\n",
                t.rows == 0 ? 0.0 : 100.0 * t.right / t.rows, t.right, t.rows, t.decoded, t.numbers,
                t.caused, t.failures);
    return t.rows == 0 ? 2 : 0;
}

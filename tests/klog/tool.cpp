// SPDX-License-Identifier: BSL-1.0
// kctx explain from outside: what it prints and what it exits with.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <sys/wait.h>

namespace fs = std::filesystem;

namespace {

const std::string data = std::string(KCTX_TEST_DATA) + "/logs/";

struct outcome {
    int status;
    std::string out;
    std::string err;
};

std::string slurp(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A directory of this test alone, gone at the end.
struct scratch {
    fs::path path;

    scratch()
    {
        std::string name = (fs::temp_directory_path() / "kctx-explain-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~scratch() { fs::remove_all(path); }
    scratch(const scratch &) = delete;
    scratch &operator=(const scratch &) = delete;

    std::string file(const std::string &name, const std::string &content) const
    {
        std::ofstream(path / name, std::ios::binary) << content;
        return (path / name).string();
    }
};

/// Runs the program; `input` is its standard input.
outcome run(const std::string &arguments, const std::string &input = "")
{
    const scratch dir;
    const std::string in = dir.file("in", input);
    const std::string out = (dir.path / "out").string();
    const std::string err = (dir.path / "err").string();
    const std::string command = std::string("'") + KCTX_PROGRAM + "' " + arguments + " < '" + in +
                                "' > '" + out + "' 2> '" + err + "'";
    const int status = std::system(command.c_str());
    REQUIRE(WIFEXITED(status)); // not a signal: never a crash
    return {WEXITSTATUS(status), slurp(out), slurp(err)};
}

bool has(const std::string &text, const std::string &words)
{
    return text.find(words) != std::string::npos;
}

/// Rows are wrapped for the eye; for the test they are one.
std::string unwrapped(const std::string &text)
{
    std::string out;
    for (const char c : text) {
        if (c != '\n' && c != ' ')
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    return out;
}

} // namespace

TEST_CASE("document 0 in words")
{
    const outcome o = run("explain '" + data + "documents/doc0_irq_kmalloc_2.6.33_arm.log'");
    CHECK(o.status == 0);
    CHECK(o.err.empty());
    const std::string text = unwrapped(o.out);
    CHECK(has(text, "doc0_irq_kmalloc_2.6.33_arm.log:1: BUG: scheduling while atomic: "
                    "swapper/0/0x40010100"));
    CHECK(has(text, "task swapper, pid 0"));
    CHECK(has(text, "kernel 2.6.33.5 (found in line 5: the CPU line)"));
    CHECK(has(text, "arch arm (found in line 13: ISA ARM)"));
    CHECK(has(text, "rt no (assumed: no sign of PREEMPT_RT)"));
    CHECK(has(text, "PREEMPT_ACTIVE 0x40000000"));
    CHECK(has(text, "hardirq 0x00010000 in a hard interrupt handler"));
    CHECK(has(text, "1 report"));
    CHECK_FALSE(has(o.out, "\033")); // no colour where it is not a terminal
    const std::size_t log = o.out.find("\n  log ");
    for (std::size_t at = 0; at < log;) { // but for the log's own lines, 100 columns
        const std::size_t end = o.out.find('\n', at);
        if (o.out[at] == ' ')
            CHECK(end - at <= 100);
        at = end + 1;
    }
}

TEST_CASE("document 1: names, sizes, zone")
{
    const outcome o =
        run("explain '" + data + "documents/doc1_page_allocation_failure_5.4_arm64.log'");
    CHECK(o.status == 0);
    const std::string text = unwrapped(o.out);
    CHECK(has(text, "order 4 = 16 pages = 65536 bytes (pages of 4 kB, assumed)"));
    CHECK(has(text, "mode 0xa20 = GFP_ATOMIC"));
    CHECK(has(text, "may sleep no"));
    CHECK(has(text, "zone ZONE_NORMAL or lower"));
    CHECK(has(text, "type MIGRATE_UNMOVABLE"));
}

TEST_CASE("standard input, several files, and what is given on the command line")
{
    const std::string line = "BUG: scheduling while atomic: sh/9/0x10000100\n";
    CHECK(
        has(run("explain", line).out, "<stdin>:1: BUG: scheduling while atomic: sh/9/0x10000100"));
    CHECK(has(run("explain -", line).out, "1 report"));

    const outcome given = run("explain --kernel 3.10.0 --arch x86 --no-rt", line);
    CHECK(given.status == 0);
    const std::string text = unwrapped(given.out);
    CHECK(has(text, "kernel 3.10.0 (given: --kernel)"));
    CHECK(has(text, "arch x86 (given: --arch)"));
    CHECK(has(text, "rt no (given: --no-rt)"));
    CHECK(has(text, "PREEMPT_ACTIVE 0x10000000"));
    CHECK(has(unwrapped(run("explain --kernel 6.1 --rt",
                            "BUG: scheduling while atomic: sh/9/0x00000002\n")
                            .out),
              "raw_spinlock_t"));

    const outcome several =
        run("explain '" + data + "documents/doc0_irq_kmalloc_2.6.33_arm.log' '" + data +
            "documents/doc2_card_irq_cancel_work_2.6.32_arm.log'");
    CHECK(several.status == 0);
    CHECK(has(several.out, "3 reports in 2 files"));
}

TEST_CASE("JSON holds the same, and stays JSON whatever the log holds")
{
    const outcome o = run("explain --json '" + data + "kernel-runs/debian-6.1.192-s_bhsleep.log'");
    CHECK(o.status == 0);
    const auto j = nlohmann::json::parse(o.out);
    CHECK(j["count"] == 2);
    REQUIRE(j["reports"].size() == 2);
    const auto &first = j["reports"][0];
    CHECK(first["kind"] == "scheduling-while-atomic");
    CHECK(first["line"] == 3);
    CHECK(first["comm"] == "init");
    CHECK(first["pid"] == 1);
    CHECK(first["count"] == 0x202);
    CHECK(first["kernel"]["from"] == "found");
    CHECK(first["rt"]["value"] == false);
    CHECK(first["fields"][0]["name"] == "bh-disable");
    CHECK(first["underflow"] == false);
    CHECK(j["reports"][1]["underflow"] == true);

    const outcome odd = run("explain --json", "\xff\x80 x\x01y: page allocation failure: order:1, "
                                              "mode:0xcc0(GFP_\xfeKERNEL)\n");
    CHECK(odd.status == 0);
    CHECK(nlohmann::json::parse(odd.out)["reports"][0]["mode"] == 0xcc0);

    const outcome none = run("explain --json", "nothing\n");
    CHECK(none.status == 1);
    CHECK(nlohmann::json::parse(none.out)["count"] == 0);
}

TEST_CASE("no report: exit 1, and it says so")
{
    for (const std::string &input :
         {std::string(), std::string("\n\n\n"), std::string("words\n"), std::string(4096, '\0'),
          std::string(5000000, 'x'), std::string("BUG: scheduling while atomic: ")}) {
        CAPTURE(input.size());
        const outcome o = run("explain", input);
        CHECK(o.status == 1);
        CHECK(o.out.empty());
        CHECK(has(o.err, "no report found"));
    }
}

TEST_CASE("unusable input and arguments: exit 2, and it says which")
{
    const outcome missing = run("explain /nonexistent/log");
    CHECK(missing.status == 2);
    CHECK(has(missing.err, "/nonexistent/log"));
    CHECK(has(missing.err, "No such file"));

    const scratch dir;
    const outcome folder = run("explain '" + dir.path.string() + "'");
    CHECK(folder.status == 2);
    CHECK(has(folder.err, dir.path.string()));

    // What can be read is still decoded.
    const outcome half =
        run("explain /nonexistent/log '" + data + "documents/doc0_irq_kmalloc_2.6.33_arm.log'");
    CHECK(half.status == 2);
    CHECK(has(half.out, "0x40010100"));

    for (const char *arguments :
         {"", "nonsense", "explain --nonsense", "explain --kernel x", "explain --kernel 2.4.1",
          "explain --arch vax", "explain --rt --no-rt"}) {
        CAPTURE(arguments);
        const outcome o = run(arguments);
        CHECK(o.status == 2);
        CHECK_FALSE(o.err.empty());
    }
    CHECK(has(run("explain --kernel x").err, "\"x\" is no kernel release"));
    CHECK(has(run("explain --arch vax").err, "\"vax\" is no architecture"));
}

TEST_CASE("help and version")
{
    CHECK(run("--help").status == 0);
    CHECK(has(run("explain --help").out, "--kernel"));
    CHECK(has(run("--version").out, "kctx "));
}

TEST_CASE("output that cannot be written is an error")
{
    if (!fs::exists("/dev/full"))
        return;
    const std::string command =
        std::string("'") + KCTX_PROGRAM + "' explain '" + data +
        "documents/doc0_irq_kmalloc_2.6.33_arm.log' > /dev/full 2> /dev/null";
    const int status = std::system(command.c_str());
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 2);
}

TEST_CASE("a log cut anywhere is read to its end")
{
    const std::string whole = slurp(data + "documents/doc0_irq_kmalloc_2.6.33_arm.log");
    for (std::size_t length = 0; length < whole.size(); length += whole.size() / 20) {
        const outcome o = run("explain", whole.substr(0, length));
        CHECK((o.status == 0 || o.status == 1));
    }
}

TEST_CASE("a rebuilt state is one that kctx replay takes: the request fails in it again")
{
    const scratch dir;
    const std::string state = (dir.path / "state").string();
    struct failed {
        std::string log, request, smaller, says;
    };
    // Where it may reclaim, the model says that free memory alone is not enough.
    const std::string fails = "failed in both 1 of them";
    const std::string reclaims = "not predicted 1 x direct reclaim or compaction";
    const std::string log1 =
        dir.file("document1", slurp(data + "documents/doc1_page_allocation_failure_5.4_arm64.log") +
                                  slurp(data + "documents/doc1_mem_info_5.4.log"));
    const std::string runs = data + "kernel-runs/report-debian-6.1.192-";
    const failed all[] = {
        {log1, "order=4 migratetype=0 gfp_flags=GFP_ATOMIC",
         "order=3 migratetype=0 gfp_flags=GFP_ATOMIC", fails},
        {runs + "big5g-1-paf.log", "order=5 migratetype=0 gfp_flags=GFP_ATOMIC",
         "order=4 migratetype=0 gfp_flags=GFP_ATOMIC", fails},
        {runs + "frag16-3-paf.log", "order=4 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_NORETRY",
         "order=3 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_NORETRY", reclaims},
        {runs + "low2-2-paf.log", "order=9 migratetype=0 gfp_flags=GFP_ATOMIC",
         "order=8 migratetype=0 gfp_flags=GFP_ATOMIC", fails},
    };
    for (const failed &f : all) {
        CAPTURE(f.log);
        REQUIRE(run("explain --rebuild --state '" + state + "' '" + f.log + "'").status == 0);
        // The tracepoint of a request that got nothing.
        const auto replay = [&](const std::string &request) {
            return run("replay --state '" + state + "' -",
                       "  t-1  [000] .....  1.000001: mm_page_alloc: page=(null) pfn=0x0 " +
                           request + "\n");
        };
        CHECK(has(unwrapped(replay(f.request).out), f.says));
        CHECK(has(unwrapped(replay(f.smaller).out), "the model gives frame"));
    }
}

TEST_CASE("every rule that an answer names has its text, and every rule with a text has its cases")
{
    const std::string listed = "\n" + run("explain --rule list").out;
    std::istringstream golden(slurp(fs::path(KCTX_TEST_DATA) / "../klog/golden.txt"));
    unsigned named = 0;
    for (std::string line; std::getline(golden, line);) {
        const std::string head = line.substr(0, line.find(" | "));
        const std::string slug = head.substr(head.rfind(' ') + 1);
        if (slug == "-")
            continue;
        CAPTURE(slug);
        CHECK(has(listed, "\n" + slug + "\n"));
        ++named;
    }
    CHECK(named > 10);
    std::istringstream rules(listed.substr(1));
    for (std::string slug; std::getline(rules, slug);) {
        CAPTURE(slug);
        CHECK(fs::is_directory(fs::path(KCTX_TEST_DATA) / "../fail" / slug));
    }
}

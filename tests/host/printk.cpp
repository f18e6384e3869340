// SPDX-License-Identifier: BSL-1.0
#include <kctx/api/kernel.hpp>
#include <kctx/api/printk.hpp>
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>

#include <doctest/doctest.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace kctx;

namespace {

using line = std::pair<int, std::string>;
struct captured_log {
    std::vector<line> lines;
    captured_log()
    {
        host::set_printk_sink(
            [this](int level, std::string_view text) { lines.emplace_back(level, text); });
    }
    ~captured_log() { host::set_printk_sink({}); }
};

template <class... A> std::string printed(const char *format, A... arguments)
{
    captured_log log;
    printk(format, arguments...);
    REQUIRE(log.lines.size() == 1);
    return log.lines[0].second;
}

} // namespace

TEST_CASE("levels")
{
    captured_log log;
    pr_emerg("a\n");
    pr_alert("b\n");
    pr_crit("c\n");
    pr_err("d %d\n", 4);
    pr_warn("e\n");
    pr_notice("f\n");
    pr_info("g\n");
    pr_debug("h\n");
    pr_cont("i");
    printk("without a level\n");
    printk(KERN_ERR "with one");
    printk_deferred(KERN_INFO "later\n");
    const device dev{"eth0", nullptr, nullptr};
    dev_err(&dev, "no carrier: %d\n", -ENODEV);
    dev_info(static_cast<device *>(nullptr), "who?\n");
    const std::vector<line> expected = {{0, "a"},
                                        {1, "b"},
                                        {2, "c"},
                                        {3, "d 4"},
                                        {4, "e"},
                                        {5, "f"},
                                        {6, "g"},
                                        {7, "h"},
                                        {host::continued, "i"},
                                        {4, "without a level"},
                                        {3, "with one"},
                                        {6, "later"},
                                        {3, "eth0: no carrier: -19"},
                                        {6, "(NULL device *): who?"}};
    CHECK(log.lines == expected);
}

TEST_CASE("each line of a message is one")
{
    captured_log log;
    CHECK(printk(KERN_ERR "first\nsecond\n") == 12);
    printk(KERN_ERR "\n");
    const std::vector<line> expected = {{3, "first"}, {3, "second"}, {3, ""}};
    CHECK(log.lines == expected);
}

TEST_CASE("the kernel's conversions")
{
    CHECK(printed("%d %5u|%-6x|%#o %c%% %s", -1, 7u, 255u, 8u, 'x', "text") ==
          "-1     7|ff    |010 x% text");
    CHECK(printed("%ld %llu %zu %hhx %*d %.3s", -5l, 1ull << 40, sizeof(int), 0x1ff, 4, 2,
                  "abcdef") == "-5 1099511627776 4 ff    2 abc");
    CHECK(printed("%s", static_cast<const char *>(nullptr)) == "(null)");
    const std::string longer(300, 'y');
    CHECK(printed("<%s>", longer.c_str()) == "<" + longer + ">");
}

TEST_CASE("the kernel's extensions of %p")
{
    CHECK(printed("%pe", ERR_PTR(-ENOMEM)) == "-ENOMEM");
    CHECK(printed("probe: %pe.", ERR_PTR(-EPROBE_DEFER)) == "probe: -EPROBE_DEFER.");
    CHECK(printed("%px", reinterpret_cast<void *>(0x1234)) == "0000000000001234");
    CHECK(printed("%pe", reinterpret_cast<void *>(0x1234)) == "0000000000001234");
    CHECK(printed("[%pS]", reinterpret_cast<void *>(0x10)) == "[0000000000000010]");
    const unsigned char mac[] = {0, 0x1b, 0x21, 0xaa, 0xbb, 0xcc};
    CHECK(printed("%pM", static_cast<const void *>(mac)) == "00:1b:21:aa:bb:cc");
    CHECK(printed("%pm", static_cast<const void *>(mac)) == "001b21aabbcc");
    const unsigned char ip[] = {192, 168, 1, 20};
    CHECK(printed("%pI4", static_cast<const void *>(ip)) == "192.168.1.20");
    CHECK(printed("%*ph", 3, static_cast<const void *>(mac)) == "00 1b 21");
    CHECK(printed("%*phN", 6, static_cast<const void *>(mac)) == "001b21aabbcc");
    const u64 address = 0xfee00000;
    CHECK(printed("%pad", static_cast<const void *>(&address)) == "0x00000000fee00000");
}

TEST_CASE("a sink may print, and may be replaced by one that does not")
{
    std::vector<std::string> lines;
    host::set_printk_sink([&](int level, std::string_view text) {
        lines.emplace_back(text);
        if (level != 7)
            pr_debug("seen\n");
    });
    pr_info("hello\n");
    host::set_printk_sink([](int, std::string_view) {});
    pr_info("nobody hears this\n");
    host::set_printk_sink({});
    CHECK(lines == std::vector<std::string>{"hello", "seen"});
}

TEST_CASE("lines of many threads do not mix")
{
    captured_log log;
    std::vector<std::thread> all;
    for (int i = 0; i < 4; ++i) {
        all.emplace_back([] {
            for (int k = 0; k < 200; ++k)
                pr_info("aaaaaaaaaaaaaaaaaaaaaaaaa\n");
        });
    }
    for (std::thread &t : all)
        t.join();
    CHECK(log.lines.size() == 800);
    for (const line &l : log.lines)
        CHECK(l.second == "aaaaaaaaaaaaaaaaaaaaaaaaa");
}

TEST_CASE("dump_stack() says how it was reached")
{
    captured_log log;
    dump_stack();
    REQUIRE(log.lines.size() > 2);
    CHECK(log.lines[0].second.starts_with("CPU: "));
    CHECK(log.lines[1].second == "Call Trace:");
}

// SPDX-License-Identifier: BSL-1.0
// The reproductions of the documents' logs, line by line against the logs.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

using lines = std::vector<std::string>;

lines split(const std::string &text)
{
    lines found;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        found.push_back(line);
    return found;
}

/// A document's log. Some of its blanks are no-break spaces, from the page that it was on.
lines log_of(const std::string &name)
{
    std::ifstream file(KCTX_TEST_DATA "/logs/documents/" + name);
    REQUIRE_MESSAGE(file.is_open(), name);
    std::ostringstream text;
    text << file.rdbuf();
    std::string log = text.str();
    for (std::size_t at = 0; (at = log.find("\u00a0", at)) != log.npos;)
        log.replace(at, 2, " ");
    return split(log);
}

/// What the reproduction of a document prints; its exit status must be @p expected.
lines reproduced(const std::string &command, int expected = 0)
{
    std::FILE *pipe = popen((std::string("'") + KCTX_REPRODUCE + command).c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    std::array<char, 4096> part{};
    for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
        text.append(part.data(), n);
    const int status = pclose(pipe);
    CHECK_MESSAGE(status == expected << 8, command);
    return split(text);
}

} // namespace

TEST_CASE("0: every line of the log but those of registers, and a frame in its gap")
{
    lines log = log_of("doc0_irq_kmalloc_2.6.33_arm.log");
    REQUIRE(log.size() == 29);
    std::erase_if(log, [](const std::string &line) {
        static const std::regex registers("(LR is at|pc :|sp :|Flags:|Control:|r[0-9]+ ?:).*");
        return std::regex_match(line, registers);
    });
    CHECK(log.size() == 15);
    lines run = reproduced("0-gfp-kernel-in-irq'");
    CHECK(run.at(0) == "BUG: scheduling while atomic: swapper/0/0x40010100");
    // The log does not say who called init_rx_dma().
    CHECK(std::erase(run, "[<bf000114>] (init_rx_dma+0x0/0x98 [drv]) from [<c00626c0>] "
                          "(handle_IRQ_event+0x3c/0x114)") == 1);
    REQUIRE(run.size() == log.size());
    for (std::size_t i = 0; i < log.size(); ++i)
        CHECK(run[i] == log[i]);
}

TEST_CASE("0: with GFP_ATOMIC nothing")
{
    CHECK(reproduced("0-gfp-kernel-in-irq' fixed").empty());
    CHECK(reproduced("0-gfp-kernel-in-irq' otherwise 2>/dev/null", 2).empty());
}

TEST_CASE("2a: every line of the log, and one that the log leaves out")
{
    const lines log = log_of("doc2_mtdoops_insmod_ppc.log");
    REQUIRE(log.size() == 25);
    lines run = reproduced("2a-mtdoops'");
    REQUIRE(run.size() == 26);
    CHECK(run[1] == "Modules linked in: oopslog(+)"); // kernel/sched.c, 2.6.32, __schedule_bug()
    run.erase(run.begin() + 1);
    CHECK(run[0] == "BUG: scheduling while atomic: insmod/826/0x00000002");
    for (std::size_t i = 0; i < log.size(); ++i)
        CHECK(run[i] == log[i]);
}

TEST_CASE("2a: on a kernel that does not count locks, and with the lock left before, nothing")
{
    CHECK(reproduced("2a-mtdoops' fixed").empty());
    CHECK(reproduced("2a-mtdoops' not-preemptible").empty());
    CHECK(reproduced("2a-mtdoops' otherwise 2>/dev/null", 2).empty());
}

TEST_CASE("2b: every line of the log but those of registers")
{
    lines log = log_of("doc2_card_irq_cancel_work_2.6.32_arm.log");
    REQUIRE(log.size() == 55);
    // The console's own copy of the first line, and what the driver has printed itself.
    CHECK(log[0] == "[ 1947.900000] BUG: scheduling while atomic: events/0/4/0x00010004");
    CHECK(log[1] == "<4>[ 1947.900000] @@@@cardslot_iso7816_uart_interrupt,line:1384");
    log.erase(log.begin(), log.begin() + 2);
    // One line was broken in two by the page that it was on.
    const auto broken = std::find(log.begin(), log.end(), "[iccard])");
    REQUIRE(broken != log.end());
    *std::prev(broken) += " " + *broken;
    log.erase(broken);
    std::erase_if(log, [](const std::string &line) {
        static const std::regex registers(".*\\] (LR is at| ?pc :| ?sp :|Flags:|Control:| ?r[0-9]+ "
                                          "?:|Exception stack|3e.0:|3ec0:).*");
        return std::regex_match(line, registers);
    });
    lines run = reproduced("2b-led-trigger'");
    CHECK(run.at(0) == "<3>[ 1947.900000] BUG: scheduling while atomic: events/0/4/0x00010004");
    CHECK(log.size() == 27);
    REQUIRE(run.size() == log.size());
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (i == 2) // the page has lost the blank of an empty line
            CHECK(run[i] == log[i] + " ");
        else
            CHECK(run[i] == log[i]);
    }
}

TEST_CASE("2b: one lock alone is shown, and the fixed driver reports nothing")
{
    const lines run = reproduced("2b-led-trigger' shown");
    CHECK(run.at(0) == "<3>[ 1947.900000] BUG: scheduling while atomic: events/0/4/0x00010002");
    CHECK(reproduced("2b-led-trigger' fixed").empty());
    CHECK(reproduced("2b-led-trigger' otherwise 2>/dev/null", 2).empty());
}

TEST_CASE("1: every line of the Oops that the document shows")
{
    lines log = log_of("doc1_null_deref_oops_5.4_arm64.log");
    REQUIRE(log.size() == 12);
    lines run = reproduced("1-order-4-atomic'");
    REQUIRE(run.size() > 12);
    for (std::size_t i = 0; i < log.size(); ++i) // the page has lost the blanks before lines
        CHECK(run[i].substr(run[i].find_first_not_of(' ')) == log[i]);
    // Who ran, as the report of the allocation has it; of its blanks the page has kept one each.
    log = log_of("doc1_page_allocation_failure_5.4_arm64.log");
    const auto line = [](const lines &text, const std::string &start) {
        const auto found = std::find_if(text.begin(), text.end(),
                                        [&](const std::string &l) { return l.starts_with(start); });
        REQUIRE_MESSAGE(found != text.end(), start);
        return std::regex_replace(*found, std::regex(" +"), " ");
    };
    for (const char *start : {"CPU: ", "Hardware name: ", "Workqueue: "})
        CHECK(line(run, start) == line(log, start));
    CHECK(line(run, "pc : ") == "pc : glSetHifInfo+0x670/0x7c0 [wlan_mt7663_usb]");
    // The driver's functions, in the order of the allocation's trace.
    const auto at = std::find(run.begin(), run.end(), "Call trace:");
    REQUIRE(run.end() - at > 3);
    CHECK(at[1] == " glSetHifInfo+0x670/0x7c0 [wlan_mt7663_usb]");
    CHECK(at[2] == " glRegisterBus+0x1b4/0x978 [wlan_mt7663_usb]");
}

TEST_CASE("1: with panic_on_oops a panic; checked, the failure is the driver's own message")
{
    const lines run = reproduced("1-order-4-atomic' panic", 1);
    CHECK(std::find(run.begin(), run.end(), "Kernel panic - not syncing: Fatal exception") !=
          run.end());
    CHECK(reproduced("1-order-4-atomic' fixed") ==
          lines{"wlan: no memory for commands, the device stays unused"});
    CHECK(reproduced("1-order-4-atomic' otherwise 2>/dev/null", 2).empty());
}

TEST_CASE("4: every line of the log up to the end of the trace, and one that the log leaves out")
{
    lines log = log_of("doc4_rt_timerfd_4.19_arm64.log");
    // The last line is of an Oops that the log does not show: nothing that is here leads to it.
    CHECK(log.back() == "[ 2006.350914][ 14] Kernel panic - not syncing: Fatal exception");
    log.pop_back();
    std::erase(log, "...  ...");
    REQUIRE(log.size() == 21);
    lines run = reproduced("4-rt-timerfd'");
    REQUIRE(run.size() > 22);
    CHECK(run[0] == log[0]); // with its time and CPU
    const auto without_time = [](const std::string &line) {
        return std::regex_replace(line, std::regex("^\\[ 2004\\.91[0-9]{4}\\]"), "");
    };
    CHECK(without_time(run[1]) == "[ 14] Modules linked in:");
    run.erase(run.begin() + 1);
    for (std::size_t i = 0; i < log.size(); ++i)
        CHECK(without_time(run[i]) == without_time(log[i]));
}

TEST_CASE("4: what panic_on_warn really prints; without PREEMPT_RT, and fixed, nothing")
{
    const lines run = reproduced("4-rt-timerfd' panic-on-warn");
    CHECK(std::find_if(run.begin(), run.end(), [](const std::string &line) {
              return line.ends_with("Kernel panic - not syncing: scheduling while atomic");
          }) != run.end());
    CHECK(reproduced("4-rt-timerfd' no-rt").empty());
    CHECK(reproduced("4-rt-timerfd' fixed").empty());
    CHECK(reproduced("4-rt-timerfd' otherwise 2>/dev/null", 2).empty());
}

TEST_CASE("2a: it is the same every time")
{
    const lines first = reproduced("2a-mtdoops'");
    for (int i = 0; i < 100; ++i)
        REQUIRE(reproduced("2a-mtdoops'") == first);
}

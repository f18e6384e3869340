// SPDX-License-Identifier: BSL-1.0
// Documents 1 and 4, whose drivers allocate and wake.
#include "documents.hpp"

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

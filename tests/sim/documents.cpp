// SPDX-License-Identifier: BSL-1.0
// The reproductions of the documents' logs, line by line against the logs.
#include "documents.hpp"

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

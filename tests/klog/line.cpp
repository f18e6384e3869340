// SPDX-License-Identifier: BSL-1.0
// The lowest layer: bytes to lines, prefixes off.
#include <doctest/doctest.h>

#include <kctx/klog/line.hpp>

#include <string>
#include <vector>

using namespace kctx::klog;

namespace {

std::vector<std::string> bodies(const std::vector<std::string> &pieces)
{
    std::vector<std::string> out;
    line_splitter splitter;
    const auto keep = [&](const line &l) {
        CHECK(l.number == out.size() + 1);
        out.emplace_back(l.body);
    };
    for (const std::string &piece : pieces)
        splitter.feed(piece, keep);
    splitter.finish(keep);
    return out;
}

} // namespace

TEST_CASE("prefixes come off, the message stays")
{
    struct {
        const char *text;
        const char *body;
        const char *time;
        const char *caller;
        int level;
    } const cases[] = {
        {"BUG: x", "BUG: x", "", "", -1},
        {"[ 1947.900000] BUG: x", "BUG: x", "1947.900000", "", -1},
        {"<3>[ 1947.900000] BUG: x", "BUG: x", "1947.900000", "", 3},
        {"<4>BUG: x", "BUG: x", "", "", 4},
        {"[ 2004.917769][ 14] BUG: x", "BUG: x", "2004.917769", "14", -1},
        {"[   74.488762][ T6529] BUG: x", "BUG: x", "74.488762", "T6529", -1},
        {"[ 1949.893864] [   T3930] BUG: x", "BUG: x", "1949.893864", "T3930", -1},
        {"[ 3239.898444][    C1] kworker/u4:4: y", "kworker/u4:4: y", "3239.898444", "C1", -1},
        {"[ T2916] BUG: x", "BUG: x", "", "T2916", -1},
        {"[Mon Dec 22 10:18:18 2025] BUG: x", "BUG: x", "Mon Dec 22 10:18:18 2025", "", -1},
        {"> > [    1.0] BUG: x", "BUG: x", "1.0", "", -1},
        {">>[    1.0] BUG: x", "BUG: x", "1.0", "", -1},
        {"| [  841.423450] BUG: x", "BUG: x", "841.423450", "", -1},
        {"\t[345513.849850][T24141] BUG: x", "BUG: x", "345513.849850", "T24141", -1},
        {"kern  :err   : [  215.378500] BUG: x", "BUG: x", "215.378500", "", -1},
        {"kernel: BUG: x", "BUG: x", "", "", -1},
        {"Jul  3 04:08:44 host kernel: BUG: x", "BUG: x", "Jul  3 04:08:44", "", -1},
        {"Jul 13 04:08:44 host kernel: [  1.5] BUG: x", "BUG: x", "1.5", "", -1},
        {"2024-01-31T12:34:56.5+00:00 host kernel: BUG: x", "BUG: x", "2024-01-31T12:34:56.5+00:00",
         "", -1},
        {"Jul\xc2\xa0 3 04:08:44 host kernel: BUG: x", "BUG: x", "Jul\xc2\xa0 3 04:08:44", "", -1},
        {"[\xc2\xa0  \xc2\xa0 8.862165] BUG: x", "BUG: x", "8.862165", "", -1},
        {"\x1b[31m[    1.0] BUG: x", "BUG: x", "1.0", "", -1},
        // What looks like a prefix and is none.
        {" <TASK>", "<TASK>", "", "", -1},
        {"[ef12f700] [c00081e0] show_stack+0x3c/0x194",
         "[ef12f700] [c00081e0] show_stack+0x3c/0x194", "", "", -1},
        {"[<c0027de4>] (show_regs+0x0/0x4c)", "[<c0027de4>] (show_regs+0x0/0x4c)", "", "", -1},
        {"[ 1.5] [10081234] [10081000] f", "[10081234] [10081000] f", "1.5", "", -1},
        {"[12] not after a time", "[12] not after a time", "", "", -1},
        {"The day: 12:34:56 kernel: x", "The day: 12:34:56 kernel: x", "", "", -1},
        {"|not a quote", "|not a quote", "", "", -1},
        {"[", "[", "", "", -1},
        {"<", "<", "", "", -1},
        {"<12", "<12", "", "", -1},
        {"", "", "", "", -1},
    };
    for (const auto &c : cases) {
        CAPTURE(c.text);
        const line l = parse_line(c.text, 7);
        CHECK(l.number == 7);
        CHECK(l.text == c.text);
        CHECK(l.body == c.body);
        CHECK(l.time == c.time);
        CHECK(l.caller == c.caller);
        CHECK(l.level == c.level);
    }
}

TEST_CASE("lines come out the same however the bytes are cut")
{
    const std::string text = "one\r\ntwo\n\n[ 1.5] four\nfive without end";
    const std::vector<std::string> expected = {"one", "two", "", "four", "five without end"};
    CHECK(bodies({text}) == expected);
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        CHECK(bodies({text.substr(0, cut), text.substr(cut)}) == expected);
    std::vector<std::string> bytes;
    for (const char c : text)
        bytes.emplace_back(1, c);
    CHECK(bodies(bytes) == expected);
    CHECK(bodies({}).empty());
    CHECK(bodies({"\n"}) == std::vector<std::string>{""});
}

TEST_CASE("a line without end is cut, and the next one is whole")
{
    std::vector<std::string> pieces(200, std::string(1000, 'x'));
    pieces.emplace_back("\nnext\n");
    const auto out = bodies(pieces);
    REQUIRE(out.size() == 2);
    CHECK(out[0] == std::string(line_splitter::longest, 'x'));
    CHECK(out[1] == "next");
    CHECK(bodies({std::string(100000, 'y') + "\nnext"})[0].size() == line_splitter::longest);
}

TEST_CASE("numbers are read up to what they can be")
{
    CHECK(cursor("123456789x").decimal() == 123456789u);
    CHECK_FALSE(cursor("1234567890").decimal());
    CHECK_FALSE(cursor("").decimal());
    CHECK_FALSE(cursor("-1").decimal());
    CHECK(cursor("ffffffff ").hex() == 0xffffffffu);
    CHECK_FALSE(cursor("123456789").hex());
    CHECK_FALSE(cursor("g").hex());
    CHECK(number_after("pid: 12, name: x", "pid: ") == 12u);
    CHECK_FALSE(number_after("name: x", "pid: "));
}

TEST_CASE("what is shown cannot steer a terminal")
{
    CHECK(printable("a\x1b[2Jb\x80\ttab") == "a\\x1b[2Jb\\x80 tab");
    CHECK(printable(std::string_view("\0", 1)) == "\\x00");
}

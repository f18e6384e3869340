// SPDX-License-Identifier: BSL-1.0
// The fuzzing entry over the logs of the test data, whole and broken in ways that are the same in
// each run: cut, spliced, bytes and numbers changed, pieces repeated. No clock, no chance.
#include <doctest/doctest.h>

#include "read_log.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

std::vector<std::string> corpus()
{
    std::vector<std::string> names;
    for (const auto &entry : fs::recursive_directory_iterator(KCTX_TEST_DATA "/logs")) {
        if (entry.is_regular_file())
            names.push_back(entry.path().string());
    }
    std::sort(names.begin(), names.end());
    std::vector<std::string> texts;
    for (const std::string &name : names) {
        std::ifstream in(name, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return texts;
}

void feed(std::string text, std::uint8_t piece)
{
    text.insert(text.begin(), static_cast<char>(piece));
    fuzz::read_log(reinterpret_cast<const std::uint8_t *>(text.data()), text.size());
}

/// Words that mean something to the reader, to be put where they do not belong.
const char *const words[] = {
    "BUG: scheduling while atomic: a/1/0x7ffffffe\n",
    "BUG: scheduling while atomic: swapper/0/0/0xffffffff\n",
    "BUG: sleeping function called from invalid context at",
    ": page allocation failure: order:",
    ": page allocation failure. order:3, mode:0x",
    "mode:0xffffffff(GFP_KERNEL|__GFP_ZERO|0x1)",
    "in_atomic(): 1, irqs_disabled(): 1, non_block: 0, pid: 1, name:",
    "preempt_count: ffffffff, expected: 0\n",
    "Linux version 5.4.1\n",
    "CPU: 0 PID: 1 Comm: x Tainted: G",
    "Not tainted 2.6.37-rt #1\n",
    "Call Trace:\n",
    "Preemption disabled at:",
    "[<c0038630>] (f+0x0/0x5c) from [<c022b964>] (",
    "] ",
    "(",
    "\n",
    "0x",
};

} // namespace

TEST_CASE("the logs of the test data, in pieces of every size")
{
    for (const std::string &text : corpus()) {
        for (unsigned piece = 0; piece < 256; piece += 85)
            feed(text, static_cast<std::uint8_t>(piece));
    }
}

TEST_CASE("the logs of the test data, broken")
{
    const std::vector<std::string> texts = corpus();
    REQUIRE(texts.size() >= 10);
    std::mt19937 random(20100531); // any number will do; the same gives the same run
    const auto below = [&random](std::size_t n) { return n == 0 ? 0 : random() % n; };
    for (int round = 0; round < 2000; ++round) {
        std::string text = texts[below(texts.size())];
        if (const std::size_t start = below(text.size()); round % 2 == 0)
            text = text.substr(start, 1 + below(2000));
        for (std::size_t change = 0; change < 1 + below(6); ++change) {
            const std::size_t at = below(text.size() + 1);
            switch (below(7)) {
            case 0:
                text = text.substr(0, at);
                break;
            case 1:
                text.insert(at, words[below(std::size(words))]);
                break;
            case 2:
                if (at < text.size())
                    text[at] = static_cast<char>(random());
                break;
            case 3: {
                const std::string &other = texts[below(texts.size())];
                text.insert(at, other.substr(below(other.size()), below(400)));
                break;
            }
            case 4:
                text.erase(at, below(100));
                break;
            case 5:
                text.insert(at, below(30), static_cast<char>(random()));
                break;
            default:
                if (const std::size_t digit = text.find_first_of("0123456789abcdef", at);
                    digit != text.npos)
                    text[digit] = "0123456789abcdef"[below(16)];
            }
        }
        feed(text, static_cast<std::uint8_t>(random()));
    }
}

TEST_CASE("every count, every mode and every version decodes to its own bits")
{
    std::mt19937 random(1);
    const char *const releases[] = {"2.6.18", "2.6.33", "2.6.37", "3.10.1", "3.18.1",
                                    "4.1.9",  "4.5.1",  "4.9.2",  "5.2.3",  "5.15.4",
                                    "6.1.5",  "6.11.6", "6.18.7", "9.9.9"};
    for (const char *release : releases) {
        for (const char *rt : {"", "-rt1"}) {
            std::string text = std::string("Linux version ") + release + rt + "\n";
            for (int i = 0; i < 100; ++i) {
                char line[128];
                const auto value = static_cast<unsigned>(random()) >> (random() % 24);
                std::snprintf(line, sizeof line,
                              "BUG: scheduling while atomic: t/1/0x%08x\n"
                              "t: page allocation failure: order:%u, mode:0x%x\n",
                              value, static_cast<unsigned>(random() % 12), value);
                text += line;
                std::snprintf(line, sizeof line,
                              "BUG: sleeping function called from invalid context at a.c:1\n"
                              "preempt_count: %x, expected: 0\n",
                              value);
                text += line;
            }
            feed(text, 0);
        }
    }
}

// SPDX-License-Identifier: BSL-1.0
// Real logs, if there are any here: KCTX_CORPUS names a folder. Nothing in it is known beforehand
// but that each header line that a plain search finds has to be reported.
#include "logs.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <regex>
#include <set>
#include <sstream>

namespace fs = std::filesystem;

TEST_CASE("every header in the corpus is reported")
{
    const char *corpus = std::getenv("KCTX_CORPUS");
    if (corpus == nullptr || *corpus == '\0') {
        std::cout << "KCTX_CORPUS is not set: skipped\n";
        return;
    }
    REQUIRE_MESSAGE(fs::is_directory(corpus), "KCTX_CORPUS is no folder: " << corpus);
    const std::regex header("BUG: scheduling while atomic: .+/[0-9]+/0x[0-9a-f]+|"
                            "BUG: sleeping function called from invalid context at|"
                            ": page allocation failure[.:] order:[0-9]+");
    unsigned files = 0;
    unsigned long headers = 0;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(corpus)) {
        if (!entry.is_regular_file())
            continue;
        CAPTURE(entry.path().string());
        const std::string text = logs::file(entry.path().string());
        std::set<unsigned long> expected;
        std::istringstream in(text);
        std::string line;
        for (unsigned long number = 1; std::getline(in, line); ++number) {
            if (std::regex_search(line, header))
                expected.insert(number);
        }
        std::set<unsigned long> reported;
        for (const logs::one &o : logs::decode(text)) {
            reported.insert(o.raw.line);
            CHECK_FALSE(o.raw.header.empty());
        }
        CHECK(std::includes(reported.begin(), reported.end(), expected.begin(), expected.end()));
        ++files;
        headers += expected.size();
    }
    std::cout << "corpus: " << headers << " headers in " << files << " files\n";
    CHECK(files != 0);
}

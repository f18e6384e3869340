// SPDX-License-Identifier: BSL-1.0
// The documents' logs, and what their reproductions print.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

using lines = std::vector<std::string>;

inline lines split(const std::string &text)
{
    lines found;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        found.push_back(line);
    return found;
}

/// A document's log. Some of its blanks are no-break spaces, from the page that it was on.
inline lines log_of(const std::string &name)
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
inline lines reproduced(const std::string &command, int expected = 0)
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

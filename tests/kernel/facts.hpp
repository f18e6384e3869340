// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reads the tab-separated fact tables of tests/data/facts for the tests.
#pragma once

#include <doctest/doctest.h>

#include <kctx/config.hpp>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace facts {

using row = std::map<std::string, std::string>;

inline std::vector<std::string> split(const std::string &text, char separator)
{
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

/// The rows of a table, each a map from the head's names to the row's cells.
inline std::vector<row> read(const std::string &name)
{
    const std::string path = std::string(KCTX_TEST_DATA) + "/facts/" + name;
    std::ifstream in(path);
    REQUIRE_MESSAGE(in, "cannot read " << path);
    std::string line;
    std::getline(in, line);
    const std::vector<std::string> head = split(line, '\t');
    std::vector<row> rows;
    while (std::getline(in, line)) {
        const std::vector<std::string> cells = split(line, '\t');
        REQUIRE(cells.size() == head.size());
        row r;
        for (std::size_t i = 0; i < head.size(); ++i)
            r[head[i]] = cells[i];
        rows.push_back(r);
    }
    REQUIRE(!rows.empty());
    return rows;
}

/// "6.12" or "2.6.32" as the kernel encodes it.
inline unsigned version(const std::string &label)
{
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    REQUIRE(std::sscanf(label.c_str(), "%u.%u.%u", &a, &b, &c) >= 2);
    return KCTX_VERSION(a, b, c);
}

inline unsigned number(const std::string &text)
{
    return static_cast<unsigned>(std::stoul(text, nullptr, 0));
}

} // namespace facts

// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reads logs for the tests, from text or from the test data.
#pragma once

#include <doctest/doctest.h>

#include <kctx/klog/decode.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace logs {

using namespace kctx::klog;

struct one {
    report raw;
    decoded said;
};

/// All reports of a log, decoded in their order.
inline std::vector<one> decode(std::string_view text, const known_machine &known = {})
{
    std::vector<one> all;
    decoder d(known);
    report_reader reader([&](const report &r) { all.push_back({r, d.decode(r)}); });
    line_splitter splitter;
    const auto read = [&](const line &l) { reader.read(l); };
    splitter.feed(text, read);
    splitter.finish(read);
    reader.finish();
    return all;
}

inline std::string file(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    REQUIRE_MESSAGE(in, "cannot read " << path);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string data_file(const std::string &name)
{
    return file(std::string(KCTX_TEST_DATA) + "/logs/" + name);
}

inline const decoded_part *part(const decoded &d, std::string_view name)
{
    for (const decoded_part &p : d.parts) {
        if (p.name == name)
            return &p;
    }
    return nullptr;
}

inline unsigned level(const decoded &d, std::string_view name)
{
    const decoded_part *p = part(d, name);
    return p == nullptr ? 0 : p->level;
}

/// Is this said in one of the context's sentences?
inline bool says(const decoded &d, std::string_view words)
{
    for (const std::string &sentence : d.context) {
        if (sentence.find(words) != std::string::npos)
            return true;
    }
    return false;
}

inline bool warns(const decoded &d, std::string_view words)
{
    for (const std::string &sentence : d.warnings) {
        if (sentence.find(words) != std::string::npos)
            return true;
    }
    return false;
}

} // namespace logs

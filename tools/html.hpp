// SPDX-License-Identifier: BSL-1.0
/// @file
/// Text in the pages that the program writes.
#pragma once

#include <string>
#include <string_view>

namespace kctx::tools {

/// @p text as the text of an element or in the quotes of an attribute.
inline std::string html_escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

} // namespace kctx::tools

// SPDX-License-Identifier: BSL-1.0
// kctx --version, as a report of a mistake quotes it.
#include "commands.hpp"

namespace kctx::tools {

std::string version_text()
{
    std::string text = "kctx " KCTX_PROGRAM_VERSION "\nbuilt with " KCTX_COMPILER;
    for (const std::string &way : {std::string(KCTX_BUILD_TYPE), std::string(KCTX_SANITIZERS)}) {
        if (!way.empty())
            text += ", " + way;
    }
    text += "; CLI11 " KCTX_CLI11 ", nlohmann-json " KCTX_JSON;
#ifdef KCTX_PROGRAM_HAS_RULES
    text += ", Boost " KCTX_BOOST;
#endif
#ifdef KCTX_PROGRAM_HAS_ZLIB
    text += ", zlib " KCTX_ZLIB;
#endif
#ifndef KCTX_PROGRAM_HAS_RULES
    text += "\nwithout kctx matrix, overlay and lint, which need Boost";
#endif
#ifndef KCTX_PROGRAM_HAS_ZLIB
    text += "\nwithout kctx replay, which needs zlib";
#endif
    return text;
}

} // namespace kctx::tools

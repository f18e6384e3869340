// SPDX-License-Identifier: BSL-1.0
/// @file
/// The compression that Compiler Explorer puts into its links: lz-string's LZ78 with growing codes,
/// in base 64. Texts are ASCII here, since what is compressed has been percent-encoded before.
#pragma once

#include <string>
#include <string_view>

namespace kctx::tools::link {

/// lz-string's compressToBase64() of an ASCII text.
/// @throws std::invalid_argument for a byte beyond ASCII
std::string compress(std::string_view text);

/// lz-string's decompressFromBase64().
/// @throws std::invalid_argument that says at which character the text is no such thing
std::string decompress(std::string_view base64);

} // namespace kctx::tools::link

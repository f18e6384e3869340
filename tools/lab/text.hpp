// SPDX-License-Identifier: BSL-1.0
/// @file
/// Small things that all of the lab needs: files as text, lines, hashes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::tools::lab {

namespace fs = std::filesystem;

/// The course itself is wrong: an exercise that does not say what it should, a file that is not
/// there. Says which file, and where in it.
struct content_error : std::runtime_error {
    content_error(const fs::path &file, std::size_t line, const std::string &what)
        : std::runtime_error(file.string() + (line != 0 ? ":" + std::to_string(line) : "") + ": " +
                             what)
    {}
};

/// The whole file. Throws content_error if it cannot be read, or is larger than @p limit bytes, or
/// is no plain file.
std::string read_file(const fs::path &file, std::size_t limit = std::size_t{1} << 20);
/// Writes beside @p file and then renames, so that nobody sees half of it.
void write_file(const fs::path &file, std::string_view text);

std::vector<std::string_view> lines_of(std::string_view text);
std::string_view trimmed(std::string_view text);
std::string join(const std::vector<std::string> &parts, std::string_view between);
/// @p text with every @p from replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to);
std::string html_escaped(std::string_view text);
/// Without control characters, so that a terminal shows it and does nothing else; of UTF-8 only
/// what is whole.
std::string printable(std::string_view text);

/// FNV-1a of 64 bits: names a content, proves nothing.
std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325u);
std::string hex(std::uint64_t number);
/// A hash of all files below @p folder, their names and contents.
std::uint64_t hash_of_tree(const fs::path &folder);

/// A folder of its own under the system's temporary folder, removed at the end.
class scratch_folder
{
    fs::path path_;

public:
    scratch_folder();
    ~scratch_folder();
    scratch_folder(const scratch_folder &) = delete;
    scratch_folder &operator=(const scratch_folder &) = delete;
    const fs::path &path() const { return path_; }
};

} // namespace kctx::tools::lab

// SPDX-License-Identifier: BSL-1.0
#include "text.hpp"

#include "../html.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kctx::tools::lab {

std::string read_file(const fs::path &file, std::size_t limit)
{
    // A pipe or a device must not keep us waiting, so the file is looked at once it is open.
    const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about{};
    if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        const std::string why = fd < 0 ? std::strerror(errno) : "not a plain file";
        if (fd >= 0)
            close(fd);
        throw content_error(file, 0, "cannot be read: " + why);
    }
    std::string text;
    char part[65536];
    for (ssize_t n = 0; (n = read(fd, part, sizeof part)) > 0;) {
        text.append(part, static_cast<std::size_t>(n));
        if (text.size() > limit) {
            close(fd);
            throw content_error(file, 0, "larger than " + std::to_string(limit) + " bytes");
        }
    }
    close(fd);
    return text;
}

void write_file(const fs::path &file, std::string_view text)
{
    fs::create_directories(file.parent_path().empty() ? "." : file.parent_path());
    const fs::path partial = file.string() + ".part." + std::to_string(getpid());
    std::ofstream out(partial, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) {
        std::error_code ignored;
        fs::remove(partial, ignored);
        throw std::runtime_error(file.string() + ": cannot be written: " + std::strerror(errno));
    }
    fs::rename(partial, file);
}

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return lines;
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos)
        return {};
    return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

std::string join(const std::vector<std::string> &parts, std::string_view between)
{
    std::string all;
    for (const std::string &part : parts) {
        if (&part != &parts.front())
            all += between;
        all += part;
    }
    return all;
}

std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

std::string html_escaped(std::string_view text) { return tools::html_escaped(printable(text)); }

/// The length of the UTF-8 character that @p text begins with, 0 if it is none.
static std::size_t utf8_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    const std::size_t length = first < 0x80                    ? 1
                               : first >= 0xc2 && first < 0xe0 ? 2
                               : first >= 0xe0 && first < 0xf0 ? 3
                               : first >= 0xf0 && first < 0xf5 ? 4
                                                               : 0;
    if (length == 0 || length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80)
            return 0;
    // C1 controls, surrogates, overlong forms.
    if ((first == 0xc2 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0) ||
        (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90) ||
        (first == 0xf4 && byte(1) >= 0x90))
        return 0;
    return length;
}

std::string printable(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto first = static_cast<unsigned char>(text[0]);
        if (length == 0 || (first < ' ' && first != '\n' && first != '\t') || first == 0x7f)
            out += '?';
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::uint64_t hash_of(std::string_view text, std::uint64_t seed)
{
    for (const char c : text)
        seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return seed;
}

std::string hex(std::uint64_t number)
{
    char digits[20];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
    return digits;
}

std::uint64_t hash_of_tree(const fs::path &folder)
{
    std::vector<fs::path> files;
    for (const fs::directory_entry &e : fs::recursive_directory_iterator(folder))
        if (e.is_regular_file())
            files.push_back(e.path());
    std::sort(files.begin(), files.end());
    std::uint64_t sum = hash_of("");
    for (const fs::path &file : files)
        sum = hash_of(read_file(file), hash_of(fs::relative(file, folder).string(), sum));
    return sum;
}

scratch_folder::scratch_folder()
{
    std::string pattern = (fs::temp_directory_path() / "kctx-lab-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error(pattern + ": " + std::strerror(errno));
    path_ = pattern;
}

scratch_folder::~scratch_folder()
{
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

} // namespace kctx::tools::lab

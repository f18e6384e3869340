// SPDX-License-Identifier: BSL-1.0
/// @file
/// Files of lines, read in pieces, plain or compressed with gzip. A line is not copied unless it
/// goes over the end of a piece.
#pragma once

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include <zlib.h>

namespace kctx::tools {

class trace_file
{
public:
    /// "-" is the standard input. Throws std::runtime_error if the file cannot be opened.
    explicit trace_file(const std::string &name)
        : name_(name), file_(name == "-" ? gzdopen(0, "rb") : gzopen(name.c_str(), "rb"))
    {
        if (file_ == nullptr)
            throw std::runtime_error(name + ": " + std::strerror(errno != 0 ? errno : EINVAL));
        gzbuffer(file_, 1u << 18);
    }
    trace_file(const trace_file &) = delete;
    trace_file &operator=(const trace_file &) = delete;
    ~trace_file() { gzclose(file_); }

    /// Calls f(line) for each line, without its end. Throws std::runtime_error if reading fails.
    template <class F> void for_each_line(F f)
    {
        std::string piece(1u << 20, '\0');
        std::size_t kept = 0;
        for (;;) {
            if (kept == piece.size())
                piece.resize(2 * piece.size());
            const int got =
                gzread(file_, piece.data() + kept, static_cast<unsigned>(piece.size() - kept));
            if (got < 0) {
                int code = 0;
                throw std::runtime_error(name_ + ": " + gzerror(file_, &code));
            }
            if (got == 0)
                break;
            std::string_view text(piece.data(), kept + static_cast<std::size_t>(got));
            for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
                std::string_view line = text.substr(0, end);
                if (line.ends_with('\r'))
                    line.remove_suffix(1);
                f(line);
                text.remove_prefix(end + 1);
            }
            kept = text.size();
            std::memmove(piece.data(), text.data(), kept);
        }
        int code = 0;
        if (const char *what = gzerror(file_, &code); code != Z_OK && code != Z_STREAM_END)
            throw std::runtime_error(name_ + ": " + what);
        if (kept != 0)
            f(std::string_view(piece.data(), kept));
    }

private:
    std::string name_;
    gzFile file_;
};

} // namespace kctx::tools

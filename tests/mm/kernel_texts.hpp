// SPDX-License-Identifier: BSL-1.0
/// @file
/// What running kernels printed about their memory, cut out of the files that hold it.
#pragma once

#include <kctx/config.hpp>
#include <kctx/mm/text.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace texts {

/// A text of one kind, of a kernel of this version.
struct text {
    std::string file; ///< and which of its texts, for messages
    std::string kind; ///< "Mem-Info", "buddyinfo", "pagetypeinfo", "zoneinfo", "extfrag_index", ...
    std::string snapshot; ///< the name of the snapshot that it is part of, if any
    unsigned version = 0;
    std::string content;
};

inline std::string read(const std::filesystem::path &path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The Mem-Info blocks of a log without prefixes: from "Mem-Info:" on, what follows included.
inline void cut_mem_infos(const std::string &file, unsigned version, const std::string &log,
                          std::vector<text> &out)
{
    for (std::size_t at = 0; (at = log.find("Mem-Info:\n", at)) != log.npos; ++at)
        out.push_back({file + " at " + std::to_string(at),
                       "Mem-Info",
                       {},
                       version,
                       log.substr(at, log.find("\n@@@", at) + 1 - at)});
}

/// The /proc texts behind lines "=== /proc/NAME" or "@@@ NAME".
inline void cut_proc_texts(const std::string &file, unsigned version, const std::string &content,
                           std::vector<text> &out)
{
    std::istringstream in(content);
    std::string snapshot;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("##### snapshot '")) {
            snapshot = line.substr(16, line.find('\'', 16) - 16);
            inside = false;
        } else if (line.starts_with("@@@ SNAP ")) {
            snapshot = line.substr(9, line.find(' ', 9) - 9);
            inside = false;
        } else if (line.starts_with("=== /proc/") || line.starts_with("@@@ ")) {
            const std::string kind = line.substr(line[0] == '=' ? 10 : 4);
            out.push_back({file + " " + snapshot + " " + kind, kind, snapshot, version, {}});
            inside = true;
        } else if (line.starts_with("[")) { // the log came in between
            inside = false;
        } else if (inside) {
            out.back().content += line + "\n";
        }
    }
}

/// All of them, in the order of the files' names.
inline std::vector<text> all()
{
    namespace fs = std::filesystem;
    std::vector<fs::path> paths;
    for (const char *folder : {"/kernel-truth/buddy", "/snapshots", "/logs/kernel-runs"}) {
        for (const auto &entry : fs::directory_iterator(KCTX_TEST_DATA + std::string(folder))) {
            if (entry.path().extension() == ".txt" || entry.path().extension() == ".log")
                paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<text> out;
    for (const fs::path &path : paths) {
        const std::string name = path.filename().string();
        const bool v54 = name.find("_54") != name.npos;
        const unsigned version = v54 ? KCTX_VERSION(5, 4, 124) : KCTX_VERSION(6, 1, 192);
        const std::string content = read(path);
        cut_mem_infos(name, version, kctx::mm::without_prefixes(content), out);
        cut_proc_texts(name, version, content, out);
    }
    return out;
}

} // namespace texts

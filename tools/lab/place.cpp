// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <cstdlib>
#include <system_error>

#include <unistd.h>

namespace kctx::tools::lab {

static bool is_project(const fs::path &p)
{
    return fs::exists(p / "exercises/course.json") && fs::exists(p / "include/kctx/kctx.hpp");
}

place find_place(const fs::path &wish)
{
    const auto at = [](const fs::path &p) { return place{p / "exercises", p / "include", p}; };
    if (!wish.empty()) {
        if (!is_project(wish))
            throw content_error(wish, 0, "has no exercises/course.json and include/kctx/kctx.hpp");
        return at(fs::canonical(wish));
    }
    std::error_code none;
    for (fs::path start : {fs::read_symlink("/proc/self/exe", none), fs::current_path()})
        for (fs::path p = start; !p.empty(); p = p.parent_path()) {
            if (is_project(p))
                return at(p);
            if (p == p.parent_path())
                break;
        }
    throw content_error(fs::current_path(), 0,
                        "no course in this folder or above; say where it is with --project DIR");
}

fs::path default_cache()
{
    const char *cache = std::getenv("XDG_CACHE_HOME");
    const char *home = std::getenv("HOME");
    if (cache != nullptr && *cache == '/')
        return fs::path(cache) / "kctx-lab";
    if (home != nullptr && *home == '/')
        return fs::path(home) / ".cache/kctx-lab";
    return fs::temp_directory_path() / ("kctx-lab-cache-" + std::to_string(getuid()));
}

} // namespace kctx::tools::lab

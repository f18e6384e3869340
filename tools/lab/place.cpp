// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <cstdlib>
#include <optional>
#include <system_error>

#include <unistd.h>

namespace kctx::tools::lab {

static std::optional<place> place_at(const fs::path &p)
{
    if (fs::exists(p / "include/kctx/kctx.hpp"))
        for (const fs::path &project : {p, p / "share/kctx"})
            if (fs::exists(project / "exercises/course.json"))
                return place{project / "exercises", p / "include", project};
    return std::nullopt;
}

place find_place(const fs::path &wish)
{
    if (!wish.empty()) {
        std::error_code none;
        if (const auto found = place_at(fs::canonical(wish, none)))
            return *found;
        throw content_error(wish, 0, "has no exercises/course.json and include/kctx/kctx.hpp");
    }
    std::error_code none;
    for (const fs::path &start : {fs::read_symlink("/proc/self/exe", none), fs::current_path()})
        for (fs::path p = start; !p.empty(); p = p.parent_path()) {
            if (const auto found = place_at(p))
                return *found;
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

// SPDX-License-Identifier: BSL-1.0
#include "tree.hpp"

#include <nlohmann/json.hpp>

namespace kctx::tools::lab {

using nlohmann::json;

static fs::path settings_file(const fs::path &root) { return root / ".lab/settings.json"; }
static fs::path state_file(const fs::path &root) { return root / ".lab/state.json"; }

std::uint64_t seed_of(std::string_view salt, std::string_view student)
{
    return hash_of(student, hash_of("/", hash_of(salt)));
}

tree tree::create(const fs::path &root, const course &c, const tree_settings &settings)
{
    fs::create_directories(root);
    tree t(fs::absolute(root), settings);
    t.settings_.course = fs::absolute(settings.course);
    t.settings_.include = fs::absolute(settings.include);
    if (fs::exists(state_file(t.root_)))
        t.read_state();
    for (const exercise &e : c.exercises) {
        if (!fs::exists(t.file_of(e)))
            write_file(t.file_of(e), e.filled(e.source.starter(), t.seed()));
        if (!e.log.empty())
            write_file(t.file_of(e).parent_path() / "log.txt", e.log);
    }
    for (const group &g : c.groups)
        if (fs::exists(c.folder / g.id / "README.md"))
            write_file(t.root_ / g.id / "README.md", read_file(c.folder / g.id / "README.md"));
    if (t.current_.empty())
        t.current_ = c.exercises.front().id;
    const json out = {{"course", t.settings_.course.string()},
                      {"include", t.settings_.include.string()},
                      {"compiler", t.settings_.compiler},
                      {"student", t.settings_.student},
                      {"salt", t.settings_.salt}};
    write_file(settings_file(t.root_), out.dump(2) + "\n");
    t.save();
    return t;
}

tree tree::open(const fs::path &somewhere)
{
    for (fs::path at = fs::absolute(somewhere); !at.empty(); at = at.parent_path()) {
        if (fs::exists(settings_file(at))) {
            try {
                const json in = json::parse(read_file(settings_file(at)));
                tree t(at, {.course = in.at("course").get<std::string>(),
                            .include = in.at("include").get<std::string>(),
                            .compiler = in.at("compiler"),
                            .student = in.at("student"),
                            .salt = in.at("salt")});
                t.read_state();
                return t;
            } catch (const json::exception &e) {
                throw content_error(settings_file(at), 0,
                                    std::string("is not what `kctx lab init` wrote: ") + e.what());
            }
        }
        if (at == at.parent_path())
            break;
    }
    throw std::runtime_error("no exercises here: `kctx lab init DIR` makes a folder of them, and "
                             "`cd DIR` goes there");
}

void tree::read_state()
{
    if (!fs::exists(state_file(root_)))
        return;
    try {
        const json in = json::parse(read_file(state_file(root_)));
        current_ = in.at("current");
        for (const auto &item : in.at("exercises").items()) {
            const json &from = item.value();
            progress &p = progress_[item.key()];
            p.passed_key = from.at("passed");
            p.failed_key = from.at("failed");
            p.first_cause = from.at("cause");
            p.hints = from.at("hints");
            p.gave_up = from.at("gave_up");
        }
    } catch (const json::exception &) {
        // Nothing of it is lost that a check does not bring back; the answers are elsewhere.
        fs::rename(state_file(root_), state_file(root_).string() + ".unreadable");
        progress_.clear();
    }
}

void tree::save() const
{
    json exercises = json::object();
    for (const auto &[id, p] : progress_)
        exercises[id] = {{"passed", p.passed_key},
                         {"failed", p.failed_key},
                         {"cause", p.first_cause},
                         {"hints", p.hints},
                         {"gave_up", p.gave_up}};
    const json out = {{"current", current_}, {"exercises", exercises}};
    write_file(state_file(root_), out.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

std::string tree::key(const exercise &e, std::string_view answer, const toolbox &tools) const
{
    return hex(hash_of(answer, hash_of(e.check.common + e.id))) + "-" + tools.identity();
}

standing tree::stands(const exercise &e, const toolbox &tools) const
{
    const auto at = progress_.find(e.id);
    if (!fs::exists(file_of(e)))
        return standing::not_begun;
    std::string text;
    try {
        text = answer(e);
    } catch (const content_error &) { // who checks it is told
        return standing::failing;
    }
    const std::string now = key(e, text, tools);
    if (at != progress_.end() && at->second.passed_key == now)
        return standing::passed;
    if (at != progress_.end() && at->second.failed_key == now)
        return standing::failing;
    if (text == e.filled(e.source.starter(), seed()))
        return standing::not_begun;
    return at != progress_.end() && !at->second.passed_key.empty() ? standing::recheck
                                                                   : standing::failing;
}

std::string tree::first_cause(const exercise &e) const
{
    const auto at = progress_.find(e.id);
    return at == progress_.end() ? "" : at->second.first_cause;
}

void tree::record(const exercise &e, std::string_view answer, const verdict &v,
                  const toolbox &tools)
{
    progress &p = progress_[e.id];
    (v.passed() ? p.passed_key : p.failed_key) = key(e, answer, tools);
    p.first_cause = v.passed() ? "" : v.causes.front().name;
}

unsigned tree::take_hint(const exercise &e)
{
    progress &p = progress_[e.id];
    p.hints = std::min(p.hints + 1, 3u);
    return p.hints;
}

unsigned tree::hints_taken(const exercise &e) const
{
    const auto at = progress_.find(e.id);
    return at == progress_.end() ? 0 : at->second.hints;
}

bool tree::gave_up(const exercise &e) const
{
    const auto at = progress_.find(e.id);
    return at != progress_.end() && at->second.gave_up;
}

void tree::give_up(const exercise &e) { progress_[e.id].gave_up = true; }

fs::path tree::reset(const exercise &e)
{
    const fs::path folder = root_ / ".lab/backup";
    fs::create_directories(folder);
    fs::path kept;
    for (unsigned n = 1; kept.empty() || fs::exists(kept); ++n)
        kept = folder / (e.id + "." + std::to_string(n) + ".cpp");
    if (fs::exists(file_of(e)))
        fs::copy_file(file_of(e), kept);
    write_file(file_of(e), e.filled(e.source.starter(), seed()));
    return kept;
}

} // namespace kctx::tools::lab

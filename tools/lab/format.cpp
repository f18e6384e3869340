// SPDX-License-Identifier: BSL-1.0
#include "format.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <functional>
#include <set>

#include <nlohmann/json.hpp>

namespace kctx::tools::lab {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 6> kind_names = {"fix",     "implement", "reject",
                                                        "predict", "trace",     "review"};
constexpr std::array<std::string_view, 6> phase_names = {"guard", "compile", "reject",
                                                         "test",  "review",  "passed"};

std::string_view world_name(world w)
{
    return w == world::host ? "host" : w == world::sim ? "sim" : "none";
}

/// The text of a marker, `solve` of `// [[solve]]`, or nothing.
std::optional<std::string_view> marker(std::string_view line)
{
    line = trimmed(line);
    if (!line.starts_with("// [["))
        return std::nullopt;
    if (!line.ends_with("]]"))
        return ""; // something is meant, and it is none
    return trimmed(line.substr(5, line.size() - 7));
}

bool is_name(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-' || c == '_';
    });
}

/// A JSON object whose every key is asked for, or it is an error.
class fields
{
    fs::path file_;
    std::string where_;
    json object_;
    std::set<std::string, std::less<>> known_;

public:
    fields(fs::path file, std::string where, json object)
        : file_(std::move(file)), where_(std::move(where)), object_(std::move(object))
    {
        if (!object_.is_object())
            fail("is not an object");
    }
    [[noreturn]] void fail(const std::string &what) const
    {
        throw content_error(file_, 0, (where_.empty() ? "" : where_ + ": ") + what);
    }
    const json *find(std::string_view key)
    {
        known_.emplace(key);
        const auto at = object_.find(std::string(key));
        return at == object_.end() ? nullptr : &*at;
    }
    const json &need(std::string_view key)
    {
        if (const json *value = find(key))
            return *value;
        fail("no \"" + std::string(key) + "\"");
    }
    std::string text(std::string_view key, std::size_t most = 2000)
    {
        return as_text(key, need(key), most);
    }
    std::string as_text(std::string_view key, const json &value, std::size_t most) const
    {
        if (!value.is_string() || trimmed(value.get<std::string>()).empty())
            fail("\"" + std::string(key) + "\" is not a text");
        std::string found = value;
        if (found.size() > most)
            fail("\"" + std::string(key) + "\" has " + std::to_string(found.size()) +
                 " characters, and at most " + std::to_string(most) + " are shown");
        return found;
    }
    unsigned number(std::string_view key, unsigned least, unsigned most)
    {
        const json &value = need(key);
        if (!value.is_number_unsigned() || value < least || value > most)
            fail("\"" + std::string(key) + "\" is not a number from " + std::to_string(least) +
                 " to " + std::to_string(most));
        return value;
    }
    bool flag(std::string_view key)
    {
        const json *value = find(key);
        if (value == nullptr)
            return false;
        if (!value->is_boolean())
            fail("\"" + std::string(key) + "\" is neither true nor false");
        return *value;
    }
    std::vector<std::string> texts(std::string_view key)
    {
        std::vector<std::string> found;
        const json *value = find(key);
        if (value == nullptr)
            return found;
        if (!value->is_array())
            fail("\"" + std::string(key) + "\" is not a list");
        for (const json &entry : *value)
            found.push_back(as_text(key, entry, 200));
        return found;
    }
    void done() const
    {
        for (const auto &item : object_.items())
            if (!known_.contains(item.key()))
                fail("\"" + item.key() + "\" is not known");
    }
};

json parse_json(const fs::path &file)
{
    const std::string text = read_file(file);
    try {
        return json::parse(text);
    } catch (const json::parse_error &e) {
        const auto line =
            1 +
            std::count(text.begin(),
                       text.begin() + static_cast<std::ptrdiff_t>(std::min(e.byte, text.size())),
                       '\n');
        throw content_error(file, static_cast<std::size_t>(line), "is not JSON");
    }
}

/// `compile: gfp-may-sleep`, `test: frees on the error path`, `reject: in-irq`, `review: missed`.
refusal parse_refusal(const fields &in, std::string_view text)
{
    refusal found;
    const std::size_t colon = text.find(':');
    const std::string_view name = trimmed(text.substr(0, colon));
    const auto at = std::ranges::find(phase_names, name);
    if (colon == std::string_view::npos || at == phase_names.end() || name == "passed")
        in.fail("\"" + std::string(text) +
                "\" is not PHASE: NAME with a phase of guard, compile, reject, test, review");
    found.in = static_cast<phase>(at - phase_names.begin());
    std::string_view rest = trimmed(text.substr(colon + 1));
    if (found.in != phase::compile) {
        found.names.emplace_back(rest);
    } else {
        for (std::size_t comma = 0; comma != std::string_view::npos;
             rest = comma == std::string_view::npos ? rest : rest.substr(comma + 1)) {
            comma = rest.find(',');
            found.names.emplace_back(trimmed(rest.substr(0, comma)));
        }
    }
    for (const std::string &n : found.names)
        if (n.empty())
            in.fail("\"" + std::string(text) + "\" names no reason");
    return found;
}

/// Paragraphs on one line each: they are broken anew for every width.
std::string as_paragraphs(std::string_view text)
{
    std::string out;
    for (const std::string_view line : lines_of(text)) {
        const bool goes_on = !out.empty() && out.back() != '\n' && !line.empty() && line[0] != ' ';
        if (!out.empty() && out.back() != '\n' && !goes_on)
            out += '\n';
        out += (goes_on ? " " : "") + std::string(line) + (line.empty() ? "\n" : "");
    }
    return std::string(trimmed(out));
}

std::vector<std::string> parse_hints(const fs::path &file)
{
    std::vector<std::string> hints(1);
    const std::string text = read_file(file);
    for (const std::string_view line : lines_of(text)) {
        if (trimmed(line) == "---")
            hints.emplace_back();
        else
            hints.back().append(line).append("\n");
    }
    for (std::string &hint : hints)
        hint = as_paragraphs(hint);
    if (hints.size() != 3 || std::ranges::any_of(hints, &std::string::empty))
        throw content_error(file, 0, "has not three hints with lines --- between them");
    return hints;
}

void parse_draws(exercise &e, const fields &in, const json &draws)
{
    if (!draws.is_object())
        in.fail("\"draws\" is not an object");
    for (const auto &item : draws.items()) {
        const json &range = item.value();
        if (!is_name(item.key()) || !range.is_array() || range.size() != 2 ||
            !range[0].is_number_integer() || !range[1].is_number_integer() || range[0] > range[1])
            in.fail("\"draws\": " + item.key() + " is not [least, most]");
        e.draws.push_back({item.key(), range[0], range[1]});
    }
}

void parse_wrong(exercise &e, const fields &in, const fs::path &file, const json &wrong)
{
    if (!wrong.is_object())
        in.fail("\"wrong\" is not an object");
    for (const auto &item : wrong.items()) {
        fields one(file, "wrong " + item.key(), item.value());
        e.wrong.push_back(
            {item.key(), parse_refusal(one, one.text("expect")), one.text("why", 400)});
        one.done();
    }
    for (const std::string &name : e.source.wrong_names())
        if (std::ranges::find(e.wrong, name, &wrong_answer::name) == e.wrong.end())
            in.fail("exercise.cpp has a wrong answer \"" + name + "\", and \"wrong\" does not");
    for (const wrong_answer &w : e.wrong)
        if (std::ranges::find(e.source.wrong_names(), w.name) == e.source.wrong_names().end())
            in.fail("\"wrong\" has \"" + w.name + "\", and exercise.cpp does not");
    if (e.wrong.size() < 2)
        in.fail("fewer than two wrong answers");
}

/// @p complete: with solution, wrong answers and why.md.
exercise load_exercise(const fs::path &folder, const std::string &group, bool complete)
{
    const fs::path file = folder / "exercise.json";
    fields in(file, "", parse_json(file));
    exercise e;
    e.folder = folder;
    e.group = group;
    const std::string name = folder.filename().string();
    e.id = in.text("id");
    if (!is_name(e.id) || e.id != name)
        in.fail("\"id\" is not the folder's name, " + name);
    e.title = in.text("title", 60);
    e.goal = in.text("goal", 140);
    const std::string kind = in.text("kind");
    const auto at = std::ranges::find(kind_names, kind);
    if (at == kind_names.end())
        in.fail("\"kind\" is not one of fix, implement, reject, predict, trace, review");
    e.kind = static_cast<lab::kind>(at - kind_names.begin());
    e.points = in.number("points", 1, 100);
    e.minutes = in.number("minutes", 1, 120);
    e.needs = in.texts("needs");
    e.forbid = in.texts("forbid");
    e.allow = in.texts("allow");
    e.define = in.texts("define");
    e.sanitize = in.flag("sanitize");
    if (const json *draws = in.find("draws"))
        parse_draws(e, in, *draws);
    const std::string world = in.find("world") != nullptr ? in.text("world") : "none";
    e.world = world == "host" ? world::host : world == "sim" ? world::sim : world::none;
    if (world != world_name(e.world))
        in.fail("\"world\" is not one of none, host, sim");

    const fs::path source = folder / "exercise.cpp";
    e.source = variants(source, read_file(source));
    e.check = check_source(e.check_file(), read_file(e.check_file()));
    e.starts = parse_refusal(in, in.text("starts"));
    e.starts.at = in.find("at") != nullptr ? in.number("at", 1, 9) : 0;
    if (e.starts.at != 0 &&
        e.source.starter().find("TODO " + std::to_string(e.starts.at)) == std::string::npos)
        in.fail("\"at\": the starter has no TODO " + std::to_string(e.starts.at));
    if (e.starts.in == phase::compile && e.starts.at == 0)
        in.fail("\"at\" is missing: which TODO stands on the line that does not compile");
    if (e.source.starter().find("TODO 1") == std::string::npos)
        in.fail("the starter has no TODO 1");
    e.hints = parse_hints(folder / "hints.md");
    if (fs::exists(folder / "log.txt"))
        e.log = read_file(folder / "log.txt");
    if (complete) {
        if (!e.source.any())
            throw content_error(source, 0, "has no // [[solve]] ... // [[end]]");
        parse_wrong(e, in, file, in.need("wrong"));
        e.why = as_paragraphs(read_file(folder / "why.md"));
        if (e.why.find("Source:") == std::string::npos)
            throw content_error(folder / "why.md", 0, "names no source (a line `Source: ...`)");
    }
    in.done();
    static const std::set<std::string, std::less<>> allowed = {
        "exercise.json", "exercise.cpp", "check.cpp", "hints.md", "why.md", "log.txt"};
    for (const fs::directory_entry &entry : fs::directory_iterator(folder))
        if (!allowed.contains(entry.path().filename().string()))
            throw content_error(entry.path(), 0, "does not belong to an exercise");
    return e;
}

} // namespace

std::string_view name_of(kind k) { return kind_names[static_cast<std::size_t>(k)]; }
std::string_view name_of(phase p) { return phase_names[static_cast<std::size_t>(p)]; }

variants::variants(const fs::path &file, std::string_view text)
{
    pieces_.emplace_back();
    std::optional<std::string> variant; // that the lines belong to
    std::size_t number = 0, opened = 0;
    for (const std::string_view line : lines_of(text)) {
        ++number;
        const auto mark = marker(line);
        if (!mark) {
            if (number == 1 && line.starts_with("// SPDX-"))
                continue;
            std::string &into = variant ? pieces_.back().in[*variant] : pieces_.back().common;
            into.append(line).append("\n");
            continue;
        }
        const bool wrong = mark->starts_with("wrong ");
        if (*mark == "end") {
            if (!variant)
                throw content_error(file, number, "[[end]] without a beginning");
            variant.reset();
            pieces_.emplace_back();
            continue;
        }
        if (*mark != "solve" && *mark != "stub" && !(wrong && is_name(mark->substr(6))))
            throw content_error(file, number,
                                "[[" + std::string(*mark) +
                                    "]] is not solve, stub, wrong NAME or end");
        if (!variant) {
            opened = number;
            pieces_.back().differs = true;
        }
        variant = std::string(*mark);
        if (!pieces_.back().in.emplace(*variant, "").second)
            throw content_error(file, number, "a second [[" + *variant + "]] in one place");
        const std::string name(wrong ? mark->substr(6) : "");
        if (wrong && std::ranges::find(wrong_, name) == wrong_.end())
            wrong_.push_back(name);
    }
    if (variant)
        throw content_error(file, opened, "no [[end]] follows");
    for (const piece &p : pieces_)
        if (p.differs && !p.in.contains("solve") && !p.in.contains("stub"))
            throw content_error(file, 0, "a place has neither [[solve]] nor [[stub]]");
}

bool variants::any() const { return std::ranges::any_of(pieces_, &piece::differs); }

static const std::string &lines_in(const std::map<std::string, std::string, std::less<>> &in,
                                   std::string_view variant, std::string_view otherwise)
{
    static const std::string nothing;
    auto at = in.find(variant);
    if (at == in.end())
        at = in.find(otherwise);
    return at == in.end() ? nothing : at->second;
}

std::string variants::starter() const
{
    std::string text;
    for (const piece &p : pieces_)
        text += p.common + lines_in(p.in, "stub", "stub");
    return text;
}

std::string variants::solution() const
{
    std::string text;
    for (const piece &p : pieces_)
        text += p.common + lines_in(p.in, "solve", "solve");
    return text;
}

std::string variants::wrong_answer(std::string_view name) const
{
    if (std::ranges::find(wrong_, name) == wrong_.end())
        throw std::out_of_range("no wrong answer " + std::string(name));
    std::string text;
    for (const piece &p : pieces_)
        text += p.common + lines_in(p.in, "wrong " + std::string(name), "solve");
    return text;
}

std::vector<std::string> variants::solution_lines() const
{
    const std::string given = starter(), all = solution();
    std::set<std::string_view> known;
    for (const std::string_view line : lines_of(given))
        known.insert(trimmed(line));
    std::vector<std::string> found;
    for (const std::string_view line : lines_of(all))
        if (const std::string_view code = trimmed(line); code.size() > 3 && !known.contains(code))
            found.emplace_back(code);
    return found;
}

check_source::check_source(const fs::path &file, std::string_view text)
{
    std::size_t number = 0, opened = 0;
    std::string *into = &common;
    for (const std::string_view line : lines_of(text)) {
        ++number;
        const auto mark = marker(line);
        if (!mark) {
            into->append(line).append("\n");
            if (into != &common)
                common += '\n'; // so that its lines keep their numbers
            continue;
        }
        common += '\n';
        if (*mark == "end") {
            if (into == &common)
                throw content_error(file, number, "[[end]] without a beginning");
            into = &common;
            continue;
        }
        if (into != &common)
            throw content_error(file, number, "a section in a section");
        opened = number;
        if (*mark == "machine") {
            if (machine_line != 0)
                throw content_error(file, number, "a second [[machine]]");
            machine_line = number + 1;
            into = &machine;
            continue;
        }
        const std::size_t colon = mark->find(':');
        const std::string_view name = mark->starts_with("must-reject ") && colon != mark->npos
                                          ? trimmed(mark->substr(12, colon - 12))
                                          : std::string_view();
        const std::string_view slug = colon == mark->npos ? "" : trimmed(mark->substr(colon + 1));
        if (!is_name(name) || !is_name(slug))
            throw content_error(file, number,
                                "[[" + std::string(*mark) +
                                    "]] is not machine, must-reject NAME: SLUG or end");
        probes.push_back({std::string(name), std::string(slug), "", number + 1});
        into = &probes.back().text;
    }
    if (into != &common)
        throw content_error(file, opened, "no [[end]] follows");
    has_tests = common.find("LAB_TEST(") != std::string::npos;
}

std::map<std::string, long> exercise::drawn(std::uint64_t seed) const
{
    std::map<std::string, long> numbers;
    for (const draw &d : draws) {
        // A hash of few bytes has weak low bits: mixed as in MurmurHash3's end.
        std::uint64_t h = hash_of(id + "/" + d.name, hash_of(hex(seed)));
        h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
        h ^= h >> 33;
        numbers[d.name] =
            d.least + static_cast<long>(h % static_cast<std::uint64_t>(d.most - d.least + 1));
    }
    return numbers;
}

std::string exercise::filled(std::string text, std::uint64_t seed) const
{
    for (const auto &[name, number] : drawn(seed))
        text = replaced(std::move(text), std::string("@").append(name).append("@"),
                        std::to_string(number));
    return text;
}

const exercise *course::find(std::string_view id) const
{
    const exercise *found = nullptr;
    for (const exercise &e : exercises) {
        if (e.id == id)
            return &e;
        // 101 is enough of 101-sleep-under-lock.
        if (e.id.starts_with(id) && e.id.size() > id.size() && e.id[id.size()] == '-')
            found = &e;
    }
    return found;
}

course load_course(const fs::path &folder)
{
    const fs::path file = folder / "course.json";
    fields in(file, "", parse_json(file));
    if (in.number("format", 1, 1) != 1)
        in.fail("another format");
    course c;
    c.folder = folder;
    c.title = in.text("title");
    c.welcome = in.text("welcome");
    c.farewell = in.text("farewell");
    c.complete = !in.flag("student_copy");
    const json &groups = in.need("groups");
    if (!groups.is_array() || groups.empty())
        in.fail("\"groups\" is not a list");
    for (const json &entry : groups) {
        fields one(file, "groups", entry);
        group g{one.text("id"), one.text("title", 60)};
        one.done();
        if (!is_name(g.id) || !fs::is_directory(folder / g.id))
            in.fail("the group " + g.id + " has no folder");
        std::vector<fs::path> folders;
        for (const fs::directory_entry &e : fs::directory_iterator(folder / g.id))
            if (e.is_directory())
                folders.push_back(e.path());
        std::sort(folders.begin(), folders.end());
        for (const fs::path &path : folders)
            c.exercises.push_back(load_exercise(path, g.id, c.complete));
        c.groups.push_back(std::move(g));
    }
    in.done();
    std::set<std::string, std::less<>> before;
    for (const exercise &e : c.exercises) {
        for (const std::string &needed : e.needs)
            if (!before.contains(needed))
                throw content_error(e.folder / "exercise.json", 0,
                                    "needs " + needed + ", which is not before it");
        if (!before.insert(e.id).second)
            throw content_error(e.folder / "exercise.json", 0, "a second exercise " + e.id);
    }
    if (c.exercises.empty())
        in.fail("no exercises");
    return c;
}

} // namespace kctx::tools::lab

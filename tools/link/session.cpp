// SPDX-License-Identifier: BSL-1.0
#include "session.hpp"

#include "lz_string.hpp"
#include "rison.hpp"

#include <array>
#include <stdexcept>

namespace kctx::tools::link {
namespace {

using nlohmann::json;

constexpr std::string_view site = "https://godbolt.org/#";
constexpr std::size_t longest = 900'000;
constexpr int version = 4; // of the layout

// The windows of the page are a configuration of GoldenLayout 1.5, which shortens its own words:
// one digit in base 36 stands for the word at that place. What has one character anyway gets a
// mark.
constexpr std::array<std::string_view, 31> keys = {"settings",
                                                   "hasHeaders",
                                                   "constrainDragToContainer",
                                                   "selectionEnabled",
                                                   "dimensions",
                                                   "borderWidth",
                                                   "minItemHeight",
                                                   "minItemWidth",
                                                   "headerHeight",
                                                   "dragProxyWidth",
                                                   "dragProxyHeight",
                                                   "labels",
                                                   "close",
                                                   "maximise",
                                                   "minimise",
                                                   "popout",
                                                   "content",
                                                   "componentName",
                                                   "componentState",
                                                   "id",
                                                   "width",
                                                   "type",
                                                   "height",
                                                   "isClosable",
                                                   "title",
                                                   "popoutWholeStack",
                                                   "openPopouts",
                                                   "parentId",
                                                   "activeItemIndex",
                                                   "reorderEnabled",
                                                   "borderGrabWidth"};
constexpr std::array<std::string_view, 10> values = {
    "true",      "false", "row",      "column",   "stack",
    "component", "close", "maximise", "minimise", "open in new window"};
constexpr std::size_t first_word = 2; // those before it are no strings
constexpr std::string_view mark = "___";
constexpr std::string_view base36 = "0123456789abcdefghijklmnopqrstuvwxyz";

/// One UTF-16 unit, as the page counts: up to three bytes of UTF-8 that are one character.
bool one_unit(const std::string &s)
{
    std::size_t characters = 0;
    for (const char c : s)
        characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return characters == 1 && s.size() <= 3;
}
template <std::size_t N>
std::string shorten(const std::string &s, const std::array<std::string_view, N> &words,
                    std::size_t from)
{
    if (one_unit(s))
        return std::string(mark) + s;
    for (std::size_t i = from; i < N; ++i) {
        if (words[i] == s)
            return std::string(1, base36[i]);
    }
    return s;
}
json shorten(const json &from)
{
    if (from.is_boolean())
        return from.get<bool>() ? "0" : "1";
    if (from.is_string())
        return shorten(from.get<std::string>(), values, first_word);
    if (!from.is_structured())
        return from;
    json to = from.is_array() ? json::array() : json::object();
    for (const auto &[key, value] : from.items()) {
        if (from.is_array())
            to.push_back(shorten(value));
        else
            to[shorten(key, keys, 0)] = shorten(value);
    }
    return to;
}

template <std::size_t N>
json lengthen(const std::string &s, const std::array<std::string_view, N> &words, bool booleans)
{
    if (s.size() == 1) {
        const std::size_t i = base36.find(s[0]);
        if (i >= N)
            throw std::invalid_argument("the link has \"" + s + "\" where a word is shortened");
        if (booleans && i < first_word)
            return i == 0;
        return words[i];
    }
    return s.starts_with(mark) ? s.substr(mark.size()) : s;
}
json lengthen(const json &from)
{
    if (from.is_string())
        return lengthen(from.get<std::string>(), values, true);
    if (!from.is_structured())
        return from;
    json to = from.is_array() ? json::array() : json::object();
    for (const auto &[key, value] : from.items()) {
        if (from.is_array())
            to.push_back(lengthen(value));
        else
            to[lengthen(key, keys, false).get<std::string>()] = lengthen(value);
    }
    return to;
}

json window(const char *name, json state)
{
    return {
        {"type", "stack"},
        {"content",
         {{{"type", "component"}, {"componentName", name}, {"componentState", std::move(state)}}}}};
}

/// The tree of files, the editor of the first, and what becomes of it.
json windows(const session &s)
{
    json files = json::array();
    for (std::size_t i = 0; i < s.files.size(); ++i) {
        const bool open = i == 0; // its text is its editor's
        files.push_back({{"fileId", i + 1},
                         {"isIncluded", true},
                         {"isOpen", open},
                         {"isMainSource", open},
                         {"filename", s.files[i].name},
                         {"content", open ? "" : s.files[i].text},
                         {"editorId", open ? 1 : -1},
                         {"langId", "c++"}});
    }
    json tree = {{"id", 1},
                 {"cmakeArgs", ""},
                 {"customOutputFilename", ""},
                 {"isCMakeProject", false},
                 {"buildSystem", "none"},
                 {"compilerLanguageId", "c++"},
                 {"newFileId", s.files.size() + 1},
                 {"files", std::move(files)}};
    json editor = {
        {"id", 1}, {"lang", "c++"}, {"filename", s.files[0].name}, {"source", s.files[0].text}};
    json compiler = {{"compiler", s.compiler},
                     {"lang", "c++"},
                     {"libs", json::array()},
                     {"options", s.options},
                     {"tree", 1}};
    json column = json::array();
    if (s.runs) {
        compiler["compilationPanelShown"] = true;
        compiler["compilerOutShown"] = true;
        compiler["execArgs"] = "";
        compiler["execStdin"] = "";
        column.push_back(window("executor", std::move(compiler)));
    } else {
        compiler["id"] = 1;
        column.push_back(window("compiler", std::move(compiler)));
        column.push_back(window("output", {{"compiler", 1}, {"tree", 1}}));
    }
    return {{{"type", "row"},
             {"content",
              {window("tree", std::move(tree)),
               window("codeEditor", std::move(editor)),
               {{"type", "column"}, {"content", std::move(column)}}}}}};
}

/// Every window of a page, whatever stands around it.
void find_windows(const json &in, std::vector<std::pair<std::string, json>> &found)
{
    if (in.is_object() && in.contains("componentName"))
        found.emplace_back(in.at("componentName").get<std::string>(), in.at("componentState"));
    else if (in.is_object() && in.contains("content"))
        find_windows(in.at("content"), found);
    else if (in.is_array()) {
        for (const json &element : in)
            find_windows(element, found);
    }
}

session read_windows(const json &page)
{
    std::vector<std::pair<std::string, json>> found;
    find_windows(page, found);
    session s;
    std::string main_text;
    for (const auto &[name, state] : found) {
        if (name == "codeEditor") {
            main_text = state.at("source").get<std::string>();
            if (s.files.empty())
                s.files.push_back({state.value("filename", std::string(main_file)), main_text});
        } else if (name == "compiler" || name == "executor") {
            s.compiler = state.at("compiler").get<std::string>();
            s.options = state.value("options", "");
            s.runs = name == "executor";
        }
    }
    for (const auto &[name, state] : found) {
        if (name != "tree")
            continue;
        s.files.clear();
        for (const json &file : state.at("files")) {
            const bool open = file.value("isOpen", false);
            source_file one{file.at("filename").get<std::string>(),
                            open ? main_text : file.at("content").get<std::string>()};
            s.files.insert(file.value("isMainSource", false) ? s.files.begin() : s.files.end(),
                           std::move(one));
        }
    }
    if (s.files.empty())
        throw std::invalid_argument("the link shows no source");
    return s;
}

} // namespace

std::string to_link(const session &s)
{
    if (s.files.empty())
        throw std::invalid_argument("a link needs a source");
    json page = shorten({{"content", windows(s)}});
    page["version"] = version;
    const std::string link = std::string(site) + to_rison({{"z", compress(to_rison(page))}});
    if (link.size() > longest)
        throw std::invalid_argument("the link would have " + std::to_string(link.size()) +
                                    " characters, and browsers cut it at a million");
    return link;
}

session from_link(std::string_view link)
{
    const std::size_t hash = link.find('#');
    json page = from_rison(hash == link.npos ? link : link.substr(hash + 1));
    try {
        if (page.contains("z"))
            page = from_rison(decompress(page.at("z").get<std::string>()));
        if (page.value("version", 0) != version)
            throw std::invalid_argument("the link is not of version 4 of the page's layout");
        return read_windows(lengthen(page));
    } catch (const json::exception &e) {
        throw std::invalid_argument(std::string("the link holds no page of windows: ") + e.what());
    }
}

} // namespace kctx::tools::link

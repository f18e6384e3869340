// SPDX-License-Identifier: BSL-1.0
#include "ir.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <deque>
#include <map>

namespace kctx::tools::review {
namespace {

int number(std::string_view text)
{
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// "\22" for a quote, as LLVM writes strings.
std::string unescaped(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        int code = 0;
        if (text[i] == '\\' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr ==
                text.data() + i + 3) {
            out += static_cast<char>(code);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// The name that begins at @p at with '@': plain or in quotes.
std::string name_at(std::string_view line, std::size_t at)
{
    if (at + 1 < line.size() && line[at + 1] == '"') {
        const std::size_t end = line.find('"', at + 2);
        return unescaped(line.substr(at + 2, end == line.npos ? end : end - at - 2));
    }
    std::size_t end = at + 1;
    while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) != 0 ||
                                 line[end] == '_' || line[end] == '.' || line[end] == '$'))
        ++end;
    return std::string(line.substr(at + 1, end - at - 1));
}
/// Where that name ends.
std::size_t end_of_name(std::string_view line, std::size_t at)
{
    if (at + 1 < line.size() && line[at + 1] == '"')
        return std::min(line.find('"', at + 2), line.size() - 1) + 1;
    return at + 1 + name_at(line, at).size();
}

/// The debug information: nodes `!12 = !DILocation(line: 3, ...)` by their number.
class metadata
{
    static constexpr int depth = 64; // what refers to itself ends here
    std::map<int, std::string_view> nodes_;

    std::string_view node(int id) const
    {
        const auto found = nodes_.find(id);
        return found == nodes_.end() ? std::string_view() : found->second;
    }
    bool is(int id, std::string_view kind) const
    {
        return node(id).find(std::string("!") + std::string(kind) + "(") < 10;
    }
    /// The value of a field, without the quotes of a string.
    std::string_view field(int id, std::string_view name) const
    {
        const std::string_view text = node(id);
        bool quoted = false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '"')
                quoted = !quoted;
            if (quoted || (text[i] != '(' && text[i] != ' ') ||
                !text.substr(i + 1).starts_with(name) ||
                !text.substr(i + 1 + name.size()).starts_with(": "))
                continue;
            std::string_view value = text.substr(i + 3 + name.size());
            if (value.starts_with('"'))
                return value.substr(1, value.find('"', 1) - 1);
            return value.substr(0, value.find_first_of(",)"));
        }
        return {};
    }
    int reference(int id, std::string_view name) const
    {
        const std::string_view value = field(id, name);
        return value.starts_with('!') ? number(value.substr(1)) : -1;
    }
    /// "!{!1, null, !3}"
    std::vector<int> list(int id) const
    {
        std::vector<int> ids;
        std::string_view text = node(id);
        if (!text.starts_with("!{"))
            return ids;
        text.remove_prefix(2);
        while (!text.empty()) {
            const std::size_t end = std::min(text.find_first_of(",}"), text.size());
            std::string_view item = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            while (item.starts_with(' '))
                item.remove_prefix(1);
            if (!item.empty())
                ids.push_back(item.starts_with('!') ? number(item.substr(1)) : -1);
        }
        return ids;
    }

public:
    void add(std::string_view line)
    {
        const std::size_t equals = line.find(" = ");
        if (equals == line.npos)
            return;
        std::string_view value = line.substr(equals + 3);
        if (value.starts_with("distinct "))
            value.remove_prefix(9);
        nodes_[number(line.substr(1))] = value;
    }

    std::string file(int id) const
    {
        const int of = is(id, "DIFile") ? id : reference(id, "file");
        return unescaped(field(of, "filename"));
    }
    place location(int id) const
    {
        place found{"", number(field(id, "line")), number(field(id, "column"))};
        int scope = reference(id, "scope");
        for (int i = 0; i < depth && scope >= 0 && found.file.empty(); ++i) {
            found.file = file(scope);
            scope = reference(scope, "scope");
        }
        return found;
    }
    /// "kctx::detail::thunk<...>"; nothing for a file.
    std::string scope_name(int id, int more = depth) const
    {
        if (id < 0 || more == 0 || is(id, "DIFile") || node(id).empty())
            return "";
        std::string outer = scope_name(reference(id, "scope"), more - 1);
        const std::string name = unescaped(field(id, "name"));
        if (name.empty() || (is(id, "DINamespace") && field(id, "exportSymbols") == "true"))
            return outer; // an unnamed or inline namespace, a block
        return outer.empty() ? name : outer + "::" + name;
    }
    std::string type_name(int id, int more = depth) const
    {
        if (id < 0 || more == 0)
            return "void";
        if (!is(id, "DIDerivedType"))
            return scope_name(id);
        const std::string_view tag = field(id, "tag");
        std::string base = type_name(reference(id, "baseType"), more - 1);
        if (tag == "DW_TAG_pointer_type")
            return base + " *";
        if (tag == "DW_TAG_reference_type" || tag == "DW_TAG_rvalue_reference_type")
            return base + " &";
        return base;
    }
    void describe(int id, ir_function &f) const
    {
        f.name = unescaped(field(id, "name"));
        f.scope = scope_name(reference(id, "scope"));
        f.at = {file(id), number(field(id, "line")), 0};
        f.last_line = f.at.line;
        f.internal = field(id, "spFlags").find("LocalToUnit") != std::string_view::npos;
        const std::vector<int> types = list(reference(reference(id, "type"), "types"));
        for (std::size_t i = 1; i < types.size(); ++i) // the first is the result
            f.parameters.push_back(type_name(types[i]));
    }
    /// The driver's own context types, by name: what each is for the library.
    std::map<std::string, std::string> own_contexts() const
    {
        std::map<int, int> base; // type -> the class that it derives from
        for (const auto &[id, text] : nodes_) {
            if (is(id, "DIDerivedType") && field(id, "tag") == "DW_TAG_inheritance")
                base.try_emplace(reference(id, "scope"), reference(id, "baseType"));
        }
        std::map<std::string, std::string> found;
        for (const auto &[type, first] : base) {
            const std::string name = scope_name(type);
            if (name.empty() || name.starts_with("kctx::") || name.find('<') != name.npos)
                continue;
            std::string token; // the nearest type of the library
            int up = first;
            for (int i = 0; i < depth; ++i) {
                const std::string of = scope_name(up);
                if (token.empty() && of.starts_with("kctx::"))
                    token = of;
                const auto next = base.find(up);
                if (of == "kctx::detail::token_base" && token != of)
                    found.emplace(name, token);
                if (next == base.end())
                    break;
                up = next->second;
            }
        }
        return found;
    }
    void describe(int id, ir_variable &v) const
    {
        const int of = is(id, "DIGlobalVariableExpression") ? reference(id, "var") : id;
        v.name = unescaped(field(of, "name"));
        v.at = {file(of), number(field(of, "line")), 0};
    }
};

/// "kctx::SpinLocked<rx_lock, PollCtx>" -> "kctx::SpinLocked<rx_lock, kctx::own<PollCtx,
/// kctx::TimerCtx>>", which read_context() knows.
void name_tokens(std::string &text, const std::map<std::string, std::string> &own)
{
    const auto is_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':';
    };
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && is_name(text[end]))
            ++end;
        const std::string word = text.substr(i, std::max<std::size_t>(end - i, 1));
        const auto found = own.find(word);
        out += found == own.end() ? word : "kctx::own<" + word + ", " + found->second + ">";
        i += word.size();
    }
    text = std::move(out);
}

/// The number after the last "!dbg !" of an instruction.
int debug_of(std::string_view line)
{
    const std::size_t at = line.rfind("!dbg !");
    return at == line.npos ? -1 : number(line.substr(at + 6));
}

/// Where the callee of a call stands: of `call ptr %"class.x" @f(...)` the '@'; npos: a pointer.
std::size_t callee_of(std::string_view line, std::size_t from)
{
    int depth = 0;
    for (std::size_t i = from; i < line.size(); ++i) {
        if (line[i] == '(' || line[i] == '{' || line[i] == '[')
            ++depth;
        else if (line[i] == ')' || line[i] == '}' || line[i] == ']')
            --depth;
        if (depth != 0 || (line[i] != '@' && line[i] != '%'))
            continue;
        const std::size_t end = end_of_name(line, i);
        if (end < line.size() && line[end] == '(')
            return line[i] == '@' ? i : line.npos;
        i = end - 1;
    }
    return line.npos;
}

class reader
{
    using numbered_uses = std::vector<std::pair<ir_use, int>>;
    metadata debug_;
    ir_module out_;

    static void instruction(std::string_view line, numbered_uses &uses)
    {
        if (line.starts_with("    #dbg") || line.find("@llvm.") != line.npos)
            return;
        const int where = debug_of(line);
        std::size_t call = line.npos;
        for (const std::string_view word : {" call ", " invoke "}) {
            if (const std::size_t at = line.find(word); at < line.find('"') && at < line.find('@'))
                call = at + word.size();
        }
        std::size_t callee = line.npos;
        if (call != line.npos) {
            callee = callee_of(line, call);
            ir_use use;
            use.called = true;
            if (callee != line.npos)
                use.symbol = name_at(line, callee);
            uses.emplace_back(std::move(use), where);
        }
        for (std::size_t at = line.find('@'); at != line.npos; at = line.find('@', at + 1)) {
            if (at == callee || (at > 0 && line[at - 1] != ' ' && line[at - 1] != '('))
                continue;
            ir_use use;
            use.symbol = name_at(line, at);
            uses.emplace_back(std::move(use), where);
        }
    }

public:
    ir_module read(std::string_view text)
    {
        numbered_uses *uses = nullptr;
        std::vector<std::pair<ir_function, int>> functions;
        std::deque<numbered_uses> all_uses;
        std::vector<std::pair<ir_variable, int>> variables;
        std::string joined; // an invoke is two lines
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            std::string_view line = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            if (line.find(" invoke ") != line.npos && line.find("!dbg") == line.npos) {
                const std::size_t next = std::min(text.find('\n'), text.size());
                joined = std::string(line) + std::string(text.substr(0, next));
                text.remove_prefix(std::min(next + 1, text.size()));
                line = joined;
            }
            if (uses && line.starts_with('}')) {
                uses = nullptr;
            } else if (uses) {
                instruction(line, *uses);
            } else if (line.starts_with("define ")) {
                ir_function f;
                if (const std::size_t at = line.find('@'); at != line.npos)
                    f.symbol = name_at(line, at);
                functions.emplace_back(std::move(f), debug_of(line));
                uses = &all_uses.emplace_back();
            } else if (line.starts_with('@')) {
                ir_variable v;
                for (std::size_t at = line.find('@', 1); at != line.npos;
                     at = line.find('@', at + 1))
                    v.symbols.push_back(name_at(line, at));
                if (!v.symbols.empty())
                    variables.emplace_back(std::move(v), debug_of(line));
            } else if (line.starts_with('!')) {
                debug_.add(line);
            }
        }
        for (std::size_t i = 0; i < functions.size(); ++i) {
            auto &[f, id] = functions[i];
            if (id < 0)
                continue; // the compiler's own
            debug_.describe(id, f);
            for (auto &[use, where] : all_uses[i]) {
                if (where >= 0)
                    use.at = debug_.location(where);
                if (use.at.file == f.at.file)
                    f.last_line = std::max(f.last_line, use.at.line);
                f.uses.push_back(std::move(use));
            }
            out_.functions.push_back(std::move(f));
        }
        if (const auto own = debug_.own_contexts(); !own.empty()) {
            for (ir_function &f : out_.functions) {
                name_tokens(f.name, own);
                name_tokens(f.scope, own);
                for (std::string &parameter : f.parameters)
                    name_tokens(parameter, own);
            }
        }
        for (auto &[v, id] : variables) {
            if (id >= 0)
                debug_.describe(id, v);
            out_.variables.push_back(std::move(v));
        }
        return std::move(out_);
    }
};

} // namespace

ir_module read_ir(std::string_view text) { return reader().read(text); }

} // namespace kctx::tools::review

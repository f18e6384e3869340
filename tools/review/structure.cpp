// SPDX-License-Identifier: BSL-1.0
// What the driver is: its own functions, the calls of each with the context of the token that it
// gives, and who calls them. The library's functions in between, a closure form or a registration,
// are looked through.
#include "review.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>

namespace kctx::tools::review {
namespace {

namespace fs = std::filesystem;
using kind = call_site::kind;

/// The call that enters a section, of one of its forms: "mutex_lock_interruptible" -> "mutex_lock".
const rules::section_row *section_entered_by(std::string name)
{
    const auto find = [](std::string_view wanted) -> const rules::section_row * {
        for (const rules::section_row &row : rules::section_rows()) {
            if (wanted == row.entered_by)
                return &row;
        }
        return nullptr;
    };
    if (const rules::section_row *row = find(name))
        return row;
    for (const std::string_view suffix : {"_interruptible", "_killable", "_nested", "_slow"}) {
        if (name.ends_with(suffix))
            return find(std::string_view(name).substr(0, name.size() - suffix.size()));
    }
    if (const std::size_t at = name.find("trylock"); at != name.npos)
        return find(name.replace(at, 7, "lock"));
    if (const std::size_t at = name.find("_trylock"); at != name.npos)
        return find(name.erase(at, 8));
    return nullptr;
}

/// "kctx::gfp<kctx::flag::GFP_KERNEL, kctx::flag::__GFP_ZERO>" -> "GFP_KERNEL | __GFP_ZERO";
/// nothing if it is no set.
std::string flags_in(const std::string &type)
{
    if (type.starts_with("kctx::flag::"))
        return last_part(type);
    const template_name set = read_name(type);
    const bool without = set.name == "kctx::gfp_without";
    if ((!without && set.name != "kctx::gfp") || (without && set.arguments.size() != 2))
        return "";
    std::string text;
    for (const std::string &flag : set.arguments) {
        const std::string one = flags_in(flag);
        text += (text.empty() ? "" : without ? " & ~" : " | ") + one;
    }
    return text.empty() ? "0" : text;
}

/// The row of a call: of one that takes flags, that of a typical set which waits if this one does.
const rules::call_row *row_of(const std::string &name, const std::string &flags)
{
    if (flags.empty())
        return rules::find_call(name);
    if (const rules::call_row *row = rules::find_call(name + "(" + flags + ")"))
        return row;
    std::string first = flags.substr(0, flags.find(' '));
    const bool keeps = flags.find("& ~__GFP_DIRECT_RECLAIM") == flags.npos &&
                       flags.find("& ~__GFP_RECLAIM") == flags.npos;
    const bool waits =
        flags.find("DIRECT_RECLAIM") != flags.npos || flags.find("__GFP_RECLAIM") != flags.npos;
    if (keeps) {
        if (const rules::call_row *row = rules::find_call(name + "(" + first + ")"))
            return row;
    }
    return rules::find_call(name + (keeps && waits ? "(GFP_KERNEL)" : "(GFP_ATOMIC)"));
}

class builder
{
    const options &options_;
    const fs::path library_;
    structure out_;
    source_text text_;
    std::map<std::string, int> index_; // of a function, by symbol
    std::set<int> called_;             // by another function of the driver

    // Of the module that is looked at:
    unsigned on_ = no_kernel;
    std::map<std::string_view, const ir_function *> defined_;

    /// Whether a function is the library's, or a system header's.
    bool is_library(const ir_function &f) const
    {
        const std::string path = fs::weakly_canonical(f.at.file).string();
        return path.starts_with(library_.string()) || path.starts_with("/usr/");
    }
    static bool is_thunk(const ir_function &f)
    {
        return f.scope.starts_with("kctx::detail::thunk<") && f.name == "run";
    }
    static std::optional<context> token_of(const ir_function &f)
    {
        for (const std::string &type : f.parameters) {
            if (auto in = read_context(type))
                return in;
        }
        return std::nullopt;
    }

    int own(const ir_function &f)
    {
        const auto [at, fresh] = index_.try_emplace(f.symbol, static_cast<int>(index_.size()));
        if (!fresh)
            return at->second;
        function own;
        own.symbol = f.symbol;
        own.name = f.name.substr(0, f.name.find('<'));
        if (f.name.starts_with("operator()"))
            own.name = "closure at line " + std::to_string(f.at.line);
        own.in = token_of(f);
        own.at = f.at;
        own.last_line = f.last_line;
        own.internal = f.internal;
        out_.functions.push_back(std::move(own));
        return at->second;
    }

    /// What is reached through functions of the library.
    struct reached {
        std::set<const ir_function *> own, thunks, entered;
    };
    void reach(const ir_function &from, reached &found, std::set<const ir_function *> &seen) const
    {
        if (!seen.insert(&from).second)
            return;
        for (const ir_use &use : from.uses) {
            const auto at = defined_.find(use.symbol);
            if (at == defined_.end())
                continue;
            const ir_function &f = *at->second;
            if (is_thunk(f))
                found.thunks.insert(&f);
            else if (!is_library(f))
                found.own.insert(&f);
            else if (f.scope.starts_with("kctx::section<") && f.name == "section")
                found.entered.insert(&f);
            else
                reach(f, found, seen);
        }
    }

    void add_call(int in, call_site site)
    {
        site.on = on_;
        for (call_site &known : out_.functions[static_cast<std::size_t>(in)].calls) {
            site.on = known.on;
            if (known == site) {
                known.on |= on_;
                return;
            }
        }
        site.on = on_;
        out_.functions[static_cast<std::size_t>(in)].calls.push_back(std::move(site));
    }

    /// A section that is entered, by the class of its guard or by its function.
    void enters(int in, const context &inner, std::string name, const place &at)
    {
        call_site site;
        site.is = kind::enters;
        site.at = at;
        context outer = inner;
        if (outer.held.empty())
            return;
        site.lock = outer.held.back().lock;
        site.name = name.empty() ? outer.held.back().enter : std::move(name);
        outer.held.pop_back();
        site.in = std::move(outer);
        site.row = rules::find_call(site.name);
        if (site.lock.empty())
            site.lock = written_lock(at, 1);
        add_call(in, std::move(site));
    }
    std::string written_lock(const place &at, std::size_t which)
    {
        const std::vector<std::string> args = text_.arguments(at);
        if (which >= args.size() || args[which].starts_with('['))
            return "";
        return args[which].substr(args[which].find_first_not_of('&') == std::string::npos
                                      ? 0
                                      : args[which].find_first_not_of('&'));
    }

    void guard(int in, const ir_function &f, const place &at)
    {
        const template_name of = read_name(f.scope);
        if (f.scope.starts_with("kctx::section<") && f.name == "section") {
            if (const auto inner = read_context(of.arguments.empty() ? "" : of.arguments[0]))
                enters(in, *inner, "", at);
        } else if (f.name.starts_with("try_section") && of.arguments.size() == 3) {
            std::string token = of.arguments[2]; // const SpinLocked<...> *
            while (token.ends_with('*') || token.ends_with(' '))
                token.pop_back();
            if (const auto inner = read_context(token))
                enters(in, *inner, last_part(of.arguments[0]), at);
        }
    }

    void library_call(int in, const ir_function &f, const place &at)
    {
        const template_name parts = read_name(f.name);
        call_site site;
        site.name = parts.name;
        site.at = at;
        site.in = f.parameters.empty() ? std::nullopt : read_context(f.parameters[0]);
        for (const std::string &argument : parts.arguments) {
            if (site.flags.empty())
                site.flags = flags_in(argument);
        }
        site.row = row_of(site.name, site.flags);
        if (!site.row || site.row->needs == wait_type::free)
            return;
        if (section_entered_by(site.name)) {
            site.is = kind::enters;
            site.flags.clear();
            site.lock = parts.arguments.size() > 1 && !parts.arguments[1].starts_with("kctx::")
                            ? last_part(parts.arguments[1])
                            : "";
            if (site.lock.empty() && f.parameters.size() > (site.in ? 1U : 0U))
                site.lock = written_lock(at, site.in ? 1 : 0);
        }
        add_call(in, std::move(site));
    }

    void register_thunk(const ir_function &thunk, const std::string &how, const place &at)
    {
        const template_name of = read_name(thunk.scope);
        if (of.arguments.size() < 3)
            return;
        for (const ir_use &use : thunk.uses) {
            const auto target = defined_.find(use.symbol);
            if (target == defined_.end() || is_library(*target->second))
                continue;
            entry e;
            e.function = own(*target->second);
            e.in = read_context(of.arguments[2]);
            e.how = how;
            e.registered = at;
            called_.insert(e.function);
            const bool known = std::ranges::any_of(out_.entries, [&e](const entry &k) {
                return k.function == e.function && k.in == e.in && k.registered == e.registered;
            });
            if (!known)
                out_.entries.push_back(std::move(e));
        }
    }

    void use(int in, const ir_function &from, const ir_use &u)
    {
        call_site site;
        site.at = u.at;
        if (u.symbol.empty()) {
            site.is = kind::pointer;
            site.name = "a function pointer";
            return add_call(in, std::move(site));
        }
        const auto at = defined_.find(u.symbol);
        if (at == defined_.end())
            return;
        const ir_function &f = *at->second;
        if (is_thunk(f)) {
            register_thunk(f, from.name.substr(0, from.name.find('<')), u.at);
        } else if (!is_library(f)) {
            if (&f == &from && !u.called)
                return;
            site.is = kind::function;
            site.callee = own(f);
            site.name = out_.functions[static_cast<std::size_t>(site.callee)].name;
            site.in = out_.functions[static_cast<std::size_t>(site.callee)].in;
            if (u.called)
                called_.insert(site.callee);
            add_call(in, std::move(site));
        } else {
            through_library(in, f, u.at);
        }
    }

    void through_library(int in, const ir_function &f, const place &at)
    {
        guard(in, f, at);
        if (f.scope == "kctx")
            library_call(in, f, at);
        reached found;
        std::set<const ir_function *> seen;
        reach(f, found, seen);
        if (f.name.starts_with("with<")) {
            for (const ir_function *section : found.entered)
                guard(in, *section, at);
        }
        for (const ir_function *thunk : found.thunks)
            register_thunk(*thunk, read_name(f.name).name + "()", at);
        for (const ir_function *callee : found.own) {
            call_site site;
            site.is = kind::function;
            site.at = at;
            site.callee = own(*callee);
            site.name = out_.functions[static_cast<std::size_t>(site.callee)].name;
            site.in = out_.functions[static_cast<std::size_t>(site.callee)].in;
            called_.insert(site.callee);
            add_call(in, std::move(site));
        }
    }

    /// Whether anything of a function is worth telling.
    bool matters(int i, std::vector<int> &known) const
    {
        int &state = known[static_cast<std::size_t>(i)];
        if (state >= 0)
            return state != 0;
        state = 0; // while it is looked at: recursion
        const function &f = out_.functions[static_cast<std::size_t>(i)];
        bool any = f.in.has_value();
        for (const call_site &c : f.calls)
            any = any || (c.is != kind::function && c.is != kind::pointer) ||
                  (c.callee >= 0 && matters(c.callee, known));
        known[static_cast<std::size_t>(i)] = any ? 1 : 0;
        return any;
    }

    void find_decrees()
    {
        for (const std::string &file : options_.files) {
            const std::vector<std::string> &lines = text_.lines(file);
            for (std::size_t i = 0; i < lines.size(); ++i) {
                const std::size_t at = lines[i].find("assume_context<");
                const std::size_t comment = lines[i].find("//");
                if (at == std::string::npos || comment < at)
                    continue;
                const place where{file, static_cast<int>(i) + 1, static_cast<int>(at) + 1};
                const std::vector<std::string> args = text_.arguments(where);
                const std::size_t open = at + 15;
                out_.decrees.push_back(
                    {lines[i].substr(open, lines[i].find_first_of(">(", open) - open) +
                         (args.empty() ? "" : ": " + args[0]),
                     where});
            }
        }
    }

public:
    explicit builder(const options &o)
        : options_(o), library_(fs::weakly_canonical(o.include) / "kctx")
    {}

    void add(const compiled &c, const std::vector<compiled> &all)
    {
        if (!c.code)
            return;
        on_ = c.on;
        defined_.clear();
        for (const ir_function &f : c.code->functions)
            defined_.emplace(f.symbol, &f);
        for (const compiled &other : all) {
            if (!other.code || other.on != c.on)
                continue;
            for (const ir_function &f : other.code->functions) {
                if (!f.internal)
                    defined_.emplace(f.symbol, &f);
            }
        }
        for (const ir_function &f : c.code->functions) {
            if (is_library(f))
                continue;
            const int in = own(f);
            for (const ir_use &u : f.uses)
                use(in, f, u);
        }
        for (const ir_variable &v : c.code->variables) {
            for (const std::string &symbol : v.symbols) {
                if (const auto at = defined_.find(symbol);
                    at != defined_.end() && is_thunk(*at->second))
                    register_thunk(*at->second, v.name, v.at);
            }
        }
    }

    structure finish()
    {
        std::vector<int> known(out_.functions.size(), -1);
        for (std::size_t i = 0; i < out_.functions.size(); ++i) {
            function &f = out_.functions[i];
            std::ranges::sort(f.calls, {}, [](const call_site &c) { return c.at; });
            std::erase_if(f.calls, [&](const call_site &c) {
                return c.is == kind::function && !matters(c.callee, known);
            });
            const bool uncalled = !called_.contains(static_cast<int>(i));
            const bool named = f.name.find("operator") == f.name.npos && !f.name.starts_with('~') &&
                               !f.name.starts_with('_') && !f.name.starts_with("closure");
            if (uncalled && named && (f.in || !f.internal))
                out_.entries.push_back({static_cast<int>(i), f.in, "", f.at});
        }
        std::ranges::sort(out_.entries, {}, [this](const entry &e) {
            return out_.functions[static_cast<std::size_t>(e.function)].at;
        });
        find_decrees();
        return std::move(out_);
    }
};

} // namespace

structure read_structure(const std::vector<compiled> &all, const options &o)
{
    builder b(o);
    for (const compiled &c : all)
        b.add(c, all);
    return b.finish();
}

} // namespace kctx::tools::review

// SPDX-License-Identifier: BSL-1.0
// From entry points and sections down the calls of a file: what the contract table says of each.
#include <kctx/rules/matrix.hpp>

#include "lint.hpp"
#include "overlay_kernel.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>

namespace kctx::tools::lint {
namespace {

using mask = call_site::mask;

/// A task of which nothing is known: what is refused here is refused by its sections alone.
constexpr const char *any_caller = "SyscallCtx";

/// Whether a word of a condition asks about the context that code runs in.
bool asks_for_context(const std::string &word)
{
    constexpr std::array<std::string_view, 14> functions = {"in_interrupt",
                                                            "in_irq",
                                                            "in_hardirq",
                                                            "in_softirq",
                                                            "in_atomic",
                                                            "in_task",
                                                            "in_nmi",
                                                            "in_serving_softirq",
                                                            "preemptible",
                                                            "irqs_disabled",
                                                            "gfpflags_allow_blocking",
                                                            "in_dbg_master",
                                                            "oops_in_progress",
                                                            "rcu_read_lock_held"};
    constexpr std::array<std::string_view, 6> parts = {"can_sleep", "may_sleep", "cansleep",
                                                       "atomic",    "nowait",    "in_irq"};
    return std::ranges::find(functions, word) != functions.end() ||
           std::ranges::any_of(parts, [word](auto part) { return word.find(part) != word.npos; });
}

/// Whether @p other is what @p call is where it must not sleep. A branch that makes the one and a
/// branch that makes the other are a question for the context, whatever their condition says.
bool does_not_sleep_like(std::string_view other, std::string_view call)
{
    constexpr std::array<std::string_view, 4> sleeps = {"msleep", "ssleep", "fsleep",
                                                        "usleep_range"};
    constexpr std::array<std::string_view, 3> spins = {"ndelay", "udelay", "mdelay"};
    if (std::ranges::find(sleeps, call) != sleeps.end())
        return std::ranges::find(spins, other) != spins.end();
    constexpr std::string_view may = "_cansleep";
    constexpr std::string_view must_not = "_atomic";
    return (call.ends_with(may) && call.substr(0, call.size() - may.size()) == other) ||
           (!call.empty() && other.ends_with(must_not) &&
            other.substr(0, other.size() - must_not.size()) == call);
}

/// A call of which its provider, in another file, decides whether it sleeps.
struct provided_call {
    std::string_view call;
    bool is_prefix = false;
    std::array<const char *, 2> sleeps_with{}; ///< what makes a provider that does
    const char *only_with = nullptr;           ///< what says that it may not
};
constexpr provided_call provided_calls[] = {
    // drivers/base/regmap/regmap.c, fast_io: by the bus
    {"regmap_", true, {"regmap_init_i2c", "regmap_init_spi"}},
    // drivers/reset/core.c hands it to the controller, of which most write a register
    {"reset_control_", true},
    // drivers/gpio/gpiolib.c hands it to the chip, and warns if that sleeps
    {"gpiod_direction_", true},
    {"gpiod_get_value"},
    {"gpiod_set_value"},
    // Documentation/power/runtime_pm.rst, sections 2 and 4: in atomic context, too, then
    {"pm_runtime_get", true, {}, "pm_runtime_irq_safe"},
    {"pm_runtime_put", true, {}, "pm_runtime_irq_safe"},
    {"pm_runtime_resume", true, {}, "pm_runtime_irq_safe"},
    {"pm_runtime_suspend", true, {}, "pm_runtime_irq_safe"},
};

/// What a mask as text says: of a parameter nothing.
mask mask_of(std::string_view text)
{
    constexpr std::array<std::string_view, 8> waiting = {"GFP_KERNEL",
                                                         "GFP_NOIO",
                                                         "GFP_NOFS",
                                                         "GFP_USER",
                                                         "GFP_HIGHUSER",
                                                         "GFP_KERNEL_ACCOUNT",
                                                         "__GFP_DIRECT_RECLAIM",
                                                         "__GFP_RECLAIM"};
    if (text.find_first_of("?~(") != text.npos)
        return mask::unknown;
    bool atomic = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('|'), text.size());
        const std::string_view word = text.substr(0, end);
        if (std::ranges::find(waiting, word) != waiting.end())
            return mask::waits;
        atomic = atomic || word == "GFP_ATOMIC" || word == "GFP_NOWAIT";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return atomic ? mask::atomic : mask::unknown;
}

std::optional<std::size_t> mask_argument(std::string_view call)
{
    for (const kernel::mask_position &m : kernel::masks) {
        if (call == m.name)
            return static_cast<std::size_t>(m.argument);
    }
    return std::nullopt;
}

/// A call site, and for an allocation whose mask this function chose for another the way there.
struct node_call {
    call_site site;
    std::vector<step> below;
    std::optional<std::size_t> parameter; ///< of the function, that is the mask
    bool undecided = false;
};
struct node {
    const function *of = nullptr;
    std::vector<node_call> calls;
};

class judgement
{
    const facts &facts_;
    const source &text_;
    const rule_choice &choice_;
    std::map<std::string, node, std::less<>> nodes_;
    std::map<std::string, rules::story> stories_;
    verdict out_;

    const rules::story &story(const std::string &name)
    {
        const auto known = stories_.find(name);
        return known != stories_.end()
                   ? known->second
                   : stories_.emplace(name, rules::read_story(name)).first->second;
    }

    bool undecided(const function &f, const call_site &site) const
    {
        for (const provided_call &p : provided_calls) {
            const bool named =
                p.is_prefix ? site.callee.starts_with(p.call) : site.callee == p.call;
            const bool known = std::ranges::any_of(p.sleeps_with, [this](const char *maker) {
                return maker && text_.mentions(maker);
            });
            if (named && !known && (!p.only_with || text_.mentions(p.only_with)))
                return true;
        }
        const conditions_of_call on = text_.conditions(f, site.line, site.column);
        const auto chosen_by = [&f](const std::string &word, bool alone) {
            const auto parameter =
                std::ranges::find(f.parameters, word, &function::parameter::name);
            return parameter != f.parameters.end() && (alone || parameter->chooses);
        };
        return std::ranges::any_of(on.left_by, asks_for_context) ||
               std::ranges::any_of(on.words, asks_for_context) ||
               std::ranges::any_of(on.words, [&](const auto &w) { return chosen_by(w, false); }) ||
               std::ranges::any_of(on.alone, [&](const auto &w) { return chosen_by(w, true); }) ||
               std::ranges::any_of(on.instead, [&site](const auto &other) {
                   return does_not_sleep_like(other, site.callee) ||
                          does_not_sleep_like(other, site.macro);
               });
    }

    /// Readers of a register by polling sleep between two tries only if they are told for how long.
    bool sleeps_for_nothing(const call_site &site) const
    {
        if (site.macro.find("poll_timeout") == site.macro.npos)
            return false;
        const std::vector<std::string> args = text_.arguments(site.macro, site.line, site.column);
        const std::size_t at =
            site.macro == "readx_poll_timeout" || site.macro.starts_with("regmap_") ? 4 : 3;
        return at < args.size() && args[at] == "0";
    }

    void build()
    {
        for (const function &f : facts_.functions) {
            node &n = nodes_[f.name];
            if (n.of)
                continue; // the same name in another branch of an #if
            n.of = &f;
            for (const call_site &site : f.calls) {
                if (site.macro == "might_sleep_if" || sleeps_for_nothing(site))
                    continue;
                node_call call{site, {}, {}, undecided(f, site)};
                call.site.macro = site.macro == site.callee ? "" : site.macro;
                resolve_mask(f, call);
                n.calls.push_back(std::move(call));
            }
        }
        // A mask that is a parameter is what the callers of this file pass.
        for (int round = 0; round < 4; ++round) {
            bool changed = false;
            for (auto &[name, caller] : nodes_)
                changed = pass_masks(caller) || changed;
            if (!changed)
                break;
        }
    }

    void resolve_mask(const function &f, node_call &call) const
    {
        const auto at = mask_argument(call.site.callee);
        if (call.site.flags != mask::unknown || !at || !call.site.macro.empty())
            return;
        const std::vector<std::string> args =
            text_.arguments(call.site.callee, call.site.line, call.site.column);
        if (*at < args.size())
            name_mask(f, args[*at], call);
    }
    static void name_mask(const function &f, const std::string &argument, node_call &call)
    {
        call.site.flags = mask_of(argument);
        const auto parameter =
            std::ranges::find(f.parameters, argument, &function::parameter::name);
        call.parameter.reset();
        if (parameter != f.parameters.end())
            call.parameter = static_cast<std::size_t>(parameter - f.parameters.begin());
    }

    bool pass_masks(node &caller)
    {
        std::vector<node_call> more;
        for (const node_call &edge : caller.calls) {
            if (!edge.site.in_file)
                continue;
            const auto callee = nodes_.find(edge.site.callee);
            if (callee == nodes_.end() || callee->second.of == caller.of)
                continue;
            for (const node_call &inner : callee->second.calls) {
                if (!inner.parameter || inner.site.flags != mask::unknown)
                    continue;
                const std::vector<std::string> args =
                    text_.arguments(edge.site.callee, edge.site.line, edge.site.column);
                if (*inner.parameter >= args.size())
                    continue;
                node_call passed = inner;
                passed.site.held.insert(edge.site.held.begin(), edge.site.held.end());
                passed.site.line = edge.site.line;
                passed.site.column = edge.site.column;
                passed.undecided = inner.undecided || edge.undecided;
                passed.below.insert(passed.below.begin(), {callee->first, inner.site.line});
                name_mask(*caller.of, args[*inner.parameter], passed);
                if (passed.site.flags != mask::unknown || passed.parameter)
                    more.push_back(std::move(passed));
            }
        }
        bool changed = false;
        for (node_call &passed : more) {
            const bool known = std::ranges::any_of(caller.calls, [&passed](const node_call &c) {
                return c.site.line == passed.site.line && c.site.callee == passed.site.callee &&
                       c.below.size() == passed.below.size() &&
                       std::ranges::equal(c.below, passed.below, {}, &step::line, &step::line);
            });
            if (!known) {
                caller.calls.push_back(std::move(passed));
                changed = true;
            }
        }
        return changed;
    }

    static bool in_table(const std::string &call)
    {
        return rules::find_call(call) || rules::find_call(call + "(GFP_KERNEL)");
    }

    static const rules::call_row *row_of(const call_site &site)
    {
        switch (site.flags) {
        case mask::waits:
            return rules::find_call(site.callee + "(GFP_KERNEL)");
        case mask::atomic:
        case mask::unknown: // what not even GFP_ATOMIC may, no mask may
            return rules::find_call(site.callee + "(GFP_ATOMIC)");
        default:
            return rules::find_call(site.callee);
        }
    }

    /// The sections of the table that a set of capabilities amounts to.
    static std::string sections(const std::set<std::string> &held)
    {
        std::string text;
        for (const kernel::holding &h : kernel::holdings) {
            if (h.base || !held.contains(h.name))
                continue;
            const char *section = h.section;
            for (const kernel::holding &more : kernel::holdings) {
                if (more.base && std::string_view(more.base) == h.name &&
                    held.contains(more.name)) {
                    section = more.section;
                    break; // irqs off before bottom halves off
                }
            }
            text += std::string(" + ") + section;
        }
        return text;
    }

    /// One way of the kernel into the file: an entry point, or a section of any caller.
    struct root {
        const entry *from = nullptr;
        std::string context;
    };
    struct visit {
        const node *in;
        std::set<std::string> held;
        std::vector<step> chain; ///< the calls that led here
    };

    void walk(const root &r, const node &start)
    {
        std::deque<visit> open{{&start, {}, {}}};
        std::set<std::string> seen;
        while (!open.empty()) {
            const visit v = std::move(open.front());
            open.pop_front();
            std::string key = v.in->of->name;
            for (const std::string &h : v.held)
                key += " " + h;
            if (!seen.insert(std::move(key)).second || v.chain.size() > 12)
                continue;
            const bool atomic = story(r.context + sections(v.held)).off.allows < wait_type::sleep;
            if (atomic) {
                for (const std::string &name : v.in->of->unknown) {
                    if (!in_table(name))
                        out_.unknown.insert(name);
                }
                out_.through_pointers += v.in->of->through_pointers;
            }
            for (const node_call &call : v.in->calls) {
                std::set<std::string> held = call.site.held;
                for (const std::string &h : v.held) {
                    const auto given = v.in->of->gives_back.find(h);
                    if (given == v.in->of->gives_back.end() || call.site.line < given->second)
                        held.insert(h);
                }
                const bool any = !r.from && sections(held).empty();
                if (any)
                    continue;
                std::vector<step> chain = v.chain;
                chain.push_back({v.in->of->name, call.site.line});
                if (!call.site.in_file)
                    pass(r, call, r.context + sections(held), std::move(chain));
                else if (call.undecided)
                    ++out_.undecided;
                else if (const auto next = nodes_.find(call.site.callee); next != nodes_.end())
                    open.push_back({&next->second, std::move(held), std::move(chain)});
            }
        }
    }

    void pass(const root &r, const node_call &call, const std::string &context,
              std::vector<step> chain)
    {
        const rules::call_row *row = row_of(call.site);
        if (!row)
            return;
        const rules::story &in = story(context);
        const rules::story &plain = story(any_caller);
        const auto refused = [&](bool rt) {
            return !row->legal(rt ? in.rt : in.off, rt) &&
                   (choice_.state_rules || row->legal(rt ? plain.rt : plain.off, rt));
        };
        const bool off = refused(false);
        const bool rt = refused(true);
        if (!off && !rt)
            return;
        if (call.undecided) {
            ++out_.undecided;
            return;
        }
        report found;
        found.slug = row->broken_in(off ? in.off : in.rt, !off);
        found.context = context;
        if (r.from) {
            found.how = r.from->how;
            found.how_line = r.from->line;
        }
        chain.insert(chain.end(), call.below.begin(), call.below.end());
        found.chain = std::move(chain);
        found.call = row->name;
        if (call.site.flags == mask::unknown)
            found.call = call.site.callee;
        found.through = !call.site.via.empty() ? call.site.via.front() : call.site.macro;
        found.line = call.below.empty() ? call.site.line : call.below.back().line;
        found.column = call.site.column;
        found.off = off;
        found.rt = rt;
        found.why = row->refused.why;
        found.fix = row->refused.fix;
        found.source = row->text->source;
        keep(std::move(found));
    }

    /// Of what one call of one function leads to, the nearest and gravest is told.
    void keep(report &&found)
    {
        for (report &known : out_.reports) {
            const bool same_end = known.line == found.line && known.column == found.column &&
                                  known.call == found.call &&
                                  known.chain.back().function == found.chain.back().function;
            const bool same_begin = known.chain.front().function == found.chain.front().function &&
                                    known.chain.front().line == found.chain.front().line;
            if (!same_end && !same_begin)
                continue;
            if (std::pair(!found.off, found.chain.size()) <
                std::pair(!known.off, known.chain.size()))
                known = std::move(found);
            return;
        }
        out_.reports.push_back(std::move(found));
    }

public:
    judgement(const facts &known, const source &text, const rule_choice &choice)
        : facts_(known), text_(text), choice_(choice)
    {}

    verdict pass_on_all()
    {
        build();
        for (const entry &e : text_.entries()) {
            if (const auto start = nodes_.find(e.function); start != nodes_.end())
                walk({&e, e.context}, start->second);
        }
        for (const auto &[name, start] : nodes_)
            walk({nullptr, any_caller}, start);
        std::ranges::sort(out_.reports, {}, [](const report &r) {
            return std::tuple(r.chain.front().line, r.line, r.column);
        });
        return std::move(out_);
    }
};

} // namespace

verdict judge(const facts &known, const source &text, const rule_choice &choice)
{
    return judgement(known, text, choice).pass_on_all();
}

} // namespace kctx::tools::lint

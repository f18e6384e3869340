// SPDX-License-Identifier: BSL-1.0
// Compares the verdicts of kctx with what running kernels did, cell by cell.
#include "classes.hpp"

#include <cstdio>
#include <cstring>
#include <map>
#include <regex>
#include <set>

namespace truth {
namespace {

constexpr const char *usage =
    "usage: truth --mapping FILE [--rt FILE]... [--preempt FILE]... [--wait-context FILE]\n"
    "             [--simulated FILE]... [--some] [--show]\n"
    "  --mapping       what the names stand for\n"
    "  --rt, --preempt cells measured on a kernel with and without PREEMPT_RT\n"
    "  --simulated     what the simulated machine says of the cells of the table before it\n"
    "  --wait-context  what the kernel's self-test expects of lock nesting\n"
    "  --some          these are not all cells: a class may cover none of them\n"
    "  --show          print every difference, tab-separated";

// The bars.
constexpr double most_undecided = 3;   // percent of the cells
constexpr double most_other_words = 1; // percent of the complaints that both make
constexpr double most_unchecked = 1;   // percent of the cells that the kernel passed
static_assert(std::size(stricter_classes) + std::size(undecided_classes) <= 12);

const char *name_of(rules::config on)
{
    return on == rules::config::off ? "off" : on == rules::config::on ? "rt" : "portable";
}
double percent(unsigned part, unsigned of) { return of == 0 ? 0 : 100.0 * part / of; }

/// The first line of a complaint without what is of this kernel and this run: lines of files,
/// tasks, numbers of classes, and the functions of the measuring driver.
std::string words_of(const cell &c)
{
    static const std::pair<std::regex, const char *> changes[] = {
        {std::regex("#\\w+"), ""},
        {std::regex("[\\w/.-]+\\.(c|h|inc):\\d+( [a-z]\\w*$)?"), "FILE"},
        {std::regex("\\bkf_\\w+:0( kf_\\w+)?"), "FILE"},
        {std::regex("set at \\[.*?\\] \\S+"), "set"},
        {std::regex(" at (kf|cf|c|_)_?\\w+$"), ""},
        {std::regex("(trying to lock \\S+) at \\w+"), "$1"},
        {std::regex("(code: |atomic: |section: )\\S+?(/0x\\w+)?$"), "$1TASK$2"},
        {std::regex("WARNING: at FILE.*"), "WARNING: at FILE"},
    };
    std::string words = c.first_line;
    for (const auto &[what, to] : changes)
        words = std::regex_replace(words, what, to);
    return words;
}

class comparison
{
    mapping &map_;
    bool show_;
    std::set<std::string> unknown_;
    unsigned expectations_ = 0;
    unsigned cells_ = 0;
    unsigned passed_ = 0; ///< that the kernel passed
    unsigned agreed_ = 0;
    unsigned looser_ = 0;
    unsigned uncovered_ = 0;
    const char *who_ = "kctx"; ///< is compared with the kernel of the cells
    const char *kernel_ = "the kernel";
    unsigned stricter_[std::size(stricter_classes)] = {};
    unsigned undecided_[std::size(undecided_classes)] = {};
    unsigned complaints_ = 0; ///< of both, and of these:
    unsigned same_words_ = 0, other_history_ = 0, other_lock_ = 0, other_words_ = 0;

    /// Whether process context, when it took the lock before, kept out the interrupt that takes it
    /// now: what a lock says of itself by used_in<>.
    static bool keeps_out(const measured_call &call, const rules::story &in, rules::config on)
    {
        if (!call.before)
            return true;
        const rules::story held = rules::tell(rules::tell(rules::entry_rows()[0]), *call.before);
        return (on == rules::config::on || !kctx::detail::may_come(in.off, held.off, false)) &&
               (on == rules::config::off || !kctx::detail::may_come(in.rt, held.rt, true));
    }

    template <class Class, std::size_t N>
    static const char *cover(const Class (&classes)[N], unsigned (&count)[N], const difference &d)
    {
        for (std::size_t i = 0; i < N; ++i) {
            if (classes[i].covers(d)) {
                ++count[i];
                return classes[i].name;
            }
        }
        return nullptr;
    }
    /// The table of a kind of classes; returns how many cells they cover.
    template <class Class, std::size_t N>
    unsigned table(const Class (&classes)[N], const unsigned (&count)[N], bool some)
    {
        unsigned all = 0;
        for (std::size_t i = 0; i < N; ++i) {
            std::printf("  %5u  %-22s %s\n", count[i], classes[i].name, classes[i].source);
            all += count[i];
            if (count[i] == 0 && !some)
                fail("class %s covers no cell", classes[i].name);
        }
        return all;
    }
    template <class... A> void fail(const char *format, A... arguments)
    {
        std::printf("FAILED: ");
        std::printf(format, arguments...);
        std::printf("\n");
        failed = true;
    }

    /// What the cell is about; false if a name says nothing.
    bool read(const cell &c, const measured_call *&call, rules::story &in)
    {
        ++cells_;
        passed_ += c.passed;
        try {
            call = &map_.call(c.call);
            in = map_.context(c.context);
        } catch (const std::invalid_argument &e) {
            if (unknown_.insert(e.what()).second)
                fail("%s: %s", c.where.c_str(), e.what());
            return false;
        }
        if (!c.entering) {
            for (const rules::section_row *section : call->sections)
                in = rules::tell(std::move(in), *section);
        }
        return true;
    }
    static rules::config kernel_of(const cell &c)
    {
        // A lock nesting that only PREEMPT_RT would not bear is nothing that this kernel refuses,
        // unless the call went on to sleep.
        const bool nesting = !c.rt && c.kind == "wait-context" && (c.entering || !c.sleeps());
        return c.rt ? rules::config::on : nesting ? rules::config::portable : rules::config::off;
    }
    void differs(const difference &d)
    {
        const cell &c = d.of;
        const bool may_be_undecided =
            c.kind == "lock-usage" || c.kind == "rcu" || c.kind == "warn" || c.kind == "crash";
        const char *name = d.stricter() ? cover(stricter_classes, stricter_, d)
                           : may_be_undecided && !c.sleeps()
                               ? cover(undecided_classes, undecided_, d)
                               : nullptr;
        if (!name) {
            ++uncovered_;
            looser_ += !d.stricter();
            fail("%s: %s is %s: %s in %s (%s) for %s; %s: %s", c.where.c_str(), who_,
                 d.stricter() ? "stricter" : "looser", c.call.c_str(), c.context.c_str(),
                 d.in.text.c_str(), name_of(d.on), kernel_, c.passed ? "ok" : c.first_line.c_str());
        }
        if (show_)
            std::printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.where.c_str(), name_of(d.on),
                        d.stricter() ? "stricter" : "looser", name ? name : "-", c.context.c_str(),
                        c.call.c_str(), c.kind.c_str(), c.first_line.c_str());
    }
    /// Whether both say the same first; what else is said first depends on how locks were used
    /// before, or on which of several locks a path comes to first.
    void compare_words(const cell &c, const cell &simulated)
    {
        ++complaints_;
        if (words_of(c) == words_of(simulated)) {
            ++same_words_;
            return;
        }
        const bool history = c.kind == "lock-usage" || simulated.kind == "lock-usage";
        const bool other_lock = c.kind == "wait-context" && simulated.kind == "wait-context";
        (history ? other_history_ : other_lock ? other_lock_ : other_words_) += 1;
        if (show_)
            std::printf("%s\twords\t%s\t%s\t%s\t%s\t%s\n", c.where.c_str(),
                        history      ? "lock-history"
                        : other_lock ? "other-lock"
                                     : "-",
                        c.context.c_str(), c.call.c_str(), c.first_line.c_str(),
                        simulated.first_line.c_str());
    }

public:
    bool failed = false;

    comparison(mapping &map, bool show, const char *who = "kctx", const char *kernel = "the kernel")
        : map_(map), show_(show), who_(who), kernel_(kernel)
    {}

    void compare(const cell &c)
    {
        const measured_call *call = nullptr;
        rules::story in;
        if (!read(c, call, in))
            return;
        const auto legal = [&](rules::config on) {
            return in.may_be(on) &&
                   (c.entering || !call->call ||
                    (rules::legal(*call->call, in, on) && keeps_out(*call, in, on)));
        };
        const rules::config on = kernel_of(c);
        if (legal(on) == c.passed)
            ++agreed_;
        else
            differs({c, c.entering ? nullptr : call->call, in, on});
    }

    /// What the simulated machine does in place of the kernel of cell @p c.
    void compare(const cell &c, const cell &simulated)
    {
        const measured_call *call = nullptr;
        rules::story in;
        if (!read(c, call, in))
            return;
        if (simulated.passed == c.passed) {
            ++agreed_;
            if (!c.passed)
                compare_words(c, simulated);
        } else {
            differs({c, c.entering ? nullptr : call->call, in, kernel_of(c)});
        }
    }

    /// The kernel's own expectations of its check of lock nesting, which no class excuses: whether
    /// it is silent on any kernel, and whether PREEMPT_RT nests the two.
    void compare(const expectation &e)
    {
        try {
            const measured_call &call = map_.call(e.lock);
            const rules::story &in = map_.context(e.context);
            ++expectations_;
            if (rules::legal(*call.call, in, rules::config::portable) != e.silent)
                fail("%s: %s in %s: the kernel expects %s", e.where.c_str(), e.lock.c_str(),
                     e.context.c_str(), e.silent ? "silence" : "a report");
            if (rules::legal(*call.call, in, rules::config::on) != e.nests_on_rt)
                fail("%s: %s in %s: PREEMPT_RT %s", e.where.c_str(), e.lock.c_str(),
                     e.context.c_str(), e.nests_on_rt ? "nests them" : "does not nest them");
        } catch (const std::invalid_argument &error) {
            fail("%s: %s", e.where.c_str(), error.what());
        }
    }

    /// The figure of the simulated machine, on one line.
    void report_agreement()
    {
        unsigned stricter = 0, undecided = 0;
        for (unsigned n : stricter_)
            stricter += n;
        for (unsigned n : undecided_)
            undecided += n;
        std::printf("%s and %s: %u cells: %u agreed (%.2f %%), %u stricter by class, %u undecided, "
                    "%u looser, %u not covered\n",
                    who_, kernel_, cells_, agreed_, percent(agreed_, cells_), stricter, undecided,
                    looser_, uncovered_);
        if (complaints_ != 0)
            std::printf("  first lines of %u complaints: %u the same (%.2f %%), %u other by "
                        "lock-history, %u of another lock, %u other\n",
                        complaints_, same_words_, percent(same_words_, complaints_), other_history_,
                        other_lock_, other_words_);
        if (percent(other_words_, complaints_) > most_other_words)
            fail("that is more than %.1f %% other first lines", most_other_words);
    }

    /// Prints what came out; the last line is the figure.
    void report(bool some)
    {
        std::printf("%u expectations of the kernel's self-test compared\n"
                    "%u cells compared, %u agreed (%.2f %%)\n",
                    expectations_, cells_, agreed_, percent(agreed_, cells_));
        std::printf("kctx is stricter, because a kernel reports only what it reaches:\n");
        const unsigned stricter = table(stricter_classes, stricter_, some);
        std::printf("neither context nor call decides:\n");
        const unsigned undecided = table(undecided_classes, undecided_, some);
        unsigned unchecked = 0;
        for (std::size_t i = 0; i < std::size(stricter_classes); ++i)
            unchecked += stricter_classes[i].why == reason::unchecked ? stricter_[i] : 0;
        std::printf(
            "stricter outside the path classes: %u, %.2f %% of the %u cells that the kernel "
            "passed\nundecided: %.2f %% of the cells\n",
            unchecked, percent(unchecked, passed_), passed_, percent(undecided, cells_));
        if (percent(unchecked, passed_) > most_unchecked)
            fail("that is more than %.0f %% stricter outside the path classes", most_unchecked);
        if (percent(undecided, cells_) > most_undecided)
            fail("that is more than %.0f %% undecided", most_undecided);
        if (!some)
            std::printf("lines of the mapping that no cell needs: %zu\n", map_.unused());
        std::printf("truth: %u cells: %u agreed, %u stricter by class, %u undecided, %u looser, %u "
                    "not covered\n",
                    cells_, agreed_, stricter, undecided, looser_, uncovered_);
    }
};

int run(int argc, char **argv)
{
    std::string mapping_file;
    struct table {
        std::string path;
        bool rt;
        std::string simulated{};
    };
    std::vector<table> tables;
    std::vector<std::string> selftests;
    bool some = false;
    bool show = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--some")
            some = true;
        else if (option == "--show")
            show = true;
        else if (i + 1 == argc)
            throw unusable(usage);
        else if (option == "--mapping")
            mapping_file = argv[++i];
        else if (option == "--wait-context")
            selftests.emplace_back(argv[++i]);
        else if (option == "--rt" || option == "--preempt")
            tables.push_back({argv[++i], option == "--rt"});
        else if (option == "--simulated" && !tables.empty())
            tables.back().simulated = argv[++i];
        else
            throw unusable(usage);
    }
    if (mapping_file.empty() || tables.empty())
        throw unusable(usage);

    mapping map(mapping_file);
    comparison comparing(map, show);
    comparison machine(map, show, "the simulated machine", "the kernel");
    comparison machine_and_types(map, show, "kctx", "the simulated machine");
    bool any_simulated = false;
    for (const table &t : tables) {
        const std::vector<cell> cells = read_cells(t.path, t.rt);
        for (const cell &c : cells)
            comparing.compare(c);
        if (t.simulated.empty())
            continue;
        any_simulated = true;
        std::map<std::pair<std::string, std::string>, cell> simulated;
        for (cell &c : read_cells(t.simulated, t.rt)) {
            machine_and_types.compare(c);
            const std::pair key(c.context, c.call);
            simulated.insert_or_assign(key, std::move(c));
        }
        for (const cell &c : cells) {
            const auto found = simulated.find({c.context, c.call});
            if (found == simulated.end())
                throw unusable(c.where + ": " + t.simulated + " has no such cell");
            machine.compare(c, found->second);
        }
    }
    for (const std::string &path : selftests) {
        for (const expectation &e : read_expectations(path))
            comparing.compare(e);
    }
    comparing.report(some);
    if (any_simulated) {
        machine.report_agreement();
        machine_and_types.report_agreement();
    }
    return comparing.failed || machine.failed || machine_and_types.failed ? 1 : 0;
}

} // namespace
} // namespace truth

int main(int argc, char **argv)
{
    try {
        return truth::run(argc, argv);
    } catch (const truth::unusable &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
}

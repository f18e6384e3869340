// SPDX-License-Identifier: BSL-1.0
// Compares the verdicts of kctx with what running kernels did, cell by cell.
#include "classes.hpp"

#include <cstdio>
#include <cstring>
#include <set>

namespace truth {
namespace {

constexpr const char *usage =
    "usage: truth --mapping FILE [--rt FILE]... [--preempt FILE]... [--wait-context FILE]\n"
    "             [--some] [--show]\n"
    "  --mapping       what the names stand for\n"
    "  --rt, --preempt cells measured on a kernel with and without PREEMPT_RT\n"
    "  --wait-context  what the kernel's self-test expects of lock nesting\n"
    "  --some          these are not all cells: a class may cover none of them\n"
    "  --show          print every difference, tab-separated";

// The bars.
constexpr double most_undecided = 3; // percent of the cells
constexpr double most_unchecked = 1; // percent of the cells that the kernel passed
static_assert(std::size(stricter_classes) + std::size(undecided_classes) <= 12);

const char *name_of(rules::config on)
{
    return on == rules::config::off ? "off" : on == rules::config::on ? "rt" : "portable";
}
double percent(unsigned part, unsigned of) { return of == 0 ? 0 : 100.0 * part / of; }

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
    unsigned stricter_[std::size(stricter_classes)] = {};
    unsigned undecided_[std::size(undecided_classes)] = {};

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

public:
    bool failed = false;

    comparison(mapping &map, bool show) : map_(map), show_(show) {}

    void compare(const cell &c)
    {
        ++cells_;
        passed_ += c.passed;
        const measured_call *call = nullptr;
        rules::story in;
        try {
            call = &map_.call(c.call);
            in = map_.context(c.context);
        } catch (const std::invalid_argument &e) {
            if (unknown_.insert(e.what()).second)
                fail("%s: %s", c.where.c_str(), e.what());
            return;
        }
        if (!c.entering) {
            for (const rules::section_row *section : call->sections)
                in = rules::tell(std::move(in), *section);
        }
        const auto legal = [&](rules::config on) {
            return in.may_be(on) &&
                   (c.entering || !call->call ||
                    (rules::legal(*call->call, in, on) && keeps_out(*call, in, on)));
        };
        // A lock nesting that only PREEMPT_RT would not bear is nothing that this kernel refuses,
        // unless the call went on to sleep.
        const bool nesting = !c.rt && c.kind == "wait-context" && (c.entering || !c.sleeps());
        const rules::config on = c.rt      ? rules::config::on
                                 : nesting ? rules::config::portable
                                           : rules::config::off;
        if (legal(on) == c.passed) {
            ++agreed_;
            return;
        }
        const difference d{c, c.entering ? nullptr : call->call, in, on};
        const bool may_be_undecided =
            c.kind == "lock-usage" || c.kind == "rcu" || c.kind == "warn" || c.kind == "crash";
        const char *name = d.stricter() ? cover(stricter_classes, stricter_, d)
                           : may_be_undecided && !c.sleeps()
                               ? cover(undecided_classes, undecided_, d)
                               : nullptr;
        if (!name) {
            ++uncovered_;
            looser_ += !d.stricter();
            fail("%s: kctx is %s: %s in %s (%s) for %s; the kernel: %s", c.where.c_str(),
                 d.stricter() ? "stricter" : "looser", c.call.c_str(), c.context.c_str(),
                 in.text.c_str(), name_of(on), c.passed ? "ok" : c.first_line.c_str());
        }
        if (show_)
            std::printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.where.c_str(), name_of(on),
                        d.stricter() ? "stricter" : "looser", name ? name : "-", c.context.c_str(),
                        c.call.c_str(), c.kind.c_str(), c.first_line.c_str());
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
    std::vector<std::pair<std::string, bool>> tables;
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
            tables.emplace_back(argv[++i], option == "--rt");
        else
            throw unusable(usage);
    }
    if (mapping_file.empty() || tables.empty())
        throw unusable(usage);

    mapping map(mapping_file);
    comparison comparing(map, show);
    for (const auto &[path, rt] : tables) {
        for (const cell &c : read_cells(path, rt))
            comparing.compare(c);
    }
    for (const std::string &path : selftests) {
        for (const expectation &e : read_expectations(path))
            comparing.compare(e);
    }
    comparing.report(some);
    return comparing.failed ? 1 : 0;
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

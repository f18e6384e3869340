// SPDX-License-Identifier: BSL-1.0
// A cell on a machine of its own: the call once in process context, so that lockdep knows its
// locks; what prepares it; the context, and the call in it; what cleans up.
#include "cell.hpp"
#include "subject.hpp"

#include "../truth/names.hpp"

#include <kctx/sim/paths.hpp>

#include <optional>

namespace agreement {
namespace {

enum class stage { before, enter, call, leave, after };

const char *name_of(stage s)
{
    constexpr const char *names[] = {"before", "enter", "call", "leave", "after"};
    return names[static_cast<int>(s)];
}

/// The kind of a complaint by its first line.
const char *kind_of(const std::string &line)
{
    const auto begins = [&](const char *with) { return line.starts_with(with); };
    const auto has = [&](const char *part) { return line.find(part) != line.npos; };
    if (begins("BUG: sleeping function called"))
        return "sleep-in-atomic";
    if (begins("BUG: scheduling"))
        return "sched-while-atomic";
    if (begins("[ BUG: Invalid wait context"))
        return "wait-context";
    if (begins("WARNING: suspicious RCU") || begins("Voluntary context switch"))
        return "rcu";
    if (begins("BUG: using "))
        return "smp-id";
    if (begins("kernel BUG") || begins("BUG: unable") || begins("BUG: kernel NULL"))
        return "crash";
    if (has("lock") || begins("DEBUG_LOCKS_WARN_ON"))
        return begins("WARNING: at") ? "warn" : "lock-usage";
    return "warn";
}

/// Reads the log as it is printed, and keeps the complaints.
class complaints
{
    std::string message_; ///< of a WARN() whose line is still to come
    bool cut_here_ = false;
    std::string *waits_for_lock_ = nullptr;
    std::string *waits_for_where_ = nullptr;

public:
    struct one {
        std::string line;
        stage at;
    };
    std::deque<one> all;
    stage now = stage::before;

    void read(std::string_view line)
    {
        if (line.starts_with("------------[ cut here")) {
            cut_here_ = true;
            message_.clear();
            return;
        }
        if (waits_for_lock_ && line.find(" (") != line.npos) {
            // "ffff888007b00040 (t_spinlock#call){....}-{3:3}, at: kf+0x12/0x30"
            const std::size_t begin = line.find(" (") + 2;
            *waits_for_lock_ +=
                " trying to lock " + std::string(line.substr(begin, line.find("){") - begin));
            waits_for_lock_ = nullptr;
            return;
        }
        if (waits_for_where_ && (line.ends_with("usage!") || line.find("Illegal") != line.npos)) {
            *waits_for_where_ += ": " + std::string(line);
            waits_for_where_ = nullptr;
            return;
        }
        if (line.starts_with("WARNING: CPU: ")) {
            // "WARNING: CPU: 1 PID: 7 at kernel/softirq.c:332 __local_bh_disable_ip+0x1/0x2"
            const std::size_t at = line.find(" at ");
            const std::size_t plus = line.find('+', at);
            const std::string where(line.substr(at + 1, plus - at - 1));
            if (message_.starts_with("DEBUG_LOCKS_WARN_ON"))
                add(message_);
            else
                add((message_.empty() ? "" : message_ + " ") + "WARNING: " + where);
            cut_here_ = false;
            return;
        }
        if (cut_here_) {
            message_ = line;
            if (line.starts_with("kernel BUG at")) {
                add(message_);
                cut_here_ = false;
            }
            return;
        }
        if (line.starts_with("[ BUG: Invalid wait context")) {
            add(std::string(line));
            waits_for_lock_ = &all.back().line;
        } else if (line.starts_with("WARNING: suspicious RCU")) {
            add(std::string(line));
            waits_for_where_ = &all.back().line;
        } else if (line.starts_with("BUG: ") || line.starts_with("WARNING: ") ||
                   line.starts_with("kernel BUG at") || line.starts_with("DEBUG_LOCKS_WARN_ON")) {
            add(std::string(line));
        }
    }

private:
    void add(std::string line)
    {
        while (!line.empty() && line.back() == ' ')
            line.pop_back();
        all.push_back({std::move(line), now});
    }
};

/// What the flags of a measured name are: "kmalloc_16K_GFP_ATOMIC" is kmalloc_16K(GFP_ATOMIC).
struct named_flags {
    const char *name;
    unsigned bits;
};
constexpr unsigned wait_bit = kctx::detail::gfp_wait_bit;
template <class F> constexpr unsigned bits = kctx::detail::gfp_bits<F>;
constexpr named_flags flag_names[] = {
    {"GFP_KERNEL_no_direct_reclaim", bits<flag::GFP_KERNEL> & ~wait_bit},
    {"GFP_KERNEL_NOFAIL", bits<flag::GFP_KERNEL> | bits<flag::__GFP_NOFAIL>},
    {"GFP_ATOMIC_NOFAIL", bits<flag::GFP_ATOMIC> | bits<flag::__GFP_NOFAIL>},
    {"GFP_KERNEL_ACCOUNT", bits<flag::GFP_KERNEL_ACCOUNT>},
    {"direct_reclaim_only", wait_bit},
    {"GFP_zero_flags", 0},
    {"GFP_KERNEL", bits<flag::GFP_KERNEL>},
    {"GFP_ATOMIC", bits<flag::GFP_ATOMIC>},
    {"GFP_NOWAIT", bits<flag::GFP_NOWAIT>},
    {"GFP_NOIO", bits<flag::GFP_NOIO>},
    {"GFP_NOFS", bits<flag::GFP_NOFS>},
    {"GFP_USER", bits<flag::GFP_USER>},
};

/// A call by its name: how process context took its lock before, and its flags.
struct resolved_call {
    const measured_call *call = nullptr;
    const measured_call *before = nullptr;
    gfp_t flags{};
};
std::optional<resolved_call> resolve_call(std::string name)
{
    resolved_call found;
    if (const std::size_t at = name.find("__proc_"); at != name.npos) {
        // "read_lock__proc_write_irqsave": the forms of the lock, "plain" is none.
        std::string how = name.substr(at + 7);
        name.resize(at);
        std::string lock = name.substr(0, name.find("lock") + 4);
        for (const char *rw : {"read", "write"}) {
            if (how.starts_with(std::string(rw) + "_")) {
                lock = std::string(rw) + "_lock";
                how = how.substr(std::string(rw).size() + 1);
            }
        }
        if (const std::size_t trying = lock.find("try"); trying != lock.npos)
            lock.erase(trying, 3);
        if (lock == "spin_lock" || lock.ends_with("_lock"))
            found.before = find_call(how == "plain" ? lock : lock + "_" + how);
        if (!found.before)
            return std::nullopt;
    }
    found.call = find_call(name);
    for (const named_flags &f : flag_names) {
        if (found.call)
            break;
        const std::size_t at = name.find(std::string("_") + f.name);
        if (at == name.npos)
            continue;
        std::string base = name;
        base.erase(at, std::string(f.name).size() + 1);
        found.call = find_call(base);
        found.flags = {f.bits};
    }
    return found.call ? std::optional(found) : std::nullopt;
}

} // namespace

struct simulator::names {
    truth::name_patterns patterns;
    std::map<std::string, std::vector<const measured_context *>> contexts;

    explicit names(const std::string &file) : patterns(file) {}

    /// A context as an entry and the sections in it, outermost first.
    const std::vector<const measured_context *> &context(const std::string &name)
    {
        const auto known = contexts.find(name);
        if (known != contexts.end())
            return known->second;
        std::vector<const measured_context *> found;
        add(found, name, 0);
        return contexts[name] = found;
    }

private:
    void add(std::vector<const measured_context *> &found, const std::string &text, int depth)
    {
        for (const std::string &part : truth::split_at(text, " + ")) {
            if (const measured_context *c = find_context(part)) {
                found.push_back(c);
                continue;
            }
            std::string name = part;
            if (depth == 16 || !patterns.replace("context", name) || name == part)
                throw std::invalid_argument("the simulated machine has no context \"" + part +
                                            "\"");
            add(found, name, depth + 1);
        }
    }
};

simulator::simulator(const std::string &mapping_file) : names_(new names(mapping_file)) {}
simulator::~simulator() { delete names_; }

simulated_cell simulator::run(bool rt, const std::string &context, const std::string &call,
                              bool slow_paths)
{
    const auto &steps = names_->context(context);
    std::string call_name = call;
    std::optional<resolved_call> what = resolve_call(call_name);
    for (int i = 0; !what && i < 16; ++i) {
        if (!names_->patterns.replace("call", call_name))
            break;
        what = resolve_call(call_name);
    }
    if (!what)
        throw std::invalid_argument("the simulated machine has no call \"" + call + "\"");

    sim::machine_config config;
    config.version = KCTX_VERSION(6, 12, 117);
    config.release = "6.12.117";
    config.preempt = rt ? sim::preemption::rt : sim::preemption::full;
    config.cpus = 2;
    config.hz = 250;
    config.debug_atomic_sleep = config.debug_preempt = true;
    config.prove_locking = config.prove_raw_lock_nesting = true;
    config.panic_on_oops = true;
    config.modules = false;
    config.hung_task_timeout = 0;
    config.boot_ns = 10'000'000'000;
    sim::machine m(config);

    complaints seen;
    m.log.set_sink([&seen](std::string_view line) { seen.read(line); });
    bool finished = false;
    const std::string caller = "kf_" + call, entered_in = "cf_" + context;
    std::string note;
    const auto task = [&] {
        m.current().has_mm = true;
        auto *const s = new subject(m); // not destroyed: another task may still wait in it
        s->flags = what->flags;
        const measured_call &c = *what->call;
        auto &paths = m.part<sim::kernel_paths>();
        // A lock's use before is the cell's own; what else the call takes has its past.
        if (c.trained && !what->before) {
            c.prepare(*s);
            c.make(*s);
            c.clean(*s);
            paths = sim::kernel_paths(m);
            s->renew_locks();
        }
        if (what->before)
            what->before->make(*s);
        c.prepare(*s);
        if (slow_paths)
            paths.set_all(true);
        const auto make = [&] {
            const sim::frame in(caller.c_str());
            seen.now = stage::call;
            const unsigned count = m.preempt_count();
            const bool off = m.irqs_disabled();
            c.make(*s);
            if (m.irqs_disabled() != off)
                note = sim::text("#NOTE the call left irqs_disabled=%d (was %d)", m.irqs_disabled(),
                                 off);
            else if (m.preempt_count() != count)
                note = sim::text("#NOTE the call left preempt_count=%x (was %x)", m.preempt_count(),
                                 count);
            seen.now = stage::leave;
        };
        const sim::frame in(entered_in.c_str());
        seen.now = stage::enter;
        std::function<void()> run = make;
        for (std::size_t i = steps.size(); i-- > 0;) {
            run = [inner = std::move(run), step = steps[i], s] { step->run(*s, inner); };
        }
        run();
        seen.now = stage::after;
        finished = true;
    };
    m.spawn({.comm = "ctxm_case", .pid = 40, .cpu = 1}, task);
    m.run();

    simulated_cell cell;
    cell.slow_path = slow_paths;
    bool first = true;
    for (const complaints::one &c : seen.all) {
        if (c.at == stage::before || c.at == stage::after)
            continue;
        if (first) {
            cell.first_line = c.line;
            cell.kind = kind_of(c.line);
            cell.stage = name_of(c.at);
            cell.verdict = "complains";
            first = false;
        } else {
            cell.then += (cell.then.empty() ? "" : " ;; ") + c.line;
        }
    }
    if (!note.empty())
        cell.then = note + (cell.then.empty() ? "" : " ;; ") + cell.then;
    if (!finished && seen.now != stage::after) {
        cell.verdict = "hangs/crashes";
        if (cell.kind.empty()) {
            cell.kind = "crash";
            cell.stage = name_of(seen.now);
            cell.first_line = "no output";
        }
    }
    return cell;
}

} // namespace agreement

// SPDX-License-Identifier: BSL-1.0
// What the kernel expects of lockdep's wait-context check (lib/locking-selftest.c): which lock may
// be taken in which context, and where PREEMPT_RT can nest them.
#include "contexts.hpp"

#include "../kernel/facts.hpp"

using namespace kctx;

namespace {

struct context_of {
    const char *name;
    context_state (*at)(bool rt);
};
constexpr context_of contexts[] = {
    {"HARDIRQ (threadable handler)", IrqCtx::at},
    {"NOT_THREADED_HARDIRQ", HardIrqCtx::at},
    {"SOFTIRQ", SoftirqCtx::at},
    {"RCU (rcu_read_lock)", RcuReader<ProcessCtx>::at},
    {"RCU_BH (rcu_read_lock_bh)", RcuReaderBh<ProcessCtx>::at},
    {"RCU_SCHED (rcu_read_lock_sched)", RcuReaderSched<ProcessCtx>::at},
    {"RAW_SPIN held", RawSpinLocked<raw_spinlock_t, ProcessCtx>::at},
    {"SPIN held", SpinLocked<spinlock_t, ProcessCtx>::at},
    {"MUTEX held", MutexLocked<mutex, ProcessCtx>::at},
};

struct call_of {
    const char *name;
    wait_type needs;
    bool (*legal)(const context_state &s, bool rt);
};
constexpr call_of calls[] = {
    {"RCU", call::rcu_read_lock::needs, call::rcu_read_lock::legal},
    {"RAW_SPIN", call::raw_spin_lock::needs, call::raw_spin_lock::legal},
    {"SPIN", call::spin_lock::needs, call::spin_lock::legal},
    {"MUTEX", call::mutex_lock::needs, call::mutex_lock::legal},
};

template <class T, std::size_t N> const T &named(const T (&table)[N], const std::string &name)
{
    for (const T &entry : table) {
        if (name == entry.name)
            return entry;
    }
    REQUIRE_MESSAGE(false, "the test does not know " << name);
    return table[0];
}

} // namespace

TEST_CASE("the kernel's own expectations")
{
    int compared = 0;
    for (const facts::row &row : facts::read("wait_context_selftest.tsv")) {
        const context_of &outer = named(contexts, row.at("outer_context"));
        const call_of &inner = named(calls, row.at("inner_lock"));
        CAPTURE(outer.name);
        CAPTURE(inner.name);
        // The check runs on any kernel with PROVE_RAW_LOCK_NESTING and looks for what PREEMPT_RT
        // would not bear.
        CHECK(bears(outer.at(false).allows, inner.needs, true) ==
              (row.at("expected") == "SUCCESS"));
        CHECK(inner.legal(outer.at(true), true) == (row.at("nestable_on_RT") != "no"));
        ++compared;
    }
    CHECK(compared == 36);
}

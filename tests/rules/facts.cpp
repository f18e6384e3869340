// SPDX-License-Identifier: BSL-1.0
// The contracts against what was read of each function in Linux 6.12: tests/data/facts,
// api_sleepness.tsv. Its contexts are those without PREEMPT_RT; of a function whose flags decide
// they are the widest, with flags that do not wait. Every function is declared, or not_in_table.tsv
// says why not.
#include <kctx/rules/matrix.hpp>

#include "../kernel/facts.hpp"

#include <set>

using namespace kctx::rules;

namespace {

/// The facts' words for contexts.
const std::map<std::string, std::vector<const char *>> places_of = {
    {"process", {"ProcessCtx", "SyscallCtx"}}, // the second for user memory
    {"process-nonpreemptible", {"ProcessCtx + preempt_disable"}},
    {"softirq", {"SoftirqCtx"}},
    {"hardirq", {"HardIrqCtx"}},
    {"nmi", {"NmiCtx"}}};

bool legal_in_one(const call_row &call, const std::vector<const char *> &places)
{
    for (const char *place : places) {
        if (legal(call, read_story(place), config::off))
            return true;
    }
    return false;
}

/// Where a contract says otherwise: the contexts that differ, and why the contract is right.
struct difference {
    std::set<std::string> contexts;
    const char *reason;
};
const std::map<std::string, difference> differences = {
    {"complete_all",
     {{"hardirq"}, "measured: lockdep warns where PREEMPT_RT would not thread, on every kernel"}},
    {"raw_spin_lock", {{"nmi"}, "the NMI may have interrupted who holds it"}},
    {"spin_trylock", {{"nmi"}, "waits for nobody; a kernel with PREEMPT_RT is another matter"}},
    {"mutex_trylock",
     {{"process-nonpreemptible", "softirq", "hardirq", "nmi"},
      "measured: silent everywhere without PREEMPT_RT"}},
    {"down_read_trylock",
     {{"process-nonpreemptible", "softirq", "hardirq", "nmi"}, "measured: silent everywhere"}},
    {"local_irq_disable", {{"hardirq", "nmi"}, "measured: local_irq_enable() warns in a hard irq"}},
    {"migrate_disable", {{"nmi"}, "changes a count, and changes it back"}},
    {"timer_shutdown", {{"hardirq"}, "its row is that of timer_shutdown_sync(), which waits"}},
    {"timer_setup", {{"nmi"}, "fills in memory of the caller"}},
    {"get_device", {{"nmi"}, "counts a reference in one access"}},
    {"netif_stop_queue", {{"nmi"}, "sets a bit in one access"}},
    {"xa_load", {{"nmi"}, "reads as an RCU reader, which an NMI may be"}},
    {"kmap_local_page", {{"nmi"}, "computes an address where there is no highmem"}},
    {"kvmalloc",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "with flags that do not wait it is kmalloc() alone, measured to be legal where that is"}},
    {"kvfree",
     {{"process-nonpreemptible"},
      "its kernel-doc asks for a preemptible task or an interrupt: vfree() sleeps in other tasks"}},
    {"prepare_to_wait", {{"process-nonpreemptible"}, "takes a spinlock_t and sleeps later"}},
    {"finish_wait", {{"process-nonpreemptible"}, "takes a spinlock_t and sleeps no more"}},
    {"set_current_state", {{"process-nonpreemptible"}, "writes a word of the task"}},
    {"smp_call_function_single",
     {{"process-nonpreemptible"}, "measured: warns in interrupts and with interrupts off only"}},
    {"on_each_cpu",
     {{"process-nonpreemptible"}, "measured: warns in interrupts and with interrupts off only"}},
    {"put_device",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "the last reference calls the release function, which may sleep"}},
    {"kobject_put",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "the last reference calls the release function, which may sleep"}},
    {"request_firmware_nowait",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "allocates with the flags given and queues a work item"}},
    {"regmap_read",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "a map has a mutex unless it says fast_io"}},
    {"regmap_write",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "a map has a mutex unless it says fast_io"}},
    {"regmap_update_bits",
     {{"process-nonpreemptible", "softirq", "hardirq"},
      "a map has a mutex unless it says fast_io"}},
    {"pci_read_config_dword", {{"nmi"}, "pci_lock may be held by what the NMI interrupted"}},
    {"napi_alloc_skb",
     {{"process", "process-nonpreemptible", "hardirq"},
      "is for softirqs, unlike netdev_alloc_skb()"}},
    {"kfree_skb", {{"process-nonpreemptible"}, "only interrupts must be on"}},
    {"consume_skb", {{"process-nonpreemptible"}, "only interrupts must be on"}},
    {"dev_queue_xmit", {{"process-nonpreemptible"}, "only interrupts must be on"}},
    {"netif_tx_disable", {{"process-nonpreemptible", "softirq"}, "only interrupts must be on"}},
};

} // namespace

TEST_CASE("every contract agrees with the facts, or has its reason not to")
{
    std::map<std::string, std::string> excused;
    std::ifstream in(KCTX_NOT_IN_TABLE);
    std::string line;
    REQUIRE(std::getline(in, line));
    while (std::getline(in, line)) {
        const auto cells = facts::split(line, '\t');
        REQUIRE_MESSAGE(cells.size() == 2, line);
        CHECK_MESSAGE(!cells[1].empty(), "no reason for " << cells[0]);
        CHECK_MESSAGE(excused.emplace(cells[0], cells[1]).second, "twice: " << cells[0]);
    }

    std::set<std::string> seen;
    for (const facts::row &row : facts::read("api_sleepness.tsv")) {
        const std::string &name = row.at("function");
        CAPTURE(name);
        CHECK(seen.insert(name).second);
        const call_row *call = find_call(name);
        if (!call)
            call = find_call(name + "(GFP_ATOMIC)");
        CHECK_MESSAGE((call != nullptr) != excused.contains(name),
                      (call ? "is declared, and excused as well" : "is not declared"));
        if (!call)
            continue;
        const auto listed = facts::split(row.at("contexts"), ',');
        const std::set<std::string> allowed(listed.begin(), listed.end());
        std::set<std::string> differ;
        for (const auto &[context, places] : places_of) {
            if (legal_in_one(*call, places) != allowed.contains(context))
                differ.insert(context);
        }
        const auto reason = differences.find(name);
        const auto expected =
            reason == differences.end() ? std::set<std::string>{} : reason->second.contexts;
        std::string text;
        for (const std::string &context : differ)
            text += context + " ";
        CAPTURE(text);
        CHECK(differ == expected);
    }
    for (const auto &difference : differences)
        CHECK_MESSAGE(seen.contains(difference.first), difference.first);
    for (const auto &excuse : excused)
        CHECK_MESSAGE(seen.contains(excuse.first), excuse.first);
}

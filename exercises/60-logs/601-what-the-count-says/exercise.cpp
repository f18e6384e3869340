// SPDX-License-Identifier: BSL-1.0
// Three lines from the documents. What does each count say? Mind that schedule()'s own level is in
// it where the kernel counts preemption.
#include <kctx/kctx.hpp>

struct reading {
    bool in_hard_irq;
    unsigned softirq;         // the field of softirqs: serving one, or bottom halves disabled
    unsigned preemption;      // levels, schedule()'s own included
    bool at_a_preemption_point; // PREEMPT_ACTIVE
};

// [[solve]]
// BUG: scheduling while atomic: swapper/0/0x40010100      Linux 2.6.33, ARM, no CONFIG_PREEMPT
constexpr reading swapper = {true, 1, 0, true};
// BUG: scheduling while atomic: events/0/4/0x00010004     Linux 2.6.32, ARM
constexpr reading events = {true, 0, 4, false};
// BUG: scheduling while atomic: insmod/826/0x00000002     Linux 2.6.32, PowerPC
constexpr reading insmod = {false, 0, 2, false};
// [[stub]]
// BUG: scheduling while atomic: swapper/0/0x40010100      Linux 2.6.33, ARM, no CONFIG_PREEMPT
constexpr reading swapper = {false, 0, 0, false}; // TODO 1
// BUG: scheduling while atomic: events/0/4/0x00010004     Linux 2.6.32, ARM
constexpr reading events = {false, 0, 0, false}; // TODO 2
// BUG: scheduling while atomic: insmod/826/0x00000002     Linux 2.6.32, PowerPC
constexpr reading insmod = {false, 0, 0, false}; // TODO 3
// [[wrong swapper-is-guilty]]
constexpr reading swapper = {false, 1, 0, true};
constexpr reading events = {true, 0, 4, false};
constexpr reading insmod = {false, 0, 2, false};
// [[wrong insmod-in-irq]]
constexpr reading swapper = {true, 1, 0, true};
constexpr reading events = {true, 0, 4, false};
constexpr reading insmod = {true, 0, 1, false};
// [[end]]

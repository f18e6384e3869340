// SPDX-License-Identifier: BSL-1.0
// What the reproductions share. A document's sources are written for its kernel, whose version the
// program says before it includes this: so is what is behind their calls, and is defined here. The
// machine itself is the same for all (engine.cpp).
#pragma once

// What is instrumented are the driver's functions alone; of g++ the build asks that.
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_instrument_function)), apply_to = function)
#endif
#include <iostream>
#include <kctx/api/kernel.hpp>
#include <kctx/kctx.hpp>
#include <kctx/sim/instrument.hpp>
#include <kctx/sim/irq.hpp>
#include <kctx/sim/messages.hpp>
#include <kctx/sim/timers.hpp>
#include <kctx/sim/wait.hpp>
#include <kctx/sim/workqueue.hpp>

using kctx::IrqCtx;
using kctx::ProcessCtx;
using kctx::SoftirqCtx;
using kctx::sim::machine;
using kctx::sim::machine_config;
using kctx::sim::name_function;
using kctx::sim::preemption;

/// Where a function of the document's kernel is, as its log tells.
struct told_symbol {
    const char *name;
    kctx::sim::symbol symbol;
};

/// The document's machine, whose log goes to standard output.
struct document_machine : machine {
    template <std::size_t Count>
    document_machine(const machine_config &what, const told_symbol (&symbols_told)[Count])
        : machine(what)
    {
        for (const auto &[name, symbol] : symbols_told)
            symbols.add(name, symbol);
        log.set_sink([](std::string_view line) { std::cout << line << '\n'; });
    }
};
#ifdef __clang__
#pragma clang attribute pop
#endif

// SPDX-License-Identifier: BSL-1.0
/// @file
/// The environment behind the calls, for programs in userspace: real memory, real locks, real
/// threads. One file of the program includes this header; driver code includes <kctx/kctx.hpp>,
/// tests of drivers <kctx/host/control.hpp> as well. What is not defined here, and what calls it
/// anyway, the linker names: the calls of buses and of device classes, whose other side is a
/// device. A program that plays the device defines them itself: `int
/// kctx::env::i2c_transfer(i2c_adapter *, i2c_msg *, int) noexcept { … }`.
#pragma once

#include <kctx/kctx.hpp>

#include <kctx/host/delay.hpp>
#include <kctx/host/devices.hpp>
#include <kctx/host/dma.hpp>
#include <kctx/host/irq.hpp>
#include <kctx/host/memory.hpp>
#include <kctx/host/mempool.hpp>
#include <kctx/host/module.hpp>
#include <kctx/host/mutex.hpp>
#include <kctx/host/percpu.hpp>
#include <kctx/host/rcu.hpp>
#include <kctx/host/run.hpp>
#include <kctx/host/rwsem.hpp>
#include <kctx/host/sections.hpp>
#include <kctx/host/semaphore.hpp>
#include <kctx/host/seqlock.hpp>
#include <kctx/host/spinlock.hpp>
#include <kctx/host/timers.hpp>
#include <kctx/host/uaccess.hpp>
#include <kctx/host/vmap.hpp>
#include <kctx/host/wait.hpp>
#include <kctx/host/work.hpp>

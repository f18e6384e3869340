// SPDX-License-Identifier: BSL-1.0
/// @file
/// What driver code includes. The functions behind the calls are only declared here: one file of
/// the program includes <kctx/host.hpp>, which defines them.
#pragma once

#include <kctx/api/delay.hpp>
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/irq_work.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/lock/spinlock.hpp>

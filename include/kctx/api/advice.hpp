// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the errors of many calls advise.
#pragma once

#define KCTX_DO_LATER "do it in a work item or threaded irq"
#define KCTX_DO_AT_PROBE "do it in process context, at probe or remove time"
#define KCTX_DO_OUTSIDE_RAW "do it before or after the raw section"
#define KCTX_DO_IN_IRQ_WORK "irq_work_queue() it, and do it in the irq_work"
#define KCTX_GIVE_BACK "give it back where it was taken"

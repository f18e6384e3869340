// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sound cards.
/// @par Kernel source
/// include/sound/pcm.h, sound/core/pcm_lib.c, include/sound/control.h, sound/core/control.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

struct snd_pcm_substream; ///< a stream of samples; the environment's
struct snd_card;          ///< a card
struct snd_ctl_elem_id;   ///< a knob of it

/// The hardware has played or recorded a period.
KCTX_CALL(locks, void, snd_pcm_period_elapsed, (snd_pcm_substream * stream), (stream),
          "takes the lock of the stream", KCTX_DO_OUTSIDE_RAW,
          "sound/core/pcm_lib.c snd_pcm_period_elapsed()")
/// Tells user space of a change.
KCTX_CALL(locks, void, snd_ctl_notify, (snd_card * card, unsigned int mask, snd_ctl_elem_id *id),
          (card, mask, id), "takes the lock of the control files", KCTX_DO_OUTSIDE_RAW,
          "sound/core/control.c snd_ctl_notify()")

} // namespace kctx

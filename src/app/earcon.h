/* earcon.h: the short sound of each kind of news, by which it is told apart without a word. */
#pragma once

#include "app/announcement.h"

G_BEGIN_DECLS

#define BIPE_EARCON_RATE 22050

/* Samples: 16 bits, signed, of this machine's order, one channel, BIPE_EARCON_RATE. */
GBytes *bipe_earcon_create (BipeNewsKind kind) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

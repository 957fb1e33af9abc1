/* synthesizer.h: espeak-ng: a text becomes samples. The library is one for the whole process, so
 * this is a set of functions and no object. One thread. */
#pragma once

#include <glib.h>

#include "speech/utterance.h"

G_BEGIN_DECLS

/* @samples come as they are made; @per_cent: of the text. FALSE: no more are wanted. */
typedef gboolean (*BipeSynthesizerFunc) (const gint16 *samples,
                                         gsize n_samples,
                                         guint per_cent,
                                         gpointer user_data);

/* Loads the voices' data; once. FALSE with BIPE_ERROR_UNAVAILABLE. */
gboolean bipe_synthesizer_start (GError **error);

/* FALSE with BIPE_ERROR_INVALID (no such language or voice) or BIPE_ERROR_UNAVAILABLE. Also TRUE
 * where @func wanted no more. */
gboolean bipe_synthesizer_say (const BipeUtterance *utterance,
                               BipeSynthesizerFunc func,
                               gpointer user_data,
                               GError **error);

G_END_DECLS

/* encoder.h: samples to MP3 with its title, by GStreamer, as a stream: a long text is never in
 * memory as a whole. One thread calls; the bytes come from GStreamer's. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BipeEncoder BipeEncoder;

/* On GStreamer's thread. */
typedef void (*BipeEncoderFunc) (const guint8 *bytes, gsize length, gpointer user_data);

/* NULL with BIPE_ERROR_UNAVAILABLE: an element is missing. */
BipeEncoder *bipe_encoder_new (const char *title,
                               BipeEncoderFunc func,
                               gpointer user_data,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After it no byte comes. */
void bipe_encoder_free (BipeEncoder *self);

/* Waits while too much is on its way. FALSE: it has failed, and finish says why. */
gboolean bipe_encoder_push (BipeEncoder *self, const gint16 *samples, gsize n_samples);

/* Waits until the last byte has come. */
gboolean bipe_encoder_finish (BipeEncoder *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeEncoder, bipe_encoder_free)

G_END_DECLS

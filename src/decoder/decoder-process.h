/* decoder-process.h: one process of the program bipe-decoder, its memory and its socket: the
 * mechanism alone; what is asked of it, and for how long it may think, is its lane's matter. Its
 * sources are in the context that it is made with. */
#pragma once

#include <gio/gio.h>

#include "decoder/protocol.h"

G_BEGIN_DECLS

typedef struct _BipeDecoderProcess BipeDecoderProcess;

/* @message: our own copy, for as long as the call lasts; NULL: the process has died, or said more
 * than it may. @self may be freed in it. */
typedef void (*BipeDecoderProcessFunc) (const guint8 *message, gsize size, gpointer user_data);

/* Returns: (nullable): NULL with BIPE_ERROR_UNAVAILABLE where it can't be started */
BipeDecoderProcess *bipe_decoder_process_new (GMainContext *context,
                                              BipeDecoderProcessFunc func,
                                              gpointer user_data,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends it, whatever it does. */
void bipe_decoder_process_free (BipeDecoderProcess *self);

/* The memory that both share, BIPE_PROTOCOL_MEMORY bytes. */
guint8 *bipe_decoder_process_get_memory (BipeDecoderProcess *self);

/* FALSE: it does not listen, so it has died or is about to. */
gboolean bipe_decoder_process_send (BipeDecoderProcess *self,
                                    const guint8 request[BIPE_PROTOCOL_REQUEST_SIZE]);

/* For a log or a test. */
int bipe_decoder_process_get_number (BipeDecoderProcess *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeDecoderProcess, bipe_decoder_process_free)

G_END_DECLS

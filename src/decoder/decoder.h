/* decoder.h: finds the codes in pictures, in a process of its own: a picture comes from outside,
 * and a decoder that dies of one must not take the station with it. */
#pragma once

#include <gio/gio.h>

#include "decoder/protocol.h"

G_BEGIN_DECLS

#define BIPE_TYPE_DECODER (bipe_decoder_get_type ())
G_DECLARE_FINAL_TYPE (BipeDecoder, bipe_decoder, BIPE, DECODER, GObject)

/* The bounds of a file. */
#define BIPE_DECODER_FILE_MAX (8 * 1024 * 1024)
#define BIPE_DECODER_PIXELS_MAX (40 * 1000 * 1000)

/* How long a look may take; then the process is ended. */
#define BIPE_DECODER_SECONDS 2
#define BIPE_DECODER_FILE_SECONDS 20

/* Files that may wait while one is looked at. */
#define BIPE_DECODER_FILES_MAX 16

/* A process that nobody has asked anything for so long is ended. */
#define BIPE_DECODER_IDLE_SECONDS 30

/**
 * bipe_decoder_new:
 *
 * The process (bipe-decoder, beside this program or where it is installed) starts with the first
 * request and ends with this object. One that has died is replaced at the next request; where they
 * keep dying there is a pause. Files have a process of their own, since a frame can't wait for
 * them. Everything happens in the context that is the thread's default now.
 */
BipeDecoder *bipe_decoder_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* A frame is under way: another one would be refused. */
gboolean bipe_decoder_is_busy (BipeDecoder *self);

/* How many of its processes have died, or were ended because they hung or spoke nonsense. */
guint bipe_decoder_get_n_deaths (BipeDecoder *self);

/**
 * bipe_decoder_look_async:
 * @picture: copied at once; at most BIPE_PROTOCOL_MEMORY pixels
 * @looks: at least one
 * @guide: where #BIPE_LOOK_GUIDE looks
 * @cancellable: ends the process, too, if it is at work: there is no other way
 *
 * Only while it is not busy. Finish: BIPE_ERROR_UNAVAILABLE where the process has died or can't be
 * started; the next frame finds another one. BIPE_ERROR_INVALID: such a picture can't be looked at.
 */
void bipe_decoder_look_async (BipeDecoder *self,
                              const BipePicture *picture,
                              BipeLooks looks,
                              const BipeArea *guide,
                              BipeSymbologies symbologies,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
BipeSight *bipe_decoder_look_finish (BipeDecoder *self,
                                     GAsyncResult *result,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_decoder_read_async:
 * @file: a PNG or a JPEG
 *
 * Looks in every way until something is found, and then for more beside it. Where all of the
 * default is wanted UPC-E is, too: its weak check is no matter where the look can be so thorough.
 * Requests wait for one another, up to a bound. Finish: BIPE_ERROR_INVALID where it is no such
 * file, or damaged, or over one of the two bounds; BIPE_ERROR_UNAVAILABLE, also where too many
 * wait.
 */
void bipe_decoder_read_async (BipeDecoder *self,
                              GBytes *file,
                              BipeSymbologies symbologies,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
BipeSight *bipe_decoder_read_finish (BipeDecoder *self,
                                     GAsyncResult *result,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* recording.h: an MP3 as it is kept: its bytes, mapped and not copied, so that many who fetch it
 * share them. A file that is kept is replaced and never changed, so the bytes stay what they were.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What bipe-voice makes: all of it speaks one rate, so a recording's length is its size. */
#define BIPE_RECORDING_BITS_A_SECOND 64000

/* Half an hour and more. */
#define BIPE_RECORDING_BYTES_MAX (16 * 1024 * 1024)

typedef struct
{
  GBytes *bytes;
  char *tag; /* its entity tag, with the quotes */
} BipeRecording;

/* Reads all of it from the disk. NULL with BIPE_ERROR_NOT_FOUND, or BIPE_ERROR_FAILED. */
BipeRecording *bipe_recording_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bipe_recording_free (BipeRecording *self);

double bipe_recording_get_seconds (BipeRecording *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeRecording, bipe_recording_free)

G_END_DECLS

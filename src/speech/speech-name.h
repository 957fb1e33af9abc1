/* speech-name.h: the names that speech can be kept by: 1 to 100 letters, digits, spaces and "-_."
 * of any script, no dot first. No such name is a path, and none becomes one: in a folder it is
 * known by its key. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIPE_SPEECH_NAME_MAX 100

/* BIPE_ERROR_INVALID says the rule. */
gboolean bipe_speech_name_check (const char *name, GError **error);

/* 64 hexadecimal digits; the same for é in one character and in two. */
char *bipe_speech_name_to_key (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* The Content-Disposition of a file that is to be kept as @name.mp3 (RFC 6266). */
char *bipe_speech_name_to_disposition (const char *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

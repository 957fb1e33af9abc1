/* error.h: the one error domain. Foreign codes (SQLite, libpq, GIO, jansson) are translated where
 * they enter, with the cause in the message; the server turns these into statuses in one place. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BipeError:
 * @BIPE_ERROR_FAILED: a fault nobody planned for
 * @BIPE_ERROR_INVALID: a value given from outside breaks its rules; the message says which and why
 * @BIPE_ERROR_NOT_FOUND: there is no such thing
 * @BIPE_ERROR_CONFLICT: it contradicts what is already there, or the state it is in
 * @BIPE_ERROR_FULL: a scan can't be kept: the queue is at its bound, or the disk is full
 * @BIPE_ERROR_UNAVAILABLE: the store can't be reached now; worth another try
 * @BIPE_ERROR_REJECTED: the store refuses this row for its content; another try is useless
 * @BIPE_ERROR_SETTING: a setting has a value that can't be used
 * @BIPE_ERROR_DATABASE_URL: the setting database-url has such a value
 * @BIPE_ERROR_IN_USE: the port is taken
 * @BIPE_ERROR_LOCKED: the data folder belongs to another process
 * @BIPE_ERROR_NOT_WRITABLE: the data folder can't be written
 * @BIPE_ERROR_UNREADABLE: the journal's file can't be opened
 */
typedef enum
{
  BIPE_ERROR_FAILED,
  BIPE_ERROR_INVALID,
  BIPE_ERROR_NOT_FOUND,
  BIPE_ERROR_CONFLICT,
  BIPE_ERROR_FULL,
  BIPE_ERROR_UNAVAILABLE,
  BIPE_ERROR_REJECTED,
  BIPE_ERROR_SETTING,
  BIPE_ERROR_DATABASE_URL,
  BIPE_ERROR_IN_USE,
  BIPE_ERROR_LOCKED,
  BIPE_ERROR_NOT_WRITABLE,
  BIPE_ERROR_UNREADABLE,
} BipeError;

#define BIPE_ERROR (bipe_error_quark ())
GQuark bipe_error_quark (void);

/* @message in the user's language. Messages are in English, since logs and answers to programs have
 * them, too; where one serves both, it is made of parts with ": " between them, and each part that
 * is marked for translation (N_) is translated by itself: "there is no such symbology: QQ". */
char *bipe_error_translate (const char *message) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

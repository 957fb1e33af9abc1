/* draft.h: a scan as a client gives it, by HTTP or Socket.IO. */
#pragma once

#include "base/scan.h"

G_BEGIN_DECLS

/* A code may be given as an integer up to 2^53: @object then gets it as text. */
gboolean bipe_draft_read_code (json_t *object, GError **error);

/* @value: an object with `code` and what else a client may give; the rest of it does not count.
 * @user: (nullable): whom the client's token was given to: the operator where it names none;
 * without a token nobody is known, whatever name is given. Returns (nullable): the draft, or NULL
 * with BIPE_ERROR_INVALID. */
BipeScan *
bipe_draft_from_json (json_t *value, const char *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @text: JSON, an object as above, or the code alone: a string or a number. */
BipeScan *bipe_draft_from_argument (const char *text,
                                    const char *user,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What was refused with nobody to hear of it, as a row that is set aside: the code where it can be
 * read, else @text itself, as far as a code may be long. */
BipeScan *bipe_draft_new_refused (const char *text, const char *reason) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* scopes.h: what somebody may do here: flags in a number, words on the wire. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIPE_SCOPE_NONE = 0,
  BIPE_SCOPE_SCAN = 1 << 0,
  BIPE_SCOPE_READ = 1 << 1,
  BIPE_SCOPE_COLLECT = 1 << 2,
  BIPE_SCOPE_SPEECH = 1 << 3,
  BIPE_SCOPE_VOID = 1 << 4,
  BIPE_SCOPE_ADMIN = 1 << 5,
} BipeScope;

#define BIPE_SCOPES_ALL                                                                            \
  (BIPE_SCOPE_SCAN | BIPE_SCOPE_READ | BIPE_SCOPE_COLLECT | BIPE_SCOPE_SPEECH | BIPE_SCOPE_VOID    \
   | BIPE_SCOPE_ADMIN)

/* The word for one scope. */
const char *bipe_scope_name (BipeScope scope);

/* The scope that goes by @name; BIPE_SCOPE_NONE: none does. */
BipeScope bipe_scope_find (const char *name);

/* "scan,read", with or without blanks, each as often as one likes. Returns the flags, or 0 with
 * BIPE_ERROR_INVALID: a word is unknown, or there is none at all. */
guint bipe_scopes_parse (const char *text, GError **error);

/* "scan,read"; empty for none. */
char *bipe_scopes_format (guint scopes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

/* query.h: which of the store's rows are wanted: a keyset page of the history. */
#pragma once

#include "base/scan.h"
#include "base/types.h"

G_BEGIN_DECLS

#define BIPE_QUERY_LIMIT_MAX 1000

/**
 * BipeQuery:
 * @limit: rows at most, 1 to %BIPE_QUERY_LIMIT_MAX
 * @is_descending: by id, the newest first
 * @after: rows with a greater id than this; 0: from the start
 * @before: rows with a smaller id than this; 0: to the end
 * @text: (nullable): part of the code, letter case ignored (beyond ASCII, in PostgreSQL, as its
 * locale has it)
 * @since: scanned at or after this; 0: no bound
 * @until: scanned before this; 0: no bound
 * @symbology: (nullable): exactly this one
 * @station: (nullable): exactly this one
 * @source: exactly this one; −1: any
 * @state: stored or voided; −1: both
 *
 * Filters are joined by "and".
 */
struct _BipeQuery
{
  guint limit;
  gboolean is_descending;
  gint64 after;
  gint64 before;
  char *text;
  gint64 since;
  gint64 until;
  char *symbology;
  char *station;
  int source;
  int state;
};

/* One that asks for everything, 100 rows a page, oldest first. */
BipeQuery *bipe_query_new (void) G_GNUC_WARN_UNUSED_RESULT;
BipeQuery *bipe_query_copy (const BipeQuery *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_query_free (BipeQuery *self);

/* Whether @code (nullable) has @text in it, letter case ignored; both are valid UTF-8. */
gboolean bipe_query_contains (const char *code, const char *text);

/* Whether the scan is one that the filters want; the page's bounds (ids, limit) do not count. */
gboolean bipe_query_matches (const BipeQuery *self, const BipeScan *scan);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeQuery, bipe_query_free)

G_END_DECLS

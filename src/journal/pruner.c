#include "config.h"

#include "journal/pruner.h"

#define DAY (24 * G_TIME_SPAN_HOUR)

/* A client's key is remembered this long. */
#define KEY_DAYS 30

/* Rows of each table that one step looks at. */
#define STEP 1000

struct _BipePruner
{
  BipeDatabase *database;
  BipeJournalLimits limits;

  sqlite3_stmt *look;
  sqlite3_stmt *forget[4];
  sqlite3_stmt *raise_gone;
};

static const char look_sql[]
    = "SELECT max(seq), min(accepted_at) FROM (SELECT seq, accepted_at FROM scan "
      "WHERE seq > ?1 ORDER BY seq LIMIT ?2)";

/* Each gives the number of every event that can't be read any more. ?1 and ?2: the rows to look at
 * in scan (behind, up to); ?3: how many of the other tables; ?4, ?5, ?6: what is older than the
 * days for collecting, events and keys. A scan stays as long as it waits, as its collecting is not
 * told to the store, and as an event may need it. */
static const char *const forget_sql[] = {
  "DELETE FROM client_key WHERE seq IN (SELECT seq FROM client_key ORDER BY seq LIMIT ?3) "
  "AND at < ?6 RETURNING 0",
  "DELETE FROM event WHERE seq IN (SELECT seq FROM event ORDER BY seq LIMIT ?3) AND at < ?5 "
  "RETURNING seq",
  "UPDATE scan SET collecting = NULL WHERE seq > ?1 AND seq <= ?2 AND collecting = 1 "
  "AND accepted_at < ?4 RETURNING 0",
  "DELETE FROM scan WHERE seq > ?1 AND seq <= ?2 AND collecting IS NULL AND changed_at < ?5 "
  "AND (place IS NULL OR place = 3 AND changed_at < ?4) RETURNING seq",
};

BipePruner *
bipe_pruner_new (BipeDatabase *database, const BipeJournalLimits *limits)
{
  BipePruner *self = g_new0 (BipePruner, 1);

  self->database = database;
  self->limits = *limits;
  self->look = bipe_database_prepare (database, look_sql);
  for (guint i = 0; i < G_N_ELEMENTS (forget_sql); i++)
    self->forget[i] = bipe_database_prepare (database, forget_sql[i]);
  self->raise_gone = bipe_database_prepare (database, "UPDATE gone SET seq = max(seq, ?1)");
  return self;
}

void
bipe_pruner_free (BipePruner *self)
{
  g_free (self);
}

/* Sets @last to the end of the rows of scan that this step looks at, and @is_worth where one of
 * them may be old enough: acceptances are in the order of seq. */
static gboolean
look (BipePruner *self, gint64 cursor, gint64 now, gint64 *last, gboolean *is_worth, GError **error)
{
  guint days = MIN (self->limits.event_days, self->limits.collect_days);
  gboolean is_read;

  sqlite3_bind_int64 (self->look, 1, cursor);
  sqlite3_bind_int64 (self->look, 2, STEP);
  is_read = sqlite3_step (self->look) == SQLITE_ROW;
  if (is_read)
    {
      *is_worth = sqlite3_column_type (self->look, 0) != SQLITE_NULL
                  && sqlite3_column_int64 (self->look, 1) < now - days * DAY;
      *last = *is_worth ? sqlite3_column_int64 (self->look, 0) : cursor;
    }
  else
    bipe_database_fail (self->database, "read the journal", error);
  sqlite3_reset (self->look);
  return is_read;
}

/* Raises @gone to the highest number that the statement gives, and @n_most to how many it gives. */
static gboolean
forget (BipePruner *self,
        sqlite3_stmt *statement,
        const gint64 values[6],
        gint64 *gone,
        int *n_most,
        GError **error)
{
  int code, n = 0;

  for (int i = 1; i <= sqlite3_bind_parameter_count (statement); i++)
    sqlite3_bind_int64 (statement, i, values[i - 1]);
  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      *gone = MAX (*gone, sqlite3_column_int64 (statement, 0));
      n++;
    }
  if (code != SQLITE_DONE)
    bipe_database_fail (self->database, "prune the journal", error);
  sqlite3_reset (statement);
  *n_most = MAX (*n_most, n);
  return code == SQLITE_DONE;
}

gboolean
bipe_pruner_step (BipePruner *self, gint64 now, gint64 *cursor, gboolean *is_done, GError **error)
{
  gboolean is_worth;
  gint64 last, gone = 0;
  int n_most = 0;

  if (!look (self, *cursor, now, &last, &is_worth, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (self->forget); i++)
    {
      const gint64 values[] = { *cursor,
                                last,
                                STEP,
                                now - self->limits.collect_days * DAY,
                                now - self->limits.event_days * DAY,
                                now - KEY_DAYS * DAY };

      if (!forget (self, self->forget[i], values, &gone, &n_most, error))
        return FALSE;
    }
  *cursor = last;
  *is_done = !is_worth && n_most < STEP;
  sqlite3_bind_int64 (self->raise_gone, 1, gone);
  return gone == 0
         || bipe_database_run (self->database, self->raise_gone, "prune the journal", error);
}

/* bench-journal.c: appends a second, with so many at once, beside SQLite's own rate: the same rows,
 * as many a transaction, in a bare loop. The folder is the first argument, or a temporary one; its
 * disk counts. */
#include "config.h"

#include <glib/gstdio.h>

#include "base/clock.h"
#include "journal/journal.h"
#include "journal/row.h"
#include "sqlite/database.h"

#define ROUND (2 * G_TIME_SPAN_SECOND)

static const BipeJournalLimits limits = { G_MAXINT64, 7, 7 };

typedef struct
{
  BipeJournal *journal;
  BipeUuidSource *uuids;
  guint n_scans; /* in one append */
  guint n_waiting;
  gint64 end;
  gint64 n_kept;
} Load;

static BipeScan *
make_scan (BipeUuidSource *uuids)
{
  BipeScan fields = { .uuid = bipe_uuid_source_next (uuids),
                      .source = BIPE_SOURCE_REMOTE,
                      .code = "4006381333931",
                      .symbology = "EAN-13",
                      .device = "bench",
                      .station = "bench",
                      .scanned_at = g_get_real_time () };

  return bipe_scan_new (&fields);
}

static void append (Load *load);

static void
appended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Load *load = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) kept = bipe_journal_append_finish (BIPE_JOURNAL (source), result, &error);

  g_assert_no_error (error);
  load->n_kept += kept->n_new;
  load->n_waiting--;
  if (g_get_monotonic_time () < load->end)
    append (load);
}

static void
append (Load *load)
{
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();

  for (guint i = 0; i < load->n_scans; i++)
    g_ptr_array_add (scans, make_scan (load->uuids));
  load->n_waiting++;
  bipe_journal_append_async (load->journal, scans, FALSE, appended_cb, load);
}

static double
measure_journal (const char *path, guint n_callers, guint n_scans)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeJournal) journal = bipe_journal_open (path, &limits, bipe_clock_system (), &error);
  g_autoptr(BipeUuidSource) uuids = bipe_uuid_source_new (bipe_clock_system ());
  gint64 start = g_get_monotonic_time ();
  Load load = { .journal = journal, .uuids = uuids, .n_scans = n_scans, .end = start + ROUND };

  g_assert_no_error (error);
  for (guint i = 0; i < n_callers; i++)
    append (&load);
  while (load.n_waiting > 0)
    g_main_context_iteration (NULL, TRUE);
  bipe_journal_close (journal);
  return (double)load.n_kept * G_TIME_SPAN_SECOND / (double)(g_get_monotonic_time () - start);
}

static double
measure_sqlite (const char *path, guint n_scans)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeDatabase) database = bipe_database_open (path, "journal", &error);
  g_autoptr(BipeUuidSource) uuids = bipe_uuid_source_new (bipe_clock_system ());
  gint64 start = g_get_monotonic_time ();
  sqlite3_stmt *insert = bipe_database_prepare (database, BIPE_ROW_INSERT);
  gint64 seq = 0;

  g_assert_no_error (error);
  while (g_get_monotonic_time () < start + ROUND)
    {
      bipe_database_exec (database, "BEGIN IMMEDIATE", &error);
      for (guint i = 0; i < n_scans; i++)
        {
          g_auto(BipeRow) row = { .seq = ++seq,
                                   .accepted_at = start,
                                   .collecting = BIPE_COLLECTING_WAITS,
                                   .scan = make_scan (uuids) };

          bipe_row_bind (&row, insert, start);
          bipe_database_run (database, insert, "insert", &error);
        }
      bipe_database_exec (database, "COMMIT", &error);
      g_assert_no_error (error);
    }
  return (double)seq * G_TIME_SPAN_SECOND / (double)(g_get_monotonic_time () - start);
}

static void
clean (const char *path)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *index = g_strconcat (path, "-shm", NULL);

  g_unlink (log);
  g_unlink (index);
  g_unlink (path);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    guint n_callers;
    guint n_scans;
  } cases[] = {
    { "1 at once", 1, 1 },
    { "8 at once", 8, 1 },
    { "64 at once", 64, 1 },
    { "64 in one array", 1, 64 },
  };
  g_autofree char *temporary = argc < 2 ? g_dir_make_tmp ("bench-journal-XXXXXX", NULL) : NULL;
  g_autofree char *path
      = g_build_filename (argc < 2 ? temporary : argv[1], "bench-journal.sqlite", NULL);

  g_print ("%-16s %12s %12s %7s\n", "appends", "journal/s", "SQLite/s", "ratio");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint n = cases[i].n_callers * cases[i].n_scans;
      double journal, sqlite;

      clean (path);
      journal = measure_journal (path, cases[i].n_callers, cases[i].n_scans);
      clean (path);
      sqlite = measure_sqlite (path, n);
      g_print ("%-16s %12.0f %12.0f %7.2f\n", cases[i].name, journal, sqlite, journal / sqlite);
    }
  clean (path);
  if (temporary != NULL)
    g_rmdir (temporary);
  return 0;
}

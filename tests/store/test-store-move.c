/* test-store-move.c: a store goes over to another database while it is asked for this and that. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/error.h"
#include "lab.h"

#define OTHER "other"

static BipeStoreTarget *
make_target (const char *database)
{
  g_autofree char *url = bipe_private_postgres_dup_url (lab_server, database);
  g_autoptr(GError) error = NULL;
  BipeStoreTarget *target = bipe_store_target_new_postgres (url, NULL, FALSE, &error);

  g_assert_no_error (error);
  return target;
}

static void
move_to (BipeStore *store, BipeStoreTarget *target)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  bipe_store_move_async (store, target, keep_cb, &result);
  g_assert_true (bipe_store_move_finish (store, wait_for (&result), &error));
  g_assert_no_error (error);
}

static void
assert_count (const char *database, const char *expected)
{
  g_autofree char *count
      = bipe_private_postgres_run (lab_server, database, "SELECT count(*) FROM scan");

  g_assert_cmpstr (count, ==, expected);
}

static void
assert_not_found (BipeStore *store, const BipeScan *scan)
{
  const BipeScanRef ref = ref_to (scan);
  g_autoptr(GError) error = NULL;

  g_assert_null (call_find (store, &ref, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
}

static void
wait_until_left (const char *database)
{
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM pg_stat_activity"
                                          " WHERE application_name = 'bipe' AND datname = '%s'",
                                          database);

  for (;;)
    {
      g_autofree char *count = bipe_private_postgres_run (lab_server, "postgres", sql);

      if (g_str_equal (count, "0"))
        return;
      g_usleep (10000);
    }
}

/* A lane that nobody asks for anything leaves, too. */
static void
test_idle_lanes (void)
{
  BipeStore *store = lab_open_store ();
  g_autoptr(GPtrArray) scans = make_scans ("first", 1);
  g_autoptr(BipeQuery) query = bipe_query_new ();
  const BipeScanRef ref = ref_to (scans->pdata[0]);
  g_autoptr(GPtrArray) page = NULL;
  g_autoptr(BipeScan) found = NULL;
  g_autoptr(GError) error = NULL;

  bipe_private_postgres_create_database (lab_server, OTHER, "UTF8");
  lab_assert_written (store, scans);
  found = call_find (store, &ref, &error);
  g_assert_no_error (error);
  page = call_query (store, query, &error);
  g_assert_no_error (error);
  move_to (store, make_target (OTHER));
  wait_until_left (LAB_DATABASE);
  finish_store (store);
}

static void
test_there_and_back (void)
{
  BipeStore *store = lab_open_store ();
  g_autoptr(GPtrArray) first = make_scans ("first", 10);
  g_autoptr(GPtrArray) second = make_scans ("second", 5);
  g_autoptr(GPtrArray) third = make_scans ("third", 3);
  g_autoptr(GError) error = NULL;
  const char *name = bipe_store_get_name (store);
  BipeScanRef ref = ref_to (first->pdata[0]);

  bipe_private_postgres_create_database (lab_server, OTHER, "UTF8");
  lab_assert_written (store, first);
  move_to (store, make_target (OTHER));
  g_assert_nonnull (strstr (bipe_store_get_name (store), OTHER));
  g_assert_nonnull (strstr (name, LAB_DATABASE));
  lab_assert_written (store, second);
  assert_count (LAB_DATABASE, "10");
  assert_count (OTHER, "5");

  /* A row that was left behind: told, and done with. */
  assert_not_found (store, first->pdata[0]);
  g_assert_null (call_amend (store, &ref, g_get_real_time (), "why", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (call_mark_collected (store, first, &error));
  g_assert_no_error (error);

  move_to (store, make_target (LAB_DATABASE));
  lab_assert_written (store, third);
  assert_not_found (store, second->pdata[0]);
  assert_count (LAB_DATABASE, "13");
  assert_count (OTHER, "5");
  finish_store (store);
}

/* What is under way ends in the old one; of what waits behind it, what means the old one's rows by
 * their numbers fails, and all else goes to the new one. */
static void
test_under_way (void)
{
  BipeStore *store = lab_open_store ();
  g_autoptr(GPtrArray) first = make_scans ("first", 10);
  g_autoptr(GPtrArray) second = make_scans ("second", 5);
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GAsyncResult) begun = NULL, waiting = NULL, amended = NULL, moved = NULL;
  g_autoptr(GPtrArray) results = NULL, later = NULL;
  g_autoptr(GError) error = NULL;
  BipeScanRef ref = { .id = 1 };
  PGconn *lock;

  bipe_private_postgres_create_database (lab_server, OTHER, "UTF8");
  lab_assert_ping (store);
  lock = lab_lock_table ();
  bipe_store_write_async (store, first, NULL, keep_cb, &begun);
  lab_wait_until_waiting ("1");
  bipe_store_write_async (store, second, NULL, keep_cb, &waiting);
  bipe_store_amend_async (store, &ref, g_get_real_time (), "why", NULL, keep_cb, &amended);
  bipe_store_move_async (store, make_target (OTHER), keep_cb, &moved);

  /* A history query of now is the new one's, and waits for nobody. */
  later = call_query (store, query, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (later->len, ==, 0);
  g_assert_null (moved);

  PQfinish (lock);
  g_assert_true (bipe_store_move_finish (store, wait_for (&moved), &error));
  results = bipe_store_write_finish (store, wait_for (&begun), &error);
  g_assert_no_error (error);
  g_clear_pointer (&results, g_ptr_array_unref);
  results = bipe_store_write_finish (store, wait_for (&waiting), &error);
  g_assert_no_error (error);
  g_assert_null (bipe_store_amend_finish (store, wait_for (&amended), &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "another database"));
  assert_count (LAB_DATABASE, "10");
  assert_count (OTHER, "5");
  g_clear_object (&begun);
  g_clear_object (&waiting);
  g_clear_object (&amended);
  g_clear_object (&moved);
  finish_store (store);
}

/* Of several at once the last counts; what nobody has taken up is let go. */
static void
test_many_at_once (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bipe-move-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "scans.db", NULL);
  BipeStore *store = bipe_store_new (bipe_store_target_new_sqlite (path));
  g_autoptr(GPtrArray) scans = make_scans ("many", 10);
  GAsyncResult *results[21] = { NULL };

  bipe_private_postgres_create_database (lab_server, OTHER, "UTF8");
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    bipe_store_move_async (store,
                           i % 2 == 0 ? make_target (OTHER) : bipe_store_target_new_sqlite (path),
                           keep_cb, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_assert_true (bipe_store_move_finish (store, wait_for (&results[i]), NULL));
      g_clear_object (&results[i]);
    }
  lab_assert_written (store, scans);
  assert_count (OTHER, "10");

  /* And one that is closed before anybody works. */
  bipe_store_move_async (store, make_target (LAB_DATABASE), keep_cb, &results[0]);
  bipe_store_close (store);
  g_assert_true (bipe_store_move_finish (store, wait_for (&results[0]), NULL));
  g_clear_object (&results[0]);
  finish_store (store);
  g_unlink (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  static const LabCase cases[] = {
    { "move/there-and-back", test_there_and_back },
    { "move/idle-lanes", test_idle_lanes },
    { "move/under-way", test_under_way },
    { "move/many-at-once", test_many_at_once },
  };

  return lab_main (argc, argv, cases, G_N_ELEMENTS (cases));
}

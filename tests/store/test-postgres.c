/* test-postgres.c: what PostgreSQL alone refuses, or keeps. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "lab.h"

static void
test_rules_of_administrator (void)
{
  static const char *const reasons[]
      = { NULL, "duplicate key", "violates check constraint \"house_rule\"" };
  BipeStore *store = lab_open_store ();
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GPtrArray) results = NULL;

  lab_assert_ping (store);
  g_free (lab_run ("ALTER TABLE scan ADD UNIQUE (code),"
                   " ADD CONSTRAINT house_rule CHECK (code <> 'forbidden')"));
  g_ptr_array_add (scans, make_scan ("one"));
  g_ptr_array_add (scans, make_scan ("one"));
  g_ptr_array_add (scans, make_scan ("forbidden"));
  results = call_write (store, scans, NULL);
  for (guint i = 0; i < 3; i++)
    {
      const BipeScan *result = results->pdata[i];

      g_assert_cmpint (result->state, ==, i == 0 ? BIPE_SCAN_STORED : BIPE_SCAN_REJECTED);
      if (i > 0)
        g_assert_nonnull (strstr (result->reason, reasons[i]));
    }
  finish_store (store);
}

static void
test_latin1 (void)
{
  BipeStore *store;
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(GPtrArray) results = NULL;
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GPtrArray) page = NULL;
  g_autoptr(GPtrArray) none = NULL;

  bipe_private_postgres_create_database (lab_server, LAB_DATABASE, "LATIN1");
  store = lab_open_store ();
  g_ptr_array_add (scans, make_scan ("ação"));
  g_ptr_array_add (scans, make_scan ("漢字"));
  g_ptr_array_add (scans, make_scan ("plain"));
  results = call_write (store, scans, NULL);
  g_assert_cmpint (((BipeScan *)results->pdata[0])->state, ==, BIPE_SCAN_STORED);
  g_assert_cmpint (((BipeScan *)results->pdata[1])->state, ==, BIPE_SCAN_REJECTED);
  g_assert_cmpint (((BipeScan *)results->pdata[2])->state, ==, BIPE_SCAN_STORED);
  g_test_message ("%s", ((BipeScan *)results->pdata[1])->reason);

  query->text = g_strdup ("ação");
  page = call_query (store, query, NULL);
  g_assert_cmpuint (page->len, ==, 1);
  g_assert_cmpstr (((BipeScan *)page->pdata[0])->code, ==, "ação");
  g_free (query->text);
  query->text = g_strdup ("漢");
  none = call_query (store, query, NULL);
  g_assert_cmpuint (none->len, ==, 0);
  finish_store (store);
}

static void
test_no_encoding (void)
{
  BipeStore *store;
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GPtrArray) page = NULL;
  g_autoptr(GError) error = NULL;

  bipe_private_postgres_create_database (lab_server, LAB_DATABASE, "SQL_ASCII");
  store = lab_open_store ();
  g_ptr_array_add (scans, make_scan ("ação"));
  g_ptr_array_add (scans, make_scan ("漢字"));
  lab_assert_written (store, scans);
  page = call_query (store, query, NULL);
  g_assert_cmpstr (((BipeScan *)page->pdata[1])->code, ==, "漢字");

  g_free (lab_run ("INSERT INTO scan (code) VALUES (E'a\\347\\343o')"));
  g_assert_null (call_query (store, query, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_test_message ("%s", error->message);
  finish_store (store);
}

static void
test_endless_times (void)
{
  BipeStore *store = lab_open_store ();
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(GPtrArray) page = NULL;

  lab_assert_ping (store);
  g_free (
      lab_run ("INSERT INTO scan (code, scanned_at) VALUES ('a', 'infinity'), ('b', '-infinity'),"
               " ('c', '294276-12-31'), ('d', '4713-01-01 BC'), ('e', '1970-01-01 00:00:00Z')"));
  page = call_query (store, query, NULL);
  g_assert_cmpuint (page->len, ==, 5);
  for (guint i = 0; i < page->len; i++)
    {
      const BipeScan *scan = page->pdata[i];

      if (i % 2 == 0 && i < 4)
        g_assert_cmpint (scan->scanned_at, ==, G_GINT64_CONSTANT (253402300799999999));
      else
        g_assert_cmpint (scan->scanned_at, ==, 1);
    }
  finish_store (store);
}

static const LabCase cases[] = {
  { "rules-of-administrator", test_rules_of_administrator },
  { "latin1", test_latin1 },
  { "no-encoding", test_no_encoding },
  { "endless-times", test_endless_times },
};

int
main (int argc, char **argv)
{
  return lab_main (argc, argv, cases, G_N_ELEMENTS (cases));
}

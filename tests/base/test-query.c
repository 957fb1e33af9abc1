#include "config.h"

#include "base/query.h"

static const BipeScan stored = {
  .code = "Caixa 4006381333931",
  .symbology = "EAN-13",
  .station = "balc\303\243o",
  .source = BIPE_SOURCE_WEDGE,
  .state = BIPE_SCAN_STORED,
  .scanned_at = 1000,
};
static const BipeScan voided = { .code = "a", .station = "s", .state = BIPE_SCAN_VOIDED };
static const BipeScan adopted = { .code = NULL, .station = "s", .state = BIPE_SCAN_STORED };

#define ANY .source = -1, .state = -1

static const struct
{
  const char *name;
  const BipeScan *scan;
  BipeQuery query;
  gboolean matches;
} cases[] = {
  { "everything", &stored, { ANY }, TRUE },
  { "everything, voided", &voided, { ANY }, TRUE },
  { "everything, without a code", &adopted, { ANY }, TRUE },
  { "text", &stored, { ANY, .text = (char *)"4006" }, TRUE },
  { "text at the end", &stored, { ANY, .text = (char *)"3931" }, TRUE },
  { "all of the text", &stored, { ANY, .text = (char *)"Caixa 4006381333931" }, TRUE },
  { "letter case", &stored, { ANY, .text = (char *)"cAIXA" }, TRUE },
  { "letter case beyond ASCII",
    &(BipeScan){ .code = (char *)"x\303\211\303\2111" },
    { ANY, .text = (char *)"\303\2511" },
    TRUE },
  { "the accent counts",
    &(BipeScan){ .code = (char *)"E1" },
    { ANY, .text = (char *)"\303\2511" },
    FALSE },
  { "longer text", &stored, { ANY, .text = (char *)"Caixa 40063813339310" }, FALSE },
  { "other text", &stored, { ANY, .text = (char *)"4007" }, FALSE },
  { "no pattern", &stored, { ANY, .text = (char *)"Caixa%" }, FALSE },
  { "empty text", &stored, { ANY, .text = (char *)"" }, TRUE },
  { "empty text, without a code", &adopted, { ANY, .text = (char *)"" }, TRUE },
  { "text, without a code", &adopted, { ANY, .text = (char *)"a" }, FALSE },
  { "since, at the bound", &stored, { ANY, .since = 1000 }, TRUE },
  { "since, behind", &stored, { ANY, .since = 1001 }, FALSE },
  { "until, at the bound", &stored, { ANY, .until = 1000 }, FALSE },
  { "until, before", &stored, { ANY, .until = 1001 }, TRUE },
  { "symbology", &stored, { ANY, .symbology = (char *)"EAN-13" }, TRUE },
  { "part of the symbology", &stored, { ANY, .symbology = (char *)"EAN" }, FALSE },
  { "symbology, it has none", &voided, { ANY, .symbology = (char *)"EAN-13" }, FALSE },
  { "station", &stored, { ANY, .station = (char *)"balc\303\243o" }, TRUE },
  { "other station", &stored, { ANY, .station = (char *)"balcao" }, FALSE },
  { "source", &stored, { .source = BIPE_SOURCE_WEDGE, .state = -1 }, TRUE },
  { "other source", &stored, { .source = BIPE_SOURCE_IMPORT, .state = -1 }, FALSE },
  { "state", &stored, { .source = -1, .state = BIPE_SCAN_STORED }, TRUE },
  { "other state", &stored, { .source = -1, .state = BIPE_SCAN_VOIDED }, FALSE },
  { "all but one", &stored, { ANY, .text = (char *)"4006", .since = 1, .until = 1000 }, FALSE },
  { "the page's bounds do not count",
    &stored,
    { ANY, .limit = 1, .after = 100, .before = 1, .is_descending = TRUE },
    TRUE },
};

static void
test_matches (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      g_assert_cmpint (bipe_query_matches (&cases[i].query, cases[i].scan), ==, cases[i].matches);
    }
}

static void
test_new (void)
{
  g_autoptr(BipeQuery) query = bipe_query_new ();

  g_assert_cmpuint (query->limit, ==, 100);
  g_assert_false (query->is_descending);
  g_assert_true (bipe_query_matches (query, &stored));
  g_assert_true (bipe_query_matches (query, &voided));
}

static void
test_copy (void)
{
  g_autoptr(BipeQuery) query = bipe_query_new ();
  g_autoptr(BipeQuery) copy = NULL;

  query->text = g_strdup ("t");
  query->symbology = g_strdup ("y");
  query->station = g_strdup ("s");
  query->limit = 7;
  query->before = 8;
  copy = bipe_query_copy (query);
  g_clear_pointer (&query, bipe_query_free);
  g_assert_cmpstr (copy->text, ==, "t");
  g_assert_cmpstr (copy->symbology, ==, "y");
  g_assert_cmpstr (copy->station, ==, "s");
  g_assert_cmpuint (copy->limit, ==, 7);
  g_assert_cmpint (copy->before, ==, 8);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/query/matches", test_matches);
  g_test_add_func ("/query/new", test_new);
  g_test_add_func ("/query/copy", test_copy);
  return g_test_run ();
}

/* test-draft.c: what a client may send as a scan. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "server/draft.h"

static const struct
{
  const char *argument;
  const char *code; /* NULL: refused */
  const char *key;
  const char *symbology;
} arguments[] = {
  { "\"123456789\"", "123456789", NULL, NULL },
  { "\"\\u001d01\"", "\03501", NULL, NULL },
  { "123456789", "123456789", NULL, NULL },
  { "9007199254740992", "9007199254740992", NULL, NULL },
  { "{\"code\":\"1\",\"key\":\"k\",\"symbology\":\"QR Code\",\"id\":7}", "1", "k", "QR Code" },
  { "{\"code\":17}", "17", NULL, NULL },
  { "9007199254740993", NULL, NULL, NULL },
  { "1.5", NULL, NULL, NULL },
  { "-1", NULL, NULL, NULL },
  { "1e400", NULL, NULL, NULL },
  { "null", NULL, NULL, NULL },
  { "true", NULL, NULL, NULL },
  { "[\"1\"]", NULL, NULL, NULL },
  { "{}", NULL, NULL, NULL },
  { "{\"code\":\"1\",\"code\":\"2\"}", NULL, NULL, NULL },
  { "\"\"", NULL, NULL, NULL },
  { "\"\\u0000\"", NULL, NULL, NULL },
};

static void
test_arguments (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeScan) draft = bipe_draft_from_argument (arguments[i].argument, NULL, &error);

      g_test_message ("%s", arguments[i].argument);
      if (arguments[i].code == NULL)
        {
          g_assert_null (draft);
          g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (draft->code, ==, arguments[i].code);
      g_assert_cmpstr (draft->key, ==, arguments[i].key);
      g_assert_cmpstr (draft->symbology, ==, arguments[i].symbology);
      g_assert_cmpint (draft->id, ==, 0);
      g_assert_cmpint (draft->source, ==, BIPE_SOURCE_REMOTE);
    }
}

/* Who has a token answers for the name that he gives. */
static void
test_operator (void)
{
  static const struct
  {
    const char *argument;
    const char *user;
    const char *operator;
  } cases[] = {
    { "\"1\"", NULL, NULL },
    { "\"1\"", "till", "till" },
    { "{\"code\":\"1\",\"operator\":\"ana\"}", NULL, NULL },
    { "{\"code\":\"1\",\"operator\":\"ana\"}", "till", "ana" },
    { "{\"code\":\"1\",\"operator\":null}", "till", "till" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(BipeScan) draft
                 = bipe_draft_from_argument (cases[i].argument, cases[i].user, NULL);

      g_assert_cmpstr (draft->operator, ==, cases[i].operator);
    }
}

static const struct
{
  const char *argument;
  const char *code;
} refused[] = {
  { "\"\"", "\"\"" },
  { "{\"code\":\"\"}", "{\"code\":\"\"}" },
  { "{\"code\":\"17\",\"key\":\"\"}", "17" },
  { "null", "null" },
  { "\"\\u0000\"", "\"\\u0000\"" },
  { "[1,2]", "[1,2]" },
};

static void
test_refused (void)
{
  g_autofree char *long_code = g_strnfill (BIPE_SCAN_CODE_MAX + 1, '7');
  g_autofree char *long_text = g_strdup_printf ("\"%s\"", long_code);
  g_autoptr(BipeScan) cut = bipe_draft_new_refused (long_text, "too long");

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr(BipeScan) scan = bipe_draft_new_refused (refused[i].argument, "why");

      g_assert_cmpstr (scan->code, ==, refused[i].code);
      g_assert_cmpstr (scan->reason, ==, "why");
      g_assert_cmpint (scan->state, ==, BIPE_SCAN_REJECTED);
      g_assert_true (bipe_scan_check_code (scan->code, NULL));
    }
  g_assert_cmpuint (strlen (cut->code), ==, BIPE_SCAN_CODE_MAX);
  g_assert_cmpint (cut->code[0], ==, '7');
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/draft/operator", test_operator);
  g_test_add_func ("/draft/arguments", test_arguments);
  g_test_add_func ("/draft/refused", test_refused);
  return g_test_run ();
}

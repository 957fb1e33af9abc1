#include "config.h"

#include <string.h>

#include "socketio/engine-base64.h"

static const struct
{
  const char *text;
  const char *bytes; /* NULL: not in order */
} cases[] = {
  { "", "" },
  { "YQ==", "a" },
  { "YWI=", "ab" },
  { "YWJj", "abc" },
  { "+/+/", "\373\377\277" },
  { "YWJjZA==", "abcd" },
  { "YQ=", NULL },
  { "YQ", NULL },
  { "Y", NULL },
  { "YW J", NULL },
  { "YWJj\n", NULL },
  { "-_-_", NULL },
  { "====", NULL },
  { "Y===", NULL },
  { "A===", NULL },
  { "YQ==YQ==", NULL },
  { "Y=Q=", NULL },
  { "YWJ=", NULL },
  { "YR==", NULL },
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup (cases[i].text);
      g_autoptr(GString) again = g_string_new ("before ");
      gsize length = 0;

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (bipe_engine_base64_decode (text, strlen (text), &length), ==,
                       cases[i].bytes != NULL);
      if (cases[i].bytes == NULL)
        continue;
      g_assert_cmpmem (text, length, cases[i].bytes, strlen (cases[i].bytes));
      g_assert_cmpint (text[length], ==, '\0');
      bipe_engine_base64_append (again, text, length);
      g_assert_cmpstr (again->str + strlen ("before "), ==, cases[i].text);
      g_assert_cmpuint (bipe_engine_base64_measure (length), ==, strlen (cases[i].text));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-base64/cases", test_cases);
  return g_test_run ();
}

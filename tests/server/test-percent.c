#include "config.h"

#include <string.h>

#include "base/error.h"
#include "server/percent.h"

typedef struct
{
  const char *text;
  gboolean is_form;
  const char *decoded; /* NULL: invalid */
} Case;

static const Case cases[] = {
  { "", FALSE, "" },
  { "/v1/scans", FALSE, "/v1/scans" },
  { "%2Fa%2fb", FALSE, "/a/b" },
  { "a+b", FALSE, "a+b" },
  { "a+b%2B", TRUE, "a b+" },
  { "%C3%A7", FALSE, "ç" },
  { "ç", FALSE, "ç" },
  { "%1D", FALSE, "\x1d" },
  { "%", FALSE, NULL },
  { "%4", FALSE, NULL },
  { "%4g", FALSE, NULL },
  { "%%41", FALSE, NULL },
  { "a%00b", FALSE, NULL },
  { "%C3", FALSE, NULL },
  { "%C0%AF", FALSE, NULL },
  { "%ED%A0%80", FALSE, NULL },
};

static void
test_decode (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *decoded
          = bipe_percent_decode (cases[i].text, strlen (cases[i].text), cases[i].is_form, &error);

      g_assert_cmpstr (decoded, ==, cases[i].decoded);
      if (cases[i].decoded == NULL)
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
    }
}

static void
test_form (void)
{
  static const char *const words[] = { "a", "1", "b c", "x=y", "empty", "", "alone", "", "", "v" };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) form = bipe_percent_decode_form ("a=1&b+c=x=y&empty=&alone&=v", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (form->len, ==, G_N_ELEMENTS (words));
  for (guint i = 0; i < form->len; i++)
    g_assert_cmpstr (form->pdata[i], ==, words[i]);

  g_assert_null (bipe_percent_decode_form ("a=1&b=%zz", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/percent/decode", test_decode);
  g_test_add_func ("/percent/form", test_form);
  return g_test_run ();
}

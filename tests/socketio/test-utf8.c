#include "config.h"

#include "socketio/utf8.h"

#define TEXT(string) string, sizeof string - 1

static const struct
{
  const char *text;
  gsize length;
  gboolean is_valid;
} cases[] = {
  { TEXT (""), TRUE },
  { TEXT ("abc"), TRUE },
  { TEXT ("\0"), TRUE },
  { TEXT ("a\0\0b\0"), TRUE },
  { TEXT ("\303\251\0\344\275\240"), TRUE },
  { TEXT ("\303"), FALSE },
  { TEXT ("a\0\303"), FALSE },
  { TEXT ("\303\0"), FALSE },
  { TEXT ("\0\377\0"), FALSE },
  { TEXT ("\355\240\200"), FALSE }, /* a surrogate */
  { TEXT ("\300\200"), FALSE },     /* U+0000 too long */
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      /* A copy without a NUL behind it, so that a read past the end is seen. */
      g_autofree char *copy = g_memdup2 (cases[i].text, cases[i].length);

      g_test_message ("%u", i);
      g_assert_cmpint (bipe_utf8_is_valid (copy != NULL ? copy : "", cases[i].length), ==,
                       cases[i].is_valid);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/utf8/cases", test_cases);
  return g_test_run ();
}

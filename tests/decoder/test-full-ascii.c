#include "config.h"

#include "decoder/helper/full-ascii.h"

static const struct
{
  const char *text;
  const char *meant; /* NULL: as it stands */
} cases[] = {
  { "12+A+B", "12ab" },
  { "E+X+T+E+N+D+E+D /A%J/J/C", "Extended !?*#" },
  { "+A/Z%V%W%K%O%P%S/O", "a:@`[_{~/" },
  { "ABC-1234", NULL },
  { "S/N123", NULL },                      /* /N is a full stop; a serial number is likelier */
  { "W/O+A", "W/a" },                      /* /O is the stroke itself */
  { "+A$A", NULL },                        /* a control character */
  { "+A%U", NULL },                        /* U+0000 */
  { "+A+", NULL },                         /* a sign without a letter */
  { "+A+1", NULL },                        /* a sign before a digit */
  { "+A123BJC5D6E71G", NULL },             /* HIBC with its check character */
  { "+A123BJC5D6E71H", "a123BJC5D6E71H" }, /* with another one */
  { "+", NULL },
  { "", NULL },
};

static void
test_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *meant = bipe_full_ascii_expand (cases[i].text);

      g_assert_cmpstr (meant, ==, cases[i].meant);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/full-ascii/cases", test_cases);
  return g_test_run ();
}

#include "config.h"

#include <string.h>

#include "app/reach-words.h"

static const struct
{
  const char *listen;
  BipeCircle circle;
  gboolean are_addresses; /* such as can be typed */
  gboolean needs_token;   /* programs on this computer, where the setting is auto */
  const char *others;
} cases[] = {
  { "127.0.0.1,::1", BIPE_CIRCLE_COMPUTER, TRUE, FALSE, "" },
  { "127.0.0.1", BIPE_CIRCLE_COMPUTER, TRUE, FALSE, "" },
  { " 127.8.9.1 , ", BIPE_CIRCLE_COMPUTER, TRUE, FALSE, "" },
  { "lan", BIPE_CIRCLE_NETWORK, FALSE, TRUE, "lan" },
  { "LAN", BIPE_CIRCLE_NETWORK, FALSE, TRUE, "LAN" },
  { "none", BIPE_CIRCLE_NOBODY, FALSE, FALSE, "none" },
  { "192.168.1.20", BIPE_CIRCLE_ADDRESSES, TRUE, TRUE, "192.168.1.20" },
  { "127.0.0.1, 192.168.1.20,::1,fd00::2", BIPE_CIRCLE_ADDRESSES, TRUE, TRUE,
    "192.168.1.20, fd00::2" },
  { "0.0.0.0", BIPE_CIRCLE_ADDRESSES, TRUE, TRUE, "0.0.0.0" },
  { "192.168.1.20, till", BIPE_CIRCLE_ADDRESSES, FALSE, TRUE, "192.168.1.20, till" },
  { " , ,", BIPE_CIRCLE_COMPUTER, FALSE, FALSE, "" },
  { "", BIPE_CIRCLE_COMPUTER, FALSE, FALSE, "" },
};

static void
test_circle (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *others = bipe_circle_list_others (cases[i].listen);

      g_test_message ("“%s”", cases[i].listen);
      g_assert_cmpint (bipe_circle_of (cases[i].listen), ==, cases[i].circle);
      g_assert_cmpint (bipe_circle_check_addresses (cases[i].listen), ==, cases[i].are_addresses);
      g_assert_cmpint (bipe_circle_needs_token (cases[i].listen, -1), ==, cases[i].needs_token);
      g_assert_true (bipe_circle_needs_token (cases[i].listen, 0));
      g_assert_false (bipe_circle_needs_token (cases[i].listen, 1));
      g_assert_cmpstr (others, ==, cases[i].others);
    }
}

/* Whoever is not encrypted is told so, and nobody else. */
static void
test_warning (void)
{
  static const char *const listens[] = { "127.0.0.1", "lan", "192.168.1.20", "none" };

  for (guint i = 0; i < G_N_ELEMENTS (listens); i++)
    for (gboolean is_encrypted = FALSE; is_encrypted <= TRUE; is_encrypted++)
      {
        g_autofree char *text = bipe_circle_describe (listens[i], is_encrypted, TRUE);
        gboolean is_open = i == 1 || i == 2;

        g_test_message ("%s", text);
        g_assert_cmpint (strstr (text, "NOT encrypted") != NULL, ==, is_open && !is_encrypted);
        g_assert_cmpint (strstr (text, "Encrypted") != NULL, ==, is_open && is_encrypted);
      }
}

static void
test_fingerprint (void)
{
  g_autofree char *some = bipe_format_fingerprint ("00a1ff");
  g_autofree char *none = bipe_format_fingerprint (NULL);

  g_assert_cmpstr (some, ==, "00:A1:FF");
  g_assert_cmpstr (none, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reach-words/circle", test_circle);
  g_test_add_func ("/reach-words/warning", test_warning);
  g_test_add_func ("/reach-words/fingerprint", test_fingerprint);
  return g_test_run ();
}

#include "config.h"

#include "base/error.h"
#include "speech/speech-name.h"

static const struct
{
  const char *name;
  gboolean is_name;
} cases[] = {
  { "a", TRUE },         { "olá ção", TRUE }, { "报价 42", TRUE },
  { "नमस्ते", TRUE }, /* with vowel marks */
  { "שלום", TRUE },      { "a.b..c", TRUE },  { "-_ .", TRUE },
  { " ", TRUE },         { "٣", TRUE },       { "", FALSE },
  { ".", FALSE },        { "..", FALSE },     { ".hidden", FALSE },
  { "../x", FALSE },     { "a/b", FALSE },    { "a\\b", FALSE },
  { "a\nb", FALSE },     { "a\001", FALSE },  { "a\"b", FALSE },
  { "a%2f", FALSE },     { "a;b", FALSE },    { "a\u202eb", FALSE }, /* turns the direction */
  { "a\u200db", FALSE },                                             /* joins without being seen */
  { "\u0301a", FALSE },                   /* a mark with nothing to stand on */
  { "👍", FALSE },        { "／", FALSE }, /* a slash of full width */
  { "\xff", FALSE },
};

static void
test_rules (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_test_message ("%u", i);
      g_assert_cmpint (bipe_speech_name_check (cases[i].name, &error), ==, cases[i].is_name);
      g_assert_true (cases[i].is_name == (error == NULL));
    }
}

static void
test_length (void)
{
  g_autoptr(GString) name = g_string_new (NULL);

  for (guint i = 0; i < BIPE_SPEECH_NAME_MAX; i++)
    g_string_append (name, "語");
  g_assert_true (bipe_speech_name_check (name->str, NULL));
  g_string_append (name, "x");
  g_assert_false (bipe_speech_name_check (name->str, NULL));
}

static void
test_key (void)
{
  g_autofree char *composed = bipe_speech_name_to_key ("\u00e9");
  g_autofree char *decomposed = bipe_speech_name_to_key ("e\u0301");
  g_autofree char *other = bipe_speech_name_to_key ("e");

  g_assert_cmpuint (strlen (composed), ==, 64);
  g_assert_cmpstr (composed, ==, decomposed);
  g_assert_cmpstr (composed, !=, other);
}

static void
test_disposition (void)
{
  g_autofree char *plain = bipe_speech_name_to_disposition ("a b-1_2.3");
  g_autofree char *other = bipe_speech_name_to_disposition ("olá 语");

  g_assert_cmpstr (plain, ==,
                   "attachment; filename=\"a b-1_2.3.mp3\"; filename*=UTF-8''a%20b-1_2.3.mp3");
  g_assert_cmpstr (other, ==,
                   "attachment; filename=\"ol_ _.mp3\"; filename*=UTF-8''ol%C3%A1%20%E8%AF%AD.mp3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speech-name/rules", test_rules);
  g_test_add_func ("/speech-name/length", test_length);
  g_test_add_func ("/speech-name/key", test_key);
  g_test_add_func ("/speech-name/disposition", test_disposition);
  return g_test_run ();
}

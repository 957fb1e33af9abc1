#include "config.h"

#include "base/error.h"
#include "speech/utterance.h"

#define DEFAULTS .speed = 175, .pitch = 50, .volume = 100

static const struct
{
  const char *text;
  BipeManner manner;
  const char *said; /* NULL: refused */
  const char *accent;
} cases[] = {
  { "Olá", { .language = "pt", DEFAULTS }, "Olá", "pt-br" },
  { "Olá", { .language = "pt-PT", DEFAULTS }, "Olá", "pt-pt" },
  { "Olá", { .language = "pt_BR", DEFAULTS }, "Olá", "pt-br" },
  { "x", { .language = "zh", DEFAULTS }, "x", "cmn" },
  { "x", { .language = "zh-HK", DEFAULTS }, "x", "yue" },
  { "x", { .language = "en", .voice = "Mr serious", DEFAULTS }, "x", "en" },
  { "a\001b\003\nc\td\177", { .language = "en", DEFAULTS }, "a b \nc\td ", "en" },
  { "a\356\200\200b", { .language = "en", DEFAULTS }, "a b", "en" }, /* U+E000 */
  { "👍\u202eab", { .language = "en", DEFAULTS }, "👍\u202eab", "en" },
  { "<speak>&amp;</speak>", { .language = "en", DEFAULTS }, "<speak>&amp;</speak>", "en" },
  { "x", { .language = "en", .speed = 80, .pitch = 0, .volume = 0 }, "x", "en" },
  { "x", { .language = "en", .speed = 450, .pitch = 100, .volume = 200 }, "x", "en" },
  { "", { .language = "en", DEFAULTS }, NULL, NULL },
  { "\xff", { .language = "en", DEFAULTS }, NULL, NULL },
  { "x", { .language = "", DEFAULTS }, NULL, NULL },
  { "x", { .language = "../en", DEFAULTS }, NULL, NULL },
  { "x", { .language = "en+f3", DEFAULTS }, NULL, NULL },
  { "x", { .language = "abcdefghijklmnopqrstuvwxyzabcdefg", DEFAULTS }, NULL, NULL },
  { "x", { .language = "en", .voice = "", DEFAULTS }, NULL, NULL },
  { "x", { .language = "en", .voice = "../../x", DEFAULTS }, NULL, NULL },
  { "x", { .language = "en", .speed = 79, .pitch = 50, .volume = 100 }, NULL, NULL },
  { "x", { .language = "en", .speed = 451, .pitch = 50, .volume = 100 }, NULL, NULL },
  { "x", { .language = "en", .speed = 175, .pitch = -1, .volume = 100 }, NULL, NULL },
  { "x", { .language = "en", .speed = 175, .pitch = 101, .volume = 100 }, NULL, NULL },
  { "x", { .language = "en", .speed = 175, .pitch = 50, .volume = 201 }, NULL, NULL },
};

static void
test_rules (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeUtterance) utterance
                 = bipe_utterance_new (cases[i].text, &cases[i].manner, &error);

      g_test_message ("%u", i);
      if (cases[i].said == NULL)
        {
          g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
          g_assert_null (utterance);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (utterance->text, ==, cases[i].said);
      g_assert_cmpstr (utterance->accent, ==, cases[i].accent);
    }
}

static void
test_length (void)
{
  const BipeManner manner = BIPE_MANNER_DEFAULT;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeUtterance) longest = NULL;
  g_autoptr(BipeUtterance) longer = NULL;

  for (guint i = 0; i < BIPE_UTTERANCE_TEXT_MAX; i++)
    g_string_append (text, "𝄞");
  longest = bipe_utterance_new (text->str, &manner, &error);
  g_assert_no_error (error);
  g_string_append (text, "x");
  longer = bipe_utterance_new (text->str, &manner, &error);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
}

static char *
key_of (const char *text, const BipeManner *manner)
{
  g_autoptr(BipeUtterance) utterance = bipe_utterance_new (text, manner, NULL);

  return g_strdup (utterance->key);
}

/* Whatever is heard is in the key, and what is not, is not. */
static void
test_key (void)
{
  const BipeManner plain = { .language = "pt", DEFAULTS };
  const BipeManner same = { .language = "PT-br", DEFAULTS };
  const BipeManner others[] = {
    { .language = "en", DEFAULTS },
    { .language = "pt", .voice = "f3", DEFAULTS },
    { .language = "pt", .speed = 176, .pitch = 50, .volume = 100 },
    { .language = "pt", .speed = 175, .pitch = 51, .volume = 100 },
    { .language = "pt", .speed = 175, .pitch = 50, .volume = 101 },
  };
  g_autofree char *key = key_of ("x", &plain);
  g_autofree char *key_of_same = key_of ("x", &same);
  g_autofree char *of_other_text = key_of ("y", &plain);

  g_assert_cmpuint (strlen (key), ==, 64);
  g_assert_cmpstr (key, ==, key_of_same);
  g_assert_cmpstr (key, !=, of_other_text);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *other = key_of ("x", &others[i]);

      g_assert_cmpstr (other, !=, key);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/utterance/rules", test_rules);
  g_test_add_func ("/utterance/length", test_length);
  g_test_add_func ("/utterance/key", test_key);
  return g_test_run ();
}

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

#define TEXT(literal) .text = literal, .length = sizeof literal - 1

static const struct
{
  const char *name;
  const char *text;
  gsize length;
  gboolean is_valid;
} cases[] = {
  { "object", TEXT ("{\"a\":[1,-2.5e3,true,false,null,\"b\"]}"), TRUE },
  { "blanks", TEXT (" \t\r\n{ \"a\" : 1 } \t\r\n"), TRUE },
  { "a string alone", TEXT ("\"a\""), TRUE },
  { "a number alone", TEXT ("0"), TRUE },
  { "null alone", TEXT ("null"), TRUE },
  { "escapes", TEXT ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u001d\\u00e9\""), TRUE },
  { "a surrogate pair", TEXT ("\"\\ud83d\\ude00\""), TRUE },
  { "brackets in strings", TEXT ("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\""), TRUE },
  { "escaped quotes hide no bracket", TEXT ("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]"),
    TRUE },
  { "largest integer", TEXT ("9223372036854775807"), TRUE },
  { "least integer", TEXT ("-9223372036854775808"), TRUE },
  { "two keys of equal value", TEXT ("{\"a\":1,\"b\":1}"), TRUE },
  { "equal keys in two objects", TEXT ("[{\"a\":1},{\"a\":1}]"), TRUE },
  { "DEL is no control character", TEXT ("\"\x7f\""), TRUE },

  { "nothing", TEXT (""), FALSE },
  { "blanks alone", TEXT ("  "), FALSE },
  { "open object", TEXT ("{\"a\":1"), FALSE },
  { "open array", TEXT ("["), FALSE },
  { "open string", TEXT ("\"a"), FALSE },
  { "open escape", TEXT ("\"\\"), FALSE },
  { "open escape of a code point", TEXT ("\"\\u00"), FALSE },
  { "wrong bracket", TEXT ("[1}"), FALSE },
  { "no key", TEXT ("{1:2}"), FALSE },
  { "bare key", TEXT ("{a:1}"), FALSE },
  { "single quotes", TEXT ("{'a':1}"), FALSE },
  { "trailing comma in an object", TEXT ("{\"a\":1,}"), FALSE },
  { "trailing comma in an array", TEXT ("[1,]"), FALSE },
  { "garbage behind", TEXT ("{} x"), FALSE },
  { "two values", TEXT ("{}{}"), FALSE },
  { "NUL behind", TEXT ("{}\0"), FALSE },
  { "NUL behind a number", TEXT ("1\0"), FALSE },
  { "NUL behind a number in an array", TEXT ("[1\0,{}]"), FALSE },
  { "NUL before", TEXT ("\0{}"), FALSE },
  { "NUL in a string", TEXT ("\"a\0b\""), FALSE },
  { "escaped NUL in a string", TEXT ("\"a\\u0000b\""), FALSE },
  { "escaped NUL in a key", TEXT ("{\"a\\u0000b\":1}"), FALSE },
  { "line break in a string", TEXT ("\"a\nb\""), FALSE },
  { "byte order mark", TEXT ("\xef\xbb\xbf{}"), FALSE },
  { "comment", TEXT ("{} // a"), FALSE },
  { "comment inside", TEXT ("{/* a */}"), FALSE },
  { "hash comment", TEXT ("# a\n{}"), FALSE },
  { "NaN", TEXT ("NaN"), FALSE },
  { "Infinity", TEXT ("[-Infinity]"), FALSE },
  { "capital True", TEXT ("True"), FALSE },
  { "leading zero", TEXT ("01"), FALSE },
  { "leading plus", TEXT ("+1"), FALSE },
  { "point without digits", TEXT ("1."), FALSE },
  { "point first", TEXT (".5"), FALSE },
  { "exponent without digits", TEXT ("1e"), FALSE },
  { "hexadecimal", TEXT ("0x10"), FALSE },
  { "integer too big", TEXT ("9223372036854775808"), FALSE },
  { "integer too small", TEXT ("-9223372036854775809"), FALSE },
  { "real too big", TEXT ("1e400"), FALSE },
  { "duplicate keys", TEXT ("{\"a\":1,\"a\":2}"), FALSE },
  { "duplicate keys, escaped", TEXT ("{\"a\":1,\"\\u0061\":2}"), FALSE },
  { "duplicate keys inside", TEXT ("[{\"b\":{\"a\":1,\"a\":1}}]"), FALSE },
  { "lone continuation byte", TEXT ("\"\x80\""), FALSE },
  { "cut sequence", TEXT ("\"\xc3\""), FALSE },
  { "overlong", TEXT ("\"\xc0\xaf\""), FALSE },
  { "surrogate in UTF-8", TEXT ("\"\xed\xa0\x80\""), FALSE },
  { "beyond Unicode", TEXT ("\"\xf4\x90\x80\x80\""), FALSE },
  { "invalid UTF-8 in a key", TEXT ("{\"\xff\":1}"), FALSE },
  { "invalid UTF-8 outside", TEXT ("{}\xff"), FALSE },
  { "Latin-1", TEXT ("\"caf\xe9\""), FALSE },
  { "lone high surrogate", TEXT ("\"\\ud83d\""), FALSE },
  { "lone low surrogate", TEXT ("\"\\ude00\""), FALSE },
  { "surrogates turned", TEXT ("\"\\ude00\\ud83d\""), FALSE },
  { "unknown escape", TEXT ("\"\\x41\""), FALSE },
  { "UTF-16", TEXT ("{\0}\0"), FALSE },
};

static void
test_strictness (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      /* A copy without a NUL behind it, so that a read past the end is seen. */
      g_autofree char *text = g_memdup2 (cases[i].text, cases[i].length);
      g_autoptr(GError) error = NULL;
      g_autoptr(json_t) value = bipe_json_parse (text, cases[i].length, &error);

      g_test_message ("%s", cases[i].name);
      g_assert_cmpint (value != NULL, ==, cases[i].is_valid);
      if (cases[i].is_valid)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static gboolean
parses (const char *text, gssize length)
{
  g_autoptr(json_t) value
             = bipe_json_parse (text, length < 0 ? strlen (text) : (gsize)length, NULL);

  return value != NULL;
}

static char *
nest (const char *open, const char *inside, const char *close, guint depth)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append (text, inside);
  for (guint i = 0; i < depth; i++)
    g_string_append (text, close);
  return g_strdup (text->str);
}

static void
test_depth (void)
{
  g_autofree char *arrays = nest ("[", "", "]", 32);
  g_autofree char *objects = nest ("{\"a\":", "1", "}", 32);
  g_autofree char *deep_arrays = nest ("[", "", "]", 33);
  g_autofree char *deep_objects = nest ("{\"a\":", "1", "}", 33);
  g_autofree char *many = g_strnfill (100000, '[');
  g_autofree char *siblings = nest ("[", "[],[],[],{},{},[1]", "]", 31);

  g_assert_true (parses (arrays, -1));
  g_assert_true (parses (objects, -1));
  g_assert_true (parses (siblings, -1));
  g_assert_false (parses (deep_arrays, -1));
  g_assert_false (parses (deep_objects, -1));
  g_assert_false (parses (many, 100000));
  g_assert_false (parses ("]]]]]]]]]]", -1));
}

/* The bound on values, at the bound and over it: by commas, by brackets, and not within strings. */
static void
test_values (void)
{
  static const struct
  {
    const char *before, *part;
    guint n;
    const char *after;
    gboolean is_valid;
  } texts[] = {
    { "[0", ",1", BIPE_JSON_VALUES_MAX - 2, "]", TRUE },
    { "[0", ",1", BIPE_JSON_VALUES_MAX - 1, "]", FALSE },
    { "[0", ",{}", BIPE_JSON_VALUES_MAX / 2 - 1, "]", TRUE },
    { "[0", ",{}", BIPE_JSON_VALUES_MAX / 2, "]", FALSE },
    { "[0", ",[1]", BIPE_JSON_VALUES_MAX / 2, "]", FALSE },
    { "[[0", ",1", BIPE_JSON_VALUES_MAX, "]]", FALSE },
    { "[\"", ",[{\\\"", 500000, "\"]", TRUE },
    /* A full list of scans, as they are given out. */
    { "[0",
      ",{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":0,"
      "\"k\":1,\"l\":2,\"m\":3,\"n\":4,\"o\":5,\"p\":6,\"q\":7,\"r\":8,\"s\":9,\"t\":0}",
      1000, "]", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GString) text = g_string_new (texts[i].before);
      g_autoptr(GError) error = NULL;
      g_autoptr(json_t) value = NULL;

      for (guint j = 0; j < texts[i].n; j++)
        g_string_append (text, texts[i].part);
      g_string_append (text, texts[i].after);
      value = bipe_json_parse (text->str, text->len, &error);
      g_test_message ("%u times %s", texts[i].n, texts[i].part);
      g_assert_cmpint (value != NULL, ==, texts[i].is_valid);
      if (value != NULL)
        continue;
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, "more than 50000 values"));
    }
}

static void
test_members (void)
{
  static const char text[] = "{\"s\":\"a\",\"i\":-5,\"r\":1.0,\"b\":true,\"n\":null,\"e\":\"\"}";
  static const struct
  {
    const char *name;
    gboolean is_string, is_integer;
    const char *string;
    gint64 integer;
  } members[] = {
    { "s", TRUE, FALSE, "a", 0 },   { "i", FALSE, TRUE, NULL, -5 }, { "r", FALSE, FALSE, NULL, 0 },
    { "b", FALSE, FALSE, NULL, 0 }, { "n", TRUE, TRUE, NULL, 0 },   { "e", TRUE, FALSE, "", 0 },
    { "x", TRUE, TRUE, NULL, 0 },
  };
  g_autoptr(json_t) object = bipe_json_parse (text, strlen (text), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr(GError) no_string = NULL, no_integer = NULL;
      const char *string = "left";
      gint64 integer = 99;

      g_test_message ("%s", members[i].name);
      g_assert_cmpint (bipe_json_get_string (object, members[i].name, &string, &no_string), ==,
                       members[i].is_string);
      g_assert_cmpstr (string, ==, members[i].string);
      g_assert_cmpint (bipe_json_get_integer (object, members[i].name, &integer, &no_integer), ==,
                       members[i].is_integer);
      g_assert_cmpint (integer, ==, members[i].integer);
      if (!members[i].is_string)
        g_assert_error (no_string, BIPE_ERROR, BIPE_ERROR_INVALID);
      if (!members[i].is_integer)
        g_assert_error (no_integer, BIPE_ERROR, BIPE_ERROR_INVALID);
    }
}

static void
assert_round_trip (const char *text)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) value = NULL;

  bipe_json_append_string (out, text);
  value = bipe_json_parse (out->str, out->len, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json_string_value (value), ==, text);
}

static void
test_append_string (void)
{
  static const struct
  {
    const char *text;
    const char *json;
  } strings[] = {
    { NULL, "null" },
    { "", "\"\"" },
    { "a/b", "\"a/b\"" },
    { "\"\\", "\"\\\"\\\\\"" },
    { "\b\t\n\v\f\r", "\"\\b\\t\\n\\u000b\\f\\r\"" },
    { "01\03510", "\"01\\u001d10\"" },
    { "\x7f", "\"\x7f\"" },
    { "a\\", "\"a\\\\\"" },
    { "\303\251\360\237\230\200", "\"\303\251\360\237\230\200\"" },
  };
  char controls[32];

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      g_autoptr(GString) out = g_string_new ("x");

      bipe_json_append_string (out, strings[i].text);
      g_assert_cmpstr (out->str + 1, ==, strings[i].json);
    }
  for (guint i = 1; i < 32; i++)
    {
      char one[] = { 'a', (char)i, 'b', '\0' };

      controls[i - 1] = (char)i;
      assert_round_trip (one);
      assert_round_trip (one + 1);
    }
  controls[31] = '\0';
  assert_round_trip (controls);
  assert_round_trip ("\302\200\342\200\250\342\200\251\357\273\277\364\217\277\277");
}

static void
test_append_integer (void)
{
  g_autoptr(GString) out = g_string_new (NULL);

  bipe_json_append_integer (out, 0);
  g_string_append_c (out, ' ');
  bipe_json_append_integer (out, G_MAXINT64);
  g_string_append_c (out, ' ');
  bipe_json_append_integer (out, G_MININT64);
  g_assert_cmpstr (out->str, ==, "0 9223372036854775807 -9223372036854775808");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/strictness", test_strictness);
  g_test_add_func ("/json/depth", test_depth);
  g_test_add_func ("/json/values", test_values);
  g_test_add_func ("/json/members", test_members);
  g_test_add_func ("/json/append-string", test_append_string);
  g_test_add_func ("/json/append-integer", test_append_integer);
  return g_test_run ();
}

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "socketio/json-slice.h"

#define PLACE(number) "{\"_placeholder\":true,\"num\":" #number "}"

static const struct
{
  const char *array;
  const char *elements; /* with a line feed behind each */
} cases[] = {
  { "[]", "" },
  { " \t\r\n[ \t\r\n] \n", "" },
  { "[1]", "1\n" },
  { "[1.10,1e2 , -0 ]", "1.10\n1e2\n-0\n" },
  { "[0,-1.0E+20,10e-3,0.5]", "0\n-1.0E+20\n10e-3\n0.5\n" },
  { " [ \"a\" , null,true ,\tfalse\t] ", "\"a\"\nnull\ntrue\nfalse\n" },
  { "[\",\",\"]\",\"[\",\"\\\"\",\"\\\\\"]", "\",\"\n\"]\"\n\"[\"\n\"\\\"\"\n\"\\\\\"\n" },
  { "[[1,[2,3]],{\"a\":[4,{\"b\":5}],\"c\":6},[]]",
    "[1,[2,3]]\n{\"a\":[4,{\"b\":5}],\"c\":6}\n[]\n" },
  { "[{\"]}\":\"}]\"},2]", "{\"]}\":\"}]\"}\n2\n" },
  { "[ { \"a\" : 1 } , [ 2 , 3 ] ,{ }]", "{ \"a\" : 1 }\n[ 2 , 3 ]\n{ }\n" },
  { "[\"\303\251\\u00e9\",\"  \",\"\x7f\"]", "\"\303\251\\u00e9\"\n\"  \"\n\"\x7f\"\n" },
  { "[\"\\/\\b\\f\\n\\r\\t\\uD83D\\ude00\"]", "\"\\/\\b\\f\\n\\r\\t\\uD83D\\ude00\"\n" },
};

static void
test_slices (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length = strlen (cases[i].array);
      g_autofree char *copy = g_memdup2 (cases[i].array, length);
      g_autoptr(json_t) value = bipe_json_parse (cases[i].array, length, NULL);
      g_autoptr(GString) text = g_string_new (NULL);
      g_autoptr(GError) error = NULL;
      g_auto(BipeJsonSlices) slices = { 0 };

      g_test_message ("%s", cases[i].array);
      bipe_json_slice (copy, length, &slices, &error);
      g_assert_no_error (error);
      for (guint j = 0; j < slices.elements->len; j++)
        g_string_append_printf (text, "%s\n", (char *)slices.elements->pdata[j]);
      g_assert_cmpstr (text->str, ==, cases[i].elements);
      g_assert_cmpuint (slices.elements->len, ==, json_array_size (value));
    }
}

/* Good here, though none of these can be read. */
static const char *const unreadable[] = {
  "[1e400,-1e400,1e-400]", "[123456789012345678901234567890]",
  "[\"\\u0000\"]",         "[{\"\\u0000\":1}]",
  "[{\"a\":1,\"a\":2}]",   "{\"a\":1e400}",
};

static const struct
{
  const char *name;
  const char *text;
} bad[] = {
  { "nothing", "" },
  { "blanks", "  " },
  { "a string", "\"a\"" },
  { "a number", "1" },
  { "null", "null" },
  { "an open array", "[" },
  { "an open array with a value", "[1" },
  { "an open array with a comma", "[1," },
  { "an open object", "{" },
  { "an open object with a key", "{\"a\"" },
  { "an open object with a colon", "{\"a\":" },
  { "an open object with a value", "{\"a\":1" },
  { "a closing bracket alone", "]" },
  { "the other bracket", "[1}" },
  { "the other brace", "{\"a\":1]" },
  { "a bracket too many", "[]]" },
  { "two values", "[][]" },
  { "garbage behind", "{}x" },
  { "a comma behind", "[]," },
  { "a comma alone", "[,]" },
  { "a comma first", "[,1]" },
  { "a comma last", "[1,]" },
  { "a comma last in an object", "{\"a\":1,}" },
  { "two commas", "[1,,2]" },
  { "no comma", "[1 2]" },
  { "no comma between strings", "[\"a\"\"b\"]" },
  { "no colon", "{\"a\" 1}" },
  { "two colons", "{\"a\"::1}" },
  { "a colon in an array", "[\"a\":1]" },
  { "a key alone", "{\"a\"}" },
  { "a number for a key", "{1:2}" },
  { "a bare key", "{a:1}" },
  { "an array for a key", "{[]:1}" },
  { "no value", "{\"a\":}" },
  { "an open string", "[\"a" },
  { "an open string with a backslash", "[\"a\\" },
  { "an open escape", "[\"\\u00" },
  { "an escape cut by the string's end", "[\"\\u00\"]" },
  { "an unknown escape", "[\"\\x41\"]" },
  { "a high surrogate alone", "[\"\\ud83d\"]" },
  { "a high surrogate with a letter", "[\"\\ud83da\"]" },
  { "a high surrogate with an escape", "[\"\\ud83d\\n\"]" },
  { "two high surrogates", "[\"\\ud83d\\ud83d\"]" },
  { "a low surrogate alone", "[\"\\ude00\"]" },
  { "a line feed in a string", "[\"a\nb\"]" },
  { "a control character in a string", "[\"\x1f\"]" },
  { "single quotes", "['a']" },
  { "a leading zero", "[01]" },
  { "a negative leading zero", "[-01]" },
  { "a plus", "[+1]" },
  { "a minus alone", "[-]" },
  { "two minuses", "[--1]" },
  { "a point last", "[1.]" },
  { "a point first", "[.5]" },
  { "an exponent without digits", "[1e]" },
  { "an exponent with a sign alone", "[1e+]" },
  { "an exponent with two signs", "[1e+-1]" },
  { "a hexadecimal number", "[0x10]" },
  { "NaN", "[NaN]" },
  { "Infinity", "[-Infinity]" },
  { "capitals", "[True]" },
  { "a cut word", "[tru]" },
  { "a word that goes on", "[nulls]" },
  { "a comment", "[/* */]" },
  { "a comment behind", "[]//" },
  { "a byte order mark", "\xef\xbb\xbf[]" },
  { "a form feed for a blank", "[\f]" },
  { "no UTF-8", "[\"\xff\"]" },
  { "an overlong sequence", "[\"\xc0\xaf\"]" },
  { "a surrogate in UTF-8", "[\"\xed\xa0\x80\"]" },
  { "a cut sequence", "[\"\xc3\"]" },
};

static gboolean
slices (const char *text, gsize length)
{
  g_autofree char *copy = g_memdup2 (text, length);
  g_autoptr(GError) error = NULL;
  g_auto(BipeJsonSlices) slices = { 0 };

  if (bipe_json_slice (copy, length, &slices, &error))
    return TRUE;
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  return FALSE;
}

static void
test_grammar (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (unreadable); i++)
    {
      g_autoptr(json_t) value = bipe_json_parse (unreadable[i], strlen (unreadable[i]), NULL);

      g_test_message ("%s", unreadable[i]);
      g_assert_null (value);
      g_assert_true (slices (unreadable[i], strlen (unreadable[i])));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i].name);
      g_assert_false (slices (bad[i].text, strlen (bad[i].text)));
    }
  g_assert_false (slices ("[1\0]", 4));
  g_assert_false (slices ("[]\0", 3));
  g_assert_false (slices ("[\"\0\"]", 5));
}

static void
test_placeholders (void)
{
  static const struct
  {
    const char *text;
    guint64 placeholders;
    gboolean is_strange;
  } places[] = {
    { "[]", 0, FALSE },
    { "[" PLACE (0) "]", 1, FALSE },
    { "[{\"a\":[" PLACE (3) "]}, " PLACE (63) "]", G_GUINT64_CONSTANT (1) << 63 | 8, FALSE },
    { "[{ \"num\" : 1 , \"x\":{\"num\":5}, \"_placeholder\" : true }]", 2, FALSE },
    { "{\"a\":" PLACE (0) "}", 1, FALSE },
    { "[\"_placeholder\",true,\"num\",1]", 0, FALSE },
    { "[{\"_placeholder\":false,\"num\":1}]", 0, FALSE },
    { "[{\"_placeholder\":\"true\",\"num\":1}]", 0, FALSE },
    { "[{\"_placeholder\":[true],\"num\":1}]", 0, FALSE },
    { "[{\"a\":{\"_placeholder\":1},\"b\":true,\"num\":1}]", 0, FALSE },
    { "[{\"_placeholder\":true}]", 0, TRUE },
    { "[" PLACE (64) "]", 0, TRUE },
    { "[" PLACE (-1) "]", 0, TRUE },
    { "[" PLACE (1.0) "]", 0, TRUE },
    { "[" PLACE (1e0) "]", 0, TRUE },
    { "[" PLACE (18446744073709551617) "]", 0, TRUE },
    { "[" PLACE ("1") "]", 0, TRUE },
    { "[" PLACE ([1]) "]", 0, TRUE },
    { "[" PLACE (2) "," PLACE (2) "]", 4, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_auto(BipeJsonSlices) slices = { 0 };

      g_test_message ("%s", places[i].text);
      g_assert_true (bipe_json_slice (places[i].text, strlen (places[i].text), &slices, NULL));
      g_assert_cmphex (slices.placeholders, ==, places[i].placeholders);
      g_assert_cmpint (slices.has_strange_placeholder, ==, places[i].is_strange);
    }
}

static char *
repeat (const char *before, const char *part, guint n, const char *after)
{
  g_autoptr(GString) text = g_string_new (before);

  for (guint i = 0; i < n; i++)
    g_string_append (text, part);
  g_string_append (text, after);
  return g_strdup (text->str);
}

static void
test_bounds (void)
{
  static const struct
  {
    const char *before;
    const char *part;
    guint n;
    const char *after;
    gboolean is_good;
  } bounds[] = {
    { "[0", ",1", 999, "]", TRUE },
    { "[0", ",1", 1000, "]", FALSE },
    { "[{}", ",{}", 1000, "]", FALSE },
    { "[[0", ",1", 300000, "]]", TRUE },
    { "{\"a\":0", ",\"a\":1", 100000, "}", TRUE },
    { "[", "[", 31, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", TRUE },
    { "[", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", FALSE },
    { "[", "[", 1000000, "", FALSE },
    { "[", "{\"a\":", 1000000, "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      g_autofree char *text
          = repeat (bounds[i].before, bounds[i].part, bounds[i].n, bounds[i].after);

      g_test_message ("%u times %s", bounds[i].n, bounds[i].part);
      g_assert_cmpint (slices (text, strlen (text)), ==, bounds[i].is_good);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-slice/slices", test_slices);
  g_test_add_func ("/json-slice/grammar", test_grammar);
  g_test_add_func ("/json-slice/placeholders", test_placeholders);
  g_test_add_func ("/json-slice/bounds", test_bounds);
  return g_test_run ();
}

#include "config.h"

#include <string.h>

#include "base/json.h"
#include "socketio/json-slice.h"

static const struct
{
  const char *array;
  const char *elements; /* with a line feed behind each */
} cases[] = {
  { "[]", "" },
  { " \t\r\n[ \t\r\n] \n", "" },
  { "[1]", "1\n" },
  { "[1.10,1e2 , -0 ]", "1.10\n1e2\n-0\n" },
  { " [ \"a\" , null,true ,\tfalse\t] ", "\"a\"\nnull\ntrue\nfalse\n" },
  { "[\",\",\"]\",\"[\",\"\\\"\",\"\\\\\"]", "\",\"\n\"]\"\n\"[\"\n\"\\\"\"\n\"\\\\\"\n" },
  { "[[1,[2,3]],{\"a\":[4,{\"b\":5}],\"c\":6},[]]",
    "[1,[2,3]]\n{\"a\":[4,{\"b\":5}],\"c\":6}\n[]\n" },
  { "[{\"]}\":\"}]\"},2]", "{\"]}\":\"}]\"}\n2\n" },
  { "[ { \"a\" : 1 } , [ 2 , 3 ] ]", "{ \"a\" : 1 }\n[ 2 , 3 ]\n" },
  { "[\"\303\251\\u00e9\",\"  \"]", "\"\303\251\\u00e9\"\n\"  \"\n" },
};

static void
test_slices (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(json_t) value = bipe_json_parse (cases[i].array, strlen (cases[i].array), NULL);
      g_autoptr(GPtrArray) elements = bipe_json_slice (cases[i].array);
      g_autoptr(GString) text = g_string_new (NULL);

      for (guint j = 0; j < elements->len; j++)
        g_string_append_printf (text, "%s\n", (char *)g_ptr_array_index (elements, j));
      g_assert_cmpstr (text->str, ==, cases[i].elements);
      g_assert_cmpuint (elements->len, ==, json_array_size (value));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-slice/slices", test_slices);
  return g_test_run ();
}

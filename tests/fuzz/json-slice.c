/* json-slice.c: what is an array or an object here is one to jansson, too, with the same elements,
 * and the other way round; but for what only its reader can judge. */
#include "config.h"

#include "socketio/json-slice.h"

#include <string.h>

#include "base/json.h"
#include "target.h"

/* What the grammar lets in and a tree has no room for. */
static gboolean
is_for_a_reader (const GError *error)
{
  static const char *const reasons[]
      = { "too big", "overflow", "duplicate", "U+0000", "NUL", "values", "too large" };

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (strstr (error->message, reasons[i]) != NULL)
      return TRUE;
  return FALSE;
}

static void
check_elements (const BipeJsonSlices *slices, const json_t *value)
{
  g_assert_cmpuint (slices->elements->len, ==, json_array_size (value));
  for (guint i = 0; i < slices->elements->len; i++)
    {
      const char *text = slices->elements->pdata[i];
      g_autoptr(json_t) element = bipe_json_parse (text, strlen (text), NULL);

      g_assert_true (json_equal (element, json_array_get (value, i)));
      g_assert_false (g_ascii_isspace (text[0]) || g_ascii_isspace (text[strlen (text) - 1]));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) value = bipe_json_parse ((const char *)data, size, &error);
  g_auto(BipeJsonSlices) slices = { 0 };
  gboolean is_good = bipe_json_slice ((const char *)data, size, &slices, NULL);

  if (value == NULL)
    {
      g_assert_true (!is_good || is_for_a_reader (error));
      return 0;
    }
  g_assert_cmpint (
      is_good, ==,
      json_is_object (value)
          || (json_is_array (value) && json_array_size (value) <= BIPE_JSON_ELEMENTS_MAX));
  if (is_good && json_is_array (value))
    check_elements (&slices, value);
  return 0;
}

/* json.c: JSON, and a scan in it: what is read and written again is the same. */
#include "config.h"

#include "base/json.h"

#include <string.h>

#include "base/error.h"
#include "base/scan.h"
#include "target.h"

static void
check_error (const GError *error)
{
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
check_again (const json_t *value)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) again = NULL;
  char *text = json_dumps (value, JSON_ENCODE_ANY | JSON_COMPACT);

  g_assert_nonnull (text);
  again = bipe_json_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (json_equal (again, value));
  free (text);
}

static void
check_scan (const json_t *value)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_scan_from_json (value, &error), second = NULL;
  g_autoptr(GString) text = g_string_new (NULL), again = g_string_new (NULL);
  g_autoptr(json_t) record = NULL;

  if (scan == NULL)
    {
      check_error (error);
      return;
    }
  bipe_scan_append_json (scan, text);
  record = bipe_json_parse (text->str, text->len, &error);
  g_assert_no_error (error);
  second = bipe_scan_from_json (record, &error);
  g_assert_no_error (error);
  bipe_scan_append_json (second, again);
  g_assert_cmpstr (again->str, ==, text->str);
}

static void
check_string (const char *text, gsize length)
{
  g_autoptr(GString) quoted = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) value = NULL;
  g_autofree char *terminated = length > 0 ? g_strndup (text, length) : g_strdup ("");

  if (!g_utf8_validate (terminated, -1, NULL))
    return;
  bipe_json_append_string (quoted, terminated);
  value = bipe_json_parse (quoted->str, quoted->len, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json_string_value (value), ==, terminated);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) value = bipe_json_parse ((const char *)data, size, &error);

  if (value != NULL)
    {
      check_again (value);
      check_scan (value);
    }
  else
    check_error (error);
  check_string ((const char *)data, size);
  return 0;
}

/* percent.c: percent-encoding, of paths and of forms. */
#include "config.h"

#include "server/percent.h"

#include <string.h>

#include "base/error.h"
#include "target.h"

static void
check_text (const char *text, gsize length, gboolean is_form)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *decoded = bipe_percent_decode (text, length, is_form, &error);
  g_autofree char *encoded = NULL, *again = NULL;

  if (decoded == NULL)
    {
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      return;
    }
  g_assert_true (g_utf8_validate (decoded, -1, NULL));
  g_assert_cmpuint (strlen (decoded), <=, length);
  encoded = g_uri_escape_string (decoded, NULL, FALSE);
  again = bipe_percent_decode (encoded, strlen (encoded), is_form, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, decoded);
}

static void
check_form (const char *query)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) words = bipe_percent_decode_form (query, &error);

  if (words == NULL)
    {
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      return;
    }
  g_assert_cmpuint (words->len % 2, ==, 0);
  for (guint i = 0; i < words->len; i++)
    g_assert_true (g_utf8_validate (words->pdata[i], -1, NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *query = size > 0 ? g_strndup ((const char *)data, size) : g_strdup ("");

  check_text ((const char *)data, size, FALSE);
  check_text ((const char *)data, size, TRUE);
  check_form (query);
  return 0;
}

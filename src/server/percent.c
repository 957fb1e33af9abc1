#include "config.h"

#include "server/percent.h"

#include <string.h>

#include "base/error.h"

char *
bipe_percent_decode (const char *text, gsize length, gboolean is_form, GError **error)
{
  g_autofree char *decoded = g_malloc (length + 1);
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    {
      int high, low;

      if (text[i] != '%')
        {
          decoded[n++] = text[i] == '+' && is_form ? ' ' : text[i];
          continue;
        }
      if (length - i < 3 || (high = g_ascii_xdigit_value (text[i + 1])) < 0
          || (low = g_ascii_xdigit_value (text[i + 2])) < 0)
        {
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                       "bad percent-encoding in the address");
          return NULL;
        }
      decoded[n++] = (char)(high << 4 | low);
      i += 2;
    }
  decoded[n] = '\0';

  /* With a length given, U+0000 counts as invalid. */
  if (!g_utf8_validate_len (decoded, n, NULL))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                   "the address must be UTF-8 without U+0000");
      return NULL;
    }
  return g_steal_pointer (&decoded);
}

GPtrArray *
bipe_percent_decode_form (const char *query, GError **error)
{
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  while (*query != '\0')
    {
      gsize length = strcspn (query, "&");
      const char *equals = memchr (query, '=', length);
      gsize name_length = equals != NULL ? (gsize)(equals - query) : length;
      gsize value_start = MIN (name_length + 1, length);
      char *name = bipe_percent_decode (query, name_length, TRUE, error);
      char *value = NULL;

      if (name == NULL)
        return NULL;
      g_ptr_array_add (words, name);
      value = bipe_percent_decode (query + value_start, length - value_start, TRUE, error);
      if (value == NULL)
        return NULL;
      g_ptr_array_add (words, value);
      query += length + (query[length] == '&');
    }
  return g_steal_pointer (&words);
}

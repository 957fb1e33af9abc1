#include "config.h"

#include "base/json.h"

#include <string.h>

#include "base/error.h"

/* Why a tree of @text would be too deep (jansson's own limit is 2,048 levels) or too large; NULL:
 * neither. Each value but the first follows a comma or an opening bracket. */
static const char *
check_size (const char *text, gsize length)
{
  gboolean is_in_string = FALSE;
  guint depth = 0, n_values = 1;

  for (gsize i = 0; i < length; i++)
    {
      if (is_in_string)
        {
          if (text[i] == '\\')
            i++;
          else if (text[i] == '"')
            is_in_string = FALSE;
        }
      else if (text[i] == '"')
        is_in_string = TRUE;
      else if (text[i] == '[' || text[i] == '{')
        {
          n_values++;
          if (++depth > BIPE_JSON_DEPTH_MAX)
            return "JSON is nested more than " G_STRINGIFY (BIPE_JSON_DEPTH_MAX) " levels deep";
        }
      else if (text[i] == ',')
        n_values++;
      else if ((text[i] == ']' || text[i] == '}') && depth > 0)
        depth--;
    }
  return n_values > BIPE_JSON_VALUES_MAX
             ? "JSON has more than " G_STRINGIFY (BIPE_JSON_VALUES_MAX) " values"
             : NULL;
}

json_t *
bipe_json_parse (const char *text, gsize length, GError **error)
{
  const char *excess = check_size (text, length);
  json_error_t problem;
  json_t *value;

  if (excess != NULL)
    {
      g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, excess);
      return NULL;
    }
  /* jansson passes over one behind a number. */
  if (length > 0 && memchr (text, '\0', length) != NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "malformed JSON: it has a byte 0 in it");
      return NULL;
    }

  value = json_loadb (text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
  if (value == NULL)
    {
      /* jansson quotes what stands near the fault, which may be no UTF-8; and it names a flag of
       * its own where a string has U+0000 in it. */
      g_autofree char *why = json_error_code (&problem) == json_error_null_character
                                 ? g_strdup ("U+0000 is not allowed in a string")
                                 : g_utf8_make_valid (problem.text, -1);

      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                   "malformed JSON at line %d, column %d: %s", problem.line, problem.column, why);
    }
  return value;
}

gboolean
bipe_json_get_string (const json_t *object, const char *name, const char **value, GError **error)
{
  const json_t *member = json_object_get (object, name);

  *value = NULL;
  if (member == NULL || json_is_null (member))
    return TRUE;
  if (!json_is_string (member))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s must be a string", name);
      return FALSE;
    }
  *value = json_string_value (member);
  return TRUE;
}

gboolean
bipe_json_get_integer (const json_t *object, const char *name, gint64 *value, GError **error)
{
  const json_t *member = json_object_get (object, name);

  *value = 0;
  if (member == NULL || json_is_null (member))
    return TRUE;
  if (!json_is_integer (member))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s must be an integer", name);
      return FALSE;
    }
  *value = json_integer_value (member);
  return TRUE;
}

void
bipe_json_append_text (GString *out, const char *text, gsize length)
{
  static const char escapes[] = "btn\0fr";
  const char *end = text + length;
  const char *plain = text;

  g_string_append_c (out, '"');
  for (; text < end; text++)
    {
      guchar c = (guchar)*text;

      if (G_LIKELY (c >= 0x20 && c != '"' && c != '\\'))
        continue;
      g_string_append_len (out, plain, text - plain);
      plain = text + 1;
      g_string_append_c (out, '\\');
      if (c >= 0x20)
        g_string_append_c (out, *text);
      else if (c >= '\b' && c <= '\r' && escapes[c - '\b'] != '\0')
        g_string_append_c (out, escapes[c - '\b']);
      else
        g_string_append_printf (out, "u%04x", c);
    }
  g_string_append_len (out, plain, text - plain);
  g_string_append_c (out, '"');
}

void
bipe_json_append_string (GString *out, const char *text)
{
  if (text != NULL)
    bipe_json_append_text (out, text, strlen (text));
  else
    g_string_append_len (out, "null", 4);
}

void
bipe_json_append_integer (GString *out, gint64 value)
{
  char digits[24];
  char *end = digits + sizeof digits;
  char *start = end;
  guint64 left = value < 0 ? -(guint64)value : (guint64)value;

  do
    *--start = (char)('0' + left % 10);
  while ((left /= 10) > 0);
  if (value < 0)
    *--start = '-';
  g_string_append_len (out, start, end - start);
}

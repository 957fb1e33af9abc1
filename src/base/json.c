#include "config.h"

#include "base/json.h"

#include <string.h>

#include "base/error.h"

/* jansson's own limit is 2,048 levels; ours is found before a tree is built. */
static gboolean
is_too_deep (const char *text, gsize length)
{
  gboolean is_in_string = FALSE;
  guint depth = 0;

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
          if (++depth > BIPE_JSON_DEPTH_MAX)
            return TRUE;
        }
      else if ((text[i] == ']' || text[i] == '}') && depth > 0)
        depth--;
    }
  return FALSE;
}

static json_t *
parse (const char *text, gsize length, size_t flags, GError **error)
{
  json_error_t problem;
  json_t *value;

  if (is_too_deep (text, length))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "JSON is nested more than %d levels deep",
                   BIPE_JSON_DEPTH_MAX);
      return NULL;
    }
  /* jansson passes over one behind a number. */
  if (memchr (text, '\0', length) != NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "malformed JSON: it has a byte 0 in it");
      return NULL;
    }

  value = json_loadb (text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | flags, &problem);
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

json_t *
bipe_json_parse (const char *text, gsize length, GError **error)
{
  return parse (text, length, 0, error);
}

json_t *
bipe_json_parse_foreign (const char *text, gsize length, GError **error)
{
  return parse (text, length, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, error);
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
bipe_json_append_string (GString *out, const char *text)
{
  static const char escapes[] = "btn\0fr";
  const char *plain = text;

  if (text == NULL)
    {
      g_string_append_len (out, "null", 4);
      return;
    }

  g_string_append_c (out, '"');
  for (; *text != '\0'; text++)
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
bipe_json_append_integer (GString *out, gint64 value)
{
  char digits[24];

  g_string_append_len (out, digits, g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, value));
}

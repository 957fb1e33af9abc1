#include "config.h"

#include "socketio/json-slice.h"

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *
skip_blanks (const char *text)
{
  while (is_blank (*text))
    text++;
  return text;
}

/* From a string's first quote to behind its last. */
static const char *
skip_string (const char *text)
{
  for (text++; *text != '"' && *text != '\0'; text++)
    if (*text == '\\' && text[1] != '\0')
      text++;
  return *text == '"' ? text + 1 : text;
}

/* To the comma or bracket that ends the element which begins here. */
static const char *
skip_element (const char *text)
{
  guint depth = 0;

  while (*text != '\0')
    {
      if (depth == 0 && (*text == ',' || *text == ']'))
        return text;
      if (*text == '"')
        {
          text = skip_string (text);
          continue;
        }
      if (*text == '[' || *text == '{')
        depth++;
      else if (*text == ']' || *text == '}')
        depth--;
      text++;
    }
  return text;
}

GPtrArray *
bipe_json_slice (const char *array)
{
  GPtrArray *elements = g_ptr_array_new_with_free_func (g_free);
  const char *text = skip_blanks (array);

  g_return_val_if_fail (*text == '[', elements);

  text = skip_blanks (text + 1);
  while (*text != ']' && *text != '\0')
    {
      const char *end = skip_element (text);
      const char *last = end;

      while (last > text && is_blank (last[-1]))
        last--;
      g_ptr_array_add (elements, g_strndup (text, last - text));
      text = *end == ',' ? skip_blanks (end + 1) : end;
    }
  return elements;
}

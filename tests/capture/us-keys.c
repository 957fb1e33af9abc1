#include "config.h"

#include "tests/capture/us-keys.h"

#include <string.h>

gboolean
us_stroke_find (char character, UsStroke *stroke)
{
  static const struct
  {
    guint first;
    const char *plain;
    const char *shifted;
  } rows[] = {
    { 10, "1234567890-=", "!@#$%^&*()_+" },
    { 23, "\tqwertyuiop[]\r", "\tQWERTYUIOP{}\r" },
    { 38, "asdfghjkl;'`", "ASDFGHJKL:\"~" },
    { 51, "\\zxcvbnm,./", "|ZXCVBNM<>?" },
    { 65, " ", " " },
  };

  if (character == '\0')
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *plain = strchr (rows[i].plain, character);
      const char *shifted = strchr (rows[i].shifted, character);

      if (plain != NULL)
        *stroke = (UsStroke){ rows[i].first + (guint)(plain - rows[i].plain), 0 };
      else if (shifted != NULL)
        *stroke = (UsStroke){ rows[i].first + (guint)(shifted - rows[i].shifted), US_SHIFT };
      if (plain != NULL || shifted != NULL)
        return TRUE;
    }

  if (character < 0 || character >= ' '
      || !us_stroke_find (g_ascii_tolower (character + '@'), stroke))
    return FALSE;
  stroke->modifier = US_CONTROL;
  return TRUE;
}

#include "config.h"

#include "socketio/utf8.h"

gboolean
bipe_utf8_is_valid (const char *text, gsize length)
{
  const char *end = text + length;
  const char *valid;

  while (!g_utf8_validate_len (text, (gsize)(end - text), &valid))
    {
      if (valid == end || *valid != '\0')
        return FALSE;
      text = valid + 1;
    }
  return TRUE;
}

#include "config.h"

#include "socketio/engine-base64.h"

/* The value of one digit; −1: it is none. */
static int
base64_value (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

gboolean
bipe_engine_base64_decode (char *text, gsize length, gsize *decoded)
{
  gsize padding = 0;
  char *out = text;

  if (length % 4 != 0)
    return FALSE;
  while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
    padding++;

  for (gsize i = 0; i < length; i += 4)
    {
      gsize n_padded = i + 4 == length ? padding : 0;
      guint group = 0;

      for (gsize j = 0; j < 4; j++)
        {
          int value = j < 4 - n_padded ? base64_value (text[i + j]) : 0;

          if (value < 0)
            return FALSE;
          group = group << 6 | (guint)value;
        }
      if ((group & ((1u << 8 * n_padded) - 1)) != 0)
        return FALSE;
      for (gsize j = 0; j < 3 - n_padded; j++)
        *out++ = (char)(group >> (16 - 8 * j));
    }
  *out = '\0';
  *decoded = (gsize)(out - text);
  return TRUE;
}

gsize
bipe_engine_base64_measure (gsize length)
{
  return (length + 2) / 3 * 4;
}

void
bipe_engine_base64_append (GString *text, const char *data, gsize length)
{
  int state = 0, save = 0;
  gsize at = text->len;

  g_string_set_size (text, at + (length / 3 + 1) * 4 + 4);
  at += g_base64_encode_step ((const guchar *)data, length, FALSE, text->str + at, &state, &save);
  at += g_base64_encode_close (FALSE, text->str + at, &state, &save);
  g_string_truncate (text, at);
}

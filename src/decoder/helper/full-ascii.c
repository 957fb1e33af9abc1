#include "config.h"

#include "decoder/helper/full-ascii.h"

#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/* What a pair stands for; 0: nothing that can be printed. */
static char
expand_pair (char sign, char letter)
{
  static const struct
  {
    char sign;
    char first; /* letters from here on … */
    char last;
    char from; /* … stand for the characters from here on */
  } ranges[] = {
    { '+', 'A', 'Z', 'a' }, { '/', 'A', 'O', '!' }, { '/', 'Z', 'Z', ':' }, { '%', 'F', 'J', ';' },
    { '%', 'K', 'O', '[' }, { '%', 'P', 'S', '{' }, { '%', 'V', 'V', '@' }, { '%', 'W', 'W', '`' },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    if (ranges[i].sign == sign && letter >= ranges[i].first && letter <= ranges[i].last)
      return (char)(ranges[i].from + (letter - ranges[i].first));
  return 0;
}

static gboolean
has_hibc_check (const char *text)
{
  gsize length = strlen (text);
  guint sum = 0;

  if (text[0] != '+' || length < 4)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      const char *at = strchr (alphabet, text[i]);

      if (at == NULL)
        return FALSE;
      if (i == length - 1)
        return sum % 43 == (guint)(at - alphabet);
      sum += (guint)(at - alphabet);
    }
  return FALSE;
}

char *
bipe_full_ascii_expand (const char *text)
{
  g_autoptr(GString) expanded = g_string_new (NULL);
  gboolean has_lower_case = FALSE;

  if (has_hibc_check (text))
    return NULL;
  for (const char *at = text; *at != '\0'; at++)
    {
      char character = *at;

      if (strchr ("+/%$", *at) != NULL)
        {
          character = expand_pair (*at, at[1]);
          if (character == 0)
            return NULL;
          at++;
        }
      has_lower_case = has_lower_case || g_ascii_islower (character);
      g_string_append_c (expanded, character);
    }
  return has_lower_case ? g_string_free (g_steal_pointer (&expanded), FALSE) : NULL;
}

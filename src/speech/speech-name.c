#include "config.h"

#include "speech/speech-name.h"

#include <string.h>

#include "base/error.h"

/* Many scripts write vowels as marks on a letter; the first character can be none. */
static gboolean
is_allowed (gunichar character, gboolean is_first)
{
  if (character == '.')
    return !is_first;
  if (g_unichar_ismark (character))
    return !is_first;
  return character == ' ' || character == '-' || character == '_' || g_unichar_isalpha (character)
         || g_unichar_isdigit (character);
}

gboolean
bipe_speech_name_check (const char *name, GError **error)
{
  gboolean is_name = g_utf8_validate (name, -1, NULL) && name[0] != '\0'
                     && g_utf8_strlen (name, -1) <= BIPE_SPEECH_NAME_MAX;

  for (const char *at = name; is_name && *at != '\0'; at = g_utf8_next_char (at))
    is_name = is_allowed (g_utf8_get_char (at), at == name);
  if (!is_name)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                 "name must have 1 to %d letters, digits, spaces, hyphens, underlines or dots, "
                 "and not a dot first",
                 BIPE_SPEECH_NAME_MAX);
  return is_name;
}

char *
bipe_speech_name_to_key (const char *name)
{
  g_autofree char *composed = g_utf8_normalize (name, -1, G_NORMALIZE_NFC);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, composed, -1);
}

char *
bipe_speech_name_to_disposition (const char *name)
{
  /* RFC 8187's attr-char, besides letters and digits; a name has no others of them. */
  g_autofree char *escaped = g_uri_escape_string (name, NULL, FALSE);
  GString *plain = g_string_new (NULL);
  char *disposition;

  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    g_string_append_c (plain, (guchar)*at < 0x80 ? *at : '_');
  disposition = g_strdup_printf ("attachment; filename=\"%s.mp3\"; filename*=UTF-8''%s.mp3",
                                 plain->str, escaped);
  g_string_free (plain, TRUE);
  return disposition;
}

#include "config.h"

#include "speech/utterance.h"

#include <string.h>

#include "base/error.h"

/* Of a language's or a voice's name. */
#define WORD_MAX 32

/* Changes when the sound of the same utterance does: what was kept is then made anew. */
#define FORM 1

/* Seed 001 says "pt" and means Brazil; espeak-ng's "pt" is Portugal's. */
static const struct
{
  const char *language;
  const char *accent;
} accents[] = {
  { "pt", "pt-br" },    { "zh", "cmn" },      { "zh-cn", "cmn" }, { "zh-tw", "cmn" },
  { "zh-hans", "cmn" }, { "zh-hant", "cmn" }, { "zh-hk", "yue" },
};

static gboolean
is_word (const char *text, const char *others)
{
  gsize length = strlen (text);

  if (length == 0 || length > WORD_MAX)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr (others, text[i]) == NULL)
      return FALSE;
  return TRUE;
}

static char *
dup_accent (const char *language)
{
  char *accent = g_strdelimit (g_ascii_strdown (language, -1), "_", '-');

  for (guint i = 0; i < G_N_ELEMENTS (accents); i++)
    if (g_str_equal (accents[i].language, accent))
      {
        g_free (accent);
        return g_strdup (accents[i].accent);
      }
  return accent;
}

/* To espeak-ng some control characters are commands, and some of private use are its own marks. */
static gboolean
is_said (gunichar character)
{
  switch ((int)g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return character == '\n' || character == '\t';
    default:
      return TRUE;
    }
}

static char *
dup_said (const char *text)
{
  GString *said = g_string_sized_new (strlen (text));

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    g_string_append_unichar (said, is_said (g_utf8_get_char (at)) ? g_utf8_get_char (at) : ' ');
  return g_string_free (said, FALSE);
}

static gboolean
check_range (const char *name, int value, int least, int most, GError **error)
{
  if (value >= least && value <= most)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s must be a number from %d to %d", name,
               least, most);
  return FALSE;
}

static gboolean
check_text (const char *text, GError **error)
{
  if (!g_utf8_validate (text, -1, NULL))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "the text must be UTF-8");
  else if (text[0] == '\0' || g_utf8_strlen (text, -1) > BIPE_UTTERANCE_TEXT_MAX)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "the text must have 1 to %d characters",
                 BIPE_UTTERANCE_TEXT_MAX);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_manner (const BipeManner *manner, GError **error)
{
  if (!is_word (manner->language, "-_"))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                   "language must be one such as pt, en or zh");
      return FALSE;
    }
  if (manner->voice != NULL && !is_word (manner->voice, "-_ "))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                   "voice must be one of espeak-ng's variants, such as f3");
      return FALSE;
    }
  return check_range ("speed", manner->speed, BIPE_UTTERANCE_SPEED_MIN, BIPE_UTTERANCE_SPEED_MAX,
                      error)
         && check_range ("pitch", manner->pitch, 0, BIPE_UTTERANCE_PITCH_MAX, error)
         && check_range ("volume", manner->volume, 0, BIPE_UTTERANCE_VOLUME_MAX, error);
}

static char *
make_key (const BipeUtterance *self)
{
  g_autofree char *manner = g_strdup_printf ("%d\n%s\n%s\n%d\n%d\n%d\n", FORM, self->accent,
                                             self->voice, self->speed, self->pitch, self->volume);
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *)manner, (gssize)strlen (manner));
  g_checksum_update (checksum, (const guchar *)self->text, (gssize)strlen (self->text));
  return g_strdup (g_checksum_get_string (checksum));
}

BipeUtterance *
bipe_utterance_new (const char *text, const BipeManner *manner, GError **error)
{
  BipeUtterance *self;

  if (!check_text (text, error) || !check_manner (manner, error))
    return NULL;
  self = g_new0 (BipeUtterance, 1);
  self->n_refs = 1;
  self->text = dup_said (text);
  self->voice = g_strdup (manner->voice != NULL ? manner->voice : "");
  self->accent = dup_accent (manner->language);
  self->speed = manner->speed;
  self->pitch = manner->pitch;
  self->volume = manner->volume;
  self->key = make_key (self);
  return self;
}

BipeUtterance *
bipe_utterance_ref (BipeUtterance *self)
{
  g_atomic_int_inc (&self->n_refs);
  return self;
}

void
bipe_utterance_unref (BipeUtterance *self)
{
  if (!g_atomic_int_dec_and_test (&self->n_refs))
    return;
  g_free (self->key);
  g_free (self->accent);
  g_free (self->voice);
  g_free (self->text);
  g_free (self);
}

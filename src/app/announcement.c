/* announcement.c: a synthesiser takes “3931” for a number and “EAN” for a word, so what is to be
 * heard of a code is told letter by letter. Signs and control characters between are left out. */
#include "config.h"

#include "app/announcement.h"

#include <glib/gi18n.h>
#include <string.h>

/* Characters of a code that a rule has said whole. */
#define CODE_MAX 64

/* A lone “A” at the start of a clause would be an article. */
static void
append_character (GString *out, gunichar character)
{
  if (out->len > 0)
    g_string_append_c (out, ' ');
  g_string_append_unichar (out, g_unichar_toupper (character));
  if (g_unichar_isalpha (character))
    g_string_append_c (out, ',');
}

/* The last @limit letters and digits of @code. */
static char *
spell (const char *code, guint limit)
{
  const char *start = code + strlen (code);
  GString *out = g_string_new (NULL);

  for (guint n = 0; n < limit && start > code;)
    {
      start = g_utf8_prev_char (start);
      n += g_unichar_isalnum (g_utf8_get_char (start)) ? 1 : 0;
    }
  for (const char *at = start; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_isalnum (g_utf8_get_char (at)))
      append_character (out, g_utf8_get_char (at));
  if (out->len > 0 && out->str[out->len - 1] == ',')
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

/* The text of a rule, with what it asks for of the code. */
static char *
fill_in (const char *text, const char *code, guint n_last)
{
  g_autofree char *whole = spell (code, CODE_MAX);
  g_autofree char *last = spell (code, n_last);
  GString *out = g_string_new (text);

  /* What is filled in has no braces, so it is not looked at again. */
  g_string_replace (out, "{code}", whole, 0);
  g_string_replace (out, "{last}", last, 0);
  return g_string_free (out, FALSE);
}

static char *
cut (char *text)
{
  if (g_utf8_strlen (text, -1) > BIPE_ANNOUNCEMENT_TEXT_MAX)
    *g_utf8_offset_to_pointer (text, BIPE_ANNOUNCEMENT_TEXT_MAX) = '\0';
  return text;
}

static char *
word_online (gint64 n_delivered)
{
  gulong n = (gulong)n_delivered;

  if (n_delivered <= 0)
    /* Translators: spoken: the database can be reached again */
    return g_strdup (C_ ("spoken", "back online"));
  /* Translators: spoken: the database can be reached again, and so many scans were stored that had
   * waited for it */
  return g_strdup_printf (ngettext ("back online, %lu delivered", "back online, %lu delivered", n),
                          n);
}

/* What is always said in the interface's language; NULL: it is none of these. */
static char *
word_sentence (const BipeNews *news)
{
  switch (news->kind)
    {
    case BIPE_NEWS_DUPLICATE:
      /* Translators: spoken, so short: this code was scanned just before */
      return g_strdup (C_ ("spoken", "duplicate"));
    case BIPE_NEWS_REFUSED:
      /* Translators: spoken, so short: this scan is not kept, or not stored */
      return g_strdup (C_ ("spoken", "rejected"));
    case BIPE_NEWS_OFFLINE:
      /* Translators: spoken, so short: the database can’t be reached */
      return g_strdup (C_ ("spoken", "offline"));
    case BIPE_NEWS_ONLINE:
      return word_online (news->n_delivered);
    case BIPE_NEWS_KEPT:
    default:
      return NULL;
    }
}

/* The language without its country. */
static gboolean
is_same_language (const char *a, const char *b)
{
  gsize n_a = strcspn (a, "-_"), n_b = strcspn (b, "-_");

  return n_a == n_b && g_ascii_strncasecmp (a, b, n_a) == 0;
}

static gboolean
is_of_scan (BipeNewsKind kind)
{
  return kind == BIPE_NEWS_KEPT || kind == BIPE_NEWS_DUPLICATE;
}

static void
set_words (BipeAnnouncement *self, const BipeNews *news, const BipeDiction *diction)
{
  const char *own = bipe_announcement_get_own_language ();
  const char *wanted = diction->language[0] != '\0' ? diction->language : own;
  const char *rule
      = is_of_scan (news->kind) ? bipe_speak_rules_find (diction->rules, news->code) : NULL;

  /* Whoever wants to hear nothing of a code does not want to hear that it came again. */
  if (rule != NULL && rule[0] == '\0')
    return;
  self->text = word_sentence (news);
  if (self->text != NULL)
    self->language = g_strdup (is_same_language (wanted, own) ? wanted : own);
  else
    {
      self->text = cut (rule != NULL ? fill_in (rule, news->code, diction->n_last)
                                     : spell (news->code, diction->n_last));
      self->language = g_strdup (wanted);
    }
  if (self->text[0] == '\0')
    g_clear_pointer (&self->text, g_free);
}

BipeAnnouncement *
bipe_announcement_new (const BipeNews *news, const BipeDiction *diction)
{
  g_autoptr(BipeAnnouncement) self = g_new0 (BipeAnnouncement, 1);

  self->kind = news->kind;
  self->has_earcon = diction->has_earcons;
  self->is_important = !is_of_scan (news->kind);
  if (diction->speaks && (diction->speaks_scans || !is_of_scan (news->kind)))
    set_words (self, news, diction);
  return self->has_earcon || self->text != NULL ? g_steal_pointer (&self) : NULL;
}

void
bipe_announcement_free (BipeAnnouncement *self)
{
  g_free (self->language);
  g_free (self->text);
  g_free (self);
}

const char *
bipe_announcement_get_own_language (void)
{
  /* Translators: the code of your own language, by which its voice is found: pt-BR, zh, fr */
  return C_ ("language code", "en");
}

/* json-slice.c: one pass, and a level for each bracket that is open: no recursion. */
#include "config.h"

#include "socketio/json-slice.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

typedef enum
{
  KEY_OTHER,
  KEY_PLACEHOLDER,
  KEY_NUMBER,
} Key;

/* Within an array or object. */
typedef struct
{
  gboolean is_object;
  Key key; /* of the value that comes */
  gboolean is_placeholder;
  int number; /* −1: none */
} Level;

typedef struct
{
  const char *at;
  const char *end;
  const char *element; /* the array's, where it began */
  BipeJsonSlices *slices;
  const char *why;
  guint depth;
  Level levels[BIPE_JSON_DEPTH_MAX];
} Reader;

static gboolean
fail (Reader *self, const char *why)
{
  self->why = why;
  return FALSE;
}

static void
skip_blanks (Reader *self)
{
  while (self->at < self->end
         && (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r'))
    self->at++;
}

static gboolean
skip (Reader *self, char c)
{
  if (self->at == self->end || *self->at != c)
    return FALSE;
  self->at++;
  return TRUE;
}

static gboolean
skip_word (Reader *self, const char *word)
{
  gsize length = strlen (word);

  if ((gsize)(self->end - self->at) < length || memcmp (self->at, word, length) != 0)
    return fail (self, "there is no value where one must be");
  self->at += length;
  return TRUE;
}

/* Four hexadecimal digits; −1: none. */
static int
read_code_unit (Reader *self)
{
  int unit = 0;

  for (guint i = 0; i < 4; i++)
    {
      int digit = self->at < self->end ? g_ascii_xdigit_value (*self->at) : -1;

      if (digit < 0)
        return -1;
      unit = unit * 16 + digit;
      self->at++;
    }
  return unit;
}

/* Behind the backslash. */
static gboolean
skip_escape (Reader *self)
{
  int unit;

  if (self->at == self->end || *self->at == '\0' || strchr ("\"\\/bfnrtu", *self->at) == NULL)
    return fail (self, "a string has an unknown escape");
  if (*self->at++ != 'u')
    return TRUE;
  unit = read_code_unit (self);
  if (unit >= 0xd800 && unit < 0xdc00 && skip (self, '\\') && skip (self, 'u'))
    {
      unit = read_code_unit (self);
      if (unit >= 0xdc00 && unit < 0xe000)
        return TRUE;
      unit = -1;
    }
  return (unit >= 0 && (unit < 0xd800 || unit >= 0xe000))
         || fail (self, "a string has an escape that is no character");
}

static gboolean
skip_string (Reader *self)
{
  if (!skip (self, '"'))
    return fail (self, "there is no string where one must be");
  while (self->at < self->end && *self->at != '"')
    {
      if ((guchar)*self->at < ' ')
        return fail (self, "a string has a control character");
      if (*self->at++ == '\\' && !skip_escape (self))
        return FALSE;
    }
  return skip (self, '"') || fail (self, "a string has no end");
}

static gboolean
skip_digits (Reader *self)
{
  const char *start = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return self->at > start || fail (self, "a number lacks digits");
}

static gboolean
skip_number (Reader *self)
{
  skip (self, '-');
  if (!skip (self, '0') && !skip_digits (self))
    return FALSE;
  if (skip (self, '.') && !skip_digits (self))
    return FALSE;
  if (!skip (self, 'e') && !skip (self, 'E'))
    return TRUE;
  if (!skip (self, '+'))
    skip (self, '-');
  return skip_digits (self);
}

static gboolean
equals (const char *start, const char *end, const char *text)
{
  return (gsize)(end - start) == strlen (text) && memcmp (start, text, strlen (text)) == 0;
}

/* A key and its colon. */
static gboolean
skip_key (Reader *self)
{
  Level *level = &self->levels[self->depth - 1];
  const char *start;

  skip_blanks (self);
  start = self->at;
  if (!skip_string (self))
    return FALSE;
  level->key = KEY_OTHER;
  if (equals (start, self->at, "\"_placeholder\""))
    level->key = KEY_PLACEHOLDER;
  else if (equals (start, self->at, "\"num\""))
    level->key = KEY_NUMBER;
  skip_blanks (self);
  return skip (self, ':') || fail (self, "a key has no colon behind it");
}

/* No more than there may be attachments, which fit two digits. */
static int
read_place (const char *start, const char *end)
{
  int place = 0;

  if (end - start > 2)
    return -1;
  for (; start < end; start++)
    {
      if (!g_ascii_isdigit (*start))
        return -1;
      place = place * 10 + (*start - '0');
    }
  return place < 64 ? place : -1;
}

/* What a value tells about the object that it stands in. */
static void
note_value (Reader *self, const char *start)
{
  Level *level = &self->levels[self->depth - 1];

  if (self->depth == 0 || !level->is_object)
    return;
  if (level->key == KEY_PLACEHOLDER)
    level->is_placeholder = equals (start, self->at, "true");
  else if (level->key == KEY_NUMBER)
    level->number = read_place (start, self->at);
}

static gboolean
skip_scalar (Reader *self)
{
  const char *start = self->at;
  char c = self->at < self->end ? *self->at : '\0';
  gboolean is_good;

  if (c == '"')
    is_good = skip_string (self);
  else if (c == '-' || g_ascii_isdigit (c))
    is_good = skip_number (self);
  else
    is_good = skip_word (self, c == 't' ? "true" : c == 'f' ? "false" : "null");
  if (is_good)
    note_value (self, start);
  return is_good;
}

static gboolean
enter (Reader *self)
{
  if (self->depth == BIPE_JSON_DEPTH_MAX)
    return fail (self, "it is nested more than " G_STRINGIFY (BIPE_JSON_DEPTH_MAX) " levels deep");
  self->levels[self->depth++] = (Level){ .is_object = *self->at++ == '{', .number = -1 };
  skip_blanks (self);
  return TRUE;
}

static void
leave (Reader *self)
{
  const Level *level = &self->levels[--self->depth];
  guint64 bit;

  if (level->is_placeholder)
    {
      bit = level->number >= 0 ? G_GUINT64_CONSTANT (1) << level->number : 0;
      self->slices->has_strange_placeholder |= bit == 0 || (self->slices->placeholders & bit) != 0;
      self->slices->placeholders |= bit;
    }
}

/* Behind a value, within the outermost level: an element ends. */
static gboolean
end_element (Reader *self)
{
  GPtrArray *elements = self->slices->elements;

  if (elements == NULL || self->depth != 1)
    return TRUE;
  if (elements->len == BIPE_JSON_ELEMENTS_MAX)
    return fail (self, "it has more than " G_STRINGIFY (BIPE_JSON_ELEMENTS_MAX) " elements");
  g_ptr_array_add (elements, g_strndup (self->element, self->at - self->element));
  return TRUE;
}

/* To the next value; at depth 0 there is none. */
static gboolean
leave_value (Reader *self)
{
  while (self->depth > 0)
    {
      gboolean is_object = self->levels[self->depth - 1].is_object;

      if (!end_element (self))
        return FALSE;
      skip_blanks (self);
      if (skip (self, ','))
        return !is_object || skip_key (self);
      if (!skip (self, is_object ? '}' : ']'))
        return fail (self, "an array or object goes on without a comma, or has no end");
      leave (self);
    }
  return TRUE;
}

/* A value, or the first bracket of one. */
static gboolean
read_value (Reader *self)
{
  gboolean is_object;

  skip_blanks (self);
  if (self->depth == 1)
    self->element = self->at;
  if (self->at == self->end || (*self->at != '[' && *self->at != '{'))
    return skip_scalar (self) && leave_value (self);
  if (!enter (self))
    return FALSE;
  is_object = self->levels[self->depth - 1].is_object;
  if (skip (self, is_object ? '}' : ']'))
    {
      leave (self);
      return leave_value (self);
    }
  return !is_object || skip_key (self);
}

static gboolean
read_text (Reader *self)
{
  if (!g_utf8_validate_len (self->at, self->end - self->at, NULL))
    return fail (self, "it is no UTF-8");
  skip_blanks (self);
  if (self->at == self->end || (*self->at != '[' && *self->at != '{'))
    return fail (self, "it is neither an array nor an object");
  if (*self->at == '[')
    self->slices->elements = g_ptr_array_new_with_free_func (g_free);
  do
    {
      if (!read_value (self))
        return FALSE;
    }
  while (self->depth > 0);
  skip_blanks (self);
  return self->at == self->end || fail (self, "there is something behind it");
}

gboolean
bipe_json_slice (const char *text, gsize length, BipeJsonSlices *slices, GError **error)
{
  Reader reader = { .at = text, .end = text + length, .slices = slices };

  *slices = (BipeJsonSlices){ 0 };
  if (read_text (&reader))
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "malformed JSON: %s", reader.why);
  return FALSE;
}

void
bipe_json_slices_clear (BipeJsonSlices *self)
{
  g_clear_pointer (&self->elements, g_ptr_array_unref);
}

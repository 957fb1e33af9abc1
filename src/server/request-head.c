/* request-head.c: a state for each part of a line, and a function for each state, which reads as
 * far as that part goes; a head may be cut anywhere between two bytes. */
#include "config.h"

#include "server/request-head.h"

#include <string.h>

enum
{
  AT_START,
  IN_METHOD,
  IN_TARGET,
  IN_VERSION,
  AT_FIELD,
  IN_NAME,
  IN_VALUE,
  AT_LINE_FEED,
  N_STATES,

  AT_END /* only behind a line's end */
};

/* The fields that say where a body ends. */
enum
{
  FIELD_OTHER,
  FIELD_LENGTH,
  FIELD_CODING,
};

#define REQUEST_LINE "the request line must be a method, an address and HTTP/1.1, one blank apart"
#define LINE_END "a line of the head must end with CR and LF, and have neither elsewhere"
#define LENGTH "Content-Length must be given once, and be one number"
#define CODING "Transfer-Encoding must be given once, and be chunked"

static gboolean
is_token (char c)
{
  return g_ascii_isalnum (c) || c == '-' || (c != '\0' && strchr ("!#$%&'*+.^_`|~", c) != NULL);
}

static gboolean
is_visible (char c)
{
  return c > ' ' && c < 0x7f;
}

/* Of a value: what is no ASCII stands for itself. */
static gboolean
is_text (char c)
{
  return ((guchar)c >= ' ' && c != 0x7f) || c == '\t';
}

static const char *
fail (BipeRequestHead *self, const char *at, const char *why)
{
  self->why = why;
  self->fault = BIPE_FAULT_MALFORMED;
  return at;
}

/* Of a word that is longer than there is room for, only that is known. */
static void
add_to_word (BipeRequestHead *self, char c)
{
  if (self->n_word < sizeof self->word)
    self->word[self->n_word] = c;
  self->n_word++;
}

static gboolean
is_word (const BipeRequestHead *self, const char *name)
{
  return strlen (name) == self->n_word && g_ascii_strncasecmp (self->word, name, self->n_word) == 0;
}

static const char *
read_start (BipeRequestHead *self, const char *at, const char *end)
{
  if (*at != '\r')
    {
      self->state = IN_METHOD;
      return at;
    }
  /* Some clients send one behind a body. */
  if (self->has_line)
    return fail (self, at, "there is more than one empty line before the request");
  self->state = AT_LINE_FEED;
  self->next = AT_START;
  return at + 1;
}

static const char *
read_method (BipeRequestHead *self, const char *at, const char *end)
{
  const char *start = at;

  while (at < end && is_token (*at))
    at++;
  self->n_word += (guint)(at - start);
  if (at == end)
    return at;
  if (*at != ' ' || self->n_word == 0)
    return fail (self, at, REQUEST_LINE);
  self->n_word = 0;
  self->state = IN_TARGET;
  return at + 1;
}

static const char *
read_target (BipeRequestHead *self, const char *at, const char *end)
{
  const char *start = at;

  while (at < end && is_visible (*at))
    at++;
  self->n_word += (guint)(at - start);
  if (at == end)
    return at;
  if ((guchar)*at >= 0x7f)
    return fail (self, at, "the address has a byte that must be percent-encoded");
  if (*at != ' ' || self->n_word == 0)
    return fail (self, at, REQUEST_LINE);
  self->n_word = 0;
  self->state = IN_VERSION;
  return at + 1;
}

/* Whoever reads the request says which versions it knows. */
static gboolean
is_version (const BipeRequestHead *self)
{
  return self->n_word == 8 && memcmp (self->word, "HTTP/", 5) == 0
         && g_ascii_isdigit (self->word[5]) && self->word[6] == '.'
         && g_ascii_isdigit (self->word[7]);
}

static const char *
read_version (BipeRequestHead *self, const char *at, const char *end)
{
  for (; at < end && is_visible (*at); at++)
    add_to_word (self, *at);
  if (at == end)
    return at;
  if (*at != '\r' || !is_version (self))
    return fail (self, at, REQUEST_LINE);
  self->is_1_1 = memcmp (self->word + 5, "1.1", 3) == 0;
  self->state = AT_LINE_FEED;
  self->next = AT_FIELD;
  return at + 1;
}

static const char *
read_field (BipeRequestHead *self, const char *at, const char *end)
{
  if (*at == '\r')
    {
      self->state = AT_LINE_FEED;
      self->next = AT_END;
      return at + 1;
    }
  if (*at == ' ' || *at == '\t')
    return fail (self, at, "a header must not go on in a second line");
  self->n_word = 0;
  self->state = IN_NAME;
  return at;
}

static const char *
begin_value (BipeRequestHead *self, const char *at)
{
  self->field = FIELD_OTHER;
  if (is_word (self, "Content-Length"))
    {
      if (self->has_length)
        return fail (self, at, LENGTH);
      self->has_length = TRUE;
      self->field = FIELD_LENGTH;
    }
  else if (is_word (self, "Transfer-Encoding"))
    {
      if (self->is_chunked)
        return fail (self, at, CODING);
      if (!self->is_1_1)
        return fail (self, at, "Transfer-Encoding needs HTTP/1.1");
      self->field = FIELD_CODING;
    }
  self->n_word = 0;
  self->state = IN_VALUE;
  return at + 1;
}

static const char *
read_name (BipeRequestHead *self, const char *at, const char *end)
{
  for (; at < end && is_token (*at); at++)
    add_to_word (self, *at);
  if (at == end)
    return at;
  if (*at == ':' && self->n_word > 0)
    return begin_value (self, at);
  if (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')
    return fail (self, at, "a header's name must end with a colon, with no blank before it");
  return fail (self, at, "a header's name has a character that is none of a name's");
}

/* Not the 64 bits' own overflow: that would be a small number again. */
static gboolean
read_length (BipeRequestHead *self)
{
  if (self->n_word == 0 || self->n_word > sizeof self->word)
    return FALSE;
  for (guint i = 0; i < self->n_word; i++)
    {
      guint64 digit = (guint64)(self->word[i] - '0');

      if (!g_ascii_isdigit (self->word[i]))
        return FALSE;
      if (self->body_length > (G_MAXUINT64 - digit) / 10)
        self->body_length = G_MAXUINT64;
      else
        self->body_length = self->body_length * 10 + digit;
    }
  return TRUE;
}

static const char *
end_value (BipeRequestHead *self, const char *at)
{
  while (self->n_word > 0 && self->n_word <= sizeof self->word
         && g_ascii_isspace (self->word[self->n_word - 1]))
    self->n_word--;
  if (self->field == FIELD_LENGTH && !read_length (self))
    return fail (self, at, LENGTH);
  if (self->field == FIELD_CODING && !is_word (self, "chunked"))
    return fail (self, at, CODING);
  self->is_chunked |= self->field == FIELD_CODING;
  self->state = AT_LINE_FEED;
  self->next = AT_FIELD;
  return at + 1;
}

static const char *
read_value (BipeRequestHead *self, const char *at, const char *end)
{
  if (self->field == FIELD_OTHER)
    while (at < end && is_text (*at))
      at++;
  else
    for (; at < end && is_text (*at); at++)
      if (self->n_word > 0 || !g_ascii_isspace (*at))
        add_to_word (self, *at);
  if (at == end)
    return at;
  if (*at == '\r')
    return end_value (self, at);
  return fail (self, at, *at == '\n' ? LINE_END : "a header has a control character in its value");
}

static const char *
read_line_feed (BipeRequestHead *self, const char *at, const char *end)
{
  if (*at != '\n')
    return fail (self, at, LINE_END);
  if (self->next != AT_END)
    self->state = self->next;
  else if (self->is_chunked && self->has_length)
    return fail (self, at, "there are both Content-Length and Transfer-Encoding");
  else
    self->is_whole = TRUE;
  self->has_line = TRUE;
  return at + 1;
}

static const char *(*const readers[N_STATES]) (BipeRequestHead *self,
                                               const char *at,
                                               const char *end)
    = {
        [AT_START] = read_start,     [IN_METHOD] = read_method,       [IN_TARGET] = read_target,
        [IN_VERSION] = read_version, [AT_FIELD] = read_field,         [IN_NAME] = read_name,
        [IN_VALUE] = read_value,     [AT_LINE_FEED] = read_line_feed,
      };

gsize
bipe_request_head_feed (BipeRequestHead *self, const char *bytes, gsize length)
{
  const char *at = bytes;
  const char *end = bytes + MIN (length, BIPE_REQUEST_HEAD_MAX - self->n_bytes);

  while (at < end && !self->is_whole && self->why == NULL)
    at = readers[self->state](self, at, end);
  self->n_bytes += (gsize)(at - bytes);
  if (self->n_bytes == BIPE_REQUEST_HEAD_MAX && !self->is_whole && self->why == NULL)
    {
      self->why = "the headers are longer than 64 KiB";
      self->fault = BIPE_FAULT_LONG_HEADERS;
    }
  return (gsize)(at - bytes);
}

void
bipe_request_head_end (BipeRequestHead *self)
{
  fail (self, NULL, "the request ends within its head");
}

/* packet.c: strict where the reference is lenient, since what is let in here is passed on. */
#include "config.h"

#include "socketio/packet.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "socketio/json-slice.h"

/* What is left to read. */
typedef struct
{
  const char *at;
  const char *end;
} Reader;

BipePacket *
bipe_packet_new (BipePacketType type)
{
  BipePacket *self = g_new0 (BipePacket, 1);

  self->type = type;
  self->space = g_strdup ("/");
  return self;
}

void
bipe_packet_free (BipePacket *self)
{
  g_free (self->space);
  g_free (self->json);
  g_clear_pointer (&self->arguments, g_ptr_array_unref);
  g_clear_pointer (&self->attachments, g_ptr_array_unref);
  g_free (self);
}

static gboolean
is_binary (const BipePacket *self)
{
  return self->type == BIPE_PACKET_BINARY_EVENT || self->type == BIPE_PACKET_BINARY_ACK;
}

static gboolean
is_ack (const BipePacket *self)
{
  return self->type == BIPE_PACKET_ACK || self->type == BIPE_PACKET_BINARY_ACK;
}

static gboolean
is_event (const BipePacket *self)
{
  return self->type == BIPE_PACKET_EVENT || self->type == BIPE_PACKET_BINARY_EVENT;
}

static gboolean
fail (GError **error, const char *why)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "malformed Socket.IO packet: %s", why);
  return FALSE;
}

/* Digits, at least one: no leading zeros, and no more than 64 bits. */
static gboolean
read_number (Reader *reader, guint64 *value)
{
  const char *start = reader->at;

  *value = 0;
  for (; reader->at < reader->end && g_ascii_isdigit (*reader->at); reader->at++)
    {
      guint64 digit = (guint64)(*reader->at - '0');

      if (*value > (G_MAXUINT64 - digit) / 10)
        return FALSE;
      *value = *value * 10 + digit;
    }
  return reader->at > start && (*start != '0' || reader->at == start + 1);
}

static gboolean
read_type (Reader *reader, BipePacket *self, GError **error)
{
  if (reader->at == reader->end || *reader->at < '0' || *reader->at > '6')
    return fail (error, "its type is unknown");
  self->type = (BipePacketType)(*reader->at++ - '0');
  return TRUE;
}

static gboolean
read_attachment_count (Reader *reader, BipePacket *self, GError **error)
{
  guint64 count;

  if (!is_binary (self))
    return TRUE;
  if (!read_number (reader, &count) || reader->at == reader->end || *reader->at != '-')
    return fail (error, "it does not say how many attachments it has");
  if (count > BIPE_PACKET_ATTACHMENTS_MAX)
    return fail (error, "it has too many attachments");
  reader->at++;
  self->n_attachments = (guint)count;
  return TRUE;
}

static gboolean
read_space (Reader *reader, BipePacket *self, GError **error)
{
  const char *start = reader->at;
  const char *end, *query;

  if (start == reader->end || *start != '/')
    return TRUE;

  end = memchr (start, ',', reader->end - start);
  reader->at = end != NULL ? end + 1 : reader->end;
  if (end == NULL)
    end = reader->end;
  if (!g_utf8_validate_len (start, end - start, NULL))
    return fail (error, "its namespace is no UTF-8");

  /* Some clients leave the query of the address in it. */
  query = memchr (start, '?', end - start);
  g_free (self->space);
  self->space = g_strndup (start, (query != NULL ? query : end) - start);
  return TRUE;
}

static gboolean
read_id (Reader *reader, BipePacket *self, GError **error)
{
  if ((is_event (self) || is_ack (self)) && reader->at < reader->end
      && g_ascii_isdigit (*reader->at))
    {
      if (!read_number (reader, &self->id))
        return fail (error, "its id is no number of 64 bits");
      self->has_id = TRUE;
    }
  if (is_ack (self) && !self->has_id)
    return fail (error, "an ack needs an id");
  return TRUE;
}

static gboolean
has_all_placeholders (const BipePacket *self, const BipeJsonSlices *slices)
{
  guint64 all = self->n_attachments == 64 ? G_MAXUINT64
                                          : (G_GUINT64_CONSTANT (1) << self->n_attachments) - 1;

  return !slices->has_strange_placeholder && slices->placeholders == all;
}

static gboolean
has_name (const BipeJsonSlices *slices)
{
  return slices->elements->len > 0 && ((char *)slices->elements->pdata[0])[0] == '"';
}

static gboolean
fits_type (const BipePacket *self, const BipeJsonSlices *slices, GError **error)
{
  if (!is_event (self) && !is_ack (self))
    return slices->elements == NULL || fail (error, "its data is no object");
  if (slices->elements == NULL)
    return fail (error, "its arguments are no array");
  if (is_event (self) && !has_name (slices))
    return fail (error, "an event needs a name");
  if (is_binary (self) && !has_all_placeholders (self, slices))
    return fail (error, "its placeholders are not those of its attachments");
  return TRUE;
}

static gboolean
read_json (Reader *reader, BipePacket *self, GError **error)
{
  g_auto(BipeJsonSlices) slices = { 0 };
  gsize length = reader->end - reader->at;

  if (length == 0 && !is_event (self) && !is_ack (self))
    return TRUE;
  if (self->type == BIPE_PACKET_DISCONNECT)
    return fail (error, "a disconnect has no data");

  if (!bipe_json_slice (reader->at, length, &slices, error) || !fits_type (self, &slices, error))
    return FALSE;
  self->json = g_strndup (reader->at, length);
  self->arguments = g_steal_pointer (&slices.elements);
  return TRUE;
}

BipePacket *
bipe_packet_parse (const char *text, gsize length, GError **error)
{
  g_autoptr(BipePacket) self = bipe_packet_new (BIPE_PACKET_CONNECT);
  Reader reader = { text, text + length };

  if (!read_type (&reader, self, error) || !read_attachment_count (&reader, self, error)
      || !read_space (&reader, self, error) || !read_id (&reader, self, error)
      || !read_json (&reader, self, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
bipe_packet_is_event (const BipePacket *self, const char *name)
{
  g_autoptr(json_t) value = NULL;
  const char *json;
  gsize length = strlen (name);

  if (!is_event (self) || self->arguments == NULL || self->arguments->len == 0)
    return FALSE;

  json = g_ptr_array_index (self->arguments, 0);
  if (strchr (json, '\\') == NULL)
    return strlen (json) == length + 2 && memcmp (json + 1, name, length) == 0;

  value = bipe_json_parse (json, strlen (json), NULL);
  return g_strcmp0 (json_string_value (value), name) == 0;
}

GBytes *
bipe_packet_to_frame (const BipePacket *self)
{
  gsize json_length = self->json != NULL ? strlen (self->json) : 0;
  GString *frame = g_string_sized_new (json_length + strlen (self->space) + 32);

  g_string_append_c (frame, '4');
  g_string_append_c (frame, (char)('0' + self->type));
  if (is_binary (self))
    {
      bipe_json_append_integer (frame, self->n_attachments);
      g_string_append_c (frame, '-');
    }
  if (strcmp (self->space, "/") != 0)
    {
      g_string_append (frame, self->space);
      g_string_append_c (frame, ',');
    }
  if (self->has_id)
    g_string_append_printf (frame, "%" G_GUINT64_FORMAT, self->id);
  g_string_append_len (frame, self->json, (gssize)json_length);
  return g_string_free_to_bytes (frame);
}

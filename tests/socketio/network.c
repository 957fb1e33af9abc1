#include "config.h"

#include "network.h"

#include <string.h>

const BipeEngineRequest polling_request = { .method = "GET", .eio = "4", .transport = "polling" };
const BipeEngineRequest websocket_request
    = { .method = "GET", .is_websocket = TRUE, .eio = "4", .transport = "websocket" };

void
get_answered_cb (guint status, BipeEngineKind kind, GString *body, gpointer get)
{
  Get *self = get;

  self->n_answers++;
  self->status = status;
  self->kind = kind;
  self->length = body->len;
  g_free (self->body);
  self->body = g_string_free (body, FALSE);
}

void
get_clear (Get *self)
{
  g_free (self->body);
  *self = (Get){ 0 };
}

char *
get_now (BipeEngineSession *session, guint status)
{
  g_auto(Get) get = { 0 };

  bipe_engine_session_poll (session, get_answered_cb, &get);
  g_assert_cmpuint (get.n_answers, ==, 1);
  g_assert_cmpuint (get.status, ==, status);
  return g_steal_pointer (&get.body);
}

void
get_assert (Get *self, guint status, const char *body)
{
  g_assert_cmpuint (self->n_answers, ==, 1);
  g_assert_cmpuint (self->status, ==, status);
  if (body != NULL)
    g_assert_cmpstr (self->body, ==, body);
  get_clear (self);
}

void
get_assert_hangs (Get *self)
{
  g_assert_cmpuint (self->n_answers, ==, 0);
}

static void
send (gpointer link, BipeEngineKind kind, GBytes *bytes)
{
  Wire *self = link;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  g_assert_false (self->is_closed);
  if (kind == BIPE_ENGINE_BINARY)
    g_string_append (self->got, "b:");
  g_string_append_len (self->got, data, (gssize)length);
  g_string_append_c (self->got, '\n');
}

static void
close_link (gpointer link)
{
  Wire *self = link;

  g_assert_false (self->is_closed);
  self->is_closed = TRUE;
}

static gsize
get_backlog (gpointer link)
{
  return ((Wire *)link)->backlog;
}

const BipeEngineLink wire_funcs = { send, close_link, get_backlog };

Wire *
wire_new (void)
{
  Wire *self = g_new0 (Wire, 1);

  self->got = g_string_new (NULL);
  return self;
}

void
wire_free (Wire *self)
{
  g_string_free (self->got, TRUE);
  g_free (self);
}

void
wire_assert (Wire *self, const char *messages)
{
  g_assert_cmpstr (self->got->str, ==, messages);
  g_string_truncate (self->got, 0);
}

void
wire_say (Wire *self, BipeEngineSession *session, const char *text)
{
  /* A copy without a NUL behind it, so that a read past the end is seen. */
  gsize length = strlen (text);
  g_autofree char *copy = g_memdup2 (text, length);

  bipe_engine_session_receive (session, self, BIPE_ENGINE_TEXT, copy, length);
}

char *
dup_sid (const char *open_packet)
{
  const char *start = strstr (open_packet, "\"sid\":\"");
  const char *end;

  g_assert_nonnull (start);
  start += strlen ("\"sid\":\"");
  end = strchr (start, '"');
  g_assert_nonnull (end);
  return g_strndup (start, end - start);
}

#include "config.h"

#include "fixture.h"

#include <string.h>

#include "base/error.h"

static void
opened_cb (BipeEngineSession *session, gpointer user_data)
{
  Fixture *self = user_data;

  self->n_living++;
  g_string_append (self->heard, "opened\n");
  if (self->on_opened != NULL)
    self->on_opened (self, session);
}

static void
message_cb (BipeEngineSession *session,
            BipeEngineKind kind,
            const char *data,
            gsize length,
            gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_cmpint (data[length], ==, '\0');
  g_string_append (self->heard, kind == BIPE_ENGINE_TEXT ? "text:" : "binary:");
  g_string_append_len (self->heard, data, (gssize)length);
  g_string_append_c (self->heard, '\n');
  if (self->on_message != NULL)
    self->on_message (self, session, data);
}

static void
closed_cb (BipeEngineSession *session, const char *reason, gpointer user_data)
{
  Fixture *self = user_data;

  self->n_living--;
  g_string_append_printf (self->heard, "closed:%s\n", reason);
  if (self->on_closed != NULL)
    self->on_closed (self, session);
}

static const BipeEngineListener listener = { opened_cb, message_cb, closed_cb };

void
fixture_set_up (Fixture *self, gconstpointer allow_eio3)
{
  const BipeEngineOptions options = {
    .ping_interval = PING_INTERVAL,
    .ping_timeout = PING_TIMEOUT,
    .max_payload = MAX_PAYLOAD,
    .max_outbox = MAX_OUTBOX,
    .max_sessions = MAX_SESSIONS,
    .max_newcomers = MAX_NEWCOMERS,
    .allow_eio3 = allow_eio3 != NULL,
  };

  *self = (Fixture){ 0 };
  self->clock = bipe_clock_new_manual (0);
  self->wires = g_ptr_array_new_with_free_func ((GDestroyNotify)wire_free);
  self->heard = g_string_new (NULL);
  self->engine = bipe_engine_new (&options, self->clock, &listener, self);
}

void
fixture_tear_down (Fixture *self, gconstpointer unused)
{
  bipe_engine_free (self->engine);
  /* Each has heard its end, at the latest now. */
  g_assert_cmpint (self->n_living, ==, 0);
  g_ptr_array_unref (self->wires);
  g_string_free (self->heard, TRUE);
  bipe_clock_free (self->clock);
}

Wire *
fixture_wire (Fixture *self)
{
  Wire *wire = wire_new ();

  g_ptr_array_add (self->wires, wire);
  return wire;
}

void
fixture_assert_heard (Fixture *self, const char *heard)
{
  g_assert_cmpstr (self->heard->str, ==, heard);
  g_string_truncate (self->heard, 0);
}

BipeEngineSession *
fixture_open_polling (Fixture *self)
{
  BipeEngineSession *session = bipe_engine_open (self->engine, &polling_request, NULL, NULL);
  g_autofree char *open_packet = get_now (session, 200);

  g_assert_true (g_str_has_prefix (open_packet, "0{"));
  fixture_assert_heard (self, "opened\n");
  return session;
}

BipeEngineSession *
fixture_open_linked (Fixture *self, Wire *wire)
{
  BipeEngineSession *session = bipe_engine_open (self->engine, &websocket_request, NULL, NULL);

  g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
  g_assert_true (g_str_has_prefix (wire->got->str, "0{"));
  g_string_truncate (wire->got, 0);
  fixture_assert_heard (self, "opened\n");
  return session;
}

gboolean
fixture_check (Fixture *self, const char *method, gboolean is_websocket, const char *sid)
{
  BipeEngineRequest request = is_websocket ? websocket_request : polling_request;
  g_autoptr(GError) error = NULL;
  BipeEngineSession *session;

  request.method = method;
  request.sid = sid;
  if (bipe_engine_check (self->engine, &request, &session, &error))
    {
      g_assert_no_error (error);
      g_assert_cmpint (session != NULL, ==, sid != NULL);
      return TRUE;
    }
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_assert_null (session);
  return FALSE;
}

void
fixture_advance (Fixture *self, guint milliseconds)
{
  bipe_clock_advance (self->clock, (gint64)milliseconds * 1000);
}

gboolean
fixture_post (BipeEngineSession *session, const char *body)
{
  gsize length = strlen (body);
  g_autofree char *copy = g_memdup2 (body, length);
  g_autoptr(GError) error = NULL;

  if (bipe_engine_session_post (session, BIPE_ENGINE_TEXT, copy, length, &error))
    {
      g_assert_no_error (error);
      return TRUE;
    }
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  return FALSE;
}

void
fixture_send (BipeEngineSession *session, const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));

  bipe_engine_session_send (session, BIPE_ENGINE_TEXT, bytes);
}

void
fixture_send_binary (BipeEngineSession *session, const char *bytes)
{
  g_autoptr(GBytes) frame = g_bytes_new (bytes, strlen (bytes));

  bipe_engine_session_send (session, BIPE_ENGINE_BINARY, frame);
}

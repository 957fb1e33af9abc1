#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "fixture.h"

static void
test_open_packet (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const BipeEngineRequest *request;
    const char *upgrades;
  } cases[] = { { &polling_request, "[\"websocket\"]" }, { &websocket_request, "[]" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeEngineSession *session = bipe_engine_open (self->engine, cases[i].request, NULL, NULL);
      Wire *wire = fixture_wire (self);
      g_autofree char *text = NULL, *expected = NULL;
      const char *sid = bipe_engine_session_get_sid (session);

      if (!cases[i].request->is_websocket)
        text = get_now (session, 200);
      else
        {
          g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
          text = g_strndup (wire->got->str, wire->got->len - 1);
        }
      expected = g_strdup_printf ("0{\"sid\":\"%s\",\"upgrades\":%s,\"pingInterval\":300,"
                                  "\"pingTimeout\":200,\"maxPayload\":100}",
                                  sid, cases[i].upgrades);
      g_assert_cmpstr (text, ==, expected);
      g_assert_cmpuint (strlen (sid), >=, 20);
      fixture_assert_heard (self, "opened\n");
      bipe_engine_close_all (self->engine);
      fixture_assert_heard (self, "closed:server shutting down\n");
    }
}

/* Requests without a sid, and with that of a session by polling. */
static const struct
{
  const char *method;
  gboolean is_websocket;
  const char *eio;
  const char *transport;
  gboolean opens;
  gboolean continues;
} requests[] = {
  { "GET", FALSE, "4", "polling", TRUE, TRUE },
  { "GET", TRUE, "4", "websocket", TRUE, TRUE },
  { "POST", FALSE, "4", "polling", FALSE, TRUE },
  { "PUT", FALSE, "4", "polling", FALSE, FALSE },
  { "HEAD", FALSE, "4", "polling", FALSE, FALSE },
  { "DELETE", FALSE, "4", "polling", FALSE, FALSE },
  { "get", FALSE, "4", "polling", FALSE, FALSE },
  { "POST", TRUE, "4", "websocket", FALSE, FALSE },

  { "GET", FALSE, NULL, "polling", FALSE, FALSE },
  { "GET", FALSE, "", "polling", FALSE, FALSE },
  { "GET", FALSE, "3", "polling", FALSE, FALSE },
  { "GET", FALSE, "5", "polling", FALSE, FALSE },
  { "GET", FALSE, "abc", "polling", FALSE, FALSE },
  { "GET", FALSE, "4abc", "polling", FALSE, FALSE },
  { "GET", FALSE, "04", "polling", FALSE, FALSE },
  { "GET", TRUE, NULL, "websocket", FALSE, FALSE },
  { "GET", TRUE, "abc", "websocket", FALSE, FALSE },

  { "GET", FALSE, "4", NULL, FALSE, FALSE },
  { "GET", FALSE, "4", "", FALSE, FALSE },
  { "GET", FALSE, "4", "abc", FALSE, FALSE },
  { "GET", FALSE, "4", "Polling", FALSE, FALSE },
  { "GET", FALSE, "4", "websocket", FALSE, FALSE },
  { "GET", TRUE, "4", "polling", FALSE, FALSE },
  { "GET", TRUE, "4", NULL, FALSE, FALSE },
};

static void
test_check (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    for (guint with_sid = 0; with_sid < 2; with_sid++)
      {
        const BipeEngineRequest request = {
          .method = requests[i].method,
          .is_websocket = requests[i].is_websocket,
          .eio = requests[i].eio,
          .transport = requests[i].transport,
          .sid = with_sid ? bipe_engine_session_get_sid (session) : NULL,
        };
        gboolean expected = with_sid ? requests[i].continues : requests[i].opens;
        BipeEngineSession *found = session;
        g_autoptr(GError) error = NULL;

        g_test_message ("%s EIO=%s transport=%s%s", requests[i].method, requests[i].eio,
                        requests[i].transport, with_sid ? " with a sid" : "");
        g_assert_cmpint (bipe_engine_check (self->engine, &request, &found, &error), ==, expected);
        g_assert_true (found == (expected && with_sid ? session : NULL));
        if (!expected)
          g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      }
  /* Only judged: nothing has been done. */
  g_assert_cmpuint (bipe_engine_get_count (self->engine), ==, 1);
  fixture_assert_heard (self, "");
}

static void
test_unknown_sid (Fixture *self, gconstpointer unused)
{
  g_autoptr(BipeEngineSession) session = bipe_engine_session_ref (fixture_open_polling (self));

  g_assert_false (fixture_check (self, "GET", FALSE, "abc"));
  g_assert_false (fixture_check (self, "POST", FALSE, "abc"));
  g_assert_false (fixture_check (self, "GET", TRUE, "abc"));
  g_assert_false (fixture_check (self, "GET", FALSE, ""));
  bipe_engine_session_close (session);
  g_assert_false (fixture_check (self, "GET", FALSE, bipe_engine_session_get_sid (session)));
  g_assert_false (fixture_check (self, "POST", FALSE, bipe_engine_session_get_sid (session)));
}

static void
test_max_sessions (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < MAX_SESSIONS; i++)
    {
      g_assert_true (fixture_check (self, "GET", FALSE, NULL));
      session = fixture_open_polling (self);
      bipe_engine_session_settle (session);
    }
  g_assert_cmpuint (bipe_engine_get_count (self->engine), ==, MAX_SESSIONS);
  g_assert_true (fixture_check (self, "GET", FALSE, bipe_engine_session_get_sid (session)));
  for (guint is_websocket = 0; is_websocket < 2; is_websocket++)
    {
      BipeEngineSession *none;

      g_assert_false (bipe_engine_check (
          self->engine, is_websocket ? &websocket_request : &polling_request, &none, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
      g_clear_error (&error);
    }

  bipe_engine_session_close (session);
  g_assert_true (fixture_check (self, "GET", FALSE, NULL));
}

/* Where there is no room, one that is not settled goes, the oldest first, and a settled one never.
 */
static void
test_oldest_makes_way (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *sessions[MAX_SESSIONS];
  g_auto(Get) get = { 0 };

  for (guint i = 0; i < MAX_SESSIONS; i++)
    sessions[i] = fixture_open_polling (self);
  bipe_engine_session_settle (sessions[0]);
  bipe_engine_session_settle (sessions[0]);
  bipe_engine_session_poll (sessions[1], get_answered_cb, &get);

  g_assert_true (fixture_check (self, "GET", FALSE, NULL));
  get_assert_hangs (&get);
  bipe_engine_open (self->engine, &websocket_request, NULL, NULL);
  get_assert (&get, 200, "1");
  fixture_assert_heard (self, "closed:forced close\nopened\n");
  g_assert_cmpuint (bipe_engine_get_count (self->engine), ==, MAX_SESSIONS);
  g_assert_true (fixture_check (self, "GET", FALSE, bipe_engine_session_get_sid (sessions[0])));
  g_assert_true (fixture_check (self, "GET", FALSE, bipe_engine_session_get_sid (sessions[2])));
}

static gboolean
has_room (Fixture *self, const char *key)
{
  BipeEngineRequest request = polling_request;
  g_autoptr(GError) error = NULL;
  BipeEngineSession *none;

  request.key = key;
  if (bipe_engine_check (self->engine, &request, &none, &error))
    return TRUE;
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_FULL);
  return FALSE;
}

static BipeEngineSession *
open_with_key (Fixture *self, const char *key)
{
  BipeEngineRequest request = polling_request;

  request.key = key;
  g_assert_true (has_room (self, key));
  return bipe_engine_open (self->engine, &request, NULL, NULL);
}

/* One key alone is told that there is no room, until one of its own is settled or ends. */
static void
test_max_newcomers (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *first = open_with_key (self, "one");
  BipeEngineSession *second = open_with_key (self, "one");

  g_assert_false (has_room (self, "one"));
  g_assert_true (has_room (self, "other"));
  g_assert_true (has_room (self, NULL));
  bipe_engine_session_settle (first);
  g_assert_true (has_room (self, "one"));
  bipe_engine_session_close (first);
  open_with_key (self, "one");
  g_assert_false (has_room (self, "one"));
  bipe_engine_session_close (second);
  g_assert_true (has_room (self, "one"));
}

static void
test_deadline (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);
  BipeEngineSession *session;

  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, -1);
  bipe_engine_tick (self->engine);

  session = fixture_open_linked (self, wire);
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, 300000);
  fixture_advance (self, 100);
  fixture_open_polling (self);
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, 300000);

  /* Too early. */
  fixture_advance (self, 199);
  bipe_engine_tick (self->engine);
  wire_assert (wire, "");
  fixture_advance (self, 1);
  bipe_engine_tick (self->engine);
  wire_assert (wire, "2\n");
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, 400000);
  fixture_advance (self, 100);
  bipe_engine_tick (self->engine);
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, 500000);

  /* The pong moves it: the other's is next. */
  wire_say (wire, session, "3");
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, 600000);
  fixture_advance (self, 200);
  bipe_engine_tick (self->engine);
  fixture_assert_heard (self, "closed:ping timeout\n");
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, 700000);
  g_assert_cmpuint (bipe_engine_get_count (self->engine), ==, 1);
}

/* A tick that comes very late pings first: nobody is taken for dead who was never asked. */
static void
test_late_tick (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);

  fixture_open_linked (self, wire);
  fixture_advance (self, 100000);
  bipe_engine_tick (self->engine);
  wire_assert (wire, "2\n");
  fixture_assert_heard (self, "");
  fixture_advance (self, PING_TIMEOUT);
  bipe_engine_tick (self->engine);
  g_assert_true (wire->is_closed);
  fixture_assert_heard (self, "closed:ping timeout\n");
}

static void
test_close_all (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self), *probe = fixture_wire (self);
  g_auto(Get) get = { 0 };
  BipeEngineSession *polling, *upgrading;

  polling = fixture_open_polling (self);
  bipe_engine_session_poll (polling, get_answered_cb, &get);
  upgrading = fixture_open_polling (self);
  g_assert_true (bipe_engine_session_link (upgrading, &wire_funcs, probe));
  fixture_open_linked (self, wire);

  bipe_engine_close_all (self->engine);
  get_assert (&get, 200, "6");
  g_assert_true (wire->is_closed);
  g_assert_true (probe->is_closed);
  fixture_assert_heard (
      self,
      "closed:server shutting down\nclosed:server shutting down\nclosed:server shutting down\n");
  g_assert_cmpuint (bipe_engine_get_count (self->engine), ==, 0);
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, -1);

  /* And goes on. */
  fixture_open_polling (self);
}

static void
close_others (Fixture *self, BipeEngineSession *session)
{
  bipe_engine_close_all (self->engine);
}

static void
test_close_all_within (Fixture *self, gconstpointer unused)
{
  for (guint i = 0; i < MAX_SESSIONS; i++)
    fixture_open_polling (self);
  self->on_closed = close_others;
  bipe_engine_close_all (self->engine);
  fixture_assert_heard (
      self,
      "closed:server shutting down\nclosed:server shutting down\nclosed:server shutting down\n");
}

static void
close_at_once (Fixture *self, BipeEngineSession *session)
{
  fixture_send (session, "4a");
  bipe_engine_session_close (session);
}

static void
test_closed_while_opening (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);
  g_autofree char *answer = NULL;
  BipeEngineSession *session;

  self->on_opened = close_at_once;
  session = bipe_engine_open (self->engine, &polling_request, NULL, NULL);
  fixture_assert_heard (self, "opened\nclosed:forced close\n");
  answer = get_now (session, 400);
  session = bipe_engine_open (self->engine, &websocket_request, NULL, NULL);
  g_assert_false (bipe_engine_session_link (session, &wire_funcs, wire));
  g_assert_cmpuint (bipe_engine_get_count (self->engine), ==, 0);
}

/* Steps do not depend on how many there are: a hundred thousand are pinged, answer, and go. */
static void
test_many (Fixture *self, gconstpointer unused)
{
  const guint n_sessions = 100000;
  g_autoptr(GPtrArray) sessions = g_ptr_array_new ();
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < n_sessions; i++)
    {
      BipeEngineSession *session = bipe_engine_open (self->engine, &polling_request, NULL, NULL);

      bipe_engine_session_settle (session); /* none makes way */
      g_ptr_array_add (sessions, session);
    }
  fixture_advance (self, PING_INTERVAL);
  bipe_engine_tick (self->engine);
  for (guint i = 0; i < n_sessions; i++)
    {
      bipe_engine_tick (self->engine);
      g_assert_cmpint (bipe_engine_get_deadline (self->engine), >, 0);
      if (i % 2 == 0)
        g_assert_true (fixture_post (g_ptr_array_index (sessions, i), "3"));
    }
  fixture_advance (self, PING_TIMEOUT);
  bipe_engine_tick (self->engine);
  g_assert_cmpuint (bipe_engine_get_count (self->engine), ==, n_sessions / 2);
  bipe_engine_close_all (self->engine);
  /* A scan of all at each tick would take minutes. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *self, gconstpointer unused);
  } tests[] = {
    { "/engine/open-packet", test_open_packet },
    { "/engine/check", test_check },
    { "/engine/unknown-sid", test_unknown_sid },
    { "/engine/max-sessions", test_max_sessions },
    { "/engine/oldest-makes-way", test_oldest_makes_way },
    { "/engine/max-newcomers", test_max_newcomers },
    { "/engine/deadline", test_deadline },
    { "/engine/late-tick", test_late_tick },
    { "/engine/close-all", test_close_all },
    { "/engine/close-all-within", test_close_all_within },
    { "/engine/closed-while-opening", test_closed_while_opening },
    { "/engine/many", test_many },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, fixture_set_up, tests[i].func, fixture_tear_down);
  return g_test_run ();
}

/* test-engine-3.c: what is different for clients of version 3; all else is told in test-engine.c
 * and test-engine-session.c. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "fixture.h"
#include "socketio/engine-private.h"

static const BipeEngineRequest polling = { .method = "GET", .eio = "3", .transport = "polling" };
static const BipeEngineRequest polling_base64
    = { .method = "GET", .eio = "3", .transport = "polling", .b64 = "1" };
static const BipeEngineRequest linked
    = { .method = "GET", .is_websocket = TRUE, .eio = "3", .transport = "websocket" };
static const BipeEngineRequest linked_base64
    = { .method = "GET", .is_websocket = TRUE, .eio = "3", .transport = "websocket", .b64 = "1" };

static BipeEngineSession *
open_polling (Fixture *self, const BipeEngineRequest *request)
{
  BipeEngineSession *session = bipe_engine_open (self->engine, request, NULL, NULL);
  g_autofree char *open_packet = get_now (session, 200);

  g_assert_nonnull (strstr (open_packet, ":0{\"sid\":"));
  fixture_assert_heard (self, "opened\n");
  return session;
}

static BipeEngineSession *
open_linked (Fixture *self, const BipeEngineRequest *request, Wire *wire)
{
  BipeEngineSession *session = bipe_engine_open (self->engine, request, NULL, NULL);

  g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
  g_assert_true (g_str_has_prefix (wire->got->str, "0{"));
  g_string_truncate (wire->got, 0);
  fixture_assert_heard (self, "opened\n");
  return session;
}

static void
check_versions (Fixture *self, gboolean allow_eio3)
{
  static const char *const eios[] = { "4", "3", NULL, "", "2", "abc" };

  for (guint i = 0; i < G_N_ELEMENTS (eios); i++)
    for (guint is_websocket = 0; is_websocket < 2; is_websocket++)
      {
        BipeEngineRequest request = is_websocket ? websocket_request : polling_request;
        gboolean is_good = i == 0 || (allow_eio3 && i < 3);
        BipeEngineSession *session;
        g_autoptr(GError) error = NULL;

        g_test_message ("EIO=%s", eios[i]);
        request.eio = eios[i];
        g_assert_cmpint (bipe_engine_check (self->engine, &request, &session, &error), ==, is_good);
        if (!is_good)
          {
            g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
            continue;
          }
        session = bipe_engine_open (self->engine, &request, NULL, NULL);
        g_assert_cmpuint (bipe_engine_session_get_version (session), ==, i == 0 ? 4 : 3);
        bipe_engine_session_close (session);
      }
}

static void
test_refused (Fixture *self, gconstpointer unused)
{
  check_versions (self, FALSE);
}

static void
test_allowed (Fixture *self, gconstpointer unused)
{
  check_versions (self, TRUE);
}

/* A sid goes with the version that it was opened with. */
static void
test_other_version (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *sessions[]
      = { fixture_open_polling (self), open_polling (self, &polling_base64) };

  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++)
    for (guint version = 3; version <= 4; version++)
      for (guint is_websocket = 0; is_websocket < 2; is_websocket++)
        {
          BipeEngineRequest request = is_websocket ? websocket_request : polling_request;
          BipeEngineSession *found;

          request.eio = version == 3 ? "3" : "4";
          request.sid = bipe_engine_session_get_sid (sessions[i]);
          g_assert_cmpint (bipe_engine_check (self->engine, &request, &found, NULL), ==,
                           version == bipe_engine_session_get_version (sessions[i]));
        }
}

static void
test_open_packet (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = bipe_engine_open (self->engine, &polling, NULL, NULL);
  g_autofree char *got = get_now (session, 200);
  g_autofree char *packet = g_strdup_printf (
      "0{\"sid\":\"%s\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200,"
      "\"maxPayload\":100}",
      bipe_engine_session_get_sid (session));
  g_autofree char *expected = g_strdup_printf ("%" G_GSIZE_FORMAT ":%s", strlen (packet), packet);

  g_assert_cmpstr (got, ==, expected);
}

static void
test_polls (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const BipeEngineRequest *request;
    BipeEngineKind kind;
    const char *body;
    gsize length;
  } cases[] = {
    { &polling, BIPE_ENGINE_BINARY, "\0\2\3774a\1\3\377\4bc", 11 },
    { &polling_base64, BIPE_ENGINE_TEXT, "2:4a6:b4YmM=", 12 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeEngineSession *session = open_polling (self, cases[i].request);
      g_auto(Get) get = { 0 };

      bipe_engine_session_poll (session, get_answered_cb, &get);
      get_assert_hangs (&get);
      fixture_send (session, "4\342\202\254");
      g_assert_cmpint (get.kind, ==, BIPE_ENGINE_TEXT);
      get_assert (&get, 200, "2:4\342\202\254");

      fixture_send (session, "4a");
      fixture_send_binary (session, "bc");
      bipe_engine_session_poll (session, get_answered_cb, &get);
      g_assert_cmpuint (get.status, ==, 200);
      g_assert_cmpint (get.kind, ==, cases[i].kind);
      g_assert_cmpmem (get.body, get.length, cases[i].body, cases[i].length);
      get_clear (&get);
    }
}

static void
test_posts (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = open_polling (self, &polling);
  static const char bytes[] = "\0\2\3774c\1\3\377\4de";

  g_assert_true (fixture_post (session, "2:4a6:b4YmM=1:6"));
  fixture_assert_heard (self, "text:a\nbinary:bc\n");
  g_assert_true (
      bipe_engine_session_post (session, BIPE_ENGINE_BINARY, bytes, sizeof bytes - 1, NULL));
  fixture_assert_heard (self, "text:c\nbinary:de\n");
}

/* Bodies, and whether they are bytes, after each of which the session has gone. */
static void
test_malformed_posts (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    BipeEngineKind kind;
    const char *body;
  } cases[] = {
    { BIPE_ENGINE_TEXT, "" },      { BIPE_ENGINE_TEXT, "4a" },      { BIPE_ENGINE_TEXT, "3:4a" },
    { BIPE_ENGINE_TEXT, "2:4a1" }, { BIPE_ENGINE_TEXT, "1:3" },     { BIPE_ENGINE_TEXT, "1:0" },
    { BIPE_ENGINE_TEXT, "1:5" },   { BIPE_ENGINE_TEXT, "2:4a1:x" }, { BIPE_ENGINE_BINARY, "2:4a" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeEngineSession *session = open_polling (self, &polling);
      g_auto(Get) get = { 0 };
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", cases[i].body);
      bipe_engine_session_poll (session, get_answered_cb, &get);
      g_assert_false (bipe_engine_session_post (session, cases[i].kind, cases[i].body,
                                                strlen (cases[i].body), &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      get_assert (&get, 200, "1:1");
      fixture_assert_heard (self, "closed:parse error\n");
    }
}

static void
test_max_payload (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = open_polling (self, &polling);
  g_autofree char *text = g_strnfill (MAX_PAYLOAD - 3, '4');
  g_autofree char *fits = g_strdup_printf ("%d:%s", MAX_PAYLOAD - 3, text);
  g_autofree char *too_long = g_strdup_printf ("%d:%s4", MAX_PAYLOAD - 2, text);

  g_assert_cmpuint (strlen (fits), ==, MAX_PAYLOAD);
  g_assert_true (fixture_post (session, fits));
  g_string_truncate (self->heard, 0);
  g_assert_false (fixture_post (session, too_long));
  fixture_assert_heard (self, "closed:parse error\n");
}

static void
test_close (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = open_polling (self, &polling);
  g_auto(Get) get = { 0 };

  bipe_engine_session_poll (session, get_answered_cb, &get);
  g_assert_true (fixture_post (session, "2:4a1:1"));
  get_assert (&get, 200, "1:6");
  fixture_assert_heard (self, "text:a\nclosed:transport close\n");
}

/* The client pings, and is answered with what it said; the server never does. */
static void
test_heartbeat (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);
  BipeEngineSession *by_link = open_linked (self, &linked, wire);
  BipeEngineSession *by_polling = open_polling (self, &polling);

  for (guint i = 0; i < 5; i++)
    {
      g_auto(Get) get = { 0 };

      fixture_advance (self, PING_INTERVAL + PING_TIMEOUT - 1);
      bipe_engine_tick (self->engine);
      wire_assert (wire, "");
      wire_say (wire, by_link, "2");
      wire_assert (wire, "3\n");
      bipe_engine_session_poll (by_polling, get_answered_cb, &get);
      g_assert_true (fixture_post (by_polling, "4:2\303\274!?"));
      get_assert (&get, 200, "4:3\303\274!?");
    }
  fixture_assert_heard (self, "");
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==,
                   bipe_clock_monotonic (self->clock) + (PING_INTERVAL + PING_TIMEOUT) * 1000);
}

static void
test_no_ping (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);
  BipeEngineSession *session = open_linked (self, &linked, wire);

  fixture_advance (self, PING_INTERVAL + PING_TIMEOUT - 1);
  /* A message is no ping. */
  wire_say (wire, session, "4a");
  bipe_engine_tick (self->engine);
  fixture_assert_heard (self, "text:a\n");
  fixture_advance (self, 1);
  bipe_engine_tick (self->engine);
  g_assert_true (wire->is_closed);
  fixture_assert_heard (self, "closed:ping timeout\n");
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, -1);
}

/* Found dead before a tick comes. */
static void
test_late_request (Fixture *self, gconstpointer unused)
{
  g_autoptr(BipeEngineSession) session = bipe_engine_session_ref (open_polling (self, &polling));

  fixture_advance (self, PING_INTERVAL + PING_TIMEOUT);
  g_assert_false (fixture_post (session, "1:2"));
  fixture_assert_heard (self, "closed:ping timeout\n");
}

static void
test_pong_refused (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);

  wire_say (wire, open_linked (self, &linked, wire), "3");
  g_assert_true (wire->is_closed);
  fixture_assert_heard (self, "closed:parse error\n");
}

/* Those of version 4 are pinged as ever. */
static void
test_both_versions (Fixture *self, gconstpointer unused)
{
  Wire *wire_3 = fixture_wire (self), *wire_4 = fixture_wire (self);

  open_linked (self, &linked, wire_3);
  fixture_open_linked (self, wire_4);
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, PING_INTERVAL * 1000);
  fixture_advance (self, PING_INTERVAL);
  bipe_engine_tick (self->engine);
  wire_assert (wire_3, "");
  wire_assert (wire_4, "2\n");
}

static void
test_link (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const BipeEngineRequest *request;
    const char *messages;
  } cases[] = { { &linked, "4a\nb:\4bc\n" }, { &linked_base64, "4a\nb4YmM=\n" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Wire *wire = fixture_wire (self);
      BipeEngineSession *session = open_linked (self, cases[i].request, wire);

      fixture_send (session, "4a");
      fixture_send_binary (session, "bc");
      wire_assert (wire, cases[i].messages);
      wire_say (wire, session, "4d");
      wire_say (wire, session, "b4ZQ==");
      bipe_engine_session_receive (session, wire, BIPE_ENGINE_BINARY, "\4fg", 3);
      fixture_assert_heard (self, "text:d\nbinary:e\nbinary:fg\n");
      bipe_engine_session_receive (session, wire, BIPE_ENGINE_BINARY, "fg", 2);
      g_assert_true (wire->is_closed);
      fixture_assert_heard (self, "closed:parse error\n");
    }
}

static void
test_upgrade (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);
  BipeEngineSession *session = open_polling (self, &polling);
  g_auto(Get) get = { 0 };

  bipe_engine_session_poll (session, get_answered_cb, &get);
  g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
  wire_say (wire, session, "2probe");
  wire_assert (wire, "3probe\n");
  get_assert (&get, 200, "1:6");
  /* While its polling stands still. */
  g_assert_true (fixture_post (session, "1:2"));
  fixture_send_binary (session, "ab");
  wire_say (wire, session, "5");
  wire_assert (wire, "3\nb:\4ab\n");
}

static void
test_end_poll (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const BipeEngineRequest *request;
    const char *noop, *later;
  } cases[] = { { &polling, "1:6", "2:4a" }, { &polling_request, "6", "4a" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeEngineSession *session = bipe_engine_open (self->engine, cases[i].request, NULL, NULL);
      G_GNUC_UNUSED g_autofree char *open_packet = get_now (session, 200);
      g_auto(Get) ended = { 0 }, next = { 0 };

      bipe_engine_session_end_poll (session, &ended); /* it does not hang yet */
      bipe_engine_session_poll (session, get_answered_cb, &ended);
      bipe_engine_session_end_poll (session, &next); /* another's */
      get_assert_hangs (&ended);
      bipe_engine_session_hold (session);
      fixture_send (session, "4a");
      bipe_engine_session_end_poll (session, &ended);
      bipe_engine_session_release (session);
      get_assert (&ended, 200, cases[i].noop);
      bipe_engine_session_end_poll (session, &ended);
      bipe_engine_session_poll (session, get_answered_cb, &next);
      get_assert (&next, 200, cases[i].later);
    }
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *self, gconstpointer unused);
  } tests[] = {
    { "/engine-3/allowed", test_allowed },
    { "/engine-3/other-version", test_other_version },
    { "/engine-3/open-packet", test_open_packet },
    { "/engine-3/polls", test_polls },
    { "/engine-3/posts", test_posts },
    { "/engine-3/malformed-posts", test_malformed_posts },
    { "/engine-3/max-payload", test_max_payload },
    { "/engine-3/close", test_close },
    { "/engine-3/heartbeat", test_heartbeat },
    { "/engine-3/no-ping", test_no_ping },
    { "/engine-3/late-request", test_late_request },
    { "/engine-3/pong-refused", test_pong_refused },
    { "/engine-3/both-versions", test_both_versions },
    { "/engine-3/link", test_link },
    { "/engine-3/upgrade", test_upgrade },
    { "/engine-3/end-poll", test_end_poll },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/engine-3/refused", Fixture, NULL, fixture_set_up, test_refused, fixture_tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, "allowed", fixture_set_up, tests[i].func,
                fixture_tear_down);
  return g_test_run ();
}

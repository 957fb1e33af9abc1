#include "config.h"

#include <string.h>

#include "fixture.h"

/* --- Polling ------------------------------------------------------------------------------------
 */

static void
test_poll_hangs (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  g_auto(Get) get = { 0 };

  bipe_engine_session_poll (session, get_answered_cb, &get);
  get_assert_hangs (&get);
  fixture_send (session, "4a");
  get_assert (&get, 200, "4a");

  /* Without one, it waits: several go together. */
  fixture_send (session, "4b");
  fixture_send_binary (session, "\1\2\3\4");
  fixture_send (session, "4\303\251");
  bipe_engine_session_poll (session, get_answered_cb, &get);
  get_assert (&get, 200,
              "4b\x1e"
              "bAQIDBA==\x1e"
              "4\303\251");
}

static void
test_poll_max_payload (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    guint first, second; /* bytes of two text packets */
    gboolean fit;
  } cases[] = { { 49, 50, TRUE }, { 50, 50, FALSE }, { 300, 1, FALSE }, { 1, 300, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeEngineSession *session = fixture_open_polling (self);
      g_autofree char *first = g_strnfill (cases[i].first, '4');
      g_autofree char *second = g_strnfill (cases[i].second, '4');
      g_autofree char *both = g_strconcat (first, "\x1e", second, NULL);
      g_auto(Get) get = { 0 };

      fixture_send (session, first);
      fixture_send (session, second);
      bipe_engine_session_poll (session, get_answered_cb, &get);
      get_assert (&get, 200, cases[i].fit ? both : first);
      bipe_engine_session_poll (session, get_answered_cb, &get);
      if (cases[i].fit)
        get_assert_hangs (&get);
      else
        get_assert (&get, 200, second);
      bipe_engine_session_close (session);
      g_string_truncate (self->heard, 0);
    }
}

/* Base64 counts as it is sent: 72 bytes are 96 and a "b"; with the separator and a packet of two:
 * 100. */
static void
test_poll_max_payload_binary (Fixture *self, gconstpointer unused)
{
  g_autofree char *bytes = g_strnfill (72, 'a');

  for (guint more = 0; more < 2; more++)
    {
      BipeEngineSession *session = fixture_open_polling (self);
      g_autofree char *body = NULL;

      fixture_send (session, more ? "4ab" : "4a");
      fixture_send_binary (session, bytes);
      body = get_now (session, 200);
      g_assert_cmpuint (strlen (body), ==, more ? 3 : 100);
    }
}

static void
test_second_poll (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  g_autofree char *sid = g_strdup (bipe_engine_session_get_sid (session));
  g_auto(Get) first = { 0 }, second = { 0 };

  bipe_engine_session_poll (session, get_answered_cb, &first);
  bipe_engine_session_poll (session, get_answered_cb, &second);
  get_assert (&first, 200, "1");
  get_assert (&second, 400, NULL);
  fixture_assert_heard (self, "closed:transport close\n");
  g_assert_false (fixture_check (self, "GET", FALSE, sid));
}

static void
test_leave_poll (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  g_auto(Get) left = { 0 }, next = { 0 };

  bipe_engine_session_leave_poll (session, &left);
  bipe_engine_session_poll (session, get_answered_cb, &left);
  bipe_engine_session_leave_poll (session, &next); /* another's */
  fixture_send (session, "4");
  get_assert (&left, 200, "4");
  bipe_engine_session_poll (session, get_answered_cb, &left);
  bipe_engine_session_leave_poll (session, &left);
  fixture_send (session, "4a");
  get_assert_hangs (&left);
  bipe_engine_session_poll (session, get_answered_cb, &next);
  get_assert (&next, 200, "4a");
  fixture_assert_heard (self, "");
}

static void
test_post (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);

  g_assert_true (fixture_post (session, "4a"));
  g_assert_true (fixture_post (session, "4b\x1e"
                                        "bAQIDBA==\x1e"
                                        "4\x1e"
                                        "6\x1e"
                                        "4c"));
  fixture_assert_heard (self, "text:a\ntext:b\nbinary:\1\2\3\4\ntext:\ntext:c\n");
}

static const char *malformed[]
    = { "", "abc", "7", "0", "2", "2probe", "5", "4\xff", "bYQ", "4a\x1e" };

static void
test_post_malformed (Fixture *self, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr(BipeEngineSession) session = bipe_engine_session_ref (fixture_open_polling (self));
      g_auto(Get) get = { 0 };

      g_test_message ("no. %u", i);
      bipe_engine_session_poll (session, get_answered_cb, &get);
      g_assert_false (fixture_post (session, malformed[i]));
      get_assert (&get, 200, "1");
      fixture_assert_heard (self, "closed:parse error\n");
      g_assert_false (fixture_check (self, "GET", FALSE, bipe_engine_session_get_sid (session)));
      g_assert_false (fixture_post (session, "4a"));
      fixture_assert_heard (self, "");
    }
}

/* Nothing of a body is taken that is not in order as a whole. */
static void
test_post_half_malformed (Fixture *self, gconstpointer unused)
{
  g_assert_false (fixture_post (fixture_open_polling (self), "4a\x1e"
                                                             "x"));
  fixture_assert_heard (self, "closed:parse error\n");
}

static void
test_post_max_payload (Fixture *self, gconstpointer unused)
{
  g_autofree char *fits = g_strnfill (MAX_PAYLOAD, '4');
  g_autofree char *too_long = g_strnfill (MAX_PAYLOAD + 1, '4');
  BipeEngineSession *session = fixture_open_polling (self);

  g_assert_true (fixture_post (session, fits));
  g_string_truncate (self->heard, 0);
  g_assert_false (fixture_post (session, too_long));
  fixture_assert_heard (self, "closed:parse error\n");
}

static void
test_post_close (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  g_autofree char *sid = g_strdup (bipe_engine_session_get_sid (session));
  g_auto(Get) get = { 0 };

  bipe_engine_session_poll (session, get_answered_cb, &get);
  g_assert_true (fixture_post (session, "4a\x1e"
                                        "1\x1e"
                                        "4b"));
  get_assert (&get, 200, "6");
  fixture_assert_heard (self, "text:a\nclosed:transport close\n");
  g_assert_false (fixture_check (self, "GET", FALSE, sid));
}

static void
echo (Fixture *self, BipeEngineSession *session, const char *data)
{
  g_autofree char *text = g_strconcat ("4", data, NULL);

  fixture_send (session, text);
}

/* What a POST brings about goes with one answer. */
static void
test_post_answers_once (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  g_auto(Get) get = { 0 };

  self->on_message = echo;
  bipe_engine_session_poll (session, get_answered_cb, &get);
  g_assert_true (fixture_post (session, "4a\x1e"
                                        "4b"));
  get_assert (&get, 200,
              "4a\x1e"
              "4b");
}

/* … but for more than an answer can carry: there is somebody to take it, so it is no full outbox.
 */
static void
test_post_brings_much (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  g_autoptr(GString) body = g_string_new ("4a");
  g_autofree char *rest = NULL;
  g_auto(Get) get = { 0 };

  self->on_message = echo;
  for (guint i = 0; i < 13; i++)
    g_string_append (body, "\x1e"
                           "4a");
  bipe_engine_session_poll (session, get_answered_cb, &get);
  g_assert_true (fixture_post (session, body->str));
  get_assert (&get, 200,
              "4a\x1e"
              "4a");
  rest = get_now (session, 200);
  g_assert_cmpuint (strlen (rest), ==, 12 * 3 - 1);
}

static void
close_at_b (Fixture *self, BipeEngineSession *session, const char *data)
{
  if (strcmp (data, "b") == 0)
    bipe_engine_session_close (session);
}

/* The rest is not taken, and the client is told so. */
static void
test_closed_while_posting (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);

  self->on_message = close_at_b;
  g_assert_false (fixture_post (session, "4a\x1e"
                                         "4b\x1e"
                                         "4c"));
  fixture_assert_heard (self, "text:a\ntext:b\nclosed:forced close\n");
}

static void
say_farewell (Fixture *self, BipeEngineSession *session, const char *data)
{
  fixture_send (session, "4bye");
  bipe_engine_session_close (session);
  fixture_send (session, "4late");
}

static void
test_close_sends_what_waits (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  g_auto(Get) get = { 0 };

  self->on_message = say_farewell;
  bipe_engine_session_poll (session, get_answered_cb, &get);
  g_assert_false (fixture_post (session, "4a"));
  get_assert (&get, 200,
              "4bye\x1e"
              "1");
  fixture_assert_heard (self, "text:a\nclosed:forced close\n");
}

/* --- WebSocket ----------------------------------------------------------------------------------
 */

static void
test_link (Fixture *self, gconstpointer unused)
{
  static const char heard[] = "text:a\ntext:b\x1e"
                              "4c\nbinary:4\0b\n";
  Wire *wire = fixture_wire (self), *second = fixture_wire (self);
  BipeEngineSession *session = fixture_open_linked (self, wire);
  const char *sid = bipe_engine_session_get_sid (session);
  g_autofree char *answer = NULL;

  wire_say (wire, session, "4a");
  wire_say (wire, session, "6");
  wire_say (wire, session,
            "4b\x1e"
            "4c"); /* one message: no payload */
  bipe_engine_session_receive (session, wire, BIPE_ENGINE_BINARY, "4\0b", 3);
  g_assert_cmpmem (self->heard->str, self->heard->len, heard, sizeof heard - 1);
  g_string_truncate (self->heard, 0);

  fixture_send (session, "4x");
  fixture_send_binary (session, "y");
  wire_assert (wire, "4x\nb:y\n");

  g_assert_false (bipe_engine_session_link (session, &wire_funcs, second));
  g_assert_false (fixture_check (self, "GET", TRUE, sid));
  g_assert_false (fixture_check (self, "GET", FALSE, sid));
  g_assert_false (fixture_check (self, "POST", FALSE, sid));
  answer = get_now (session, 400);
  wire_say (second, session, "4stranger");
  bipe_engine_session_unlink (session, second);
  fixture_assert_heard (self, "");

  bipe_engine_session_unlink (session, wire);
  fixture_assert_heard (self, "closed:transport close\n");
  g_assert_false (wire->is_closed);
}

static void
test_link_malformed (Fixture *self, gconstpointer unused)
{
  g_autofree char *too_long = g_strnfill (MAX_PAYLOAD + 1, '4');
  const char *const messages[]
      = { "", "abc", "7", "0", "2", "2probe", "5", "4\xff", "bYQ==", too_long };

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      Wire *wire = fixture_wire (self);
      g_autoptr(BipeEngineSession) session
                 = bipe_engine_session_ref (fixture_open_linked (self, wire));

      g_test_message ("no. %u", i);
      wire_say (wire, session, messages[i]);
      g_assert_true (wire->is_closed);
      fixture_assert_heard (self, "closed:parse error\n");
      wire_say (wire, session, "4a");
      bipe_engine_session_unlink (session, wire);
      fixture_assert_heard (self, "");
    }
}

static void
test_link_max_payload (Fixture *self, gconstpointer unused)
{
  g_autofree char *bytes = g_strnfill (MAX_PAYLOAD + 1, '4');
  Wire *wire = fixture_wire (self);
  BipeEngineSession *session = fixture_open_linked (self, wire);

  bipe_engine_session_receive (session, wire, BIPE_ENGINE_TEXT, bytes, MAX_PAYLOAD);
  bipe_engine_session_receive (session, wire, BIPE_ENGINE_BINARY, bytes, MAX_PAYLOAD);
  g_assert_false (wire->is_closed);
  g_string_truncate (self->heard, 0);
  bipe_engine_session_receive (session, wire, BIPE_ENGINE_BINARY, bytes, MAX_PAYLOAD + 1);
  g_assert_true (wire->is_closed);
  fixture_assert_heard (self, "closed:parse error\n");
}

static void
test_link_close (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);

  wire_say (wire, fixture_open_linked (self, wire), "1");
  g_assert_true (wire->is_closed);
  wire_assert (wire, "");
  fixture_assert_heard (self, "closed:transport close\n");
}

static void
test_link_never_comes (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = bipe_engine_open (self->engine, &websocket_request, NULL, NULL);

  g_assert_false (fixture_check (self, "GET", FALSE, bipe_engine_session_get_sid (session)));
  g_assert_false (fixture_check (self, "GET", TRUE, bipe_engine_session_get_sid (session)));
  fixture_advance (self, PING_INTERVAL);
  bipe_engine_tick (self->engine);
  fixture_advance (self, PING_TIMEOUT);
  bipe_engine_tick (self->engine);
  fixture_assert_heard (self, "opened\nclosed:ping timeout\n");
}

/* --- The upgrade --------------------------------------------------------------------------------
 */

static void
test_upgrade (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  const char *sid = bipe_engine_session_get_sid (session);
  Wire *wire = fixture_wire (self), *second = fixture_wire (self);
  g_auto(Get) get = { 0 };

  bipe_engine_session_poll (session, get_answered_cb, &get);
  g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
  get_assert_hangs (&get);
  g_assert_false (fixture_check (self, "GET", TRUE, sid));
  g_assert_false (bipe_engine_session_link (session, &wire_funcs, second));

  wire_say (wire, session, "2probe");
  wire_assert (wire, "3probe\n");
  get_assert (&get, 200, "6");

  /* Its client has not seen the 3probe yet, and polls once more. */
  g_assert_true (fixture_check (self, "GET", FALSE, sid));
  bipe_engine_session_poll (session, get_answered_cb, &get);
  get_assert (&get, 200, "6");

  fixture_send (session, "4a");
  fixture_send_binary (session, "b");
  wire_assert (wire, "");
  g_assert_true (fixture_post (session, "4c"));
  wire_say (wire, session, "5");
  wire_assert (wire, "4a\nb:b\n");

  g_assert_false (fixture_check (self, "GET", FALSE, sid));
  g_assert_false (fixture_check (self, "POST", FALSE, sid));
  g_assert_false (fixture_check (self, "GET", TRUE, sid));
  bipe_engine_session_poll (session, get_answered_cb, &get);
  get_assert (&get, 400, NULL);

  /* One that was under way. */
  g_assert_true (fixture_post (session, "4d"));
  wire_say (wire, session, "4e");
  fixture_send (session, "4f");
  wire_assert (wire, "4f\n");
  fixture_assert_heard (self, "text:c\ntext:d\ntext:e\n");
  g_assert_false (wire->is_closed);
}

static void
test_upgrade_at_once (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  Wire *wire = fixture_wire (self);

  g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
  wire_say (wire, session, "2probe");
  wire_say (wire, session, "5");
  wire_say (wire, session, "4a");
  wire_assert (wire, "3probe\n");
  fixture_assert_heard (self, "text:a\n");

  /* The limit for the upgrade is over with it. */
  for (guint i = 0; i < 101; i++)
    {
      fixture_advance (self, 100);
      bipe_engine_tick (self->engine);
      wire_say (wire, session, "3");
    }
  g_assert_false (wire->is_closed);
}

/* A probe's waiting packets may still go by a poll, and then not by the link. */
static void
test_poll_while_probed (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  Wire *wire = fixture_wire (self);
  g_auto(Get) get = { 0 };

  g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
  wire_say (wire, session, "2probe");
  fixture_send (session, "4a");
  bipe_engine_session_poll (session, get_answered_cb, &get);
  get_assert (&get, 200, "4a");
  wire_say (wire, session, "5");
  wire_assert (wire, "3probe\n");
}

/* What else a probe may do: the session is as it was. */
static const struct
{
  const char *name;
  const char *says[3];
  BipeEngineKind kind; /* of the last */
  gboolean leaves;
} probes[] = {
  { "goes away", { NULL }, BIPE_ENGINE_TEXT, TRUE },
  { "goes away after asking", { "2probe" }, BIPE_ENGINE_TEXT, TRUE },
  { "a plain ping", { "2" }, BIPE_ENGINE_TEXT, FALSE },
  { "a wrong ping", { "2probes" }, BIPE_ENGINE_TEXT, FALSE },
  { "nothing", { "" }, BIPE_ENGINE_TEXT, FALSE },
  { "an early upgrade", { "5" }, BIPE_ENGINE_TEXT, FALSE },
  { "a message", { "4a" }, BIPE_ENGINE_TEXT, FALSE },
  { "a farewell", { "1" }, BIPE_ENGINE_TEXT, FALSE },
  { "garbage", { "abc" }, BIPE_ENGINE_TEXT, FALSE },
  { "a binary probe", { "2probe" }, BIPE_ENGINE_BINARY, FALSE },
  { "asks twice", { "2probe", "2probe" }, BIPE_ENGINE_TEXT, FALSE },
  { "a message after asking", { "2probe", "4a" }, BIPE_ENGINE_TEXT, FALSE },
  { "a long upgrade", { "2probe", "5a" }, BIPE_ENGINE_TEXT, FALSE },
  { "a binary upgrade", { "2probe", "5" }, BIPE_ENGINE_BINARY, FALSE },
};

static void
test_probe_fails (Fixture *self, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    {
      BipeEngineSession *session = fixture_open_polling (self);
      Wire *wire = fixture_wire (self), *next = fixture_wire (self);
      g_auto(Get) get = { 0 };

      g_test_message ("%s", probes[i].name);
      g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
      for (guint j = 0; probes[i].says[j] != NULL; j++)
        bipe_engine_session_receive (
            session, wire, probes[i].says[j + 1] == NULL ? probes[i].kind : BIPE_ENGINE_TEXT,
            probes[i].says[j], strlen (probes[i].says[j]));
      g_assert_cmpint (wire->is_closed, ==, !probes[i].leaves);
      bipe_engine_session_unlink (session, wire);

      bipe_engine_session_poll (session, get_answered_cb, &get);
      get_assert_hangs (&get);
      fixture_send (session, "4b");
      get_assert (&get, 200, "4b");
      g_assert_true (fixture_post (session, "4c"));
      fixture_assert_heard (self, "text:c\n");

      /* Another may try. */
      g_assert_true (fixture_check (self, "GET", TRUE, bipe_engine_session_get_sid (session)));
      g_assert_true (bipe_engine_session_link (session, &wire_funcs, next));
      wire_say (next, session, "2probe");
      wire_say (next, session, "5");
      fixture_send (session, "4d");
      wire_assert (next, "3probe\n4d\n");
      bipe_engine_session_close (session);
      g_string_truncate (self->heard, 0);
    }
}

/* A probe that never comes to an end would keep its client polling without a pause. */
static void
test_probe_timeout (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  Wire *wire = fixture_wire (self);
  g_auto(Get) get = { 0 };

  g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
  wire_say (wire, session, "2probe");
  for (guint i = 0; i < 99; i++)
    {
      fixture_advance (self, 100);
      bipe_engine_tick (self->engine);
      g_assert_true (fixture_post (session, "3"));
    }
  g_assert_false (wire->is_closed);
  g_assert_cmpint (bipe_engine_get_deadline (self->engine), ==, 10000000);
  fixture_advance (self, 100);
  bipe_engine_tick (self->engine);
  g_assert_true (wire->is_closed);
  bipe_engine_session_poll (session, get_answered_cb, &get);
  get_assert_hangs (&get);
  fixture_assert_heard (self, "");
  bipe_engine_session_close (session);
}

/* --- Heartbeats ---------------------------------------------------------------------------------
 */

static void
test_heartbeat_polling (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  g_auto(Get) get = { 0 };

  for (guint i = 0; i < 3; i++)
    {
      bipe_engine_session_poll (session, get_answered_cb, &get);
      fixture_advance (self, PING_INTERVAL);
      bipe_engine_tick (self->engine);
      get_assert (&get, 200, "2");
      fixture_advance (self, PING_TIMEOUT - 1);
      bipe_engine_tick (self->engine);
      g_assert_true (fixture_post (session, "3"));
    }
  bipe_engine_session_poll (session, get_answered_cb, &get);
  fixture_advance (self, PING_INTERVAL);
  bipe_engine_tick (self->engine);
  get_assert (&get, 200, "2");
  bipe_engine_session_poll (session, get_answered_cb, &get);
  fixture_advance (self, PING_TIMEOUT);
  bipe_engine_tick (self->engine);
  get_assert (&get, 200, "1");
  fixture_assert_heard (self, "closed:ping timeout\n");
}

static void
test_never_polls (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = bipe_engine_open (self->engine, &polling_request, NULL, NULL);

  fixture_advance (self, PING_INTERVAL);
  bipe_engine_tick (self->engine);
  /* A message is no pong. */
  g_assert_true (fixture_post (session, "4a"));
  fixture_advance (self, PING_TIMEOUT);
  bipe_engine_tick (self->engine);
  fixture_assert_heard (self, "opened\ntext:a\nclosed:ping timeout\n");
}

typedef enum
{
  LATE_CHECK,
  LATE_POLL,
  LATE_POST,
  LATE_LINK,
  LATE_RECEIVE,
  N_LATE,
} Late;

/* The deadline counts though no tick has come. */
static void
test_late (Fixture *self, gconstpointer unused)
{
  for (Late late = 0; late < N_LATE; late++)
    {
      Wire *wire = fixture_wire (self);
      g_autoptr(BipeEngineSession) session = bipe_engine_session_ref (
          late == LATE_RECEIVE ? fixture_open_linked (self, wire) : fixture_open_polling (self));
      g_autofree char *answer = NULL;

      fixture_advance (self, PING_INTERVAL);
      bipe_engine_tick (self->engine);
      fixture_advance (self, PING_TIMEOUT);
      switch (late)
        {
        case LATE_CHECK:
          g_assert_false (
              fixture_check (self, "GET", FALSE, bipe_engine_session_get_sid (session)));
          break;
        case LATE_POLL:
          answer = get_now (session, 400);
          break;
        case LATE_POST:
          g_assert_false (fixture_post (session, "3"));
          break;
        case LATE_LINK:
          g_assert_false (bipe_engine_session_link (session, &wire_funcs, wire));
          break;
        case LATE_RECEIVE:
          wire_say (wire, session, "3");
          g_assert_true (wire->is_closed);
          break;
        case N_LATE:
        default:
          g_assert_not_reached ();
        }
      fixture_assert_heard (self, "closed:ping timeout\n");
    }
}

static void
test_heartbeat_over_upgrade (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);
  Wire *wire = fixture_wire (self);

  g_assert_true (bipe_engine_session_link (session, &wire_funcs, wire));
  wire_say (wire, session, "2probe");
  fixture_advance (self, PING_INTERVAL);
  bipe_engine_tick (self->engine);
  wire_assert (wire, "3probe\n");
  wire_say (wire, session, "5");
  wire_assert (wire, "2\n");
  wire_say (wire, session, "3");
  fixture_advance (self, PING_TIMEOUT);
  bipe_engine_tick (self->engine);
  fixture_assert_heard (self, "");
}

/* --- The bound of what waits --------------------------------------------------------------------
 */

/* Each frame costs 64 bytes beside its own. */
static void
test_outbox_polling (Fixture *self, gconstpointer unused)
{
  g_autofree char *fits = g_strnfill (MAX_OUTBOX - 64, '4');
  g_autofree char *too_long = g_strnfill (MAX_OUTBOX - 63, '4');
  BipeEngineSession *session = fixture_open_polling (self);
  g_auto(Get) get = { 0 };

  fixture_send (session, fits);
  bipe_engine_session_poll (session, get_answered_cb, &get);
  get_assert (&get, 200, fits);

  /* It was taken: there is room again; and what somebody waits for, never waits itself. */
  fixture_send (session, fits);
  bipe_engine_session_poll (session, get_answered_cb, &get);
  get_assert (&get, 200, fits);
  bipe_engine_session_poll (session, get_answered_cb, &get);
  fixture_send (session, too_long);
  get_assert (&get, 200, too_long);
  fixture_assert_heard (self, "");

  fixture_send (session, too_long);
  fixture_assert_heard (self, "closed:outbox full\n");
}

/* Frames without bytes have a bound, too. */
static void
test_outbox_of_nothing (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);

  for (guint i = 0; i < MAX_OUTBOX / 64; i++)
    fixture_send_binary (session, "");
  fixture_assert_heard (self, "");
  fixture_send_binary (session, "");
  fixture_assert_heard (self, "closed:outbox full\n");
}

static void
test_outbox_link (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);
  BipeEngineSession *session = fixture_open_linked (self, wire);

  wire->backlog = MAX_OUTBOX - 2;
  fixture_send (session, "4a");
  wire_assert (wire, "4a\n");
  wire->backlog = MAX_OUTBOX - 1;
  fixture_send (session, "4b");
  wire_assert (wire, "");
  g_assert_true (wire->is_closed);
  fixture_assert_heard (self, "closed:outbox full\n");
}

/* --- The listener's freedom ---------------------------------------------------------------------
 */

static void
count_destroyed (gpointer data)
{
  (*(guint *)data)++;
}

static void
assert_data_there (Fixture *self, BipeEngineSession *session)
{
  guint *n_destroyed = bipe_engine_session_get_data (session);

  g_assert_cmpuint (*n_destroyed, ==, 0);
}

static void
test_data (Fixture *self, gconstpointer unused)
{
  g_autoptr(BipeEngineSession) session = bipe_engine_session_ref (fixture_open_polling (self));
  guint n_first = 0, n_second = 0;

  bipe_engine_session_set_data (session, &n_first, count_destroyed);
  bipe_engine_session_set_data (session, &n_second, count_destroyed);
  g_assert_cmpuint (n_first, ==, 1);
  self->on_closed = assert_data_there;
  bipe_engine_session_close (session);
  g_assert_cmpuint (n_second, ==, 1);
  g_assert_null (bipe_engine_session_get_data (session));
}

/* Kept for the layers above, over the end too, and let go of with the struct. */
static void
test_client (Fixture *self, gconstpointer unused)
{
  guint n = 0;
  BipeEngineSession *session = bipe_engine_session_ref (
      bipe_engine_open (self->engine, &polling_request, &n, count_destroyed));
  BipeEngineSession *next;

  g_assert_true (bipe_engine_session_get_client (session) == &n);
  bipe_engine_session_close (session);
  g_assert_true (bipe_engine_session_get_client (session) == &n);
  bipe_engine_session_unref (session);
  g_assert_cmpuint (n, ==, 0); /* the last that was opened is kept until the next is */
  next = bipe_engine_open (self->engine, &polling_request, NULL, NULL);
  g_assert_null (bipe_engine_session_get_client (next));
  g_assert_cmpuint (n, ==, 1);
}

/* Every call on an ended session, whose struct is kept. */
static void
test_ended (Fixture *self, gconstpointer unused)
{
  g_autoptr(BipeEngineSession) session = bipe_engine_session_ref (fixture_open_polling (self));
  Wire *wire = fixture_wire (self);
  g_autofree char *answer = NULL;

  bipe_engine_session_close (session);
  fixture_assert_heard (self, "closed:forced close\n");

  bipe_engine_session_close (session);
  fixture_send (session, "4a");
  bipe_engine_session_leave_poll (session, NULL);
  g_assert_false (fixture_post (session, "4a"));
  g_assert_false (bipe_engine_session_link (session, &wire_funcs, wire));
  wire_say (wire, session, "4a");
  bipe_engine_session_unlink (session, wire);
  answer = get_now (session, 400);
  fixture_assert_heard (self, "");
  wire_assert (wire, "");
  g_assert_cmpuint (strlen (bipe_engine_session_get_sid (session)), >=, 20);
}

static void
send_and_close (Fixture *self, BipeEngineSession *session, const char *data)
{
  fixture_send (session, "4answer");
  bipe_engine_session_close (session);
  bipe_engine_session_close (session);
}

static void
test_closed_while_receiving (Fixture *self, gconstpointer unused)
{
  Wire *wire = fixture_wire (self);

  self->on_message = send_and_close;
  wire_say (wire, fixture_open_linked (self, wire), "4a");
  wire_assert (wire, "4answer\n");
  g_assert_true (wire->is_closed);
  fixture_assert_heard (self, "text:a\nclosed:forced close\n");
}

static void
poll_again_cb (guint status, BipeEngineKind kind, GString *body, gpointer user_data)
{
  g_string_free (body, TRUE);
  bipe_engine_session_close (user_data);
}

/* A transport that closes while it is answered. */
static void
test_closed_while_answering (Fixture *self, gconstpointer unused)
{
  BipeEngineSession *session = fixture_open_polling (self);

  bipe_engine_session_poll (session, poll_again_cb, session);
  fixture_send (session, "4a");
  fixture_assert_heard (self, "closed:forced close\n");
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *self, gconstpointer unused);
  } tests[] = {
    { "/engine-session/poll/hangs", test_poll_hangs },
    { "/engine-session/poll/max-payload", test_poll_max_payload },
    { "/engine-session/poll/max-payload-binary", test_poll_max_payload_binary },
    { "/engine-session/poll/second", test_second_poll },
    { "/engine-session/poll/leave", test_leave_poll },
    { "/engine-session/post", test_post },
    { "/engine-session/post/malformed", test_post_malformed },
    { "/engine-session/post/half-malformed", test_post_half_malformed },
    { "/engine-session/post/max-payload", test_post_max_payload },
    { "/engine-session/post/close", test_post_close },
    { "/engine-session/post/answers-once", test_post_answers_once },
    { "/engine-session/post/brings-much", test_post_brings_much },
    { "/engine-session/post/closed", test_closed_while_posting },
    { "/engine-session/close/sends-what-waits", test_close_sends_what_waits },
    { "/engine-session/link", test_link },
    { "/engine-session/link/malformed", test_link_malformed },
    { "/engine-session/link/max-payload", test_link_max_payload },
    { "/engine-session/link/close", test_link_close },
    { "/engine-session/link/never-comes", test_link_never_comes },
    { "/engine-session/upgrade", test_upgrade },
    { "/engine-session/upgrade/at-once", test_upgrade_at_once },
    { "/engine-session/upgrade/poll", test_poll_while_probed },
    { "/engine-session/upgrade/fails", test_probe_fails },
    { "/engine-session/upgrade/timeout", test_probe_timeout },
    { "/engine-session/heartbeat/polling", test_heartbeat_polling },
    { "/engine-session/heartbeat/never-polls", test_never_polls },
    { "/engine-session/heartbeat/late", test_late },
    { "/engine-session/heartbeat/upgrade", test_heartbeat_over_upgrade },
    { "/engine-session/outbox/polling", test_outbox_polling },
    { "/engine-session/outbox/nothing", test_outbox_of_nothing },
    { "/engine-session/outbox/link", test_outbox_link },
    { "/engine-session/data", test_data },
    { "/engine-session/client", test_client },
    { "/engine-session/ended", test_ended },
    { "/engine-session/closed-while-receiving", test_closed_while_receiving },
    { "/engine-session/closed-while-answering", test_closed_while_answering },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, fixture_set_up, tests[i].func, fixture_tear_down);
  return g_test_run ();
}

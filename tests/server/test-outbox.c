/* test-outbox.c: what waits for a client, over a pair of connected sockets. */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "server/outbox.h"

typedef struct
{
  BipeOutbox *outbox;
  GSocket *near; /* the outbox's */
  GSocket *far;  /* the client's */
  GString *received;
  guint n_ended;
  gboolean frees;
} Fixture;

static void
received_cb (char *bytes, gsize length, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_len (self->received, bytes, (gssize)length);
  if (self->frees)
    g_clear_pointer (&self->outbox, bipe_outbox_free);
}

static void
ended_cb (gpointer user_data)
{
  Fixture *self = user_data;

  self->n_ended++;
  if (self->frees)
    g_clear_pointer (&self->outbox, bipe_outbox_free);
}

static const BipeOutboxListener listener = { received_cb, ended_cb };

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr(GSocketConnection) base = NULL;
  g_autoptr(BipeWire) wire = NULL;
  int pair[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  self->near = g_socket_new_from_fd (pair[0], NULL);
  self->far = g_socket_new_from_fd (pair[1], NULL);
  g_socket_set_blocking (self->near, FALSE);
  g_socket_set_blocking (self->far, FALSE);
  base = g_socket_connection_factory_create_connection (self->near);
  wire = bipe_wire_new (G_IO_STREAM (base), NULL, NULL);
  self->outbox = bipe_outbox_new (G_IO_STREAM (wire), wire, &listener, self);
  self->received = g_string_new (NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->outbox, bipe_outbox_free);
  g_assert_true (g_socket_is_closed (self->near));
  g_assert_finalize_object (self->near);
  g_object_unref (self->far);
  g_string_free (self->received, TRUE);
}

static void
run_pending (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
append (Fixture *self, const char *text)
{
  g_byte_array_append (bipe_outbox_get_buffer (self->outbox), (const guint8 *)text,
                       (guint)strlen (text));
  bipe_outbox_flush (self->outbox);
}

/* −1: nothing yet; 0: the end. */
static gssize
receive (Fixture *self, char *buffer, gsize length)
{
  return g_socket_receive (self->far, buffer, length, NULL, NULL);
}

static void
send_text (Fixture *self, const char *text)
{
  g_assert_cmpint (g_socket_send (self->far, text, strlen (text), NULL, NULL), ==, strlen (text));
}

static void
test_together (Fixture *self, gconstpointer data)
{
  char buffer[16];

  append (self, "one ");
  append (self, "two");
  g_assert_cmpuint (bipe_outbox_get_backlog (self->outbox), ==, 7);
  g_assert_cmpint (receive (self, buffer, sizeof buffer), ==, -1);
  run_pending ();
  g_assert_cmpint (receive (self, buffer, sizeof buffer), ==, 7);
  g_assert_cmpmem (buffer, 7, "one two", 7);
  g_assert_cmpuint (bipe_outbox_get_backlog (self->outbox), ==, 0);
}

/* All comes, in order, however slow the client is. */
static void
test_slow (Fixture *self, gconstpointer data)
{
  g_autoptr(GString) all = g_string_new (NULL);
  gsize sent = 0;
  char buffer[65536];

  for (guint i = 0; i < 200000; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u\n", i);

      append (self, line);
      sent += strlen (line);
    }
  run_pending ();
  g_assert_cmpuint (bipe_outbox_get_backlog (self->outbox), >, 0);
  while (all->len < sent)
    {
      gssize n = receive (self, buffer, sizeof buffer);

      if (n > 0)
        g_string_append_len (all, buffer, n);
      run_pending ();
    }
  g_assert_true (g_str_has_prefix (all->str, "0\n1\n2\n"));
  g_assert_true (g_str_has_suffix (all->str, "\n199998\n199999\n"));
  g_assert_cmpuint (bipe_outbox_get_backlog (self->outbox), ==, 0);
}

static void
test_received (Fixture *self, gconstpointer data)
{
  send_text (self, "abc");
  run_pending ();
  g_assert_cmpstr (self->received->str, ==, "abc");
  self->frees = TRUE;
  send_text (self, "def");
  run_pending ();
  g_assert_null (self->outbox);
  g_assert_cmpuint (self->n_ended, ==, 0);
}

static void
test_ended (Fixture *self, gconstpointer data)
{
  self->frees = GPOINTER_TO_INT (data);
  g_socket_close (self->far, NULL);
  run_pending ();
  g_assert_cmpuint (self->n_ended, ==, 1);
  g_assert_cmpint (self->outbox == NULL, ==, self->frees);
}

/* What waits still comes; what the client still sends is dropped; then it is over. */
static void
test_finish (Fixture *self, gconstpointer data)
{
  char buffer[16];

  append (self, "goodbye");
  bipe_outbox_finish (g_steal_pointer (&self->outbox));
  send_text (self, "nobody listens");
  run_pending ();
  g_assert_cmpuint (self->received->len, ==, 0);
  g_assert_cmpint (receive (self, buffer, sizeof buffer), ==, 7);
  g_assert_cmpint (receive (self, buffer, sizeof buffer), ==, 0);
  g_assert_false (g_socket_is_closed (self->near));
  g_socket_close (self->far, NULL);
  run_pending ();
  g_assert_cmpuint (self->n_ended, ==, 0);
}

/* A client that never closes is not waited for. */
static void
test_finish_timeout (Fixture *self, gconstpointer data)
{
  bipe_outbox_finish (g_steal_pointer (&self->outbox));
  while (!g_socket_is_closed (self->near))
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, func) g_test_add ("/outbox/" name, Fixture, data, set_up, func, tear_down)
  ADD ("together", NULL, test_together);
  ADD ("slow", NULL, test_slow);
  ADD ("received", NULL, test_received);
  ADD ("ended", GINT_TO_POINTER (FALSE), test_ended);
  ADD ("ended-and-freed", GINT_TO_POINTER (TRUE), test_ended);
  ADD ("finish", NULL, test_finish);
  ADD ("finish-timeout", NULL, test_finish_timeout);
#undef ADD
  return g_test_run ();
}

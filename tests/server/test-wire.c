/* test-wire.c: what a reader and a writer find on a wire, over a pair of connected sockets. */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "server/wire.h"

typedef struct
{
  BipeWire *wire;
  GSocket *near; /* the wire's */
  GSocket *far;  /* the client's */
  guint n_ended;
} Fixture;

static void
ended_cb (gpointer user_data)
{
  ((Fixture *)user_data)->n_ended++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr(GSocketConnection) base = NULL;
  int pair[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  self->near = g_socket_new_from_fd (pair[0], NULL);
  self->far = g_socket_new_from_fd (pair[1], NULL);
  g_socket_set_blocking (self->near, FALSE);
  g_socket_set_blocking (self->far, FALSE);
  base = g_socket_connection_factory_create_connection (self->near);
  self->wire = bipe_wire_new (G_IO_STREAM (base), ended_cb, self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->wire);
  g_assert_true (g_socket_is_closed (self->near));
  g_assert_finalize_object (self->near);
  g_object_unref (self->far);
}

/* The error's code, or the number of bytes. */
static gssize
read_some (Fixture *self, char *buffer, gsize length)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (self->wire));
  g_autoptr(GError) error = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), buffer,
                                                       length, NULL, &error);

  if (n < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  return n;
}

static void
write_all (Fixture *self, const char *bytes, gsize length)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (self->wire));
  g_autoptr(GError) error = NULL;
  gssize n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output), bytes,
                                                         length, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (n, ==, length);
}

/* What the client has at once; 0: nothing, or the end. */
static gsize
receive (Fixture *self, char *buffer, gsize length)
{
  gssize n = g_socket_receive (self->far, buffer, length, NULL, NULL);

  return (gsize)MAX (n, 0);
}

static void
send_text (Fixture *self, const char *text)
{
  g_assert_cmpint (g_socket_send (self->far, text, strlen (text), NULL, NULL), ==, strlen (text));
}

static void
run_pending (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_idle (Fixture *self, gconstpointer data)
{
  char buffer[16];

  bipe_wire_set_idle (self->wire, TRUE);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
  run_pending ();
  g_assert_cmpuint (self->n_ended, ==, 0);

  g_assert_cmpint (g_socket_send (self->far, "abc", 3, NULL, NULL), ==, 3);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 3);

  g_socket_close (self->far, NULL);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
  run_pending ();
  g_assert_cmpuint (self->n_ended, ==, 1);
}

static void
test_busy (Fixture *self, gconstpointer data)
{
  char buffer[16];

  g_socket_close (self->far, NULL);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 0);
  run_pending ();
  g_assert_cmpuint (self->n_ended, ==, 0);
}

static void
test_forgotten (Fixture *self, gconstpointer data)
{
  char buffer[16];

  bipe_wire_set_idle (self->wire, TRUE);
  g_socket_close (self->far, NULL);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
  bipe_wire_forget_owner (self->wire);
  run_pending ();
  g_assert_cmpuint (self->n_ended, ==, 0);
}

static void
test_cork (Fixture *self, gconstpointer data)
{
  g_autofree char *large = g_strnfill (BIPE_WIRE_CORK_MAX, 'x');
  g_autofree char *buffer = g_malloc (2 * BIPE_WIRE_CORK_MAX);

  bipe_wire_cork (self->wire);
  write_all (self, "head ", 5);
  write_all (self, "body", 4);
  g_assert_cmpuint (receive (self, buffer, 16), ==, 0);
  bipe_wire_uncork (self->wire);
  g_assert_cmpuint (receive (self, buffer, 16), ==, 9);
  g_assert_cmpmem (buffer, 9, "head body", 9);

  /* Too much to hold back, and in order. */
  bipe_wire_cork (self->wire);
  write_all (self, "head ", 5);
  write_all (self, large, BIPE_WIRE_CORK_MAX);
  g_assert_cmpuint (receive (self, buffer, 5), ==, 5);
  g_assert_cmpmem (buffer, 5, "head ", 5);
  g_assert_cmpuint (receive (self, buffer, 2 * BIPE_WIRE_CORK_MAX), ==, BIPE_WIRE_CORK_MAX);
  bipe_wire_uncork (self->wire);
  write_all (self, "next", 4);
  g_assert_cmpuint (receive (self, buffer, 16), ==, 4);
}

/* Makes the kernel's buffer full. Returns how much it took. */
static gsize
fill (Fixture *self)
{
  gsize total = 0;
  gssize n;

  while ((n = g_socket_send (self->near, "xxxxxxxxxxxxxxxx", 16, NULL, NULL)) > 0)
    total += (gsize)n;
  return total;
}

/* A client that is slow to read gets what was written before the end. */
static void
test_slow_end (Fixture *self, gconstpointer data)
{
  gsize expected = fill (self) + 7, total = 0, n;
  char buffer[4096];

  bipe_wire_cork (self->wire);
  write_all (self, "the end", 7);
  bipe_wire_uncork (self->wire);
  g_assert_true (g_io_stream_close (G_IO_STREAM (self->wire), NULL, NULL));
  g_clear_object (&self->wire);
  g_assert_false (g_socket_is_closed (self->near));
  while (total < expected)
    {
      n = receive (self, buffer, sizeof buffer);
      total += n;
      run_pending ();
    }
  g_assert_cmpuint (total, ==, expected);
  g_assert_true (g_socket_is_closed (self->near));
}

static void
test_abort (Fixture *self, gconstpointer data)
{
  fill (self);
  bipe_wire_cork (self->wire);
  write_all (self, "the end", 7);
  g_assert_true (g_io_stream_close (G_IO_STREAM (self->wire), NULL, NULL));
  g_assert_false (g_socket_is_closed (self->near));
  bipe_wire_abort (self->wire);
  g_assert_true (g_socket_is_closed (self->near));
}

static gboolean
ready_cb (GObject *stream, gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Whether who waits for the wire is woken. */
static gboolean
is_ready (Fixture *self)
{
  GPollableInputStream *input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (G_IO_STREAM (self->wire)));
  g_autoptr(GSource) source = g_pollable_input_stream_create_source (input, NULL);
  gboolean is_woken = FALSE;

  g_source_set_callback (source, G_SOURCE_FUNC (ready_cb), &is_woken, NULL);
  g_source_attach (source, NULL);
  run_pending ();
  g_source_destroy (source);
  g_assert_cmpint (is_woken, ==, g_pollable_input_stream_is_readable (input));
  return is_woken;
}

#define GET "GET / HTTP/1.1\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"

/* Each by itself, however they come. */
static void
test_requests (Fixture *self, gconstpointer data)
{
  char buffer[256];

  bipe_wire_expect_requests (self->wire, TRUE);
  send_text (self, GET POST GET "GET");
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, strlen (GET));
  g_assert_true (is_ready (self));
  g_assert_cmpint (read_some (self, buffer, 20), ==, 20);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, strlen (POST) - 20);
  g_assert_cmpmem (buffer + strlen (POST) - 22, 2, "ab", 2);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, strlen (GET));
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 3);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, -1);
  g_assert_false (is_ready (self));
  g_assert_cmpuint (self->n_ended, ==, 0);
}

/* What comes behind a request is anything, once none is expected any more. */
static void
test_upgraded (Fixture *self, gconstpointer data)
{
  char buffer[256];

  bipe_wire_expect_requests (self->wire, TRUE);
  send_text (self, GET "\x81\x01 and so on");
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, strlen (GET));
  bipe_wire_expect_requests (self->wire, FALSE);
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 12);
  g_assert_cmpmem (buffer, 12, "\x81\x01 and so on", 12);
  send_text (self, "\n\n");
  g_assert_cmpint (read_some (self, buffer, sizeof buffer), ==, 2);
}

static const struct
{
  const char *bytes;
  const char *read; /* NULL: no fault */
  gboolean is_end;
  BipeFault fault;
} refused[] = {
  { GET, NULL, TRUE },
  { "", NULL, TRUE },
  { POST, NULL, TRUE },
  /* With a line feed, for a reader that begins with a line. */
  { " GET", "\n", FALSE, BIPE_FAULT_MALFORMED },
  { "GET  /", "GET \n", FALSE, BIPE_FAULT_MALFORMED },
  { "GET / HTTP/1.1\n", "GET / HTTP/1.1\n", FALSE, BIPE_FAULT_MALFORMED },
  { "GET / HTTP/1.1\r\n x", "GET / HTTP/1.1\r\n", FALSE, BIPE_FAULT_MALFORMED },
  /* Not the line feed with which libsoup would find the head's end. */
  { "GET / HTTP/1.1\r\n\n", "GET / HTTP/1.1\r\n", FALSE, BIPE_FAULT_MALFORMED },
  { "GET / HTTP/1.1\r\nA: b\r\n\n", "GET / HTTP/1.1\r\nA: b\r\n", FALSE, BIPE_FAULT_MALFORMED },
  { "GE", "GE\n", TRUE, BIPE_FAULT_MALFORMED },
  { "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\n", TRUE, BIPE_FAULT_MALFORMED },
  { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x1",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0", FALSE, BIPE_FAULT_MALFORMED },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      Fixture self = { 0 };
      g_autoptr(GString) read = g_string_new (NULL);
      char buffer[256];
      BipeFault fault;
      const char *why;
      gssize n;

      g_test_message ("%s", refused[i].bytes);
      set_up (&self, NULL);
      bipe_wire_expect_requests (self.wire, TRUE);
      send_text (&self, refused[i].bytes);
      if (refused[i].is_end)
        g_socket_shutdown (self.far, FALSE, TRUE, NULL);
      while ((n = read_some (&self, buffer, sizeof buffer)) > 0)
        g_string_append_len (read, buffer, n);
      run_pending ();
      why = bipe_wire_get_fault (self.wire, &fault);
      g_assert_cmpint (why != NULL, ==, refused[i].read != NULL);
      g_assert_cmpuint (self.n_ended, ==, refused[i].read != NULL);
      g_assert_cmpstr (read->str, ==, refused[i].read != NULL ? refused[i].read : refused[i].bytes);
      if (why != NULL)
        {
          /* The reader waits for more. */
          g_assert_cmpint (n, ==, -1);
          g_assert_cmpint (fault, ==, refused[i].fault);
          /* Whoever takes it over, to answer, is not held up. */
          bipe_wire_expect_requests (self.wire, FALSE);
          g_assert_null (bipe_wire_get_fault (self.wire, &fault));
        }
      tear_down (&self, NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/wire/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("idle", test_idle);
  ADD ("busy", test_busy);
  ADD ("forgotten", test_forgotten);
  ADD ("cork", test_cork);
  ADD ("slow-end", test_slow_end);
  ADD ("abort", test_abort);
  ADD ("requests", test_requests);
  ADD ("upgraded", test_upgraded);
#undef ADD
  g_test_add_func ("/wire/refused", test_refused);
  return g_test_run ();
}

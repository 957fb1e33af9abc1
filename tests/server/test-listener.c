#include "config.h"

#include <string.h>

#include "base/error.h"
#include "live.h"
#include "server/listener.h"

static const struct
{
  const char *listen;
  const char *addresses; /* NULL: refused */
  gboolean is_open;
} expanded[] = {
  { "127.0.0.1,::1", "127.0.0.1,::1", FALSE },
  { " 127.0.0.1 , ::1 ", "127.0.0.1,::1", FALSE },
  { "none", "", FALSE },
  { " none ", "", FALSE },
  { "lan", "0.0.0.0,::", TRUE },
  { "0.0.0.0", "0.0.0.0", TRUE },
  { "192.168.1.5", "192.168.1.5", TRUE },
  { "127.0.0.1,192.168.1.5", "127.0.0.1,192.168.1.5", TRUE },
  { "127.0.0.1,127.0.0.1", "127.0.0.1", FALSE },
  { "127.0.0.1,lan,::1", "0.0.0.0,::", TRUE },
  { "0.0.0.0,127.0.0.1,::1", "0.0.0.0,::1", TRUE },
  { "0:0:0:0:0:0:0:1,::1", "::1", FALSE },
  { "localhost", NULL, FALSE },
  { "", NULL, FALSE },
  { "127.0.0.1,", NULL, FALSE },
  { "none,127.0.0.1", NULL, FALSE },
  { "127.0.0.1,none", NULL, FALSE },
  { "127.0.0.1:5000", NULL, FALSE },
  { "LAN", NULL, FALSE },
};

static void
test_expand (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (expanded); i++)
    {
      g_autoptr(GError) error = NULL;
      g_auto(GStrv) addresses = bipe_listener_expand (expanded[i].listen, &error);
      g_autofree char *text = NULL;

      if (expanded[i].addresses == NULL)
        {
          g_assert_null (addresses);
          g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
          continue;
        }
      g_assert_no_error (error);
      text = g_strjoinv (",", addresses);
      g_assert_cmpstr (text, ==, expanded[i].addresses);
      g_assert_cmpint (bipe_listener_is_open (addresses), ==, expanded[i].is_open);
    }
}

static guint16
port_of (GSocket *socket)
{
  g_autoptr(GSocketAddress) local = g_socket_get_local_address (socket, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
}

static void
test_same_port (void)
{
  g_auto(GStrv) addresses = g_strsplit ("127.0.0.1,::1", ",", 0);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) sockets = live_open_sockets (addresses, 0, &error);
  g_auto(GStrv) urls = NULL;
  g_autofree char *expected = NULL;

  g_assert_no_error (error);
  for (guint i = 0; i < sockets->len; i++)
    g_assert_cmpuint (port_of (sockets->pdata[i]), ==, port_of (sockets->pdata[0]));
  urls = bipe_listener_dup_urls (sockets, TRUE);
  expected = g_strdup_printf ("http://127.0.0.1:%u", port_of (sockets->pdata[0]));
  g_assert_cmpstr (urls[0], ==, expected);
  g_assert_cmpuint (g_strv_length (urls), ==, sockets->len);
}

static void
test_urls (void)
{
  g_auto(GStrv) addresses = g_strsplit ("0.0.0.0", ",", 0);
  g_autoptr(GPtrArray) sockets = live_open_sockets (addresses, 0, NULL);
  g_auto(GStrv) urls = bipe_listener_dup_urls (sockets, TRUE);
  g_autofree char *last = g_strdup_printf ("http://127.0.0.1:%u", port_of (sockets->pdata[0]));
  guint n = g_strv_length (urls);

  g_assert_cmpstr (urls[n - 1], ==, last);
  for (guint i = 0; i + 1 < n; i++)
    g_assert_true (g_str_has_prefix (urls[i], "https://"));
}

static void
test_in_use (void)
{
  g_auto(GStrv) addresses = g_strsplit ("127.0.0.1", ",", 0);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) first = live_open_sockets (addresses, 0, &error);
  g_autoptr(GPtrArray) second = NULL;
  g_autofree char *port = NULL;
  guint16 next;

  g_assert_no_error (error);
  g_assert_null (live_open_sockets (addresses, port_of (first->pdata[0]), &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_IN_USE);
  port = g_strdup_printf ("%u", port_of (first->pdata[0]));
  g_assert_nonnull (strstr (error->message, port));
  g_assert_nonnull (strstr (error->message, "--port="));

  next = bipe_listener_find_free_port (addresses, port_of (first->pdata[0]));
  g_assert_cmpuint (next, >, port_of (first->pdata[0]));
  g_clear_error (&error);
  second = live_open_sockets (addresses, next, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (bipe_listener_find_free_port (addresses, G_MAXUINT16), ==, 0);
}

/* TEST-NET-2: nobody has it. */
static void
test_not_here (void)
{
  g_auto(GStrv) addresses = g_strsplit ("127.0.0.1,198.51.100.7", ",", 0);
  g_autoptr(GError) error = NULL;

  g_assert_null (live_open_sockets (addresses, 0, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "198.51.100.7"));
}

static void
test_move (void)
{
  g_auto(GStrv) near = g_strsplit ("127.0.0.1", ",", 0);
  g_auto(GStrv) both = g_strsplit ("127.0.0.1,127.0.0.2", ",", 0);
  g_auto(GStrv) all = g_strsplit ("0.0.0.0", ",", 0);
  g_auto(GStrv) bad = g_strsplit ("127.0.0.2,198.51.100.7", ",", 0);
  char *none[] = { NULL };
  g_autoptr(GInetAddress) address = g_inet_address_new_from_string ("127.0.0.3");
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) sockets = live_open_sockets (both, 0, &error);
  g_autoptr(GPtrArray) other = live_open_sockets (near, 0, &error);
  guint16 port = port_of (sockets->pdata[0]);
  g_autoptr(GSocket) kept = g_object_ref (sockets->pdata[0]);

  g_assert_true (bipe_listener_move (sockets, near, port, &error));
  g_assert_cmpuint (sockets->len, ==, 1);

  /* One more: the first goes on. Port 0 is the one there is. */
  g_assert_true (bipe_listener_move (sockets, both, 0, &error));
  g_assert_cmpuint (sockets->len, ==, 2);
  g_assert_true (sockets->pdata[0] == kept);
  g_assert_cmpuint (port_of (sockets->pdata[1]), ==, port);
  g_assert_false (bipe_listener_serves (sockets, address));

  /* One that can't be had, or another's port: all is as it was. */
  g_assert_false (bipe_listener_move (sockets, bad, 0, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_cmpuint (sockets->len, ==, 2);
  g_assert_false (bipe_listener_move (sockets, near, port_of (other->pdata[0]), &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_IN_USE);
  g_clear_error (&error);
  g_assert_cmpuint (sockets->len, ==, 2);
  for (guint i = 0; i < sockets->len; i++)
    g_assert_cmpuint (port_of (sockets->pdata[i]), ==, port);

  /* All addresses, on the port that one of them had. */
  g_assert_true (bipe_listener_move (sockets, all, port, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (sockets->len, ==, 1);
  g_assert_true (g_socket_is_closed (kept));
  g_assert_true (bipe_listener_serves (sockets, address));

  g_assert_true (bipe_listener_move (sockets, none, port, &error));
  g_assert_cmpuint (sockets->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listener/expand", test_expand);
  g_test_add_func ("/listener/same-port", test_same_port);
  g_test_add_func ("/listener/urls", test_urls);
  g_test_add_func ("/listener/in-use", test_in_use);
  g_test_add_func ("/listener/not-here", test_not_here);
  g_test_add_func ("/listener/move", test_move);
  return g_test_run ();
}

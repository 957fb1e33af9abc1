/* test-framing.c: requests one behind the other: where each ends. */
#include "config.h"

#include <string.h>

#include "server/framing.h"

#define GET "GET / HTTP/1.1\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
#define EMPTY "\r\nPOST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
#define CHUNKS "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" GET

static const char *const requests[] = { GET, POST, GET, EMPTY, POST, POST, GET, CHUNKS };

static void
test_requests (void)
{
  g_autofree char *all = g_strjoinv (
      NULL, (char **)(const char *[]){ GET, POST, GET, EMPTY, POST, POST, GET, CHUNKS, NULL });

  for (gsize size = 1; size <= strlen (all); size++)
    {
      BipeFraming framing = { 0 };
      const char *at = all;

      for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
        for (const char *end = at + strlen (requests[i]); at < end;)
          {
            gsize n_piece = MIN (size, strlen (at));
            gsize n = bipe_framing_feed (&framing, at, n_piece);
            BipeFault fault;

            g_assert_null (bipe_framing_get_fault (&framing, &fault));
            g_assert_cmpuint (n, ==, MIN (n_piece, (gsize)(end - at)));
            at += n;
          }
    }
}

static void
test_faults (void)
{
  static const struct
  {
    const char *bytes;
    gsize n_good; /* of the last request */
  } cases[] = {
    { GET " ", 0 },
    { POST "GET /\r\n", 5 },
    { EMPTY "\r\n\r\n", 2 },
    { GET "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloo", 55 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeFraming framing = { 0 };
      BipeFault fault;
      const char *at = cases[i].bytes;
      gsize n = bipe_framing_feed (&framing, at, strlen (at));

      g_assert_null (bipe_framing_get_fault (&framing, &fault));
      at += n;
      g_assert_cmpuint (bipe_framing_feed (&framing, at, strlen (at)), ==, cases[i].n_good);
      g_assert_nonnull (bipe_framing_get_fault (&framing, &fault));
      g_assert_cmpint (fault, ==, BIPE_FAULT_MALFORMED);
      at += cases[i].n_good;
      g_assert_cmpuint (bipe_framing_feed (&framing, at, strlen (at)), ==, 0);
    }
}

static void
test_end (void)
{
  static const struct
  {
    const char *bytes;
    gboolean is_fault;
  } cases[] = {
    { "", FALSE },
    { "G", TRUE },
    { "GET / HTTP/1.1\r\n\r", TRUE },
    { GET, FALSE },
    /* Who reads a body knows its length. */
    { "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhell", FALSE },
    { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeFraming framing = { 0 };
      BipeFault fault;

      bipe_framing_feed (&framing, cases[i].bytes, strlen (cases[i].bytes));
      bipe_framing_end (&framing);
      g_assert_cmpint (bipe_framing_get_fault (&framing, &fault) != NULL, ==, cases[i].is_fault);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/framing/requests", test_requests);
  g_test_add_func ("/framing/faults", test_faults);
  g_test_add_func ("/framing/end", test_end);
  return g_test_run ();
}

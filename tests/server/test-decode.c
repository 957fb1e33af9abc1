/* test-decode.c: POST /v1/decode, with the real decoder process. */
#include "config.h"

#include <string.h>

#include "decoder/decoder.h"
#include "live.h"

/* tests/data/qr.png: a QR code that says BIPE-42. */
static GBytes *qr;

static Answer *
post (Live *live, const char *target, const char *type, GBytes *picture)
{
  gsize length = g_bytes_get_size (picture);
  g_autofree char *head = g_strdup_printf (
      "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: %s\r\n"
      "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
      target, type, length);
  g_autoptr(GByteArray) request = g_byte_array_new ();

  g_byte_array_append (request, (const guint8 *)head, (guint)strlen (head));
  g_byte_array_append (request, g_bytes_get_data (picture, NULL), (guint)length);
  return live_talk (live, (const char *)request->data, (gssize)request->len);
}

/* The picture with zeros behind its end, which a reader of PNG passes over. */
static GBytes *
pad (GBytes *picture, gsize length)
{
  g_autoptr(GByteArray) padded = g_byte_array_new ();
  guint had = (guint)g_bytes_get_size (picture);

  g_byte_array_append (padded, g_bytes_get_data (picture, NULL), had);
  g_byte_array_set_size (padded, (guint)length);
  memset (padded->data + had, 0, length - had);
  return g_byte_array_free_to_bytes (g_steal_pointer (&padded));
}

static void
test_found (void)
{
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(Answer) answer = post (live, "/v1/decode", "image/png", qr);
  g_autoptr(Answer) other = post (live, "/v1/decode?symbologies=ean-13", "image/png", qr);
  g_autoptr(GBytes) large = pad (qr, 3 * 1024 * 1024);
  g_autoptr(Answer) of_large = post (live, "/v1/decode", "image/png; x=1", large);
  g_autoptr(Answer) queue = live_ask (live, "GET", "/v1/queue", NULL, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_true (g_str_has_prefix (answer->body, "{\"code\":200,\"data\":{\"width\":"));
  g_assert_nonnull (strstr (answer->body, "\"codes\":[{\"code\":\"BIPE-42\",\"aim\":\"]Q1\","
                                          "\"symbology\":\"QR Code\",\"position\":[{\"x\":"));
  g_assert_cmpuint (other->status, ==, 200);
  g_assert_nonnull (strstr (other->body, "\"codes\":[]}"));
  g_assert_cmpstr (of_large->body, ==, answer->body);
  g_assert_nonnull (strstr (queue->body, "\"data\":[]")); /* told, not scanned */
  live_stop (live);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *target;
    const char *type;
    const char *body; /* NULL: the picture */
    guint status;
    int error_code;
    const char *part;
  } cases[] = {
    { "/v1/decode", "application/json", "{}", 415, 1007, "image/png or image/jpeg" },
    { "/v1/decode", "image/gif", NULL, 415, 1007, "image/png or image/jpeg" },
    { "/v1/decode", "image/png", "", 400, 1001, "must be a picture" },
    { "/v1/decode", "image/png", "GIF89a no picture", 400, 1001, NULL },
    { "/v1/decode", "image/jpeg", "\xff\xd8\xff\xe0 cut off", 400, 1001, NULL },
    { "/v1/decode?symbologies=ean-12", "image/png", NULL, 400, 1001, "ean-12" },
    { "/v1/decode?symbologies=", "image/png", NULL, 400, 1001, "symbolog" },
  };
  BipeServerOptions options = live_options ();
  Live *live = live_start (&options, FALSE);
  g_autoptr(GBytes) huge = pad (qr, BIPE_DECODER_FILE_MAX + 1);
  g_autoptr(Answer) of_huge = post (live, "/v1/decode", "image/png", huge);
  g_autoptr(Answer) get = live_ask (live, "GET", "/v1/decode", NULL, NULL);
  g_autoptr(Answer) elsewhere = post (live, "/v1/scans", "application/json", huge);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GBytes) body = cases[i].body != NULL
                                    ? g_bytes_new_static (cases[i].body, strlen (cases[i].body))
                                    : g_bytes_ref (qr);
      g_autoptr(Answer) answer = post (live, cases[i].target, cases[i].type, body);

      g_test_message ("case %" G_GSIZE_FORMAT ": %.200s", i, answer->body);
      assert_failure (answer, cases[i].status, cases[i].error_code);
      if (cases[i].part != NULL)
        g_assert_nonnull (strstr (answer->body, cases[i].part));
    }
  assert_failure (of_huge, 413, 1005);
  assert_failure (elsewhere, 413, 1005);
  g_assert_nonnull (strstr (elsewhere->body, "1048576"));
  assert_failure (get, 405, 1007);
  live_stop (live);
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  char *contents;
  gsize length;
  int status;

  g_test_init (&argc, &argv, NULL);
  path = g_test_build_filename (G_TEST_DIST, "..", "data", "qr.png", NULL);
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  qr = g_bytes_new_take (contents, length);
  g_test_add_func ("/decode/found", test_found);
  g_test_add_func ("/decode/refused", test_refused);
  status = g_test_run ();
  g_bytes_unref (qr);
  return status;
}

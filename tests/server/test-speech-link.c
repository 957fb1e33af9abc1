/* test-speech-link.c: what is taken as a service's URL, and what goes to one. How services go wrong
 * is tried from outside (tests/live/test-speech.py). */
#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "base/error.h"
#include "server/speech-link.h"

#define PIN "0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF"

static const struct
{
  const char *url;
  const char *token;
  gboolean is_taken;
} cases[] = {
  { "http://127.0.0.1:5000", "", TRUE },
  { "http://[::1]:5000/", NULL, TRUE },
  { "https://speech.example/a/output", "a.b-c_d", TRUE },
  { "https://speech.example#fp=" PIN, "", TRUE },
  { "", "", FALSE },
  { "127.0.0.1:5000", "", FALSE },
  { "http://", "", FALSE },
  { "http:///output", "", FALSE },
  { "ftp://x", "", FALSE },
  { "file:///etc/passwd", "", FALSE },
  { "http://user:word@x", "", FALSE },
  { "http://x?token=y", "", FALSE },
  { "http://x#fp=" PIN, "", FALSE },
  { "https://x#fp=12", "", FALSE },
  { "https://x#fp=" PIN "0", "", FALSE },
  { "https://x#fq=" PIN, "", FALSE },
  { "https://x#fp=g123456789abcdef0123456789abcdef0123456789ABCDEF0123456789ABCDEF", "", FALSE },
  { "http://x", "a b", FALSE },
  { "http://x", "a\r\nX: y", FALSE },
  { "http://x", "\303\251", FALSE },
};

static void
test_settings (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeSpeechLink) link
                 = bipe_speech_link_new (cases[i].url, cases[i].token, 1000, &error);

      g_test_message ("%s", cases[i].url);
      g_assert_true (cases[i].is_taken == (link != NULL));
      if (!cases[i].is_taken)
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
    }
}

/* A service that tells what it was asked: path, token, body. */
static void
echo_cb (SoupServer *server,
         SoupServerMessage *message,
         const char *path,
         GHashTable *query,
         gpointer user_data)
{
  const char *token = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "Authorization");
  g_autoptr(GBytes) body
             = soup_message_body_flatten (soup_server_message_get_request_body (message));
  char *text
      = g_strdup_printf ("[\"%s\",\"%s\",%.*s]", path, token != NULL ? token : "",
                         (int)g_bytes_get_size (body), (const char *)g_bytes_get_data (body, NULL));

  if (g_str_has_prefix (path, "/slow"))
    soup_server_message_pause (message);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_TAKE, text,
                                    strlen (text));
}

typedef struct
{
  gboolean is_done;
  GBytes *answer;
  GError *error;
} Result;

static void
posted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Result *posted = user_data;

  posted->answer = bipe_speech_link_post_finish (BIPE_SPEECH_LINK (source), result, &posted->error);
  posted->is_done = TRUE;
}

static char *
start_service (SoupServer **server)
{
  g_autoptr(GError) error = NULL;
  GSList *uris;
  char *url;

  *server = soup_server_new (NULL, NULL);
  soup_server_add_handler (*server, "/", echo_cb, NULL, NULL);
  soup_server_listen_local (*server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (*server);
  url = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
  return url;
}

static void
post (const char *url, const char *token, GCancellable *cancellable, Result *result)
{
  g_autoptr(GError) error = NULL;
  BipeSpeechLink *link = bipe_speech_link_new (url, token, 500, &error);
  g_autoptr(GBytes) body = g_bytes_new_static ("{\"message\":1.10}", 16);

  g_assert_no_error (error);
  bipe_speech_link_post_async (link, body, cancellable, posted_cb, result);
  while (!result->is_done)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (link);
}

static void
test_paths (void)
{
  static const struct
  {
    const char *behind;
    const char *token;
    const char *answer;
  } paths[] = {
    { "", NULL, "[\"/output\",\"\",{\"message\":1.10}]" },
    { "/", "t.o", "[\"/output\",\"Bearer t.o\",{\"message\":1.10}]" },
    { "/output", "", "[\"/output\",\"\",{\"message\":1.10}]" },
    { "/a/b//", "", "[\"/a/b/output\",\"\",{\"message\":1.10}]" },
  };
  SoupServer *server;
  g_autofree char *base = start_service (&server);

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *url = g_strconcat (base, paths[i].behind, NULL);
      Result result = { 0 };

      post (url, paths[i].token, NULL, &result);
      g_assert_no_error (result.error);
      g_assert_cmpmem (g_bytes_get_data (result.answer, NULL), g_bytes_get_size (result.answer),
                       paths[i].answer, strlen (paths[i].answer));
      g_bytes_unref (result.answer);
    }
  g_object_unref (server);
}

static void
test_slow (void)
{
  SoupServer *server;
  g_autofree char *base = start_service (&server);
  g_autofree char *url = g_strconcat (base, "/slow", NULL);
  gint64 started = g_get_monotonic_time ();
  Result result = { 0 };

  post (url, NULL, NULL, &result);
  g_assert_error (result.error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  g_assert_cmpint (g_get_monotonic_time () - started, <, 10 * G_USEC_PER_SEC);
  g_clear_error (&result.error);
  g_object_unref (server);
}

static gboolean
cancel_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

static void
test_cancelled (void)
{
  SoupServer *server;
  g_autofree char *base = start_service (&server);
  g_autofree char *url = g_strconcat (base, "/slow", NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Result result = { 0 };

  g_timeout_add (50, cancel_cb, cancellable);
  post (url, NULL, cancellable, &result);
  g_assert_error (result.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&result.error);
  g_object_unref (server);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speech-link/settings", test_settings);
  g_test_add_func ("/speech-link/paths", test_paths);
  g_test_add_func ("/speech-link/slow", test_slow);
  g_test_add_func ("/speech-link/cancelled", test_cancelled);
  return g_test_run ();
}

/* gateway.c: POST /input of seed 001: what is to be said is passed on to the speech service, which
 * may be this process. Whatever goes wrong there is one answer to the client; the log knows why. */
#include "config.h"

#include <string.h>

#include "server/handlers/common.h"
#include "server/handlers/handlers.h"
#include "server/peer.h"
#include "speech/speech.h"

static void
reply_bad_request (BipeExchange *exchange, const GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_message ("Nothing said: %s", error->message);
  bipe_exchange_reply (exchange, SOUP_STATUS_INTERNAL_SERVER_ERROR, "application/json",
                       g_string_new ("{\"message\":\"Bad request\"}"));
}

static void
reply_bytes (BipeExchange *exchange, GBytes *bytes)
{
  bipe_exchange_reply_bytes (exchange, SOUP_STATUS_OK, "application/json", bytes);
}

static void
posted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) answer
             = bipe_speech_link_post_finish (BIPE_SPEECH_LINK (source), result, &error);

  if (answer != NULL)
    reply_bytes (exchange, answer);
  else
    reply_bad_request (exchange, error);
}

static void
made_cb (const GError *error, GBytes *body, BipeExchange *exchange)
{
  if (error == NULL)
    reply_bytes (exchange, body);
  else
    reply_bad_request (exchange, error);
}

/* As the seed does it: a member that is missing is not passed on, and others neither. */
static GBytes *
make_order (const json_t *body)
{
  static const char *const members[] = { "message", "name" };
  g_autoptr(json_t) order = json_object ();
  char *text;

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_get (body, members[i]) != NULL)
      json_object_set (order, members[i], json_object_get (body, members[i]));
  text = json_dumps (order, JSON_COMPACT);
  return g_bytes_new_with_free_func (text, strlen (text), free, text);
}

void
bipe_gateway_input (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) body = bipe_handlers_parse_object (exchange, &error);
  BipeSpeechLink *link = bipe_exchange_get_options (exchange)->speech_link;
  g_autoptr(GBytes) order = NULL;

  if (body == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  order = make_order (body);
  bipe_peer_heed_hang_up (bipe_exchange_get_peer (exchange), BIPE_HANG_UP_RESET, bipe_exchange_cut);
  if (link != NULL)
    bipe_speech_link_post_async (link, order, bipe_exchange_get_cancellable (exchange), posted_cb,
                                 bipe_exchange_ref (exchange));
  else
    bipe_handlers_say (exchange, body, order, made_cb);
}

void
bipe_gateway_hello (BipeExchange *exchange)
{
  bipe_exchange_reply (exchange, SOUP_STATUS_OK, "text/html; charset=utf-8",
                       g_string_new ("Hello World!"));
}

/* size-limit.c: a body over the limit is refused by its announced length, or, where it comes in
 * chunks, as soon as it has grown too long. Ranges of an answer are none of ours: libsoup 3.2 would
 * give them by itself, as many as are named, and past the answer's end (CVE-2025-32907,
 * CVE-2026-2443). */
#include "config.h"

#include "server/chain.h"

static void
refuse (BipeExchange *exchange)
{
  bipe_exchange_refuse (exchange, BIPE_FAULT_TOO_LARGE,
                        "the body is longer than %" G_GSIZE_FORMAT " bytes",
                        bipe_exchange_get_options (exchange)->body_limit);
}

static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  BipeExchange *exchange = user_data;

  if ((gsize)soup_server_message_get_request_body (message)->length
      <= bipe_exchange_get_options (exchange)->body_limit)
    return;
  bipe_exchange_ref (exchange);
  refuse (exchange);
  bipe_exchange_unref (exchange);
}

static const char *
check_length (SoupMessageHeaders *headers)
{
  const char *length = soup_message_headers_get_list (headers, "Content-Length");

  if (length == NULL)
    return NULL;
  if (length[strspn (length, "0123456789")] != '\0')
    return "Content-Length is not one number";
  if (soup_message_headers_get_one (headers, "Transfer-Encoding") != NULL)
    return "there are both Content-Length and Transfer-Encoding";
  return NULL;
}

static void
enter (BipeExchange *exchange)
{
  SoupServerMessage *message = bipe_exchange_get_message (exchange);
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *fault = check_length (headers);

  soup_message_headers_remove (headers, "Range");
  if (fault != NULL)
    bipe_exchange_refuse (exchange, BIPE_FAULT_MALFORMED, "%s", fault);
  else if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED)
    g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), exchange);
  else if ((guint64)soup_message_headers_get_content_length (headers)
           > bipe_exchange_get_options (exchange)->body_limit)
    refuse (exchange);
}

const BipeLayer bipe_layer_size_limit = { .name = "size limit", .enter = enter };

/* size-limit.c: a body over the limit is refused by its announced length, or, where it comes in
 * chunks, as soon as it has grown too long. Ranges of an answer are given by handlers or not at
 * all: libsoup 3.2 would give them by itself, as many as are named, and past the answer's end
 * (CVE-2025-32907, CVE-2026-2443). */
#include "config.h"

#include "decoder/decoder.h"
#include "server/chain.h"
#include "server/router.h"

/* Looked for only where it matters. */
static gsize
get_limit (BipeExchange *exchange)
{
  const BipeRoute *route = bipe_router_find (exchange);
  gsize limit = bipe_exchange_get_options (exchange)->body_limit;

  if (route != NULL && route->takes == BIPE_BODY_PICTURE)
    return MAX (limit, BIPE_DECODER_FILE_MAX);
  if (route != NULL && route->takes == BIPE_BODY_SMALL)
    return MIN (limit, BIPE_BODY_SMALL_MAX);
  return limit;
}

/* @length: of the body, as far as it is known. */
static void
check (BipeExchange *exchange, guint64 length)
{
  gsize limit = bipe_exchange_get_options (exchange)->body_limit;

  if (length > MIN (limit, BIPE_BODY_SMALL_MAX))
    limit = get_limit (exchange);
  if (length > limit)
    bipe_exchange_refuse (exchange, BIPE_FAULT_TOO_LARGE,
                          "the body is longer than %" G_GSIZE_FORMAT " bytes", limit);
}

static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = bipe_exchange_ref (user_data);

  check (exchange, (guint64)soup_server_message_get_request_body (message)->length);
}

static void
enter (BipeExchange *exchange)
{
  SoupServerMessage *message = bipe_exchange_get_message (exchange);
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  bipe_exchange_hide_range (exchange);
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED)
    g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), exchange);
  else
    check (exchange, (guint64)soup_message_headers_get_content_length (headers));
}

const BipeLayer bipe_layer_size_limit = { .name = "size limit", .enter = enter };

/* size-limit.c: a body over the limit is refused by its announced length, or, where it comes in
 * chunks, as soon as it has grown too long; and any but the smallest while all requests together
 * hold too much. Ranges of an answer are given by handlers or not at
 * all: libsoup 3.2 would give them by itself, as many as are named, and past the answer's end
 * (CVE-2025-32907, CVE-2026-2443). */
#include "config.h"

#include "decoder/decoder.h"
#include "server/chain.h"
#include "server/router.h"

/* So many of the largest bodies that there may be, or as much in smaller ones. */
#define N_HELD_MAX 8

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

/* Who was let in finds room, however much strangers send. */
static gsize
get_held_max (BipeExchange *exchange)
{
  gsize largest = MAX (bipe_exchange_get_options (exchange)->body_limit, BIPE_DECODER_FILE_MAX);
  const BipePass *pass = bipe_exchange_get_pass (exchange);

  return N_HELD_MAX * largest / (bipe_pass_get_scopes (pass) == BIPE_SCOPE_NONE ? 2 : 1);
}

static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = bipe_exchange_ref (user_data);
  gsize length = (gsize)soup_server_message_get_request_body (message)->length;

  check (exchange, length);
  if (length <= BIPE_BODY_SMALL_MAX || bipe_exchange_get_state (exchange) != BIPE_EXCHANGE_RECEIVING
      || bipe_exchange_hold (exchange, length) <= get_held_max (exchange))
    return;
  bipe_exchange_set_answer_header (exchange, "Retry-After", "1");
  bipe_exchange_refuse (exchange, BIPE_FAULT_BUSY,
                        "the server has as many long bodies as it can hold: try again in a second");
}

static void
enter (BipeExchange *exchange)
{
  SoupServerMessage *message = bipe_exchange_get_message (exchange);
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  gboolean is_chunked = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED;
  goffset length = is_chunked ? 0 : soup_message_headers_get_content_length (headers);

  bipe_exchange_hide_range (exchange);
  check (exchange, (guint64)length);
  if (is_chunked || length > BIPE_BODY_SMALL_MAX)
    g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), exchange);
}

const BipeLayer bipe_layer_size_limit = { .name = "size limit", .enter = enter };

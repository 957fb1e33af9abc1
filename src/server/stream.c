#include "config.h"

#include "server/stream.h"

#include "server/peer.h"

typedef struct
{
  guint n_refs; /* the message's, and one of the page that is being fetched */
  BipeExchange *exchange;
  BipeStreamFormat format;
  char *disposition;
  BipeQuery *query; /* for the next page */
  guint n_left;     /* rows still wanted; or BIPE_STREAM_ALL */
  gboolean has_started;
  gboolean has_rows;
  gboolean has_ended;
} Stream;

static void
stream_unref (Stream *self)
{
  if (--self->n_refs > 0)
    return;
  bipe_query_free (self->query);
  g_free (self->disposition);
  bipe_exchange_unref (self->exchange);
  g_free (self);
}

static void
closure_gone_cb (gpointer data, GClosure *closure)
{
  stream_unref (data);
}

/* A circle: a page that was written asks for the next. */
static void fetch (Stream *self);

static void
wrote_chunk_cb (SoupServerMessage *message, gpointer user_data)
{
  Stream *self = user_data;
  BipePeer *peer = bipe_exchange_get_peer (self->exchange);

  if (peer == NULL)
    return;
  peer->since = g_get_monotonic_time ();
  if (!self->has_ended)
    fetch (self);
}

static GString *
print_page (Stream *self, GPtrArray *scans)
{
  GString *out = g_string_sized_new (scans->len * 48 + 16);

  if (!self->has_started)
    g_string_append (out, self->format.head);
  for (guint i = 0; i < scans->len; i++)
    {
      if (self->has_rows)
        g_string_append (out, self->format.separator);
      self->has_rows = TRUE;
      self->format.append (scans->pdata[i], out);
    }
  if (self->has_ended)
    g_string_append (out, self->format.tail);
  return out;
}

/* Where the next page begins, if there is one. */
static void
move_on (Stream *self, GPtrArray *scans)
{
  gint64 last = scans->len > 0 ? ((BipeScan *)scans->pdata[scans->len - 1])->id : 0;

  if (self->query->is_descending)
    self->query->before = last;
  else
    self->query->after = last;
  self->has_ended = scans->len < self->query->limit;
  if (self->n_left == BIPE_STREAM_ALL)
    return;
  self->n_left -= MIN (self->n_left, scans->len);
  self->has_ended = self->has_ended || self->n_left == 0;
  self->query->limit = MIN (self->n_left, BIPE_QUERY_LIMIT_MAX);
}

/* FALSE: nobody wants a body. */
static gboolean
begin (Stream *self)
{
  SoupServerMessage *message = bipe_exchange_get_message (self->exchange);

  bipe_exchange_set_answer_header (self->exchange, "X-Content-Type-Options", "nosniff");
  if (self->disposition != NULL)
    bipe_exchange_set_answer_header (self->exchange, "Content-Disposition", self->disposition);
  if (!bipe_exchange_start_stream (self->exchange, self->format.content_type))
    return FALSE;
  self->n_refs++;
  g_signal_connect_data (message, "wrote-chunk", G_CALLBACK (wrote_chunk_cb), self, closure_gone_cb,
                         0);
  return TRUE;
}

static void
write_page (Stream *self, GPtrArray *scans)
{
  SoupServerMessage *message = bipe_exchange_get_message (self->exchange);
  SoupMessageBody *body;
  GString *page;
  gsize length;

  move_on (self, scans);
  page = print_page (self, scans);
  if (message == NULL || (!self->has_started && !begin (self)))
    {
      g_string_free (page, TRUE);
      return;
    }

  self->has_started = TRUE;
  body = soup_server_message_get_response_body (message);
  length = page->len;
  if (length > 0)
    soup_message_body_append_take (body, (guchar *)g_string_free (page, FALSE), length);
  else
    g_string_free (page, TRUE);
  if (self->has_ended)
    soup_message_body_complete (body);
  soup_server_message_unpause (message);
}

/* Whoever was let in by a token that has ended meanwhile, or may not read any more, gets no more.
 */
static gboolean
is_admitted (Stream *self)
{
  BipePass *pass = bipe_exchange_get_pass (self->exchange);

  return bipe_gate_admits (bipe_exchange_get_gate (self->exchange), pass)
         && (bipe_pass_get_scopes (pass) & BIPE_SCOPE_READ) != 0;
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Stream *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans = bipe_records_scans_finish (BIPE_RECORDS (source), result, &error);

  if (self->has_started && !is_admitted (self))
    bipe_exchange_cut (self->exchange);
  else if (scans != NULL)
    write_page (self, scans);
  else if (!self->has_started)
    bipe_exchange_fail (self->exchange, error);
  else
    {
      g_message ("a list was broken off: %s", error->message);
      bipe_exchange_cut (self->exchange);
    }
  stream_unref (self);
}

static void
fetch (Stream *self)
{
  self->n_refs++;
  bipe_records_query_async (bipe_exchange_get_records (self->exchange), self->query,
                            bipe_exchange_get_cancellable (self->exchange), page_cb, self);
}

void
bipe_stream_start (BipeExchange *exchange, const BipeStreamFormat *format, BipeQuery *query)
{
  Stream *self = g_new0 (Stream, 1);

  self->exchange = bipe_exchange_ref (exchange);
  self->format = *format;
  self->disposition = g_strdup (format->disposition);
  self->query = query;
  self->n_left = query->limit;
  query->limit = MIN (query->limit, BIPE_QUERY_LIMIT_MAX);
  fetch (self);
}

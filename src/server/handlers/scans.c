/* scans.c: /v1/scans: scans in, the store's rows out, voiding and restoring. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "server/draft.h"
#include "server/handlers/common.h"
#include "server/handlers/handlers.h"
#include "server/handlers/scan-filters.h"

/* Where a client does not say. */
#define LIST_LIMIT 100

/* U+FFFD, which libsoup puts where a header is no UTF-8: two such keys are not the same key. */
#define REPLACEMENT "\357\277\275"

static gboolean
set_key (json_t *body, const char *key, GError **error)
{
  const char *given = json_string_value (json_object_get (body, "key"));

  if (!json_is_object (body))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                 "the header Idempotency-Key is for a single scan; in a list, each has its key");
  else if (given != NULL && !g_str_equal (given, key))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                 "key and the header Idempotency-Key contradict each other");
  else if (strstr (key, REPLACEMENT) != NULL
           || json_object_set_new (body, "key", json_string (key)) < 0)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                 "the header Idempotency-Key must be valid UTF-8");
  else
    return TRUE;
  return FALSE;
}

static GPtrArray *
read_list (json_t *list, const char *user, GError **error)
{
  g_autoptr(GPtrArray) drafts = bipe_scan_array_new ();
  gsize i;
  json_t *object;

  if (json_array_size (list) == 0 || json_array_size (list) > BIPE_STATION_ACCEPT_MAX)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "a list must have 1 to %d scans",
                   BIPE_STATION_ACCEPT_MAX);
      return NULL;
    }
  json_array_foreach (list, i, object)
  {
    BipeScan *draft = bipe_draft_from_json (object, user, error);

    if (draft == NULL)
      {
        g_prefix_error (error, "scan %" G_GSIZE_FORMAT " of the list: ", i + 1);
        return NULL;
      }
    g_ptr_array_add (drafts, draft);
  }
  return g_steal_pointer (&drafts);
}

static GPtrArray *
read_drafts (json_t *body, const char *user, GError **error)
{
  GPtrArray *drafts;
  BipeScan *draft;

  if (json_is_array (body))
    return read_list (body, user, error);
  draft = bipe_draft_from_json (body, user, error);
  if (draft == NULL)
    return NULL;
  drafts = bipe_scan_array_new ();
  g_ptr_array_add (drafts, draft);
  return drafts;
}

static void
reply_accepted (BipeExchange *exchange, const BipeAppend *append, gboolean is_list)
{
  GString *data = bipe_exchange_begin_data ();

  bipe_pass_count_scans (bipe_exchange_get_pass (exchange), append->n_new);
  if (is_list)
    bipe_handlers_append_list (data, append->scans);
  else
    bipe_scan_append_json (append->scans->pdata[0], data);
  bipe_exchange_reply_data (exchange, append->n_new > 0 ? SOUP_STATUS_CREATED : SOUP_STATUS_OK,
                            data);
}

static void
list_accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) append
             = bipe_station_accept_finish (BIPE_STATION (source), result, &error);

  if (append == NULL)
    bipe_exchange_fail (exchange, error);
  else
    reply_accepted (exchange, append, TRUE);
}

static void
accepted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeAppend) append
             = bipe_station_accept_finish (BIPE_STATION (source), result, &error);

  if (append == NULL)
    bipe_exchange_fail (exchange, error);
  else
    reply_accepted (exchange, append, FALSE);
}

void
bipe_scans_post (BipeExchange *exchange)
{
  const char *key = bipe_exchange_get_header (exchange, "Idempotency-Key");
  const char *user = bipe_pass_get_user (bipe_exchange_get_pass (exchange));
  g_autoptr(GPtrArray) drafts = NULL;
  g_autoptr(json_t) body = NULL;
  g_autoptr(GError) error = NULL;

  if (!bipe_exchange_get_body (exchange, &body, &error)
      || (key != NULL && !set_key (body, key, &error))
      || (drafts = read_drafts (body, user, &error)) == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_station_accept_async (bipe_exchange_get_station (exchange), drafts,
                             json_is_array (body) ? list_accepted_cb : accepted_cb,
                             bipe_exchange_ref (exchange));
}

void
bipe_scans_list (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) parameters = bipe_exchange_parse_query (exchange, &error);
  g_autoptr(BipeQuery) query = NULL;

  if (parameters == NULL
      || (query = bipe_scan_filters_parse (parameters, LIST_LIMIT, BIPE_QUERY_LIMIT_MAX, &error))
             == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_records_query_async (bipe_exchange_get_records (exchange), query,
                            bipe_exchange_get_cancellable (exchange), bipe_handlers_scans_cb,
                            bipe_exchange_ref (exchange));
}

/* FALSE: the exchange is answered. */
static gboolean
read_ref (BipeExchange *exchange, BipeScanRef *ref)
{
  const char *text = bipe_exchange_get_variable (exchange);

  *ref = (BipeScanRef){ 0 };
  if (bipe_uuid_parse (text, &ref->uuid))
    return TRUE;
  if (!bipe_handlers_parse_id (text, &ref->id))
    {
      bipe_exchange_refuse (exchange, BIPE_FAULT_INVALID, "the scan must be named by id or uuid");
      return FALSE;
    }
  if (ref->id == 0)
    {
      bipe_exchange_refuse (exchange, BIPE_FAULT_NOT_FOUND, "there is no scan with the id 0");
      return FALSE;
    }
  return TRUE;
}

void
bipe_scans_find (BipeExchange *exchange)
{
  BipeScanRef ref;

  if (read_ref (exchange, &ref))
    bipe_records_find_async (bipe_exchange_get_records (exchange), &ref,
                             bipe_exchange_get_cancellable (exchange), bipe_handlers_scan_cb,
                             bipe_exchange_ref (exchange));
}

void
bipe_scans_void (BipeExchange *exchange)
{
  g_autoptr(json_t) body = NULL;
  g_autoptr(GError) error = NULL;
  const char *reason;
  BipeScanRef ref;

  if (!read_ref (exchange, &ref))
    return;
  body = bipe_handlers_parse_object (exchange, &error);
  if (body == NULL || !bipe_handlers_get_reason (body, &reason, &error))
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_records_void_async (bipe_exchange_get_records (exchange), &ref, reason,
                           bipe_handlers_scan_cb, bipe_exchange_ref (exchange));
}

void
bipe_scans_restore (BipeExchange *exchange)
{
  BipeScanRef ref;

  if (read_ref (exchange, &ref))
    bipe_records_restore_async (bipe_exchange_get_records (exchange), &ref, bipe_handlers_scan_cb,
                                bipe_exchange_ref (exchange));
}

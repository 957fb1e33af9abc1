/* queue.c: /v1/queue: what waits at this station: seen, collected, and in review mode released,
 * edited and removed. */
#include "config.h"

#include "base/error.h"
#include "base/json.h"
#include "base/status.h"
#include "server/draft.h"
#include "server/handlers/common.h"
#include "server/handlers/handlers.h"

#define DEFAULT_LIMIT 100

typedef struct
{
  guint states;
  gboolean has_after;
  BipeUuid after;
  gint64 limit;
} Page;

static gboolean
read_states (const char *value, guint *states)
{
  BipeScanState state;

  if (!bipe_scan_state_parse (value, &state) || state == BIPE_SCAN_STORED)
    return FALSE;
  *states = 1u << state;
  return TRUE;
}

static gboolean
read_page (GPtrArray *parameters, Page *page, GError **error)
{
  for (guint i = 0; i + 1 < parameters->len; i += 2)
    {
      const char *name = parameters->pdata[i];
      const char *value = parameters->pdata[i + 1];
      const char *rule = NULL;

      if (g_str_equal (name, "state") && !read_states (value, &page->states))
        rule = "queued, rejected or voided";
      else if (g_str_equal (name, "after")
               && !(page->has_after = bipe_uuid_parse (value, &page->after)))
        rule = "a uuid";
      else if (g_str_equal (name, "limit")
               && (!bipe_handlers_parse_id (value, &page->limit) || page->limit < 1
                   || page->limit > BIPE_QUERY_LIMIT_MAX))
        rule = "an integer from 1 to 1000";
      if (rule != NULL)
        {
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s must be %s", name, rule);
          return FALSE;
        }
    }
  return TRUE;
}

void
bipe_queue_list (BipeExchange *exchange)
{
  Page page
      = { .states = 1u << BIPE_SCAN_QUEUED | 1u << BIPE_SCAN_REJECTED, .limit = DEFAULT_LIMIT };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) parameters = bipe_exchange_parse_query (exchange, &error);

  if (parameters == NULL || !read_page (parameters, &page, &error))
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_records_list_queue_async (bipe_exchange_get_records (exchange), page.states,
                                 page.has_after ? &page.after : NULL, (guint)page.limit,
                                 bipe_handlers_scans_cb, bipe_exchange_ref (exchange));
}

static void
collected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_station_collect_finish (BIPE_STATION (source), result, &error);
  GString *data;

  if (error != NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  data = bipe_exchange_begin_data ();
  if (scan != NULL)
    bipe_scan_append_json (scan, data);
  else
    g_string_append (data, "null");
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}

void
bipe_queue_next (BipeExchange *exchange)
{
  bipe_station_collect_async (bipe_exchange_get_station (exchange),
                              bipe_exchange_get_cancellable (exchange), collected_cb,
                              bipe_exchange_ref (exchange));
}

static void
reply_released (BipeExchange *exchange, gint64 n_released)
{
  GString *data = bipe_exchange_begin_data ();

  g_string_append (data, "{\"released\":");
  bipe_json_append_integer (data, n_released);
  g_string_append_c (data, '}');
  bipe_exchange_reply_data (exchange, SOUP_STATUS_OK, data);
}

static void
all_released_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeExchange) exchange = user_data;
  g_autoptr(GError) error = NULL;
  gint64 n_released = bipe_records_release_all_finish (BIPE_RECORDS (source), result, &error);

  if (n_released < 0)
    bipe_exchange_fail (exchange, error);
  else
    reply_released (exchange, n_released);
}

/* Several at once: they share the journal's commits. */
typedef struct
{
  BipeExchange *exchange;
  guint n_pending;
  guint n_released;
  GError *error; /* the first failure */
} Release;

static void
released_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Release *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = bipe_records_scan_finish (BIPE_RECORDS (source), result, &error);

  if (scan != NULL)
    self->n_released++;
  else if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  if (--self->n_pending > 0)
    return;

  /* Of several, those that could be released count; where none could, the reason does. */
  if (self->n_released == 0)
    bipe_exchange_fail (self->exchange, self->error);
  else
    reply_released (self->exchange, self->n_released);
  g_clear_error (&self->error);
  bipe_exchange_unref (self->exchange);
  g_free (self);
}

static void
release_each (BipeExchange *exchange, const BipeUuid *uuids, guint n_uuids)
{
  Release *self = g_new0 (Release, 1);

  self->exchange = bipe_exchange_ref (exchange);
  self->n_pending = n_uuids;
  for (guint i = 0; i < n_uuids; i++)
    bipe_records_release_async (bipe_exchange_get_records (exchange), &uuids[i], released_cb, self);
}

/* The uuids that a body names: none means all. NULL: BIPE_ERROR_INVALID. */
static GArray *
read_uuids (const json_t *body, GError **error)
{
  g_autoptr(GArray) uuids = g_array_new (FALSE, FALSE, sizeof (BipeUuid));
  json_t *one = json_object_get (body, "uuid");
  json_t *several = json_object_get (body, "uuids");
  json_t *all = json_object_get (body, "all");
  gsize n = json_is_array (several) ? json_array_size (several) : one != NULL ? 1 : 0;

  if ((several != NULL && (!json_is_array (several) || n == 0 || n > BIPE_QUERY_LIMIT_MAX))
      || (one != NULL) + (several != NULL) + (all != NULL) > 1
      || (all != NULL && !json_is_true (all)))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                   "the body must have one of uuid, uuids (a list of 1 to %d), and all (true)",
                   BIPE_QUERY_LIMIT_MAX);
      return NULL;
    }
  for (gsize i = 0; i < n; i++)
    {
      const char *text = json_string_value (several != NULL ? json_array_get (several, i) : one);
      BipeUuid uuid;

      if (text == NULL || !bipe_uuid_parse (text, &uuid))
        {
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "uuid is not a UUID");
          return NULL;
        }
      g_array_append_val (uuids, uuid);
    }
  return g_steal_pointer (&uuids);
}

void
bipe_queue_release (BipeExchange *exchange)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (bipe_exchange_get_station (exchange));
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) body = bipe_handlers_parse_object (exchange, &error);
  g_autoptr(GArray) uuids = body != NULL ? read_uuids (body, &error) : NULL;

  if (uuids == NULL)
    bipe_exchange_fail (exchange, error);
  else if (!status->is_review && status->n_held == 0)
    bipe_exchange_refuse (exchange, BIPE_FAULT_CONFLICT,
                          "nothing waits for a release: queue-mode is automatic");
  else if (uuids->len == 0)
    bipe_records_release_all_async (bipe_exchange_get_records (exchange), all_released_cb,
                                    bipe_exchange_ref (exchange));
  else
    release_each (exchange, (const BipeUuid *)(gpointer)uuids->data, uuids->len);
}

/* FALSE: the exchange is answered. */
static gboolean
read_uuid (BipeExchange *exchange, BipeUuid *uuid)
{
  if (bipe_uuid_parse (bipe_exchange_get_variable (exchange), uuid))
    return TRUE;
  bipe_exchange_refuse (exchange, BIPE_FAULT_INVALID, "the scan must be named by its uuid");
  return FALSE;
}

void
bipe_queue_edit (BipeExchange *exchange)
{
  g_autoptr(json_t) body = NULL;
  g_autoptr(GError) error = NULL;
  const char *code = NULL;
  BipeUuid uuid;

  if (!read_uuid (exchange, &uuid))
    return;
  body = bipe_handlers_parse_object (exchange, &error);
  if (body == NULL || !bipe_draft_read_code (body, &error)
      || !bipe_json_get_string (body, "code", &code, &error)
      || !bipe_scan_check_code (code != NULL ? code : "", &error))
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_records_edit_async (bipe_exchange_get_records (exchange), &uuid, code, bipe_handlers_scan_cb,
                           bipe_exchange_ref (exchange));
}

void
bipe_queue_remove (BipeExchange *exchange)
{
  g_autoptr(json_t) body = NULL;
  g_autoptr(GError) error = NULL;
  const char *reason;
  BipeUuid uuid;

  if (!read_uuid (exchange, &uuid))
    return;
  body = bipe_handlers_parse_object (exchange, &error);
  if (body == NULL || !bipe_handlers_get_reason (body, &reason, &error))
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  bipe_records_remove_async (bipe_exchange_get_records (exchange), &uuid, reason,
                             bipe_handlers_scan_cb, bipe_exchange_ref (exchange));
}

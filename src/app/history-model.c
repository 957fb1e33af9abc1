/* history-model.c: what is asked of the store for the rows, and what becomes of the answers.
 *
 * One query is under way at a time (the store has one reader for the history, too); the page that
 * was looked at last is the next to be loaded. Changes that hit rows which are just being loaded
 * wait for them, since the query may have seen the store before the change or after it. */
#include "config.h"

#include "app/history-model.h"

#include "app/format.h"
#include "app/history-rows.h"

struct _BipeHistoryModel
{
  GObject parent_instance;

  BipeRecords *records;
  BipeQuery *query;
  BipeHistoryRows *rows;

  GCancellable *loading; /* NULL: no query is under way */
  gboolean is_reloading;
  guint store_number; /* of the store that the rows are in */
  GPtrArray *early;   /* of BipeScan: changes that wait for the query */
  char *problem;
  const char *status;
};

enum
{
  PROP_0,
  PROP_TEXT,
  PROP_FILTER,
  PROP_STATUS,
  PROP_IS_LOADING,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void bipe_history_model_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BipeHistoryModel,
                               bipe_history_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      bipe_history_model_list_model_init))

static void
set_problem (BipeHistoryModel *self, const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
set_loading (BipeHistoryModel *self, GCancellable *loading)
{
  if (g_set_object (&self->loading, loading))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_LOADING]);
}

static void
update_status (BipeHistoryModel *self)
{
  const char *status = "rows";

  if (bipe_history_rows_count (self->rows) == 0 && self->loading != NULL)
    status = "loading";
  else if (bipe_history_rows_count (self->rows) == 0 && self->problem != NULL)
    status = "failed";
  else if (bipe_history_rows_count (self->rows) == 0)
    status = self->query->text != NULL || self->query->state >= 0 ? "nothing" : "empty";
  if (self->status == status)
    return;
  self->status = status;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
}

/* Takes @scans (element-type BipeScan) in their order: new ones in one step, changed ones singly.
 */
static void
take_scans (BipeHistoryModel *self, GPtrArray *scans)
{
  g_autoptr(GPtrArray) fresh = bipe_scan_array_new ();

  for (guint i = 0; i < scans->len; i++)
    {
      const BipeScan *scan = scans->pdata[i];
      gint64 top = fresh->len > 0 ? ((const BipeScan *)fresh->pdata[fresh->len - 1])->id
                                  : bipe_history_rows_get_top (self->rows);
      gboolean is_wanted = bipe_query_matches (self->query, scan);

      if (scan->id > top)
        {
          if (is_wanted)
            g_ptr_array_add (fresh, bipe_scan_ref (scan));
          continue;
        }
      bipe_history_rows_prepend (self->rows, fresh);
      g_ptr_array_set_size (fresh, 0);
      if (!bipe_history_rows_apply (self->rows, scan, is_wanted) && self->loading != NULL)
        g_ptr_array_add (self->early, bipe_scan_ref (scan));
    }
  bipe_history_rows_prepend (self->rows, fresh);
  update_status (self);
}

static void
take_early (BipeHistoryModel *self)
{
  g_autoptr(GPtrArray) early = g_steal_pointer (&self->early);

  self->early = bipe_scan_array_new ();
  take_scans (self, early);
}

static void
fail (BipeHistoryModel *self, const GError *error)
{
  g_autofree char *problem = bipe_format_error (error);

  if (self->is_reloading)
    bipe_history_rows_clear (self->rows); /* the rows of another question would mislead */
  set_problem (self, problem);
}

typedef struct
{
  BipeHistoryModel *self;
  GCancellable *cancellable;
  BipeHistoryGap gap;
} Load;

static void
load_free (Load *load)
{
  g_object_unref (load->cancellable);
  g_object_unref (load->self);
  g_free (load);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Load, load_free)

static void load_next (BipeHistoryModel *self);

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Load) load = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans = bipe_records_scans_finish (BIPE_RECORDS (source), result, &error);
  BipeHistoryModel *self = load->self;

  if (self->loading != load->cancellable)
    return; /* another question was asked meanwhile */

  set_loading (self, NULL);
  if (scans == NULL)
    fail (self, error);
  else
    {
      if (self->is_reloading)
        bipe_history_rows_clear (self->rows);
      bipe_history_rows_fill (self->rows, &load->gap, scans);
      self->is_reloading = FALSE;
      take_early (self);
      load_next (self);
    }
  update_status (self);
}

static void
start_load (BipeHistoryModel *self, const BipeHistoryGap *gap)
{
  g_autoptr(BipeQuery) query = bipe_query_copy (self->query);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Load *load = g_new0 (Load, 1);

  query->is_descending = TRUE;
  query->limit = BIPE_HISTORY_ROWS_PAGE;
  query->before = gap->before;
  if (gap->bottom != 0)
    {
      query->limit = BIPE_QUERY_LIMIT_MAX;
      query->after = gap->bottom - 1;
    }

  load->self = g_object_ref (self);
  load->cancellable = g_object_ref (cancellable);
  load->gap = *gap;
  set_loading (self, cancellable);
  bipe_records_query_async (self->records, query, cancellable, loaded_cb, load);
}

static void
load_next (BipeHistoryModel *self)
{
  BipeHistoryGap gap;

  if (self->loading == NULL && self->problem == NULL
      && bipe_history_rows_next_gap (self->rows, &gap))
    start_load (self, &gap);
}

static void
reload (BipeHistoryModel *self)
{
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_ptr_array_set_size (self->early, 0);
  set_problem (self, NULL);
  self->is_reloading = TRUE;
  start_load (self, &(BipeHistoryGap){ 0 });
  update_status (self);
}

/* Whether there is another store than before. */
static gboolean
set_store_number (BipeHistoryModel *self, guint store_number)
{
  gboolean is_other = self->store_number != store_number;

  self->store_number = store_number;
  return is_other;
}

static void
arrived_cb (BipeFeed *feed, GPtrArray *events, gboolean has_gap, gpointer user_data)
{
  BipeHistoryModel *self = user_data;
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  gboolean is_online = FALSE;
  gboolean is_moved = FALSE;

  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];

      if (event->scan != NULL && event->scan->id != 0)
        g_ptr_array_add (scans, bipe_scan_ref (event->scan));
      else if (event->status != NULL)
        {
          is_online = event->status->store_state == BIPE_STORE_ONLINE;
          if (set_store_number (self, event->status->store_number))
            {
              is_moved = TRUE;
              g_ptr_array_set_size (scans, 0); /* they are in the one before */
            }
        }
    }

  if (has_gap || is_moved || self->early->len + scans->len > BIPE_EVENTS_BACKLOG_MAX)
    reload (self);
  if (self->is_reloading)
    g_ptr_array_extend (self->early, scans, (GCopyFunc)(void (*) (void))bipe_scan_ref, NULL);
  else
    take_scans (self, scans);
  if (is_online && self->problem != NULL)
    bipe_history_model_retry (self);
}

static GType
bipe_history_model_get_item_type (GListModel *model)
{
  return BIPE_TYPE_SCAN_ITEM;
}

static guint
bipe_history_model_get_n_items (GListModel *model)
{
  return bipe_history_rows_count (BIPE_HISTORY_MODEL (model)->rows);
}

static gpointer
bipe_history_model_get_item (GListModel *model, guint position)
{
  BipeHistoryModel *self = BIPE_HISTORY_MODEL (model);
  BipeScanItem *item = bipe_history_rows_ref_item (self->rows, position);

  if (item != NULL && bipe_scan_item_get_scan (item) == NULL)
    load_next (self);
  return item;
}

static void
bipe_history_model_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = bipe_history_model_get_item_type;
  interface->get_n_items = bipe_history_model_get_n_items;
  interface->get_item = bipe_history_model_get_item;
}

static void
set_text (BipeHistoryModel *self, const char *text)
{
  if (text != NULL && text[0] == '\0')
    text = NULL;
  if (g_strcmp0 (self->query->text, text) == 0)
    return;
  g_free (self->query->text);
  self->query->text = g_strdup (text);
  reload (self);
}

static void
set_filter (BipeHistoryModel *self, BipeHistoryFilter filter)
{
  static const int states[] = {
    [BIPE_HISTORY_ALL] = -1,
    [BIPE_HISTORY_STORED] = BIPE_SCAN_STORED,
    [BIPE_HISTORY_VOIDED] = BIPE_SCAN_VOIDED,
  };

  if (self->query->state == states[filter])
    return;
  self->query->state = states[filter];
  reload (self);
}

static void
bipe_history_model_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeHistoryModel *self = BIPE_HISTORY_MODEL (object);

  switch (id)
    {
    case PROP_STATUS:
      g_value_set_string (value, self->status);
      break;
    case PROP_IS_LOADING:
      g_value_set_boolean (value, self->loading != NULL);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_history_model_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeHistoryModel *self = BIPE_HISTORY_MODEL (object);

  switch (id)
    {
    case PROP_TEXT:
      set_text (self, g_value_get_string (value));
      break;
    case PROP_FILTER:
      set_filter (self, (BipeHistoryFilter)g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_history_model_dispose (GObject *object)
{
  BipeHistoryModel *self = BIPE_HISTORY_MODEL (object);

  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_pointer (&self->problem, g_free);
  g_clear_pointer (&self->early, g_ptr_array_unref);
  g_clear_pointer (&self->rows, bipe_history_rows_free);
  g_clear_pointer (&self->query, bipe_query_free);
  g_clear_object (&self->records);
  G_OBJECT_CLASS (bipe_history_model_parent_class)->dispose (object);
}

static void
bipe_history_model_class_init (BipeHistoryModelClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GParamFlags writable = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_history_model_get_property;
  object_class->set_property = bipe_history_model_set_property;
  object_class->dispose = bipe_history_model_dispose;

  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, writable);
  properties[PROP_FILTER] = g_param_spec_uint ("filter", NULL, NULL, BIPE_HISTORY_ALL,
                                               BIPE_HISTORY_VOIDED, BIPE_HISTORY_ALL, writable);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, readable);
  properties[PROP_IS_LOADING] = g_param_spec_boolean ("is-loading", NULL, NULL, FALSE, readable);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_history_model_init (BipeHistoryModel *self)
{
  self->query = bipe_query_new ();
  self->rows = bipe_history_rows_new (G_LIST_MODEL (self));
  self->early = bipe_scan_array_new ();
  self->status = "loading";
}

BipeHistoryModel *
bipe_history_model_new (BipeStation *station, BipeFeed *feed)
{
  BipeHistoryModel *self = g_object_new (BIPE_TYPE_HISTORY_MODEL, NULL);
  g_autoptr(BipeStatus) status = bipe_station_dup_status (station);

  self->records = g_object_ref (bipe_station_get_records (station));
  self->store_number = status->store_number;
  g_signal_connect_object (feed, "arrived", G_CALLBACK (arrived_cb), self, 0);
  reload (self);
  return self;
}

void
bipe_history_model_retry (BipeHistoryModel *self)
{
  if (self->is_reloading)
    {
      reload (self);
      return;
    }
  set_problem (self, NULL);
  bipe_history_rows_want_more (self->rows);
  load_next (self);
}

guint
bipe_history_model_count_loaded (BipeHistoryModel *self)
{
  return bipe_history_rows_count_loaded (self->rows);
}

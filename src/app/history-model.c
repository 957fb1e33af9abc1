/* history-model.c: pages in descending order of ids. A page knows the ids of its first and its last
 * row and how many there are; its rows it may have, or may have let go, and then it can load
 * exactly them again. Behind the last page stands one empty row as long as the store has more:
 * whoever asks for it causes the next page.
 *
 * One query is under way at a time (the store has one reader for the history, too); the page that
 * was looked at last is the next to be loaded. Changes that hit rows which are just being loaded
 * wait for them, since the query may have seen the store before the change or after it. */
#include "config.h"

#include "app/history-model.h"

#include "app/format.h"
#include "app/scan-item.h"

#define PAGE_ROWS 100
#define HEAD_ROWS_MAX 200
#define LOADED_PAGES_MAX 12

typedef struct
{
  gint64 top, bottom; /* ids of the first row and the last */
  guint n_rows;
  GPtrArray *items; /* of BipeScanItem; NULL: let go */
  gboolean is_loaded;
  guint64 touched; /* when somebody looked at it: a count */
} Page;

struct _BipeHistoryModel
{
  GObject parent_instance;

  BipeStation *station;
  BipeQuery *query;
  GPtrArray *pages; /* of Page */
  guint n_rows;     /* of all pages */
  gboolean has_more;
  BipeScanItem *tail;
  guint64 tail_touched;
  guint64 touches;

  GCancellable *loading; /* NULL: no query is under way */
  gboolean is_reloading;
  GPtrArray *early; /* of BipeScan: changes that wait for the query */
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

static Page *
page_new (void)
{
  Page *page = g_new0 (Page, 1);

  page->items = g_ptr_array_new_with_free_func (g_object_unref);
  page->is_loaded = TRUE;
  return page;
}

static void
page_free (gpointer data)
{
  Page *page = data;

  g_clear_pointer (&page->items, g_ptr_array_unref);
  g_free (page);
}

static gint64
page_get_id (Page *page, guint row)
{
  return bipe_scan_item_get_scan (page->items->pdata[row])->id;
}

/* After its rows have changed. */
static void
page_measure (Page *page)
{
  page->n_rows = page->items->len;
  if (page->n_rows > 0)
    {
      page->top = page_get_id (page, 0);
      page->bottom = page_get_id (page, page->n_rows - 1);
    }
}

/* The row that has @id, or where it belongs. */
static gboolean
page_find (Page *page, gint64 id, guint *row)
{
  guint low = 0, high = page->items->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (page_get_id (page, middle) > id)
        low = middle + 1;
      else
        high = middle;
    }
  *row = low;
  return low < page->items->len && page_get_id (page, low) == id;
}

/* Whether the view holds one of the rows: what is looked at must follow the changes. */
static gboolean
page_is_in_use (Page *page)
{
  for (guint i = 0; i < page->items->len; i++)
    if (G_OBJECT (page->items->pdata[i])->ref_count > 1)
      return TRUE;
  return FALSE;
}

static guint
count_total (BipeHistoryModel *self)
{
  return self->n_rows + (self->has_more ? 1 : 0);
}

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

  if (count_total (self) == 0 && self->loading != NULL)
    status = "loading";
  else if (count_total (self) == 0 && self->problem != NULL)
    status = "failed";
  else if (count_total (self) == 0)
    status = self->query->text != NULL || self->query->state >= 0 ? "nothing" : "empty";
  if (self->status == status)
    return;
  self->status = status;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
}

static void
changed (BipeHistoryModel *self, guint position, guint n_removed, guint n_added)
{
  self->n_rows = self->n_rows - n_removed + n_added;
  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, n_added);
  update_status (self);
}

/* Where the page begins; @page is one of ours. */
static guint
get_start (BipeHistoryModel *self, Page *page)
{
  guint start = 0;

  for (guint i = 0; self->pages->pdata[i] != page; i++)
    start += ((Page *)self->pages->pdata[i])->n_rows;
  return start;
}

static Page *
find_page_at (BipeHistoryModel *self, guint position, guint *row)
{
  for (guint i = 0; i < self->pages->len; i++)
    {
      Page *page = self->pages->pdata[i];

      if (position < page->n_rows)
        {
          *row = position;
          return page;
        }
      position -= page->n_rows;
    }
  return NULL;
}

/* Lets rows go where too many are in memory: those of the pages that nobody has looked at longest.
 */
static void
let_go (BipeHistoryModel *self)
{
  guint n_kept = 0;

  for (guint i = 0; i < self->pages->len; i++)
    n_kept += ((Page *)self->pages->pdata[i])->items != NULL;
  while (n_kept > LOADED_PAGES_MAX)
    {
      Page *oldest = NULL;

      for (guint i = 0; i < self->pages->len; i++)
        {
          Page *page = self->pages->pdata[i];

          if (page->items != NULL && (oldest == NULL || page->touched < oldest->touched)
              && !page_is_in_use (page))
            oldest = page;
        }
      if (oldest == NULL)
        return;
      g_clear_pointer (&oldest->items, g_ptr_array_unref);
      oldest->is_loaded = FALSE;
      n_kept--;
    }
}

/* Cuts the page at @index into pages of a good size, the last rows first. */
static void
split (BipeHistoryModel *self, guint index)
{
  Page *page = self->pages->pdata[index];

  while (page->items->len > HEAD_ROWS_MAX)
    {
      Page *lower = page_new ();

      for (guint i = page->items->len - PAGE_ROWS; i < page->items->len; i++)
        g_ptr_array_add (lower->items, g_object_ref (page->items->pdata[i]));
      g_ptr_array_set_size (page->items, page->items->len - PAGE_ROWS);
      lower->touched = page->touched;
      page_measure (lower);
      page_measure (page);
      g_ptr_array_insert (self->pages, index + 1, lower);
    }
}

/* Puts @scans, the oldest first and all of them newer than what is there, on top. */
static void
prepend (BipeHistoryModel *self, GPtrArray *scans)
{
  Page *head = self->pages->len > 0 ? self->pages->pdata[0] : NULL;

  if (scans->len == 0)
    return;
  if (head == NULL || !head->is_loaded)
    {
      head = page_new ();
      g_ptr_array_insert (self->pages, 0, head);
    }
  head->touched = ++self->touches;
  for (guint i = 0; i < scans->len; i++)
    g_ptr_array_add (head->items, NULL);
  memmove (head->items->pdata + scans->len, head->items->pdata,
           (head->items->len - scans->len) * sizeof (gpointer));
  for (guint i = 0; i < scans->len; i++)
    head->items->pdata[scans->len - 1 - i] = bipe_scan_item_new (scans->pdata[i], FALSE);
  page_measure (head);
  split (self, 0);
  changed (self, 0, 0, scans->len);
  let_go (self);
}

/* The page whose ids hold @id, or the one behind which it belongs. */
static Page *
find_page_of (BipeHistoryModel *self, gint64 id)
{
  Page *best = NULL;

  for (guint i = 0; i < self->pages->len; i++)
    {
      Page *page = self->pages->pdata[i];

      if (id > page->top)
        break;
      best = page;
    }
  return best;
}

/* Takes over the scan as it is now. FALSE: its place is not loaded. */
static gboolean
apply (BipeHistoryModel *self, const BipeScan *scan)
{
  Page *page = find_page_of (self, scan->id);
  gboolean is_wanted = bipe_query_matches (self->query, scan);
  guint row;

  if (page == NULL || !page->is_loaded
      || (scan->id < page->bottom && self->has_more
          && page == self->pages->pdata[self->pages->len - 1]))
    return FALSE;

  if (page_find (page, scan->id, &row) && is_wanted)
    bipe_scan_item_update (page->items->pdata[row], scan, FALSE);
  else if (row < page->items->len && page_get_id (page, row) == scan->id)
    {
      guint position = get_start (self, page) + row;

      g_ptr_array_remove_index (page->items, row);
      page_measure (page);
      if (page->n_rows == 0)
        g_ptr_array_remove (self->pages, page);
      changed (self, position, 1, 0);
    }
  else if (is_wanted)
    {
      g_ptr_array_insert (page->items, row, bipe_scan_item_new (scan, FALSE));
      page_measure (page);
      changed (self, get_start (self, page) + row, 0, 1);
    }
  return TRUE;
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
      gint64 top = fresh->len > 0         ? ((const BipeScan *)fresh->pdata[fresh->len - 1])->id
                   : self->pages->len > 0 ? ((Page *)self->pages->pdata[0])->top
                                          : 0;

      if (scan->id > top)
        {
          if (bipe_query_matches (self->query, scan))
            g_ptr_array_add (fresh, bipe_scan_ref (scan));
          continue;
        }
      prepend (self, fresh);
      g_ptr_array_set_size (fresh, 0);
      if (!apply (self, scan) && self->loading != NULL)
        g_ptr_array_add (self->early, bipe_scan_ref (scan));
    }
  prepend (self, fresh);
}

static void
take_early (BipeHistoryModel *self)
{
  g_autoptr(GPtrArray) early = g_steal_pointer (&self->early);

  self->early = bipe_scan_array_new ();
  take_scans (self, early);
}

static void
fill (Page *page, GPtrArray *scans)
{
  for (guint i = 0; i < scans->len; i++)
    g_ptr_array_add (page->items, bipe_scan_item_new (scans->pdata[i], FALSE));
  page_measure (page);
}

/* A page that follows the last one, or the first of all. */
static void
append_page (BipeHistoryModel *self, GPtrArray *scans)
{
  guint position = self->n_rows;
  gboolean had_more = self->has_more;

  self->has_more = scans->len == PAGE_ROWS;
  if (scans->len > 0)
    {
      Page *page = page_new ();

      fill (page, scans);
      page->touched = ++self->touches;
      g_ptr_array_add (self->pages, page);
    }
  self->n_rows += scans->len;
  g_list_model_items_changed (G_LIST_MODEL (self), position, had_more ? 1 : 0,
                              scans->len + (self->has_more ? 1 : 0));
}

/* The rows of a page that had let them go. Mostly they are as many as before, and then the items
 * that the view has already get their scans. */
static void
refill_page (BipeHistoryModel *self, Page *page, GPtrArray *scans)
{
  guint start = get_start (self, page);
  guint n_before = page->n_rows;

  page->is_loaded = TRUE;
  if (scans->len == n_before)
    {
      for (guint i = 0; i < scans->len; i++)
        bipe_scan_item_update (page->items->pdata[i], scans->pdata[i], FALSE);
      page_measure (page);
      return;
    }
  g_ptr_array_set_size (page->items, 0);
  fill (page, scans);
  if (page->n_rows == 0)
    g_ptr_array_remove (self->pages, page);
  changed (self, start, n_before, scans->len);
}

static void
replace_all (BipeHistoryModel *self, GPtrArray *scans)
{
  guint n_before = count_total (self);

  g_ptr_array_set_size (self->pages, 0);
  self->n_rows = 0;
  self->has_more = FALSE;
  if (n_before > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, 0);
  append_page (self, scans);
}

static void
fail (BipeHistoryModel *self, const GError *error)
{
  g_autoptr(GPtrArray) nothing = bipe_scan_array_new ();
  g_autofree char *problem = bipe_format_error (error);

  if (self->is_reloading)
    replace_all (self, nothing); /* the rows of another question would mislead */
  set_problem (self, problem);
}

typedef struct
{
  BipeHistoryModel *self;
  GCancellable *cancellable;
  Page *page; /* NULL: the first or the next; alive until a reload, which ends the load, too */
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
  g_autoptr(GPtrArray) scans = bipe_station_scans_finish (BIPE_STATION (source), result, &error);
  BipeHistoryModel *self = load->self;

  if (self->loading != load->cancellable)
    return; /* another question was asked meanwhile */

  set_loading (self, NULL);
  if (scans == NULL)
    fail (self, error);
  else if (self->is_reloading)
    replace_all (self, scans);
  else if (load->page == NULL)
    append_page (self, scans);
  else if (load->page->items != NULL) /* else let go again before it came */
    refill_page (self, load->page, scans);

  if (scans != NULL)
    {
      self->is_reloading = FALSE;
      take_early (self);
      let_go (self);
      load_next (self);
    }
  update_status (self);
}

static void
start_load (BipeHistoryModel *self, Page *page)
{
  g_autoptr(BipeQuery) query = bipe_query_copy (self->query);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Load *load = g_new0 (Load, 1);

  query->is_descending = TRUE;
  query->limit = PAGE_ROWS;
  if (page != NULL)
    {
      query->limit = BIPE_QUERY_LIMIT_MAX;
      query->before = page->top + 1;
      query->after = page->bottom - 1;
    }
  else if (!self->is_reloading && self->pages->len > 0)
    query->before = ((Page *)self->pages->pdata[self->pages->len - 1])->bottom;

  load->self = g_object_ref (self);
  load->cancellable = g_object_ref (cancellable);
  load->page = page;
  set_loading (self, cancellable);
  bipe_station_query_async (self->station, query, cancellable, loaded_cb, load);
}

/* What was looked at last and is not there. */
static void
load_next (BipeHistoryModel *self)
{
  Page *wanted = NULL;

  if (self->loading != NULL || self->problem != NULL)
    return;
  for (guint i = 0; i < self->pages->len; i++)
    {
      Page *page = self->pages->pdata[i];

      if (page->items != NULL && !page->is_loaded
          && (wanted == NULL || page->touched > wanted->touched))
        wanted = page;
    }
  if (self->has_more && self->tail_touched > (wanted != NULL ? wanted->touched : 0))
    {
      self->tail_touched = 0;
      start_load (self, NULL);
    }
  else if (wanted != NULL)
    start_load (self, wanted);
}

static void
reload (BipeHistoryModel *self)
{
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_ptr_array_set_size (self->early, 0);
  set_problem (self, NULL);
  self->is_reloading = TRUE;
  start_load (self, NULL);
  update_status (self);
}

static void
arrived_cb (BipeFeed *feed, GPtrArray *events, gboolean has_gap, gpointer user_data)
{
  BipeHistoryModel *self = user_data;
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();
  gboolean is_online = FALSE;

  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];

      if (event->scan != NULL && event->scan->id != 0)
        g_ptr_array_add (scans, bipe_scan_ref (event->scan));
      else if (event->status != NULL)
        is_online = event->status->store_state == BIPE_STORE_ONLINE;
    }

  if (has_gap || self->early->len + scans->len > BIPE_EVENTS_BACKLOG_MAX)
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
  return count_total (BIPE_HISTORY_MODEL (model));
}

static gpointer
bipe_history_model_get_item (GListModel *model, guint position)
{
  BipeHistoryModel *self = BIPE_HISTORY_MODEL (model);
  guint row;
  Page *page = find_page_at (self, position, &row);

  if (page == NULL && (position > self->n_rows || !self->has_more))
    return NULL;
  if (page == NULL)
    {
      self->tail_touched = ++self->touches;
      load_next (self);
      return g_object_ref (self->tail);
    }

  page->touched = ++self->touches;
  if (page->items == NULL)
    {
      page->items = g_ptr_array_new_with_free_func (g_object_unref);
      for (guint i = 0; i < page->n_rows; i++)
        g_ptr_array_add (page->items, bipe_scan_item_new (NULL, FALSE));
      load_next (self);
    }
  return g_object_ref (page->items->pdata[row]);
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
  g_clear_object (&self->tail);
  g_clear_pointer (&self->pages, g_ptr_array_unref);
  g_clear_pointer (&self->query, bipe_query_free);
  g_clear_object (&self->station);
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
  self->pages = g_ptr_array_new_with_free_func (page_free);
  self->tail = bipe_scan_item_new (NULL, FALSE);
  self->early = bipe_scan_array_new ();
  self->status = "loading";
}

BipeHistoryModel *
bipe_history_model_new (BipeStation *station, BipeFeed *feed)
{
  BipeHistoryModel *self = g_object_new (BIPE_TYPE_HISTORY_MODEL, NULL);

  self->station = g_object_ref (station);
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
  self->tail_touched = ++self->touches;
  load_next (self);
}

guint
bipe_history_model_count_loaded (BipeHistoryModel *self)
{
  guint n = 0;

  for (guint i = 0; i < self->pages->len; i++)
    {
      Page *page = self->pages->pdata[i];

      n += page->is_loaded ? page->n_rows : 0;
    }
  return n;
}

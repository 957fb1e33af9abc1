/* history-rows.c: pages in descending order of ids. A page knows the ids of its first and its last
 * row and how many there are; its rows it may have, or may have let go, and then exactly
 * they are a gap as soon as somebody looks at one. Behind the last page stands one empty row as
 * long as the store has more: whoever looks at it makes a gap of the next page. */
#include "config.h"

#include "app/history-rows.h"

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

struct _BipeHistoryRows
{
  GListModel *model;

  GPtrArray *pages; /* of Page */
  guint n_rows;     /* of all pages */
  gboolean has_more;
  BipeScanItem *tail;
  guint64 tail_touched;
  guint64 touches;
};

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

static void
changed (BipeHistoryRows *self, guint position, guint n_removed, guint n_added)
{
  self->n_rows = self->n_rows - n_removed + n_added;
  g_list_model_items_changed (self->model, position, n_removed, n_added);
}

/* Where the page begins; @page is one of ours. */
static guint
get_start (BipeHistoryRows *self, Page *page)
{
  guint start = 0;

  for (guint i = 0; self->pages->pdata[i] != page; i++)
    start += ((Page *)self->pages->pdata[i])->n_rows;
  return start;
}

static Page *
find_page_at (BipeHistoryRows *self, guint position, guint *row)
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

/* The page whose ids hold @id, or the one behind which it belongs. */
static Page *
find_page_of (BipeHistoryRows *self, gint64 id)
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

/* Lets rows go where too many are in memory: those of the pages that nobody has looked at longest.
 */
static void
let_go (BipeHistoryRows *self)
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
split (BipeHistoryRows *self, guint index)
{
  Page *page = self->pages->pdata[index];

  while (page->items->len > HEAD_ROWS_MAX)
    {
      Page *lower = page_new ();

      for (guint i = page->items->len - BIPE_HISTORY_ROWS_PAGE; i < page->items->len; i++)
        g_ptr_array_add (lower->items, g_object_ref (page->items->pdata[i]));
      g_ptr_array_set_size (page->items, page->items->len - BIPE_HISTORY_ROWS_PAGE);
      lower->touched = page->touched;
      page_measure (lower);
      page_measure (page);
      g_ptr_array_insert (self->pages, index + 1, lower);
    }
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
append_page (BipeHistoryRows *self, GPtrArray *scans)
{
  guint position = self->n_rows;
  gboolean had_more = self->has_more;

  self->has_more = scans->len == BIPE_HISTORY_ROWS_PAGE;
  if (scans->len > 0)
    {
      Page *page = page_new ();

      fill (page, scans);
      page->touched = ++self->touches;
      g_ptr_array_add (self->pages, page);
    }
  self->n_rows += scans->len;
  g_list_model_items_changed (self->model, position, had_more ? 1 : 0,
                              scans->len + (self->has_more ? 1 : 0));
}

/* The rows of a page that had let them go. Mostly they are as many as before, and then the items
 * that the view has already get their scans. */
static void
refill_page (BipeHistoryRows *self, Page *page, GPtrArray *scans)
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

BipeHistoryRows *
bipe_history_rows_new (GListModel *model)
{
  BipeHistoryRows *self = g_new0 (BipeHistoryRows, 1);

  self->model = model;
  self->pages = g_ptr_array_new_with_free_func (page_free);
  self->tail = bipe_scan_item_new (NULL, FALSE);
  return self;
}

void
bipe_history_rows_free (BipeHistoryRows *self)
{
  g_object_unref (self->tail);
  g_ptr_array_unref (self->pages);
  g_free (self);
}

guint
bipe_history_rows_count (BipeHistoryRows *self)
{
  return self->n_rows + (self->has_more ? 1 : 0);
}

guint
bipe_history_rows_count_loaded (BipeHistoryRows *self)
{
  guint n = 0;

  for (guint i = 0; i < self->pages->len; i++)
    {
      Page *page = self->pages->pdata[i];

      n += page->is_loaded ? page->n_rows : 0;
    }
  return n;
}

gint64
bipe_history_rows_get_top (BipeHistoryRows *self)
{
  return self->pages->len > 0 ? ((Page *)self->pages->pdata[0])->top : 0;
}

void
bipe_history_rows_want_more (BipeHistoryRows *self)
{
  self->tail_touched = ++self->touches;
}

BipeScanItem *
bipe_history_rows_ref_item (BipeHistoryRows *self, guint position)
{
  guint row;
  Page *page = find_page_at (self, position, &row);

  if (page == NULL && (position > self->n_rows || !self->has_more))
    return NULL;
  if (page == NULL)
    {
      bipe_history_rows_want_more (self);
      return g_object_ref (self->tail);
    }

  page->touched = ++self->touches;
  if (page->items == NULL)
    {
      page->items = g_ptr_array_new_with_free_func (g_object_unref);
      for (guint i = 0; i < page->n_rows; i++)
        g_ptr_array_add (page->items, bipe_scan_item_new (NULL, FALSE));
    }
  return g_object_ref (page->items->pdata[row]);
}

gboolean
bipe_history_rows_next_gap (BipeHistoryRows *self, BipeHistoryGap *gap)
{
  Page *wanted = NULL;

  for (guint i = 0; i < self->pages->len; i++)
    {
      Page *page = self->pages->pdata[i];

      if (page->items != NULL && !page->is_loaded
          && (wanted == NULL || page->touched > wanted->touched))
        wanted = page;
    }
  if (self->has_more && self->tail_touched > (wanted != NULL ? wanted->touched : 0))
    {
      Page *last = self->pages->len > 0 ? self->pages->pdata[self->pages->len - 1] : NULL;

      self->tail_touched = 0;
      *gap = (BipeHistoryGap){ .before = last != NULL ? last->bottom : 0 };
      return TRUE;
    }
  if (wanted != NULL)
    *gap = (BipeHistoryGap){ .before = wanted->top + 1, .bottom = wanted->bottom };
  return wanted != NULL;
}

void
bipe_history_rows_fill (BipeHistoryRows *self, const BipeHistoryGap *gap, GPtrArray *scans)
{
  Page *page = gap->bottom != 0 ? find_page_of (self, gap->before - 1) : NULL;

  if (gap->bottom == 0)
    append_page (self, scans);
  else if (page != NULL && page->items != NULL) /* else let go again before it came */
    refill_page (self, page, scans);
  let_go (self);
}

void
bipe_history_rows_prepend (BipeHistoryRows *self, GPtrArray *scans)
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

gboolean
bipe_history_rows_apply (BipeHistoryRows *self, const BipeScan *scan, gboolean is_wanted)
{
  Page *page = find_page_of (self, scan->id);
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

void
bipe_history_rows_clear (BipeHistoryRows *self)
{
  guint n_before = bipe_history_rows_count (self);

  g_ptr_array_set_size (self->pages, 0);
  self->n_rows = 0;
  self->has_more = FALSE;
  if (n_before > 0)
    g_list_model_items_changed (self->model, 0, n_before, 0);
}

/* board.c: the list holds the newest scan first, by uuid, which ascends with acceptance. It starts
 * with what waits in the queue and then follows the events; a scan that falls off the end goes on
 * its way unseen. */
#include "config.h"

#include "app/board.h"

#include <gtk/gtk.h>
#include <string.h>

#define UNREAD_MAX 50

struct _BipeBoard
{
  GObject parent_instance;

  BipeStation *station;
  GListStore *scans;  /* of BipeScanItem */
  GHashTable *items;  /* BipeUuid of the item → the item in scans */
  GListStore *unread; /* of GtkStringObject: "time  text\ntrace" */
  BipeScanItem *last;
  BipeStatus *status;
  BipeNetwork *network;
};

enum
{
  PROP_0,
  PROP_SCANS,
  PROP_UNREAD,
  PROP_LAST,
  PROP_STATUS,
  PROP_NETWORK,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeBoard, bipe_board, G_TYPE_OBJECT)

static void
set_last (BipeBoard *self, BipeScanItem *item)
{
  if (g_set_object (&self->last, item))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST]);
}

static void
set_status (BipeBoard *self, const BipeStatus *status)
{
  g_clear_pointer (&self->status, bipe_status_unref);
  self->status = bipe_status_ref (status);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
}

static int
newest_first (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const BipeUuid *left = bipe_scan_item_get_uuid (BIPE_SCAN_ITEM ((gpointer)a));
  const BipeUuid *right = bipe_scan_item_get_uuid (BIPE_SCAN_ITEM ((gpointer)b));

  return memcmp (right, left, sizeof *left);
}

static int
newest_slot_first (gconstpointer a, gconstpointer b)
{
  return newest_first (*(gconstpointer *)a, *(gconstpointer *)b, NULL);
}

static void
forget_item (BipeBoard *self, guint position)
{
  g_autoptr(BipeScanItem) item = g_list_model_get_item (G_LIST_MODEL (self->scans), position);

  if (g_hash_table_lookup (self->items, bipe_scan_item_get_uuid (item)) == item)
    g_hash_table_remove (self->items, bipe_scan_item_get_uuid (item));
}

static void
trim (BipeBoard *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->scans));

  if (n <= BIPE_BOARD_SCANS_MAX)
    return;
  for (guint i = BIPE_BOARD_SCANS_MAX; i < n; i++)
    forget_item (self, i);
  g_list_store_splice (self->scans, BIPE_BOARD_SCANS_MAX, n - BIPE_BOARD_SCANS_MAX, NULL, 0);
}

/* Puts @newcomers (element-type BipeScanItem) into the list, in as few steps as can be: mostly they
 * are newer than all that is there. */
static void
insert (BipeBoard *self, GPtrArray *newcomers)
{
  g_autoptr(BipeScanItem) first = g_list_model_get_item (G_LIST_MODEL (self->scans), 0);
  guint n_new = 0;

  g_ptr_array_sort (newcomers, newest_slot_first);
  while (n_new < newcomers->len
         && (first == NULL || newest_first (newcomers->pdata[n_new], first, NULL) < 0))
    n_new++;
  g_list_store_splice (self->scans, 0, 0, newcomers->pdata, n_new);
  for (guint i = n_new; i < newcomers->len; i++)
    g_list_store_insert_sorted (self->scans, newcomers->pdata[i], newest_first, NULL);
  trim (self);
}

static void
add_newcomer (BipeBoard *self, GPtrArray *newcomers, const BipeScan *scan, gboolean is_held)
{
  BipeScanItem *item = bipe_scan_item_new (scan, is_held);

  g_ptr_array_add (newcomers, item);
  g_hash_table_insert (self->items, (gpointer)bipe_scan_item_get_uuid (item), item);
}

/* One that was shown big and taken out is back, as another item. */
static void
show_again (BipeBoard *self, const BipeScan *scan)
{
  const BipeScan *last = self->last != NULL ? bipe_scan_item_get_scan (self->last) : NULL;

  if (last != NULL && last->state == BIPE_SCAN_VOIDED && bipe_uuid_equal (&last->uuid, &scan->uuid))
    set_last (self, g_hash_table_lookup (self->items, &scan->uuid));
}

/* As the last one it may stay in sight: @scan is what it is now. */
static void
remove_item (BipeBoard *self, BipeScanItem *item, const BipeScan *scan, GPtrArray *newcomers)
{
  guint position;

  bipe_scan_item_update (item, scan, FALSE);
  g_hash_table_remove (self->items, bipe_scan_item_get_uuid (item));
  if (g_list_store_find (self->scans, item, &position))
    g_list_store_remove (self->scans, position);
  else
    g_ptr_array_remove (newcomers, item);
}

static void
take_event (BipeBoard *self, const BipeEvent *event, GPtrArray *newcomers)
{
  BipeScanItem *item;
  gboolean is_held;

  if (event->kind == BIPE_EVENT_STATUS)
    {
      set_status (self, event->status);
      return;
    }

  item = g_hash_table_lookup (self->items, &event->scan->uuid);
  is_held = self->status->is_review && event->scan->state == BIPE_SCAN_QUEUED
            && event->kind != BIPE_EVENT_RELEASED;
  if (event->kind == BIPE_EVENT_REMOVED && item != NULL)
    remove_item (self, item, event->scan, newcomers);
  else if (item != NULL)
    bipe_scan_item_update (item, event->scan, is_held);
  else if (event->kind == BIPE_EVENT_QUEUED || event->scan->state == BIPE_SCAN_QUEUED)
    {
      add_newcomer (self, newcomers, event->scan, is_held);
      show_again (self, event->scan);
    }
}

/* The last of @events that brought a scan is the one to be shown big. */
static void
find_last (BipeBoard *self, GPtrArray *events)
{
  for (guint i = events->len; i > 0; i--)
    {
      const BipeEvent *event = events->pdata[i - 1];

      if (event->kind == BIPE_EVENT_QUEUED)
        {
          BipeScanItem *item = g_hash_table_lookup (self->items, &event->scan->uuid);

          if (item != NULL)
            set_last (self, item);
          return;
        }
    }
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeBoard) self = user_data;
  g_autoptr(GPtrArray) newcomers = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans = bipe_records_scans_finish (BIPE_RECORDS (source), result, &error);

  if (scans == NULL)
    {
      g_warning ("cannot list the queue: %s", error->message);
      return;
    }
  /* What an event has brought meanwhile is newer than the list. */
  for (guint i = 0; i < scans->len; i++)
    {
      const BipeScan *scan = scans->pdata[i];

      if (!g_hash_table_contains (self->items, &scan->uuid))
        add_newcomer (self, newcomers, scan,
                      self->status->is_review && scan->state == BIPE_SCAN_QUEUED);
    }
  insert (self, newcomers);
}

static void
list_queue (BipeBoard *self)
{
  bipe_records_list_queue_async (bipe_station_get_records (self->station),
                                 1 << BIPE_SCAN_QUEUED | 1 << BIPE_SCAN_REJECTED, NULL,
                                 BIPE_BOARD_SCANS_MAX, listed_cb, g_object_ref (self));
}

static void
start_anew (BipeBoard *self)
{
  g_autoptr(BipeStatus) status = bipe_station_dup_status (self->station);

  g_hash_table_remove_all (self->items);
  g_list_store_remove_all (self->scans);
  set_status (self, status);
  list_queue (self);
}

static void
arrived_cb (BipeFeed *feed, GPtrArray *events, gboolean has_gap, gpointer user_data)
{
  BipeBoard *self = user_data;
  g_autoptr(GPtrArray) newcomers = g_ptr_array_new_with_free_func (g_object_unref);

  if (has_gap)
    start_anew (self);
  for (guint i = 0; i < events->len; i++)
    take_event (self, events->pdata[i], newcomers);
  insert (self, newcomers);
  find_last (self, events);
}

static void
bipe_board_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeBoard *self = BIPE_BOARD (object);

  switch (id)
    {
    case PROP_SCANS:
      g_value_set_object (value, self->scans);
      break;
    case PROP_UNREAD:
      g_value_set_object (value, self->unread);
      break;
    case PROP_LAST:
      g_value_set_object (value, self->last);
      break;
    case PROP_STATUS:
      g_value_set_boxed (value, self->status);
      break;
    case PROP_NETWORK:
      g_value_set_object (value, self->network);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_board_dispose (GObject *object)
{
  BipeBoard *self = BIPE_BOARD (object);

  g_clear_object (&self->network);
  g_clear_pointer (&self->status, bipe_status_unref);
  g_clear_object (&self->last);
  g_clear_pointer (&self->items, g_hash_table_unref);
  g_clear_object (&self->unread);
  g_clear_object (&self->scans);
  g_clear_object (&self->station);
  G_OBJECT_CLASS (bipe_board_parent_class)->dispose (object);
}

static void
bipe_board_class_init (BipeBoardClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_board_get_property;
  object_class->dispose = bipe_board_dispose;

  properties[PROP_SCANS] = g_param_spec_object ("scans", NULL, NULL, G_TYPE_LIST_STORE, flags);
  properties[PROP_UNREAD] = g_param_spec_object ("unread", NULL, NULL, G_TYPE_LIST_STORE, flags);
  properties[PROP_LAST] = g_param_spec_object ("last", NULL, NULL, BIPE_TYPE_SCAN_ITEM, flags);
  properties[PROP_STATUS] = g_param_spec_boxed ("status", NULL, NULL, BIPE_TYPE_STATUS, flags);
  properties[PROP_NETWORK] = g_param_spec_object ("network", NULL, NULL, BIPE_TYPE_NETWORK, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_board_init (BipeBoard *self)
{
  self->scans = g_list_store_new (BIPE_TYPE_SCAN_ITEM);
  self->unread = g_list_store_new (GTK_TYPE_STRING_OBJECT);
  self->items = g_hash_table_new (bipe_uuid_hash, bipe_uuid_equal);
}

BipeBoard *
bipe_board_new (BipeStation *station, BipeFeed *feed, BipeNetwork *network)
{
  BipeBoard *self = g_object_new (BIPE_TYPE_BOARD, NULL);

  self->station = g_object_ref (station);
  self->network = g_object_ref (network);
  g_signal_connect_object (feed, "arrived", G_CALLBACK (arrived_cb), self, 0);
  start_anew (self);
  return self;
}

void
bipe_board_add_refused (BipeBoard *self, const BipeScan *draft, const char *reason)
{
  g_autoptr(BipeScanItem) first = g_list_model_get_item (G_LIST_MODEL (self->scans), 0);
  g_autoptr(BipeScanItem) item = NULL;
  g_autoptr(BipeScan) scan = NULL;
  BipeScan fields = *draft;

  /* It has no uuid; with its neighbour's the list stays in order. */
  if (first != NULL)
    fields.uuid = *bipe_scan_item_get_uuid (first);
  fields.state = BIPE_SCAN_REJECTED;
  fields.reason = reason;
  fields.scanned_at = g_get_real_time ();
  scan = bipe_scan_new (&fields);
  item = bipe_scan_item_new (scan, FALSE);
  g_list_store_insert (self->scans, 0, item);
  trim (self);
  set_last (self, item);
}

void
bipe_board_add_unread (BipeBoard *self, const char *text, const char *trace)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%X");
  g_autofree char *entry = g_strdup_printf ("%s  %s\n%s", time, text, trace);
  g_autoptr(GtkStringObject) object = gtk_string_object_new (entry);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->unread));

  g_list_store_insert (self->unread, 0, object);
  if (n == UNREAD_MAX)
    g_list_store_remove (self->unread, n);
}

#include "config.h"

#include "app/client-list.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>

#include "app/format.h"

/* Of the list: each part and the heading above it. */
enum
{
  VISITORS_HEADING,
  VISITORS,
  DEVICES_HEADING,
  DEVICES,
  N_PARTS
};

struct _BipeClientList
{
  GObject parent_instance;

  BipeRegistry *registry;
  BipePresence *presence;
  GListStore *parts[N_PARTS]; /* of BipeClientItem */
  GListModel *rows;
  GPtrArray *visitors; /* of BipeVisitor, as last heard */
  GHashTable *grants;  /* jti, in its value → BipeGrant, as last heard */
  char *problem;
  guint timer;
  gboolean is_asking;
  gboolean is_stale; /* asked for while asking */
};

enum
{
  PROP_0,
  PROP_ROWS,
  PROP_N_ROWS,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeClientList, bipe_client_list, G_TYPE_OBJECT)

static void
set_problem (BipeClientList *self, const GError *error)
{
  g_autofree char *problem = error != NULL ? bipe_format_error (error) : NULL;

  if (g_strcmp0 (self->problem, problem) == 0)
    return;
  g_free (self->problem);
  self->problem = g_steal_pointer (&problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

/* Shows @heading above @part, or nothing where that is empty. Takes @heading. */
static void
set_heading (BipeClientList *self, guint part, char *heading)
{
  g_autofree char *text = heading;
  GListModel *shown = G_LIST_MODEL (self->parts[part - 1]);
  g_autoptr(BipeClientItem) item = g_list_model_get_item (shown, 0);

  if (g_list_model_get_n_items (G_LIST_MODEL (self->parts[part])) == 0)
    {
      g_list_store_remove_all (self->parts[part - 1]);
      return;
    }
  if (item == NULL)
    {
      item = bipe_client_item_new ();
      bipe_client_item_set_heading (item, text);
      g_list_store_append (self->parts[part - 1], item);
    }
  bipe_client_item_set_heading (item, text);
}

static gpointer
get_key (guint part, BipeClientItem *item, guint64 *id)
{
  if (part == DEVICES)
    return (gpointer)bipe_client_item_get_jti (item);
  *id = bipe_client_item_get_id (item);
  return id;
}

/* Takes those out of @part whose key is not in @present; of the others @kept says the item. */
static void
drop_absent (BipeClientList *self, guint part, GHashTable *present, GHashTable *kept)
{
  GListModel *items = G_LIST_MODEL (self->parts[part]);

  for (guint i = g_list_model_get_n_items (items); i > 0; i--)
    {
      g_autoptr(BipeClientItem) item = g_list_model_get_item (items, i - 1);
      guint64 id;
      gpointer key = g_hash_table_lookup (present, get_key (part, item, &id));

      if (key != NULL)
        g_hash_table_insert (kept, key, item);
      else
        g_list_store_remove (self->parts[part], i - 1);
    }
}

static void
show_visitors (BipeClientList *self)
{
  g_autoptr(GHashTable) present = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autoptr(GHashTable) kept = g_hash_table_new (NULL, NULL);
  GListStore *store = self->parts[VISITORS];

  for (guint i = 0; i < self->visitors->len; i++)
    {
      BipeVisitor *visitor = self->visitors->pdata[i];

      g_hash_table_insert (present, &visitor->id, visitor);
    }
  drop_absent (self, VISITORS, present, kept);
  for (guint i = 0; i < self->visitors->len; i++)
    {
      const BipeVisitor *visitor = self->visitors->pdata[i];
      BipeClientItem *known = g_hash_table_lookup (kept, visitor);
      g_autoptr(BipeClientItem) item
                 = known != NULL ? g_object_ref (known) : bipe_client_item_new ();

      bipe_client_item_set_visitor (item, visitor);
      if (known == NULL)
        g_list_store_append (store, item);
    }
  set_heading (self, VISITORS, g_strdup_printf (_ ("Connected (%u)"), self->visitors->len));
}

/* @grants: (element-type BipeGrant): oldest first; the newest shall stand on top */
static void
show_grants (BipeClientList *self, GPtrArray *grants)
{
  g_autoptr(GHashTable) connected = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GHashTable) kept = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->visitors->len; i++)
    g_hash_table_add (connected, ((BipeVisitor *)self->visitors->pdata[i])->jti);
  g_hash_table_remove_all (self->grants);
  for (guint i = 0; i < grants->len; i++)
    {
      BipeGrant *grant = grants->pdata[i];

      g_hash_table_insert (self->grants, grant->jti, bipe_grant_ref (grant));
    }
  drop_absent (self, DEVICES, self->grants, kept);
  for (guint i = 0; i < grants->len; i++)
    {
      BipeGrant *grant = grants->pdata[i];
      BipeClientItem *known = g_hash_table_lookup (kept, grant);
      g_autoptr(BipeClientItem) item
                 = known != NULL ? g_object_ref (known) : bipe_client_item_new ();

      bipe_client_item_set_grant (item, grant, g_hash_table_contains (connected, grant->jti));
      if (known == NULL)
        g_list_store_insert (self->parts[DEVICES], 0, item);
    }
  set_heading (self, DEVICES, g_strdup (_ ("Devices With a Token")));
}

static void
end_turn (BipeClientList *self)
{
  self->is_asking = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ROWS]);
  if (self->is_stale)
    bipe_client_list_refresh (self);
}

static void
grants_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeClientList) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) grants = bipe_registry_list_finish (BIPE_REGISTRY (source), result, &error);

  set_problem (self, error);
  show_visitors (self);
  if (grants != NULL)
    show_grants (self, grants);
  end_turn (self);
}

static void
visitors_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeClientList) self = user_data;

  g_clear_pointer (&self->visitors, g_ptr_array_unref);
  self->visitors = bipe_presence_list_finish (BIPE_PRESENCE (source), result);
  bipe_registry_list_async (self->registry, grants_cb, g_object_ref (self));
}

static gboolean
tick_cb (gpointer user_data)
{
  BipeClientList *self = user_data;

  if (!self->is_asking)
    bipe_client_list_refresh (self);
  return G_SOURCE_CONTINUE;
}

static void
bipe_client_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeClientList *self = BIPE_CLIENT_LIST (object);

  switch (id)
    {
    case PROP_ROWS:
      g_value_set_object (value, self->rows);
      break;
    case PROP_N_ROWS:
      g_value_set_uint (value, g_list_model_get_n_items (self->rows));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_client_list_dispose (GObject *object)
{
  BipeClientList *self = BIPE_CLIENT_LIST (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->problem, g_free);
  g_clear_pointer (&self->grants, g_hash_table_unref);
  g_clear_pointer (&self->visitors, g_ptr_array_unref);
  g_clear_object (&self->rows);
  for (guint i = 0; i < N_PARTS; i++)
    g_clear_object (&self->parts[i]);
  g_clear_object (&self->presence);
  g_clear_object (&self->registry);
  G_OBJECT_CLASS (bipe_client_list_parent_class)->dispose (object);
}

static void
bipe_client_list_class_init (BipeClientListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_client_list_get_property;
  object_class->dispose = bipe_client_list_dispose;

  properties[PROP_ROWS] = g_param_spec_object ("rows", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  properties[PROP_N_ROWS] = g_param_spec_uint ("n-rows", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_client_list_init (BipeClientList *self)
{
  GListStore *parts = g_list_store_new (G_TYPE_LIST_MODEL);

  for (guint i = 0; i < N_PARTS; i++)
    {
      self->parts[i] = g_list_store_new (BIPE_TYPE_CLIENT_ITEM);
      g_list_store_append (parts, self->parts[i]);
    }
  self->rows = G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (parts)));
  self->visitors = g_ptr_array_new ();
  self->grants
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)bipe_grant_unref);
}

BipeClientList *
bipe_client_list_new (BipeRegistry *registry, BipePresence *presence)
{
  BipeClientList *self = g_object_new (BIPE_TYPE_CLIENT_LIST, NULL);

  self->registry = g_object_ref (registry);
  self->presence = g_object_ref (presence);
  return self;
}

void
bipe_client_list_set_shown (BipeClientList *self, gboolean is_shown)
{
  if (is_shown == (self->timer != 0))
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  if (!is_shown)
    return;
  self->timer = g_timeout_add_seconds (1, tick_cb, self);
  bipe_client_list_refresh (self);
}

void
bipe_client_list_refresh (BipeClientList *self)
{
  self->is_stale = self->is_asking;
  if (self->is_asking)
    return;
  self->is_asking = TRUE;
  bipe_presence_list_async (self->presence, visitors_cb, g_object_ref (self));
}

BipeRegistry *
bipe_client_list_get_registry (BipeClientList *self)
{
  return self->registry;
}

BipePresence *
bipe_client_list_get_presence (BipeClientList *self)
{
  return self->presence;
}

BipeGrant *
bipe_client_list_find_grant (BipeClientList *self, const char *jti)
{
  return g_hash_table_lookup (self->grants, jti);
}

void
bipe_client_list_disconnect (BipeClientList *self, const char *jti)
{
  for (guint i = 0; i < self->visitors->len; i++)
    {
      const BipeVisitor *visitor = self->visitors->pdata[i];

      if (g_str_equal (visitor->jti, jti))
        bipe_presence_disconnect (self->presence, visitor->id);
    }
  bipe_client_list_refresh (self);
}

#include "config.h"

#include "app/window-keeper.h"

#include <gtk/gtk.h>

struct _BipeWindowKeeper
{
  GObject parent_instance;

  GApplication *application; /* borrowed */
  GQueue closed;             /* GtkWindow */
  guint source;
};

G_DEFINE_FINAL_TYPE (BipeWindowKeeper, bipe_window_keeper, G_TYPE_OBJECT)

/* A window may close others when it goes. */
static gboolean
let_go_cb (gpointer user_data)
{
  BipeWindowKeeper *self = user_data;
  GtkWindow *window;

  while ((window = g_queue_pop_head (&self->closed)) != NULL)
    g_object_unref (window);
  self->source = 0;
  g_application_release (self->application);
  return G_SOURCE_REMOVE;
}

/* That is what gtk_window_destroy() does, and nothing else. */
static void
unrealize_cb (BipeWindowKeeper *self, GtkWindow *window)
{
  g_queue_push_tail (&self->closed, g_object_ref (window));
  if (self->source != 0)
    return;
  g_application_hold (self->application);
  self->source = g_idle_add_full (G_PRIORITY_DEFAULT, let_go_cb, self, NULL);
}

static void
focus_unmap_cb (GtkWindow *window)
{
  gtk_window_set_focus (window, NULL);
}

static void
focus_moved_cb (GtkWindow *window, GParamSpec *pspec, GSignalGroup *focus)
{
  g_signal_group_set_target (focus, gtk_window_get_focus (window));
}

static void
unref_focus (gpointer focus, GClosure *closure)
{
  g_object_unref (focus);
}

static void
add_window (BipeWindowKeeper *self, GtkWindow *window)
{
  GSignalGroup *focus = g_signal_group_new (GTK_TYPE_WIDGET);

  g_signal_group_connect_swapped (focus, "unmap", G_CALLBACK (focus_unmap_cb), window);
  g_signal_connect_data (window, "notify::focus-widget", G_CALLBACK (focus_moved_cb), focus,
                         unref_focus, 0);
  g_signal_connect_object (window, "unrealize", G_CALLBACK (unrealize_cb), self, G_CONNECT_SWAPPED);
}

static void
items_changed_cb (BipeWindowKeeper *self,
                  guint position,
                  guint n_removed,
                  guint n_added,
                  GListModel *windows)
{
  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr(GtkWindow) window = g_list_model_get_item (windows, i);

      add_window (self, window);
    }
}

static void
bipe_window_keeper_dispose (GObject *object)
{
  BipeWindowKeeper *self = BIPE_WINDOW_KEEPER (object);

  if (self->source != 0)
    {
      g_source_remove (self->source);
      let_go_cb (self);
    }
  G_OBJECT_CLASS (bipe_window_keeper_parent_class)->dispose (object);
}

static void
bipe_window_keeper_class_init (BipeWindowKeeperClass *class)
{
  G_OBJECT_CLASS (class)->dispose = bipe_window_keeper_dispose;
}

static void
bipe_window_keeper_init (BipeWindowKeeper *self)
{
  g_queue_init (&self->closed);
}

BipeWindowKeeper *
bipe_window_keeper_new (GApplication *application)
{
  BipeWindowKeeper *self = g_object_new (BIPE_TYPE_WINDOW_KEEPER, NULL);

  self->application = application;
  g_signal_connect_object (gtk_window_get_toplevels (), "items-changed",
                           G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
  return self;
}

/* wedge-controller.c: the GTK side of the wedge: takes the keys, asks BipeWedge, and holds, drops
 * or gives back their events. Window thread.
 *
 * A popover keeps keys from its window, and a dialog is a window of its own, so every GtkNative
 * gets an event controller in the capture phase; popovers that others make (an entry's menu) are
 * met when they are shown. Events are given back by putting them at the end of the display's queue;
 * until they have come by again, later ones must not overtake them, and take the same way. */
#include "config.h"

#include "app/wedge-controller.h"

#include "capture/wedge.h"

#define CONTROLLER_NAME "bipe-wedge"

/* Below the windowing system's events: keys that are there already come before their time is up. */
#define EXPIRE_PRIORITY (G_PRIORITY_DEFAULT + 10)

/* Events that have gone their way but may come by again: a popover inside a watched window sees
 * what the window has seen, and input methods put back what they do not want. */
#define N_PASSED 16

typedef struct
{
  GdkEventType type;
  guint code;
  guint32 time;
} Passed;

typedef struct
{
  GdkEvent *event;
  gboolean passes; /* only waits for its turn */
} Held;

struct _BipeWedgeController
{
  GObject parent_instance;

  BipeWedge *wedge;
  char *layout;
  GQueue held;      /* Held: until the burst ends */
  GQueue in_flight; /* GdkEvent: given back, and not come by again */
  Passed passed[N_PASSED];
  guint n_passed;
  guint expire_id;
  gulong show_hook;
};

enum
{
  PROP_LAYOUT = 1,
  N_PROPERTIES,
};

enum
{
  SIGNAL_SCANNED,
  SIGNAL_UNREAD,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BipeWedgeController, bipe_wedge_controller, G_TYPE_OBJECT)

/* --- Events -------------------------------------------------------------------------------- */

static Passed
describe (GdkEvent *event)
{
  return (Passed){
    .type = gdk_event_get_event_type (event),
    .code = gdk_key_event_get_keycode (event),
    .time = gdk_event_get_time (event),
  };
}

/* Those that a program has made have no time, and can't be told apart. */
static gboolean
is_same (Passed a, Passed b)
{
  return a.time != GDK_CURRENT_TIME && a.type == b.type && a.code == b.code && a.time == b.time;
}

static void
remember (BipeWedgeController *self, GdkEvent *event)
{
  self->passed[self->n_passed++ % N_PASSED] = describe (event);
}

static gboolean
has_passed (BipeWedgeController *self, GdkEvent *event)
{
  Passed passed = describe (event);

  for (guint i = 0; i < N_PASSED; i++)
    if (is_same (self->passed[i], passed))
      return TRUE;
  return FALSE;
}

/* Takes the event's own reference. */
static void
give_back (BipeWedgeController *self, GdkEvent *event)
{
  g_queue_push_tail (&self->in_flight, event);
  gdk_display_put_event (gdk_event_get_display (event), event);
}

/* GTK may have made another event of it, for the popover that has the grab. Those in front of it
 * can't come any more: their window is gone. */
static gboolean
has_come_back (BipeWedgeController *self, GdkEvent *event)
{
  Passed passed = describe (event);

  for (GList *link = self->in_flight.head; link != NULL; link = link->next)
    if (link->data == event || is_same (describe (link->data), passed))
      {
        while (self->in_flight.head != link)
          gdk_event_unref (g_queue_pop_head (&self->in_flight));
        gdk_event_unref (g_queue_pop_head (&self->in_flight));
        return TRUE;
      }
  return FALSE;
}

static void
hold (BipeWedgeController *self, GdkEvent *event, gboolean passes)
{
  Held *held = g_new (Held, 1);

  *held = (Held){ .event = gdk_event_ref (event), .passes = passes };
  g_queue_push_tail (&self->held, held);
}

static void
release_held (BipeWedgeController *self, gboolean all)
{
  while (!g_queue_is_empty (&self->held))
    {
      g_autofree Held *held = g_queue_pop_head (&self->held);

      if (all || held->passes)
        give_back (self, held->event);
      else
        gdk_event_unref (held->event);
    }
}

static gboolean
is_in_text (GtkWidget *native)
{
  GtkRoot *root = gtk_widget_get_root (native);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus == NULL || (focus != native && !gtk_widget_is_ancestor (focus, native)))
    return FALSE;
  if (GTK_IS_TEXT_VIEW (focus))
    return gtk_text_view_get_editable (GTK_TEXT_VIEW (focus));
  return GTK_IS_EDITABLE (focus) && gtk_editable_get_editable (GTK_EDITABLE (focus));
}

/* --- Bursts -------------------------------------------------------------------------------- */

static void
settle (BipeWedgeController *self, BipeWedgeEnd end)
{
  const char *text = bipe_wedge_get_text (self->wedge);

  switch (end)
    {
    case BIPE_WEDGE_TYPED:
      release_held (self, TRUE);
      break;
    case BIPE_WEDGE_SCANNED:
      release_held (self, FALSE);
      g_signal_emit (self, signals[SIGNAL_SCANNED], 0, text);
      break;
    case BIPE_WEDGE_UNREAD:
      release_held (self, FALSE);
      g_signal_emit (self, signals[SIGNAL_UNREAD], 0, text, bipe_wedge_get_trace (self->wedge));
      break;
    case BIPE_WEDGE_NONE:
    default:
      break;
    }
}

static gboolean
expire_cb (gpointer user_data)
{
  BipeWedgeController *self = user_data;

  self->expire_id = 0;
  settle (self, bipe_wedge_expire (self->wedge));
  return G_SOURCE_REMOVE;
}

static void
await_silence (BipeWedgeController *self)
{
  guint patience = bipe_wedge_get_patience (self->wedge);

  g_clear_handle_id (&self->expire_id, g_source_remove);
  if (patience > 0)
    self->expire_id = g_timeout_add_full (EXPIRE_PRIORITY, patience, expire_cb, self, NULL);
}

static BipeWedgeVerdict
feed (BipeWedgeController *self, GtkWidget *native, GdkEvent *event, BipeWedgeEnd *end)
{
  GdkModifierType modifiers = gdk_event_get_modifier_state (event);
  BipeWedgeKey key = {
    .code = gdk_key_event_get_keycode (event),
    .symbol = gdk_key_event_get_keyval (event),
    .time = gdk_event_get_time (event),
    .is_press = gdk_event_get_event_type (event) == GDK_KEY_PRESS,
    .in_text = is_in_text (native),
    .is_control = (modifiers & GDK_CONTROL_MASK) != 0,
    .is_shortcut = (modifiers & (GDK_ALT_MASK | GDK_SUPER_MASK)) != 0,
  };

  if (key.time == GDK_CURRENT_TIME)
    key.time = (guint32)(g_get_monotonic_time () / 1000);
  return bipe_wedge_feed (self->wedge, &key, end);
}

static gboolean
event_cb (GtkEventControllerLegacy *controller, GdkEvent *event, BipeWedgeController *self)
{
  GtkWidget *native = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));
  GdkEventType type = gdk_event_get_event_type (event);
  BipeWedgeVerdict verdict;
  BipeWedgeEnd end;

  if (type != GDK_KEY_PRESS && type != GDK_KEY_RELEASE)
    return GDK_EVENT_PROPAGATE;
  if (has_come_back (self, event))
    {
      remember (self, event);
      return GDK_EVENT_PROPAGATE;
    }
  if (has_passed (self, event))
    return GDK_EVENT_PROPAGATE;

  verdict = feed (self, native, event, &end);
  settle (self, end);
  if (type == GDK_KEY_PRESS && verdict != BIPE_WEDGE_PASS)
    await_silence (self);

  if (verdict == BIPE_WEDGE_HOLD)
    hold (self, event, FALSE);
  else if (verdict == BIPE_WEDGE_PASS && !g_queue_is_empty (&self->held))
    hold (self, event, TRUE);
  else if (verdict == BIPE_WEDGE_PASS && !g_queue_is_empty (&self->in_flight))
    give_back (self, gdk_event_ref (event));
  else if (verdict == BIPE_WEDGE_PASS)
    {
      remember (self, event);
      return GDK_EVENT_PROPAGATE;
    }
  return GDK_EVENT_STOP;
}

/* --- What is watched ----------------------------------------------------------------------- */

static void
is_active_cb (GtkWindow *window, GParamSpec *property, BipeWedgeController *self)
{
  if (!gtk_window_is_active (window))
    bipe_wedge_forget_keys (self->wedge);
}

static gboolean
is_watched (GtkNative *native)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (native));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (g_strcmp0 (gtk_event_controller_get_name (controller), CONTROLLER_NAME) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
show_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  GObject *widget = g_value_get_object (&values[0]);

  if (GTK_IS_NATIVE (widget))
    bipe_wedge_controller_watch (user_data, GTK_NATIVE (widget));
  return TRUE; /* stay hooked */
}

/* --- Class --------------------------------------------------------------------------------- */

static void
set_layout (BipeWedgeController *self, const char *layout)
{
  g_autoptr(GError) error = NULL;
  BipeWedge *wedge = bipe_wedge_new (layout, &error);

  if (wedge == NULL)
    {
      g_warning ("cannot set wedge-layout: %s", error->message);
      return;
    }
  settle (self, bipe_wedge_expire (self->wedge));
  bipe_wedge_free (self->wedge);
  self->wedge = wedge;
  g_free (self->layout);
  self->layout = g_strdup (layout);
}

static void
bipe_wedge_controller_get_property (GObject *object,
                                    guint property_id,
                                    GValue *value,
                                    GParamSpec *property)
{
  BipeWedgeController *self = BIPE_WEDGE_CONTROLLER (object);

  if (property_id == PROP_LAYOUT)
    g_value_set_string (value, self->layout);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, property);
}

static void
bipe_wedge_controller_set_property (GObject *object,
                                    guint property_id,
                                    const GValue *value,
                                    GParamSpec *property)
{
  BipeWedgeController *self = BIPE_WEDGE_CONTROLLER (object);

  if (property_id == PROP_LAYOUT)
    set_layout (self, g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, property);
}

static void
bipe_wedge_controller_dispose (GObject *object)
{
  BipeWedgeController *self = BIPE_WEDGE_CONTROLLER (object);

  if (self->show_hook != 0)
    g_signal_remove_emission_hook (g_signal_lookup ("show", GTK_TYPE_WIDGET), self->show_hook);
  /* The signal comes with the class, and no widget need have been made yet. */
  g_type_class_unref (g_type_class_ref (GTK_TYPE_WIDGET));
  self->show_hook = 0;
  g_clear_handle_id (&self->expire_id, g_source_remove);
  release_held (self, TRUE);
  g_queue_clear_full (&self->in_flight, (GDestroyNotify)gdk_event_unref);

  G_OBJECT_CLASS (bipe_wedge_controller_parent_class)->dispose (object);
}

static void
bipe_wedge_controller_finalize (GObject *object)
{
  BipeWedgeController *self = BIPE_WEDGE_CONTROLLER (object);

  g_clear_pointer (&self->wedge, bipe_wedge_free);
  g_clear_pointer (&self->layout, g_free);

  G_OBJECT_CLASS (bipe_wedge_controller_parent_class)->finalize (object);
}

static void
bipe_wedge_controller_class_init (BipeWedgeControllerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = bipe_wedge_controller_get_property;
  object_class->set_property = bipe_wedge_controller_set_property;
  object_class->dispose = bipe_wedge_controller_dispose;
  object_class->finalize = bipe_wedge_controller_finalize;

  properties[PROP_LAYOUT] = g_param_spec_string ("layout", NULL, NULL, "us",
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_SCANNED] = g_signal_new ("scanned", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_UNREAD]
      = g_signal_new ("unread", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
bipe_wedge_controller_init (BipeWedgeController *self)
{
  g_autoptr(GError) error = NULL;

  self->layout = g_strdup ("us");
  self->wedge = bipe_wedge_new (self->layout, &error);
  if (self->wedge == NULL)
    {
      /* A machine without keyboard data; the session's own layout needs none. */
      g_warning ("%s", error->message);
      g_free (self->layout);
      self->layout = g_strdup ("session");
      self->wedge = bipe_wedge_new (self->layout, NULL);
    }
  /* The signal comes with the class, and no widget need have been made yet. */
  g_type_class_unref (g_type_class_ref (GTK_TYPE_WIDGET));
  self->show_hook = g_signal_add_emission_hook (g_signal_lookup ("show", GTK_TYPE_WIDGET), 0,
                                                show_cb, self, NULL);
}

BipeWedgeController *
bipe_wedge_controller_new (void)
{
  return g_object_new (BIPE_TYPE_WEDGE_CONTROLLER, NULL);
}

void
bipe_wedge_controller_watch (BipeWedgeController *self, GtkNative *native)
{
  GtkEventController *controller;

  g_return_if_fail (BIPE_IS_WEDGE_CONTROLLER (self));

  if (is_watched (native))
    return;

  controller = gtk_event_controller_legacy_new ();
  gtk_event_controller_set_name (controller, CONTROLLER_NAME);
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_object (controller, "event", G_CALLBACK (event_cb), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (native), controller);
  if (GTK_IS_WINDOW (native))
    g_signal_connect_object (native, "notify::is-active", G_CALLBACK (is_active_cb), self, 0);
}

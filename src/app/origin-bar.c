#include "config.h"

#include "app/origin-bar.h"

#include <glib/gi18n.h>

#include "app/format.h"
#include "app/template.h"

#define SETTING "allowed-origins"

/* A click that was meant for what was there before, or a second one, is no answer. */
#define UNANSWERABLE_MS 1000

struct _BipeOriginBar
{
  GtkWidget parent_instance;

  BipeOrigins *origins; /* NULL: it does not run */
  GSettings *saved;
  const char *fixed_by;
  GCancellable *closed;
  char *origin; /* NULL: nothing is asked */
  guint timer;
  gboolean is_narrow;
};

enum
{
  PROP_0,
  PROP_QUESTION,
  PROP_NOTE,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeOriginBar, bipe_origin_bar, GTK_TYPE_WIDGET)

static gboolean
is_saved (BipeOriginBar *self)
{
  return self->saved != NULL && self->fixed_by == NULL
         && g_settings_is_writable (self->saved, SETTING);
}

/* What a page without an address is. */
static gboolean
is_anybody (const char *origin)
{
  return g_str_equal (origin, "null");
}

static char *
format_question (BipeOriginBar *self)
{
  if (self->origin == NULL)
    return NULL;
  if (is_anybody (self->origin))
    return g_strdup (_ ("A web page without an address (a file, or a sandboxed frame) wants to use "
                        "this station."));
  return g_strdup_printf (_ ("The web page %s wants to use this station."), self->origin);
}

/* How long an Allow counts, where it is not for good. */
static char *
format_duration (BipeOriginBar *self)
{
  if (is_saved (self))
    return NULL;
  if (self->fixed_by == NULL)
    return g_strdup (_ ("Allowed until the program ends: it can’t be saved here."));
  if (g_str_equal (self->fixed_by, "command line"))
    return g_strdup (_ ("Allowed until the program ends: the list is fixed on the command line."));
  return g_strdup_printf (
      _ ("Allowed until the program ends: the list is fixed by the variable %s."), self->fixed_by);
}

static char *
format_note (BipeOriginBar *self)
{
  g_autofree char *duration = format_duration (self);
  const char *warning = _ ("Any web page can show itself without its address.");

  if (self->origin == NULL)
    return NULL;
  if (!is_anybody (self->origin))
    return g_steal_pointer (&duration);
  return duration != NULL ? g_strjoin (" ", warning, duration, NULL) : g_strdup (warning);
}

static void
set_answerable (BipeOriginBar *self, gboolean is_answerable)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "origin.allow", is_answerable);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "origin.refuse", is_answerable);
}

static gboolean
answerable_cb (gpointer user_data)
{
  BipeOriginBar *self = user_data;

  self->timer = 0;
  set_answerable (self, TRUE);
  return G_SOURCE_REMOVE;
}

/* Takes @origin. */
static void
take_origin (BipeOriginBar *self, char *origin)
{
  g_free (self->origin);
  self->origin = origin;
  g_clear_handle_id (&self->timer, g_source_remove);
  set_answerable (self, FALSE);
  if (origin != NULL)
    self->timer = g_timeout_add (UNANSWERABLE_MS, answerable_cb, self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NOTE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUESTION]);
}

/* Once the waiting is cancelled, there is no bar any more. */
static void
refused_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeOriginBar *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *origin = bipe_origins_await_finish (BIPE_ORIGINS (source), result, &error);

  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return;
  if (origin != NULL)
    take_origin (self, g_steal_pointer (&origin));
  else
    g_warning ("cannot ask about web pages: %s", error->message);
}

static void
ask_next (BipeOriginBar *self)
{
  take_origin (self, NULL);
  bipe_origins_await_async (self->origins, self->closed, refused_cb, self);
}

static void
save (BipeOriginBar *self)
{
  g_autofree char *list = g_settings_get_string (self->saved, SETTING);
  g_autofree char *longer = NULL;

  g_strstrip (list);
  longer = list[0] != '\0' ? g_strjoin (",", list, self->origin, NULL) : g_strdup (self->origin);
  g_settings_set_string (self->saved, SETTING, longer);
}

static void
allow_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeOriginBar *self = BIPE_ORIGIN_BAR (widget);

  bipe_origins_allow (self->origins, self->origin);
  if (is_saved (self))
    save (self);
  ask_next (self);
}

static void
refuse_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  ask_next (BIPE_ORIGIN_BAR (widget));
}

static void
bipe_origin_bar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeOriginBar *self = BIPE_ORIGIN_BAR (object);

  switch (id)
    {
    case PROP_QUESTION:
      g_value_take_string (value, format_question (self));
      break;
    case PROP_NOTE:
      g_value_take_string (value, format_note (self));
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->is_narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_origin_bar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeOriginBar *self = BIPE_ORIGIN_BAR (object);

  switch (id)
    {
    case PROP_NARROW:
      if (self->is_narrow == g_value_get_boolean (value))
        break;
      self->is_narrow = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_origin_bar_dispose (GObject *object)
{
  BipeOriginBar *self = BIPE_ORIGIN_BAR (object);

  if (self->closed != NULL)
    g_cancellable_cancel (self->closed);
  g_clear_handle_id (&self->timer, g_source_remove);
  bipe_template_dispose (GTK_WIDGET (self), BIPE_TYPE_ORIGIN_BAR);
  g_clear_pointer (&self->origin, g_free);
  g_clear_object (&self->closed);
  g_clear_object (&self->saved);
  g_clear_object (&self->origins);
  G_OBJECT_CLASS (bipe_origin_bar_parent_class)->dispose (object);
}

static void
bipe_origin_bar_class_init (BipeOriginBarClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_origin_bar_get_property;
  object_class->set_property = bipe_origin_bar_set_property;
  object_class->dispose = bipe_origin_bar_dispose;

  properties[PROP_QUESTION] = g_param_spec_string ("question", NULL, NULL, NULL, flags);
  properties[PROP_NOTE] = g_param_spec_string ("note", NULL, NULL, NULL, flags);
  properties[PROP_NARROW]
      = g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/origin-bar.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  bipe_format_bind (widget_class);
  gtk_widget_class_install_action (widget_class, "origin.allow", NULL, allow_cb);
  gtk_widget_class_install_action (widget_class, "origin.refuse", NULL, refuse_cb);
}

static void
bipe_origin_bar_init (BipeOriginBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  set_answerable (self, FALSE);
}

void
bipe_origin_bar_run (BipeOriginBar *self,
                     BipeOrigins *origins,
                     GSettings *saved,
                     const char *fixed_by)
{
  self->origins = g_object_ref (origins);
  g_set_object (&self->saved, saved);
  self->fixed_by = fixed_by;
  self->closed = g_cancellable_new ();
  ask_next (self);
}

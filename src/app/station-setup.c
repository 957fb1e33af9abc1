#include "config.h"

#include "app/station-setup.h"

#include "app/fixed.h"
#include "app/format.h"
#include "base/settings.h"

struct _BipeStationSetup
{
  GObject parent_instance;

  BipeEngineDoor door;
  BipeSettings *settings; /* borrowed */
  GSettings *saved;
  BipeStationWish wish;
  BipeStationWish *next; /* while it is being applied */
  GCancellable *probing; /* NULL: nothing is probed */
  char *problem;
  char *finding;
  char *fault;
};

enum
{
  PROP_0,
  PROP_IS_APPLYING,
  PROP_IS_PROBING,
  PROP_PROBLEM,
  PROP_FINDING,
  PROP_FAULT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint changed_signal;

G_DEFINE_FINAL_TYPE (BipeStationSetup, bipe_station_setup, G_TYPE_OBJECT)

static void
set_text (BipeStationSetup *self, char **text, guint property, const char *value)
{
  if (g_strcmp0 (*text, value) == 0)
    return;
  g_free (*text);
  *text = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
save_text (BipeStationSetup *self, const char *key, const char *value)
{
  g_autofree char *before = g_settings_get_string (self->saved, key);

  if (bipe_station_setup_get_fixed_by (self, key) == NULL && !g_str_equal (before, value))
    g_settings_set_string (self->saved, key, value);
}

static void
save (BipeStationSetup *self, const BipeStationWish *wish)
{
  if (self->saved == NULL)
    return;
  save_text (self, "station", wish->name);
  save_text (self, "queue-mode", wish->is_review ? "review" : "automatic");
  save_text (self, "database-url", wish->database_url);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeStationSetup *self = BIPE_STATION_SETUP (source);
  g_autoptr(BipeStationWish) next = g_steal_pointer (&self->next);
  g_autoptr(GError) error = NULL;
  g_autofree char *problem = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      bipe_station_wish_clear (&self->wish);
      self->wish.name = g_strdup (next->name);
      self->wish.is_review = next->is_review;
      self->wish.database_url = g_strdup (next->database_url);
    }
  else
    {
      problem = bipe_format_error (error);
      save (self, &self->wish);
    }
  set_text (self, &self->problem, PROP_PROBLEM, problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_APPLYING]);
  g_signal_emit (self, changed_signal, 0);
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeStationSetup *self = BIPE_STATION_SETUP (source);
  g_autoptr(GError) error = NULL;
  g_autofree char *finding = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *fault = finding == NULL ? bipe_format_error (error) : NULL;

  if (self->probing != g_task_get_cancellable (G_TASK (result)))
    return; /* another one was asked for meanwhile, or none */
  g_clear_object (&self->probing);
  set_text (self, &self->finding, PROP_FINDING, finding);
  set_text (self, &self->fault, PROP_FAULT, fault);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_PROBING]);
}

static void
bipe_station_setup_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeStationSetup *self = BIPE_STATION_SETUP (object);

  switch (id)
    {
    case PROP_IS_APPLYING:
      g_value_set_boolean (value, self->next != NULL);
      break;
    case PROP_IS_PROBING:
      g_value_set_boolean (value, self->probing != NULL);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_FINDING:
      g_value_set_string (value, self->finding);
      break;
    case PROP_FAULT:
      g_value_set_string (value, self->fault);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_station_setup_finalize (GObject *object)
{
  BipeStationSetup *self = BIPE_STATION_SETUP (object);

  g_free (self->fault);
  g_free (self->finding);
  g_free (self->problem);
  g_clear_object (&self->probing);
  bipe_station_wish_clear (&self->wish);
  g_clear_object (&self->saved);
  G_OBJECT_CLASS (bipe_station_setup_parent_class)->finalize (object);
}

static void
bipe_station_setup_class_init (BipeStationSetupClass *class)
{
  static const struct
  {
    guint property;
    const char *name;
  } texts[] = { { PROP_PROBLEM, "problem" }, { PROP_FINDING, "finding" }, { PROP_FAULT, "fault" } };
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_station_setup_get_property;
  object_class->finalize = bipe_station_setup_finalize;

  properties[PROP_IS_APPLYING] = g_param_spec_boolean ("is-applying", NULL, NULL, FALSE, flags);
  properties[PROP_IS_PROBING] = g_param_spec_boolean ("is-probing", NULL, NULL, FALSE, flags);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[texts[i].property] = g_param_spec_string (texts[i].name, NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  changed_signal = g_signal_new ("changed", BIPE_TYPE_STATION_SETUP, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
bipe_station_setup_init (BipeStationSetup *self)
{
}

BipeStationSetup *
bipe_station_setup_new (const BipeEngineDoor *door, BipeSettings *settings, GSettings *saved)
{
  BipeStationSetup *self = g_object_new (BIPE_TYPE_STATION_SETUP, NULL);
  gboolean is_named = !g_str_equal (bipe_settings_get_origin (settings, "station"), "default");

  self->door = *door;
  self->settings = settings;
  self->saved = saved != NULL ? g_object_ref (saved) : NULL;
  self->wish.name = g_strdup (is_named ? bipe_settings_get_text (settings, "station") : "");
  self->wish.is_review = g_str_equal (bipe_settings_get_text (settings, "queue-mode"), "review");
  self->wish.database_url = g_strdup (bipe_settings_get_text (settings, "database-url"));
  return self;
}

const BipeStationWish *
bipe_station_setup_get_wish (BipeStationSetup *self)
{
  return &self->wish;
}

const char *
bipe_station_setup_get_fixed_by (BipeStationSetup *self, const char *setting)
{
  return bipe_fixed_get (self->settings, setting);
}

void
bipe_station_setup_forget_problem (BipeStationSetup *self)
{
  set_text (self, &self->problem, PROP_PROBLEM, NULL);
}

void
bipe_station_setup_apply (BipeStationSetup *self, const BipeStationWish *wish)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, changed_cb, NULL);

  g_return_if_fail (self->next == NULL);

  g_task_set_source_tag (task, bipe_station_setup_apply);
  self->next = bipe_station_wish_copy (wish);
  /* Before the engine has it: who quits meanwhile has it at the next start. */
  save (self, wish);
  bipe_station_setup_forget_problem (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_APPLYING]);
  self->door.change (task, self->next, self->door.user_data);
}

void
bipe_station_setup_probe (BipeStationSetup *self, const BipeStationWish *wish)
{
  g_autoptr(GTask) task = NULL;

  bipe_station_setup_end_probe (self);
  self->probing = g_cancellable_new ();
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_PROBING]);
  task = g_task_new (self, self->probing, probed_cb, NULL);
  g_task_set_source_tag (task, bipe_station_setup_probe);
  self->door.probe (task, wish, self->door.user_data);
}

void
bipe_station_setup_end_probe (BipeStationSetup *self)
{
  set_text (self, &self->finding, PROP_FINDING, NULL);
  set_text (self, &self->fault, PROP_FAULT, NULL);
  if (self->probing == NULL)
    return;
  g_cancellable_cancel (self->probing);
  g_clear_object (&self->probing);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_PROBING]);
}

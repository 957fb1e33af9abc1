#include "config.h"

#include "app/network.h"

#include "app/fixed.h"
#include "app/reach-words.h"
#include "base/settings.h"

struct _BipeNetwork
{
  GObject parent_instance;

  BipeEngineDoor door;
  BipeSettings *settings; /* borrowed */
  GSettings *saved;
  BipeReach *reach;
  BipeReachWish wish;
  BipeReachWish next; /* while is_applying */
  gboolean is_applying;
};

enum
{
  PROP_0,
  PROP_ADDRESS,
  PROP_PROBLEM,
  PROP_SUMMARY,
  PROP_FINGERPRINT,
  PROP_IS_OPEN,
  PROP_IS_EXPOSED,
  PROP_IS_APPLYING,
  PROP_FREE_PORT,
  PROP_PLACES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint changed_signal;

G_DEFINE_FINAL_TYPE (BipeNetwork, bipe_network, G_TYPE_OBJECT)

static void
clear_wish (BipeReachWish *wish)
{
  g_clear_pointer (&wish->listen, g_free);
  g_clear_pointer (&wish->tls, g_free);
  wish->port = 0;
}

static void
set_wish (BipeReachWish *wish, const char *listen, const char *tls, guint16 port)
{
  BipeReachWish old = *wish;

  *wish = (BipeReachWish){ .listen = g_strdup (listen), .tls = g_strdup (tls), .port = port };
  clear_wish (&old);
}

static void
tell_change (BipeNetwork *self)
{
  for (guint i = PROP_0 + 1; i < N_PROPS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  g_signal_emit (self, changed_signal, 0);
}

static void
save_text (BipeNetwork *self, const char *key, const char *value)
{
  if (bipe_network_get_fixed_by (self, key) == NULL)
    g_settings_set_string (self->saved, key, value);
}

static void
save (BipeNetwork *self)
{
  if (self->saved == NULL)
    return;
  save_text (self, "listen", self->wish.listen);
  save_text (self, "tls", self->wish.tls);
  if (bipe_network_get_fixed_by (self, "port") == NULL)
    g_settings_set_int (self->saved, "port", self->wish.port);
}

static void
listening_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeNetwork *self = BIPE_NETWORK (source);
  BipeReach *reach = g_task_propagate_pointer (G_TASK (result), NULL);

  self->is_applying = FALSE;
  if (reach != NULL)
    {
      g_clear_pointer (&self->reach, bipe_reach_free);
      self->reach = reach;
      if (reach->problem == NULL)
        {
          set_wish (&self->wish, self->next.listen, self->next.tls, self->next.port);
          save (self);
        }
    }
  tell_change (self);
}

static char *
describe (BipeNetwork *self)
{
  if (self->reach->addresses[0] == NULL)
    return bipe_circle_describe ("none", FALSE, FALSE);
  return bipe_circle_describe (self->wish.listen, self->reach->fingerprint != NULL,
                               bipe_network_needs_token (self, self->wish.listen));
}

static void
bipe_network_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeNetwork *self = BIPE_NETWORK (object);
  const BipeReach *reach = self->reach;

  switch (id)
    {
    case PROP_ADDRESS:
      g_value_set_string (value, reach->addresses[0]);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, reach->problem);
      break;
    case PROP_SUMMARY:
      g_value_take_string (value, describe (self));
      break;
    case PROP_FINGERPRINT:
      if (reach->fingerprint != NULL)
        g_value_take_string (value, bipe_format_fingerprint (reach->fingerprint));
      break;
    case PROP_IS_OPEN:
      g_value_set_boolean (value, reach->is_open);
      break;
    case PROP_IS_EXPOSED:
      g_value_set_boolean (value, reach->is_open && reach->fingerprint == NULL);
      break;
    case PROP_IS_APPLYING:
      g_value_set_boolean (value, self->is_applying);
      break;
    case PROP_FREE_PORT:
      g_value_set_uint (value, reach->free_port);
      break;
    case PROP_PLACES:
      if (reach->addresses[0] != NULL)
        g_value_take_string (value, g_strjoinv ("\n", reach->addresses));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_network_finalize (GObject *object)
{
  BipeNetwork *self = BIPE_NETWORK (object);

  clear_wish (&self->next);
  clear_wish (&self->wish);
  g_clear_pointer (&self->reach, bipe_reach_free);
  g_clear_object (&self->saved);
  G_OBJECT_CLASS (bipe_network_parent_class)->finalize (object);
}

static void
bipe_network_class_init (BipeNetworkClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_network_get_property;
  object_class->finalize = bipe_network_finalize;

  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, flags);
  properties[PROP_FINGERPRINT] = g_param_spec_string ("fingerprint", NULL, NULL, NULL, flags);
  properties[PROP_IS_OPEN] = g_param_spec_boolean ("is-open", NULL, NULL, FALSE, flags);
  properties[PROP_IS_EXPOSED] = g_param_spec_boolean ("is-exposed", NULL, NULL, FALSE, flags);
  properties[PROP_IS_APPLYING] = g_param_spec_boolean ("is-applying", NULL, NULL, FALSE, flags);
  properties[PROP_FREE_PORT] = g_param_spec_uint ("free-port", NULL, NULL, 0, 65535, 0, flags);
  properties[PROP_PLACES] = g_param_spec_string ("places", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  changed_signal = g_signal_new ("changed", BIPE_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
bipe_network_init (BipeNetwork *self)
{
}

BipeNetwork *
bipe_network_new (const BipeEngineDoor *door,
                  BipeSettings *settings,
                  GSettings *saved,
                  const BipeReach *reach)
{
  BipeNetwork *self = g_object_new (BIPE_TYPE_NETWORK, NULL);

  self->door = *door;
  self->settings = settings;
  self->saved = saved != NULL ? g_object_ref (saved) : NULL;
  self->reach = bipe_reach_copy (reach);
  set_wish (&self->wish, bipe_settings_get_text (settings, "listen"),
            bipe_settings_get_text (settings, "tls"),
            (guint16)bipe_settings_get_integer (settings, "port"));
  return self;
}

const BipeReach *
bipe_network_get_reach (BipeNetwork *self)
{
  return self->reach;
}

const BipeReachWish *
bipe_network_get_wish (BipeNetwork *self)
{
  return &self->wish;
}

guint16
bipe_network_get_port (BipeNetwork *self)
{
  g_autoptr(GUri) uri = NULL;

  if (self->reach->addresses[0] != NULL)
    uri = g_uri_parse (self->reach->addresses[0], G_URI_FLAGS_NONE, NULL);
  return uri != NULL && g_uri_get_port (uri) > 0 ? (guint16)g_uri_get_port (uri) : self->wish.port;
}

const char *
bipe_network_get_fixed_by (BipeNetwork *self, const char *setting)
{
  return bipe_fixed_get (self->settings, setting);
}

gboolean
bipe_network_needs_token (BipeNetwork *self, const char *listen)
{
  return bipe_circle_needs_token (
      listen, bipe_settings_get_integer (self->settings, "loopback-without-token"));
}

const char *
bipe_network_get_certificate (BipeNetwork *self)
{
  const char *path = bipe_settings_get_text (self->settings, "tls-cert");

  return path[0] != '\0' ? path : NULL;
}

void
bipe_network_apply (BipeNetwork *self, const BipeReachWish *wish)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, listening_cb, NULL);

  g_return_if_fail (!self->is_applying);

  g_task_set_source_tag (task, bipe_network_apply);
  set_wish (&self->next, wish->listen, wish->tls, wish->port);
  self->is_applying = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_APPLYING]);
  self->door.listen (task, &self->next, self->door.user_data);
}

#include "config.h"

#include "app/client-item.h"

#include <glib/gi18n.h>

#include "access/scopes.h"
#include "app/format.h"

struct _BipeClientItem
{
  GObject parent_instance;

  guint64 id;
  char *jti;
  char *heading;
  char *title;
  char *detail;
  char *times;
  gboolean is_connected;
  gboolean is_over;
  gboolean can_restore;
};

enum
{
  PROP_0,
  PROP_HEADING,
  PROP_TITLE,
  PROP_DETAIL,
  PROP_TIMES,
  PROP_IS_CONNECTED,
  PROP_IS_OVER,
  PROP_CAN_RESTORE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeClientItem, bipe_client_item, G_TYPE_OBJECT)

char *
bipe_format_scopes (guint scopes)
{
  static const struct
  {
    BipeScope scope;
    const char *name;
  } names[] = {
    { BIPE_SCOPE_SCAN, N_ ("Scan") },       { BIPE_SCOPE_READ, N_ ("Read") },
    { BIPE_SCOPE_COLLECT, N_ ("Collect") }, { BIPE_SCOPE_SPEECH, N_ ("Speak") },
    { BIPE_SCOPE_VOID, N_ ("Void") },       { BIPE_SCOPE_ADMIN, N_ ("Administer") },
  };
  const char *parts[G_N_ELEMENTS (names) + 1] = { NULL };
  guint n_parts = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (scopes & names[i].scope)
      parts[n_parts++] = _ (names[i].name);
  /* Translators: between the parts of a list, “Scan, Read” */
  return g_strjoinv (C_ ("list", ", "), (char **)parts);
}

/* Takes @text. */
static void
take_text (BipeClientItem *self, char **field, guint property, char *text)
{
  if (g_strcmp0 (*field, text) == 0)
    {
      g_free (text);
      return;
    }
  g_free (*field);
  *field = text;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_flag (BipeClientItem *self, gboolean *field, guint property, gboolean value)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static char *
format_scans (gint64 n_scans)
{
  g_autofree char *number = bipe_format_number (n_scans);

  return g_strdup_printf (ngettext ("%s scan", "%s scans", (gulong)n_scans), number);
}

/* What a client says of itself may hold marks that would turn the row round. */
static char *
format_name (const char *name)
{
  return bipe_format_code (name, BIPE_GRANT_NAME_MAX);
}

static char *
format_place (const char *address)
{
  if (g_str_equal (address, "127.0.0.1") || g_str_equal (address, "::1"))
    return g_strdup (_ ("this computer"));
  return g_strdup (address);
}

static void
bipe_client_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeClientItem *self = BIPE_CLIENT_ITEM (object);

  switch (id)
    {
    case PROP_HEADING:
      g_value_set_string (value, self->heading);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, self->detail);
      break;
    case PROP_TIMES:
      g_value_set_string (value, self->times);
      break;
    case PROP_IS_CONNECTED:
      g_value_set_boolean (value, self->is_connected);
      break;
    case PROP_IS_OVER:
      g_value_set_boolean (value, self->is_over);
      break;
    case PROP_CAN_RESTORE:
      g_value_set_boolean (value, self->can_restore);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_client_item_finalize (GObject *object)
{
  BipeClientItem *self = BIPE_CLIENT_ITEM (object);

  g_free (self->times);
  g_free (self->detail);
  g_free (self->title);
  g_free (self->heading);
  g_free (self->jti);
  G_OBJECT_CLASS (bipe_client_item_parent_class)->finalize (object);
}

static void
bipe_client_item_class_init (BipeClientItemClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_client_item_get_property;
  object_class->finalize = bipe_client_item_finalize;

  properties[PROP_HEADING] = g_param_spec_string ("heading", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, flags);
  properties[PROP_TIMES] = g_param_spec_string ("times", NULL, NULL, NULL, flags);
  properties[PROP_IS_CONNECTED] = g_param_spec_boolean ("is-connected", NULL, NULL, FALSE, flags);
  properties[PROP_IS_OVER] = g_param_spec_boolean ("is-over", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_RESTORE] = g_param_spec_boolean ("can-restore", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_client_item_init (BipeClientItem *self)
{
  self->jti = g_strdup ("");
}

BipeClientItem *
bipe_client_item_new (void)
{
  return g_object_new (BIPE_TYPE_CLIENT_ITEM, NULL);
}

void
bipe_client_item_set_heading (BipeClientItem *self, const char *text)
{
  take_text (self, &self->heading, PROP_HEADING, g_strdup (text));
}

static const char *
get_kind (const char *kind)
{
  return g_str_equal (kind, "events") ? _ ("Events") : kind;
}

void
bipe_client_item_set_visitor (BipeClientItem *self, const BipeVisitor *visitor)
{
  gboolean has_token = visitor->jti[0] != '\0';
  g_autofree char *place = format_place (visitor->address);
  g_autofree char *since = bipe_format_moment (visitor->since);
  g_autofree char *scans = format_scans ((gint64)visitor->n_scans);

  self->id = visitor->id;
  g_free (self->jti);
  self->jti = g_strdup (visitor->jti);
  take_text (self, &self->title, PROP_TITLE,
             has_token ? format_name (visitor->name) : g_strdup (_ ("Without a token")));
  take_text (self, &self->detail, PROP_DETAIL,
             /* Translators: "WebSocket from 192.168.1.20" */
             g_strdup_printf (_ ("%s from %s"), get_kind (visitor->kind), place));
  /* Translators: "Since 12:04:31 · 3 scans" */
  take_text (self, &self->times, PROP_TIMES, g_strdup_printf (_ ("Since %s · %s"), since, scans));
  set_flag (self, &self->is_connected, PROP_IS_CONNECTED, TRUE);
}

static char *
format_life (const BipeGrant *grant, gint64 now)
{
  g_autofree char *given = bipe_format_day (grant->issued_at);
  g_autofree char *used = grant->used_at != 0
                              ? bipe_format_moment (grant->used_at)
                              : /* Translators: “last used never” */ g_strdup (_ ("never"));
  g_autofree char *end = NULL;

  if (grant->revoked_at != 0)
    {
      end = bipe_format_moment (grant->revoked_at);
      /* Translators: of a device’s token; each %s is a day, or a day and a time */
      return g_strdup_printf (_ ("Revoked %s · given %s · last used %s"), end, given, used);
    }
  end = bipe_format_day (grant->expires_at);
  if (grant->expires_at <= now)
    /* Translators: of a device’s token; the last %s may be “never” */
    return g_strdup_printf (_ ("Expired %s · given %s · last used %s"), end, given, used);
  /* Translators: of a device’s token; the second %s may be “never” */
  return g_strdup_printf (_ ("Given %s · last used %s · expires %s"), given, used, end);
}

void
bipe_client_item_set_grant (BipeClientItem *self, BipeGrant *grant, gboolean is_connected)
{
  gint64 now = g_get_real_time ();
  g_autofree char *scopes = bipe_format_scopes (grant->scopes);
  g_autofree char *scans = format_scans (grant->n_scans);

  g_free (self->jti);
  self->jti = g_strdup (grant->jti);
  take_text (self, &self->title, PROP_TITLE, format_name (grant->name));
  take_text (self, &self->detail, PROP_DETAIL, g_strdup_printf ("%s · %s", scopes, scans));
  take_text (self, &self->times, PROP_TIMES, format_life (grant, now));
  set_flag (self, &self->is_connected, PROP_IS_CONNECTED, is_connected);
  set_flag (self, &self->is_over, PROP_IS_OVER, !bipe_grant_is_live (grant, now));
  set_flag (self, &self->can_restore, PROP_CAN_RESTORE,
            grant->revoked_at != 0 && grant->expires_at > now);
}

guint64
bipe_client_item_get_id (BipeClientItem *self)
{
  return self->id;
}

const char *
bipe_client_item_get_jti (BipeClientItem *self)
{
  return self->jti;
}

#include "config.h"

#include "app/scope-list.h"

#include "access/scopes.h"

static const struct
{
  BipeScope scope;
  const char *check; /* in the template */
} choices[] = {
  { BIPE_SCOPE_SCAN, "scan" },     { BIPE_SCOPE_READ, "read" }, { BIPE_SCOPE_COLLECT, "collect" },
  { BIPE_SCOPE_SPEECH, "speech" }, { BIPE_SCOPE_VOID, "void" }, { BIPE_SCOPE_ADMIN, "admin" },
};

struct _BipeScopeList
{
  AdwPreferencesGroup parent_instance;

  GtkCheckButton *checks[G_N_ELEMENTS (choices)];
};

enum
{
  PROP_0,
  PROP_SCOPES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeScopeList, bipe_scope_list, ADW_TYPE_PREFERENCES_GROUP)

static void
toggled_cb (BipeScopeList *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SCOPES]);
}

static void
bipe_scope_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SCOPES:
      g_value_set_uint (value, bipe_scope_list_get_scopes (BIPE_SCOPE_LIST (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_scope_list_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SCOPES:
      bipe_scope_list_set_scopes (BIPE_SCOPE_LIST (object), g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_scope_list_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), BIPE_TYPE_SCOPE_LIST);
  G_OBJECT_CLASS (bipe_scope_list_parent_class)->dispose (object);
}

static void
bipe_scope_list_class_init (BipeScopeListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_scope_list_get_property;
  object_class->set_property = bipe_scope_list_set_property;
  object_class->dispose = bipe_scope_list_dispose;

  properties[PROP_SCOPES]
      = g_param_spec_uint ("scopes", NULL, NULL, 0, BIPE_SCOPES_ALL, 0,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/scope-list.ui");
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    gtk_widget_class_bind_template_child_full (
        widget_class, choices[i].check, FALSE,
        (gssize)(G_STRUCT_OFFSET (BipeScopeList, checks) + i * sizeof (GtkCheckButton *)));
  gtk_widget_class_bind_template_callback (widget_class, toggled_cb);
}

static void
bipe_scope_list_init (BipeScopeList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

guint
bipe_scope_list_get_scopes (BipeScopeList *self)
{
  guint scopes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (self->checks[i] != NULL && gtk_check_button_get_active (self->checks[i]))
      scopes |= choices[i].scope;
  return scopes;
}

void
bipe_scope_list_set_scopes (BipeScopeList *self, guint scopes)
{
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    gtk_check_button_set_active (self->checks[i], (scopes & choices[i].scope) != 0);
}

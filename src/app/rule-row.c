#include "config.h"

#include "app/rule-row.h"

#include <glib/gi18n.h>

#include "app/speak-rules.h"

struct _BipeRuleRow
{
  AdwExpanderRow parent_instance;

  AdwEntryRow *pattern_entry;
  AdwEntryRow *text_entry;
  gboolean is_first;
};

enum
{
  PROP_0,
  PROP_PATTERN,
  PROP_TEXT,
  PROP_IS_FIRST,
  N_PROPS
};

enum
{
  REMOVED,
  RAISED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BipeRuleRow, bipe_rule_row, ADW_TYPE_EXPANDER_ROW)

/* Not bound in the template: GTK 4.8 does not let go of a row's bindings to itself in their order.
 */
static void
pattern_cb (BipeRuleRow *self)
{
  const char *pattern = gtk_editable_get_text (GTK_EDITABLE (self->pattern_entry));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self),
                                 pattern[0] != '\0' ? pattern : _ ("New Rule"));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PATTERN]);
}

static void
text_cb (BipeRuleRow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->text_entry));

  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self),
                                 text[0] != '\0' ? text : _ ("Says nothing"));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

static void
remove_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[REMOVED], 0);
}

static void
raise_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[RAISED], 0);
}

static void
bipe_rule_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeRuleRow *self = BIPE_RULE_ROW (object);

  switch (id)
    {
    case PROP_PATTERN:
      g_value_set_string (value, gtk_editable_get_text (GTK_EDITABLE (self->pattern_entry)));
      break;
    case PROP_TEXT:
      g_value_set_string (value, gtk_editable_get_text (GTK_EDITABLE (self->text_entry)));
      break;
    case PROP_IS_FIRST:
      g_value_set_boolean (value, self->is_first);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_rule_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeRuleRow *self = BIPE_RULE_ROW (object);

  switch (id)
    {
    case PROP_IS_FIRST:
      self->is_first = g_value_get_boolean (value);
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "rule.raise", !self->is_first);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_rule_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), BIPE_TYPE_RULE_ROW);
  G_OBJECT_CLASS (bipe_rule_row_parent_class)->dispose (object);
}

static void
bipe_rule_row_class_init (BipeRuleRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_rule_row_get_property;
  object_class->set_property = bipe_rule_row_set_property;
  object_class->dispose = bipe_rule_row_dispose;

  properties[PROP_PATTERN]
      = g_param_spec_string ("pattern", NULL, NULL, "", G_PARAM_READABLE | flags);
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", G_PARAM_READABLE | flags);
  properties[PROP_IS_FIRST]
      = g_param_spec_boolean ("is-first", NULL, NULL, FALSE, G_PARAM_READWRITE | flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[REMOVED] = g_signal_new ("removed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[RAISED] = g_signal_new ("raised", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/rule-row.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeRuleRow, pattern_entry);
  gtk_widget_class_bind_template_child (widget_class, BipeRuleRow, text_entry);
  gtk_widget_class_bind_template_callback (widget_class, pattern_cb);
  gtk_widget_class_bind_template_callback (widget_class, text_cb);
  gtk_widget_class_install_action (widget_class, "rule.remove", NULL, remove_cb);
  gtk_widget_class_install_action (widget_class, "rule.raise", NULL, raise_cb);
}

static void
bound (AdwEntryRow *entry)
{
  gtk_text_set_max_length (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (entry))),
                           BIPE_SPEAK_RULE_LENGTH_MAX);
}

static void
bipe_rule_row_init (BipeRuleRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  bound (self->pattern_entry);
  bound (self->text_entry);
  pattern_cb (self);
  text_cb (self);
}

void
bipe_rule_row_set (BipeRuleRow *self, const char *pattern, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->pattern_entry), pattern);
  gtk_editable_set_text (GTK_EDITABLE (self->text_entry), text);
}

GtkWidget *
bipe_rule_row_new (const char *pattern, const char *text)
{
  BipeRuleRow *self = g_object_new (BIPE_TYPE_RULE_ROW, NULL);

  bipe_rule_row_set (self, pattern, text);
  return GTK_WIDGET (self);
}

void
bipe_rule_row_edit (BipeRuleRow *self)
{
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self), TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->pattern_entry));
}

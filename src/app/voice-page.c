/* voice-page.c: the settings are the truth, the page shows them. Only the rules are more here than
 * there: one that has no pattern yet is not saved. */
#include "config.h"

#include "app/voice-page.h"

#include <glib/gi18n.h>

#include "app/choice-row.h"
#include "app/rule-row.h"
#include "app/speak-rules.h"

typedef struct
{
  const char *value;
  const char *name;
} Choice;

/* In their own words, as everywhere where a language is chosen; of espeak-ng's those that are
 * spoken by many. Another one can be set by its code (GSettings), and is shown then, too. */
static const Choice languages[] = {
  { "id", "Bahasa Indonesia" },
  { "cs", "Čeština" },
  { "da", "Dansk" },
  { "de", "Deutsch" },
  { "en-GB", "English (UK)" },
  { "en-US", "English (US)" },
  { "es", "Español" },
  { "es-419", "Español (Latinoamérica)" },
  { "fr", "Français" },
  { "it", "Italiano" },
  { "hu", "Magyar" },
  { "nl", "Nederlands" },
  { "nb", "Norsk" },
  { "pl", "Polski" },
  { "pt-BR", "Português (Brasil)" },
  { "pt-PT", "Português (Portugal)" },
  { "ro", "Română" },
  { "fi", "Suomi" },
  { "sv", "Svenska" },
  { "vi", "Tiếng Việt" },
  { "tr", "Türkçe" },
  { "el", "Ελληνικά" },
  { "ru", "Русский" },
  { "uk", "Українська" },
  { "ar", "العربية" },
  { "hi", "हिन्दी" },
  { "ko", "한국어" },
  { "zh-CN", "中文" },
  { "ja", "日本語" },
};

static const Choice voices[] = {
  { "f1", N_ ("Female 1") }, { "f2", N_ ("Female 2") }, { "f3", N_ ("Female 3") },
  { "f4", N_ ("Female 4") }, { "f5", N_ ("Female 5") }, { "m1", N_ ("Male 1") },
  { "m2", N_ ("Male 2") },   { "m3", N_ ("Male 3") },   { "m4", N_ ("Male 4") },
  { "m5", N_ ("Male 5") },   { "m6", N_ ("Male 6") },   { "m7", N_ ("Male 7") },
};

struct _BipeVoicePage
{
  AdwPreferencesPage parent_instance;

  GSettings *saved; /* NULL: nothing is saved */
  BipeAnnouncer *announcer;
  GPtrArray *languages; /* the value of each choice of the row */
  GPtrArray *voices;
  GPtrArray *rows; /* of BipeRuleRow, in their order */
  struct
  {
    char *pattern; /* NULL: none was removed */
    char *text;
    guint place;
  } removed;
  gboolean is_filling;

  AdwPreferencesGroup *sound_group;
  AdwPreferencesGroup *voice_group;
  AdwPreferencesGroup *rule_group;
  AdwComboRow *language_row;
  AdwComboRow *voice_row;
  GtkSwitch *sounds;
  GtkSwitch *speak;
  GtkSwitch *speak_scans;
  GtkSwitch *speak_remote;
  GtkWidget *digits_spin;
  GtkWidget *duplicates_spin;
  GtkWidget *speed_spin;
  GtkWidget *volume_spin;
  GtkAdjustment *digits;
  GtkAdjustment *duplicates;
  GtkAdjustment *speed;
  GtkAdjustment *volume;
};

enum
{
  PROP_0,
  PROP_ANNOUNCER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeVoicePage, bipe_voice_page, ADW_TYPE_PREFERENCES_PAGE)

/* What is to be known of the example: why it was not heard, or would not be. */
static char *
describe_example (GObject *object, const char *problem, gboolean is_silent, gboolean is_audible)
{
  if (!is_audible)
    return g_strdup (_ ("Sounds and voice are off"));
  if (is_silent)
    return g_strdup (_ ("Silence is on"));
  return g_strdup (problem != NULL ? problem : _ ("As a scan would be told now"));
}

static gboolean
shows_problem (GObject *object, const char *problem, gboolean is_silent, gboolean is_audible)
{
  return problem != NULL && !is_silent && is_audible;
}

static char **
choose_example_classes (GObject *object,
                        const char *problem,
                        gboolean is_silent,
                        gboolean is_audible)
{
  gboolean is_shown = shows_problem (object, problem, is_silent, is_audible);

  return g_strsplit (is_shown ? "problem" : "", " ", -1);
}

/* --- Choices ------------------------------------------------------------------------------- */

static const char *
get_choice (GPtrArray *values, AdwComboRow *row)
{
  guint selected = adw_combo_row_get_selected (row);

  return selected < values->len ? values->pdata[selected] : "";
}

static void
select_choice (GPtrArray *values, AdwComboRow *row, const char *value)
{
  guint selected;

  for (selected = 0; selected < values->len; selected++)
    if (g_ascii_strcasecmp (values->pdata[selected], value) == 0)
      break;
  if (selected == values->len) /* one of those that are not listed */
    {
      g_ptr_array_add (values, g_strdup (value));
      gtk_string_list_append (GTK_STRING_LIST (adw_combo_row_get_model (row)), value);
    }
  adw_combo_row_set_selected (row, selected);
}

/* @first: the name of the empty value */
static GPtrArray *
fill_choices (AdwComboRow *row, const char *first, const Choice *choices, guint n_choices)
{
  GPtrArray *values = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GtkStringList) names = gtk_string_list_new (NULL);

  g_ptr_array_add (values, g_strdup (""));
  gtk_string_list_append (names, first);
  for (guint i = 0; i < n_choices; i++)
    {
      g_ptr_array_add (values, g_strdup (choices[i].value));
      gtk_string_list_append (names, _ (choices[i].name));
    }
  adw_combo_row_set_model (row, G_LIST_MODEL (names));
  return values;
}

/* No binding: AdwComboRow makes itself sensitive with new choices. */
static void
speak_cb (BipeVoicePage *self)
{
  gboolean is_spoken = gtk_switch_get_active (self->speak);

  gtk_widget_set_sensitive (GTK_WIDGET (self->language_row), is_spoken);
  gtk_widget_set_sensitive (GTK_WIDGET (self->voice_row), is_spoken);
}

static void
show_choices (BipeVoicePage *self)
{
  g_autofree char *language = g_settings_get_string (self->saved, "speak-language");
  g_autofree char *voice = g_settings_get_string (self->saved, "speak-voice");

  self->is_filling = TRUE;
  select_choice (self->languages, self->language_row, language);
  select_choice (self->voices, self->voice_row, voice);
  self->is_filling = FALSE;
  speak_cb (self);
}

static void
choice_cb (BipeVoicePage *self)
{
  if (self->is_filling || self->saved == NULL)
    return;
  g_settings_set_string (self->saved, "speak-language",
                         get_choice (self->languages, self->language_row));
  g_settings_set_string (self->saved, "speak-voice", get_choice (self->voices, self->voice_row));
}

/* --- Rules --------------------------------------------------------------------------------- */

/* Those that have a pattern. */
static GVariant *
gather_rules (BipeVoicePage *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (BIPE_SPEAK_RULES_TYPE));
  for (guint i = 0; i < self->rows->len; i++)
    {
      g_autofree char *pattern = NULL;
      g_autofree char *text = NULL;

      g_object_get (self->rows->pdata[i], "pattern", &pattern, "text", &text, NULL);
      if (pattern[0] != '\0')
        g_variant_builder_add (&builder, "(ss)", pattern, text);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
save_rules (BipeVoicePage *self)
{
  g_autoptr(GVariant) rules = gather_rules (self);

  if (!self->is_filling)
    g_settings_set_value (self->saved, "speak-rules", rules);
}

static void
update_rules (BipeVoicePage *self)
{
  gboolean has_room = self->saved != NULL && self->rows->len < BIPE_SPEAK_RULES_MAX;

  for (guint i = 0; i < self->rows->len; i++)
    g_object_set (self->rows->pdata[i], "is-first", i == 0, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "rules.undo",
                                 self->removed.pattern != NULL && has_room);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "rules.add", has_room);
}

static void
forget_removed (BipeVoicePage *self)
{
  g_clear_pointer (&self->removed.pattern, g_free);
  g_clear_pointer (&self->removed.text, g_free);
}

static void
keep_for_undo (BipeVoicePage *self, BipeRuleRow *row)
{
  forget_removed (self);
  g_object_get (row, "pattern", &self->removed.pattern, "text", &self->removed.text, NULL);
  g_ptr_array_find (self->rows, row, &self->removed.place);
}

static void
removed_cb (BipeRuleRow *row, BipeVoicePage *self)
{
  g_autofree char *pattern = NULL;

  g_object_get (row, "pattern", &pattern, NULL);
  if (pattern[0] != '\0')
    keep_for_undo (self, row);
  g_ptr_array_remove (self->rows, row);
  adw_preferences_group_remove (self->rule_group, GTK_WIDGET (row));
  save_rules (self);
  update_rules (self);
}

/* What is in the two rows changes places. */
static void
raised_cb (BipeRuleRow *row, BipeVoicePage *self)
{
  g_autofree char *pattern = NULL;
  g_autofree char *text = NULL;
  g_autofree char *pattern_above = NULL;
  g_autofree char *text_above = NULL;
  guint place;

  if (!g_ptr_array_find (self->rows, row, &place) || place == 0)
    return;
  g_object_get (row, "pattern", &pattern, "text", &text, NULL);
  g_object_get (self->rows->pdata[place - 1], "pattern", &pattern_above, "text", &text_above, NULL);
  self->is_filling = TRUE;
  bipe_rule_row_set (row, pattern_above, text_above);
  bipe_rule_row_set (self->rows->pdata[place - 1], pattern, text);
  self->is_filling = FALSE;
  save_rules (self);
}

/* A group takes a row only as its last one. */
static void
move_last (BipeVoicePage *self, GtkWidget *row)
{
  g_object_ref (row);
  adw_preferences_group_remove (self->rule_group, row);
  adw_preferences_group_add (self->rule_group, row);
  g_object_unref (row);
}

static GtkWidget *
insert_row (BipeVoicePage *self, guint place, const char *pattern, const char *text)
{
  GtkWidget *row = bipe_rule_row_new (pattern, text);

  g_ptr_array_insert (self->rows, (int)place, row);
  adw_preferences_group_add (self->rule_group, row);
  for (guint i = place + 1; i < self->rows->len; i++)
    move_last (self, self->rows->pdata[i]);
  g_signal_connect_object (row, "notify::pattern", G_CALLBACK (save_rules), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "notify::text", G_CALLBACK (save_rules), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "removed", G_CALLBACK (removed_cb), self, 0);
  g_signal_connect_object (row, "raised", G_CALLBACK (raised_cb), self, 0);
  return row;
}

static void
show_rules (BipeVoicePage *self, GVariant *rules)
{
  const char *pattern, *text;
  GVariantIter iter;

  self->is_filling = TRUE;
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->rule_group, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  g_variant_iter_init (&iter, rules);
  while (self->rows->len < BIPE_SPEAK_RULES_MAX
         && g_variant_iter_next (&iter, "(&s&s)", &pattern, &text))
    insert_row (self, self->rows->len, pattern, text);
  self->is_filling = FALSE;
  update_rules (self);
}

/* What was changed elsewhere; of what is changed here, the rows know. */
static void
rules_cb (BipeVoicePage *self)
{
  g_autoptr(GVariant) saved = g_settings_get_value (self->saved, "speak-rules");
  g_autoptr(GVariant) shown = gather_rules (self);

  if (!g_variant_equal (saved, shown))
    show_rules (self, saved);
}

static void
add_rule_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeVoicePage *self = BIPE_VOICE_PAGE (widget);
  GtkWidget *row = insert_row (self, self->rows->len, "", "");

  update_rules (self);
  bipe_rule_row_edit (BIPE_RULE_ROW (row));
}

static void
undo_rule_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeVoicePage *self = BIPE_VOICE_PAGE (widget);
  guint place = MIN (self->removed.place, self->rows->len);

  insert_row (self, place, self->removed.pattern, self->removed.text);
  forget_removed (self);
  save_rules (self);
  update_rules (self);
}

/* --- The page ------------------------------------------------------------------------------ */

static void
try_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  bipe_announcer_try (BIPE_VOICE_PAGE (widget)->announcer);
}

static void
audible_cb (BipeVoicePage *self)
{
  gboolean is_audible, is_silent;

  g_object_get (self->announcer, "audible", &is_audible, "silent", &is_silent, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "voice.try", is_audible && !is_silent);
}

static void
bipe_voice_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeVoicePage *self = BIPE_VOICE_PAGE (object);

  switch (id)
    {
    case PROP_ANNOUNCER:
      g_value_set_object (value, self->announcer);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_voice_page_dispose (GObject *object)
{
  BipeVoicePage *self = BIPE_VOICE_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), BIPE_TYPE_VOICE_PAGE);
  forget_removed (self);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->voices, g_ptr_array_unref);
  g_clear_pointer (&self->languages, g_ptr_array_unref);
  g_clear_object (&self->announcer);
  g_clear_object (&self->saved);
  G_OBJECT_CLASS (bipe_voice_page_parent_class)->dispose (object);
}

static void
bipe_voice_page_class_init (BipeVoicePageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = bipe_voice_page_get_property;
  object_class->dispose = bipe_voice_page_dispose;

  properties[PROP_ANNOUNCER] = g_param_spec_object ("announcer", NULL, NULL, BIPE_TYPE_ANNOUNCER,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (BIPE_TYPE_CHOICE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/bipe/Bipe/voice-page.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, sound_group);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, voice_group);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, rule_group);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, language_row);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, voice_row);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, sounds);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, speak);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, speak_scans);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, speak_remote);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, digits_spin);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, duplicates_spin);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, speed_spin);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, volume_spin);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, digits);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, duplicates);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, speed);
  gtk_widget_class_bind_template_child (widget_class, BipeVoicePage, volume);
  gtk_widget_class_bind_template_callback (widget_class, choice_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_example_classes);
  gtk_widget_class_bind_template_callback (widget_class, describe_example);
  gtk_widget_class_bind_template_callback (widget_class, shows_problem);
  gtk_widget_class_bind_template_callback (widget_class, speak_cb);
  gtk_widget_class_install_action (widget_class, "voice.try", NULL, try_cb);
  gtk_widget_class_install_action (widget_class, "rules.add", NULL, add_rule_cb);
  gtk_widget_class_install_action (widget_class, "rules.undo", NULL, undo_rule_cb);
}

/* Who scrolls the page does not want to change what the pointer comes over. */
static void
ignore_wheel (GtkWidget *spin)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (spin);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
    }
}

static void
bipe_voice_page_init (BipeVoicePage *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  ignore_wheel (self->digits_spin);
  ignore_wheel (self->duplicates_spin);
  ignore_wheel (self->speed_spin);
  ignore_wheel (self->volume_spin);
  self->is_filling = TRUE;
  self->languages
      = fill_choices (self->language_row, _ ("As the Window"), languages, G_N_ELEMENTS (languages));
  self->voices = fill_choices (self->voice_row, _ ("Plain"), voices, G_N_ELEMENTS (voices));
  self->is_filling = FALSE;
  speak_cb (self);
}

static void
bind_settings (BipeVoicePage *self)
{
  const struct
  {
    const char *key;
    gpointer object;
    const char *property;
  } bindings[] = {
    { "sounds", self->sounds, "active" },
    { "speak", self->speak, "active" },
    { "speak-scans", self->speak_scans, "active" },
    { "speak-remote", self->speak_remote, "active" },
    { "speak-digits", self->digits, "value" },
    { "speak-duplicates", self->duplicates, "value" },
    { "speak-speed", self->speed, "value" },
    { "speak-volume", self->volume, "value" },
  };
  static const char *const choices[] = { "changed::speak-language", "changed::speak-voice" };

  for (guint i = 0; i < G_N_ELEMENTS (bindings); i++)
    g_settings_bind (self->saved, bindings[i].key, bindings[i].object, bindings[i].property,
                     G_SETTINGS_BIND_DEFAULT);
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    g_signal_connect_object (self->saved, choices[i], G_CALLBACK (show_choices), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (self->saved, "changed::speak-rules", G_CALLBACK (rules_cb), self,
                           G_CONNECT_SWAPPED);
  show_choices (self);
  rules_cb (self);
}

GtkWidget *
bipe_voice_page_new (GSettings *saved, BipeAnnouncer *announcer)
{
  BipeVoicePage *self = g_object_new (BIPE_TYPE_VOICE_PAGE, NULL);

  self->announcer = g_object_ref (announcer);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ANNOUNCER]);
  g_set_object (&self->saved, saved);
  if (saved != NULL)
    bind_settings (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->sound_group), saved != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->voice_group), saved != NULL);
  g_signal_connect_object (announcer, "notify::audible", G_CALLBACK (audible_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (announcer, "notify::silent", G_CALLBACK (audible_cb), self,
                           G_CONNECT_SWAPPED);
  audible_cb (self);
  update_rules (self);
  return GTK_WIDGET (self);
}

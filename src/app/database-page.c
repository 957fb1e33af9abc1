/* database-page.c: the controls hold a wish, which counts once it is applied. A database is tried
 * before it is taken; one that can't be had now can be taken all the same, since no scan is lost by
 * that. The password is in its field alone, and leaves that as soon as it was taken. */
#include "config.h"

#include "app/database-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/choice-row.h"
#include "app/database-form.h"
#include "app/format.h"

#define SETTING "database-url"

/* How the database is named. */
typedef enum
{
  PLACE_HERE,
  PLACE_SERVER, /* by fields */
  PLACE_URL,
  N_PLACES
} Place;

static const char *const place_names[] = { "place_here", "place_server", "place_url" };

struct _BipeDatabasePage
{
  BipeSetupPage parent_instance;

  BipeStationSetup *setup; /* borrowed */
  gboolean is_loading;     /* the controls are being set */
  gboolean applies_after;  /* what is being tried is to be taken */
  gboolean is_taking;      /* it is being taken */
  gboolean was_wanted;     /* and could not be had */
  gboolean has_changed;    /* the controls say another thing than what there is */
  Place place;
  char *loaded; /* the URL that was put into the controls last */

  GtkCheckButton *places[N_PLACES];
  GtkEditable *host;
  GtkSpinButton *port;
  GtkEditable *database;
  GtkEditable *user;
  GtkEditable *url;
  GtkEditable *password;
  AdwComboRow *tls;
};

enum
{
  PROP_0,
  PROP_PLACE,
  PROP_HAS_CHANGED,
  PROP_WAS_WANTED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeDatabasePage, bipe_database_page, BIPE_TYPE_SETUP_PAGE)

static gboolean
is_on_server (GObject *object, int place)
{
  return place != PLACE_HERE;
}

static gboolean
is_by_fields (GObject *object, int place)
{
  return place == PLACE_SERVER;
}

static gboolean
is_by_url (GObject *object, int place)
{
  return place == PLACE_URL;
}

static char *
describe_tls (GObject *object, guint selected)
{
  switch (selected)
    {
    case BIPE_DATABASE_TLS_ALWAYS:
      return g_strdup (_ ("Nobody in between can listen; whose certificate it is isn’t checked"));
    case BIPE_DATABASE_TLS_TRUSTED:
      return g_strdup (_ ("The certificate must be for this host, and signed by an authority in "
                          "~/.postgresql/root.crt"));
    case BIPE_DATABASE_TLS_NEVER:
      return g_strdup (_ ("Anybody on the network can read what is stored"));
    case BIPE_DATABASE_TLS_OFFERED:
    default:
      return g_strdup (_ ("Where the server doesn’t, nothing is encrypted"));
    }
}

/* @finding: and @fault (nullable): of the last test */
static char *
describe_test (GObject *object, gboolean is_probing, const char *finding, const char *fault)
{
  if (is_probing)
    return g_strdup (_ ("Trying…"));
  if (finding != NULL || fault != NULL)
    return g_markup_escape_text (finding != NULL ? finding : fault, -1);
  return g_strdup (_ ("Changes nothing, here or there"));
}

static char **
choose_test_classes (GObject *object, const char *finding, const char *fault)
{
  return g_strsplit (finding != NULL ? "found" : fault != NULL ? "not-found" : "", " ", -1);
}

static char *
choose_test_icon (GObject *object, const char *finding, const char *fault)
{
  return g_strdup (finding != NULL ? "emblem-ok-symbolic"
                   : fault != NULL ? "dialog-warning-symbolic"
                                   : "network-server-symbolic");
}

static char *
describe_consequences (GObject *object, const BipeStatus *status)
{
  g_autofree char *number = status != NULL ? bipe_format_number (status->n_queued) : NULL;
  g_autofree char *waiting = NULL;

  if (status == NULL || status->n_queued == 0)
    return g_strdup (_ ("New scans go to the new database. Those that are stored stay where they "
                        "are: History then shows what is in the new one."));
  waiting = g_strdup_printf (
      ngettext ("New scans, and the %s that waits, go to the new database. Those that are stored "
                "stay where they are: History then shows what is in the new one.",
                "New scans, and the %s that wait, go to the new database. Those that are stored "
                "stay where they are: History then shows what is in the new one.",
                (gulong)status->n_queued),
      number);
  return g_steal_pointer (&waiting);
}

static char *
escape_store (GObject *object, const BipeStatus *status)
{
  g_autofree char *text = NULL;

  if (status == NULL)
    return NULL;
  text = g_str_equal (status->store, "this computer") ? g_strdup (_ ("This Computer"))
                                                      : g_strdup (status->store);
  return g_markup_escape_text (text, -1);
}

static char *
describe_store (GObject *object, const BipeStatus *status)
{
  g_autofree char *since = NULL;
  g_autofree char *cause = NULL;
  g_autofree char *text = NULL;

  if (status == NULL)
    return NULL;
  since = bipe_format_moment (status->store_since);
  switch (status->store_state)
    {
    case BIPE_STORE_ONLINE:
      return g_strdup (_ ("Scans are stored there"));
    case BIPE_STORE_OFFLINE:
      if (status->store_problem == NULL)
        return g_strdup_printf (_ ("Offline since %s"), since);
      /* Translators: a time, and why */
      cause = bipe_format_store_problem (status->store_problem);
      text = g_strdup_printf (_ ("Offline since %s: %s"), since, cause);
      return g_markup_escape_text (text, -1);
    case BIPE_STORE_CONNECTING:
    default:
      return g_strdup (_ ("Connecting…"));
    }
}

/* --- The wish ------------------------------------------------------------------------------ */

static char *
print_fields (BipeDatabasePage *self)
{
  g_autofree char *host = g_strstrip (g_strdup (gtk_editable_get_text (self->host)));
  g_autofree char *database = g_strstrip (g_strdup (gtk_editable_get_text (self->database)));
  g_autofree char *user = g_strstrip (g_strdup (gtk_editable_get_text (self->user)));
  BipeDatabaseForm form = {
    .host = host,
    .port = (guint16)gtk_spin_button_get_value_as_int (self->port),
    .database = database,
    .user = user,
    .tls = (BipeDatabaseTls)adw_combo_row_get_selected (self->tls),
  };

  return bipe_database_form_print (&form);
}

/* What the controls say; a password in the URL counts where its own field is empty. */
static void
read_wish (BipeDatabasePage *self, BipeStationWish *wish)
{
  const BipeStationWish *now = bipe_station_setup_get_wish (self->setup);
  const char *typed = gtk_editable_get_text (self->password);
  g_autofree char *url = g_strstrip (g_strdup (gtk_editable_get_text (self->url)));

  *wish = (BipeStationWish){ .name = g_strdup (now->name), .is_review = now->is_review };
  switch (self->place)
    {
    case PLACE_SERVER:
      wish->database_url = print_fields (self);
      break;
    case PLACE_URL:
      wish->database_url = bipe_database_form_take_password (url, &wish->database_password);
      break;
    case PLACE_HERE:
    case N_PLACES:
    default:
      wish->database_url = g_strdup ("");
    }
  if (self->place == PLACE_HERE || typed[0] == '\0')
    return;
  if (wish->database_password != NULL)
    explicit_bzero (wish->database_password, strlen (wish->database_password));
  g_free (wish->database_password);
  wish->database_password = g_strdup (typed);
}

/* One spelling for what is one and the same. */
static char *
settle_url (const char *url)
{
  g_autofree char *password = NULL;
  g_autofree char *rest = bipe_database_form_take_password (url, &password);
  g_autoptr(BipeDatabaseForm) form = bipe_database_form_parse (rest);

  return form != NULL ? bipe_database_form_print (form) : g_steal_pointer (&rest);
}

static gboolean
is_valid (BipeDatabasePage *self)
{
  g_autofree char *url = g_strstrip (g_strdup (gtk_editable_get_text (self->url)));

  return self->place != PLACE_URL || url[0] != '\0';
}

static void
set_flag (BipeDatabasePage *self, gboolean *flag, guint property, gboolean value)
{
  if (*flag == value)
    return;
  *flag = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
update (BipeDatabasePage *self)
{
  g_auto(BipeStationWish) wish = { 0 };
  g_autofree char *wanted = NULL;
  g_autofree char *present = NULL;
  gboolean is_applying;
  gboolean is_probing;
  gboolean is_free;

  if (self->is_loading || self->setup == NULL)
    return;
  read_wish (self, &wish);
  wanted = settle_url (wish.database_url);
  present = settle_url (bipe_station_setup_get_wish (self->setup)->database_url);
  set_flag (self, &self->has_changed, PROP_HAS_CHANGED,
            !g_str_equal (wanted, present) || wish.database_password != NULL);

  g_object_get (self->setup, "is-applying", &is_applying, "is-probing", &is_probing, NULL);
  is_free = bipe_station_setup_get_fixed_by (self->setup, SETTING) == NULL && is_valid (self)
            && !is_applying && !is_probing;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "database.apply", is_free && self->has_changed);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "database.apply-anyway",
                                 is_free && self->has_changed);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "database.test",
                                 is_valid (self) && !is_applying && !is_probing);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "database.cancel", is_probing);
}

/* What was found counts for what was asked alone. */
static void
changed_cb (BipeDatabasePage *self)
{
  if (self->is_loading || self->setup == NULL)
    return;
  self->applies_after = FALSE;
  set_flag (self, &self->was_wanted, PROP_WAS_WANTED, FALSE);
  bipe_station_setup_end_probe (self->setup);
  update (self);
}

static void
set_place (BipeDatabasePage *self, Place place)
{
  if (self->place == place)
    return;
  self->place = place;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PLACE]);
}

static void
load_fields (BipeDatabasePage *self, const BipeDatabaseForm *form)
{
  gtk_editable_set_text (self->host, form->host);
  gtk_spin_button_set_value (self->port, form->port);
  gtk_editable_set_text (self->database, form->database);
  gtk_editable_set_text (self->user, form->user);
  adw_combo_row_set_selected (self->tls, form->tls);
}

/* Who goes from the one form to the other takes what he has with him, as far as it goes. */
static void
place_cb (BipeDatabasePage *self, GtkCheckButton *button)
{
  Place before = self->place;
  Place place = PLACE_HERE;

  if (self->is_loading || !gtk_check_button_get_active (button))
    return;
  while (place < PLACE_URL && self->places[place] != button)
    place++;
  self->is_loading = TRUE;
  if (before == PLACE_SERVER && place == PLACE_URL)
    {
      g_autofree char *url = print_fields (self);

      gtk_editable_set_text (self->url, url);
    }
  if (before == PLACE_URL && place == PLACE_SERVER)
    {
      g_autofree char *password = NULL;
      g_autofree char *url
          = bipe_database_form_take_password (gtk_editable_get_text (self->url), &password);
      g_autoptr(BipeDatabaseForm) form = bipe_database_form_parse (url);

      if (form != NULL)
        load_fields (self, form);
      if (form != NULL && password != NULL)
        gtk_editable_set_text (self->password, password);
    }
  set_place (self, place);
  self->is_loading = FALSE;
  changed_cb (self);
}

/* The controls as what there is. */
static void
load (BipeDatabasePage *self)
{
  const BipeStationWish *now = bipe_station_setup_get_wish (self->setup);
  g_autofree char *password = NULL;
  g_autofree char *url = bipe_database_form_take_password (now->database_url, &password);
  g_autoptr(BipeDatabaseForm) form = bipe_database_form_parse (url);
  Place place = url[0] == '\0' ? PLACE_HERE : form != NULL ? PLACE_SERVER : PLACE_URL;
  gboolean is_free = bipe_station_setup_get_fixed_by (self->setup, SETTING) == NULL;

  self->is_loading = TRUE;
  if (form != NULL)
    load_fields (self, form);
  gtk_editable_set_text (self->url, place == PLACE_URL ? url : "");
  /* One that was saved in the URL: applied, it goes where passwords are kept. */
  gtk_editable_set_text (self->password, password != NULL && is_free ? password : "");
  gtk_check_button_set_active (self->places[place], TRUE);
  set_place (self, place);
  g_free (self->loaded);
  self->loaded = g_strdup (now->database_url);
  self->is_loading = FALSE;
  update (self);
}

/* --- Verbs --------------------------------------------------------------------------------- */

static void
take (BipeDatabasePage *self)
{
  g_auto(BipeStationWish) wish = { 0 };

  read_wish (self, &wish);
  self->is_taking = TRUE;
  bipe_station_setup_apply (self->setup, &wish);
}

static void
probe (BipeDatabasePage *self)
{
  g_auto(BipeStationWish) wish = { 0 };

  read_wish (self, &wish);
  bipe_station_setup_probe (self->setup, &wish);
}

static void
test_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeDatabasePage *self = BIPE_DATABASE_PAGE (widget);

  self->applies_after = FALSE;
  probe (self);
}

static void
cancel_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeDatabasePage *self = BIPE_DATABASE_PAGE (widget);

  self->applies_after = FALSE;
  bipe_station_setup_end_probe (self->setup);
}

static void
apply_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeDatabasePage *self = BIPE_DATABASE_PAGE (widget);

  if (self->place == PLACE_HERE)
    take (self);
  else
    {
      self->applies_after = TRUE;
      probe (self);
    }
}

static void
apply_anyway_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  take (BIPE_DATABASE_PAGE (widget));
}

/* Takes what was to be taken once it is tried, and once no other change is under way. */
static void
proceed (BipeDatabasePage *self)
{
  g_autofree char *finding = NULL;
  g_autofree char *fault = NULL;
  gboolean is_probing;
  gboolean is_applying;

  g_object_get (self->setup, "is-probing", &is_probing, "is-applying", &is_applying, "finding",
                &finding, "fault", &fault, NULL);
  update (self);
  if (is_probing || is_applying || !self->applies_after)
    return;
  self->applies_after = FALSE;
  if (finding != NULL)
    take (self);
  else if (fault != NULL)
    set_flag (self, &self->was_wanted, PROP_WAS_WANTED, TRUE);
}

/* What is typed here stays where something else has changed. */
static void
setup_changed_cb (BipeDatabasePage *self)
{
  const char *url = bipe_station_setup_get_wish (self->setup)->database_url;
  gboolean was_taking = self->is_taking;
  g_autofree char *problem = NULL;

  self->is_taking = FALSE;
  g_object_get (self->setup, "problem", &problem, NULL);
  if (g_str_equal (url, self->loaded) && (problem != NULL || !was_taking))
    {
      proceed (self);
      return;
    }
  self->applies_after = FALSE;
  set_flag (self, &self->was_wanted, PROP_WAS_WANTED, FALSE);
  bipe_station_setup_end_probe (self->setup);
  load (self);
}

/* --- Class --------------------------------------------------------------------------------- */

static void
bipe_database_page_attach (BipeSetupPage *page, BipeStationSetup *setup)
{
  BipeDatabasePage *self = BIPE_DATABASE_PAGE (page);

  self->setup = setup;
  g_signal_connect_object (setup, "changed", G_CALLBACK (setup_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (setup, "notify::is-probing", G_CALLBACK (proceed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (setup, "notify::is-applying", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  load (self);
}

static void
bipe_database_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeDatabasePage *self = BIPE_DATABASE_PAGE (object);

  switch (id)
    {
    case PROP_PLACE:
      g_value_set_int (value, (int)self->place);
      break;
    case PROP_HAS_CHANGED:
      g_value_set_boolean (value, self->has_changed);
      break;
    case PROP_WAS_WANTED:
      g_value_set_boolean (value, self->was_wanted);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_database_page_dispose (GObject *object)
{
  BipeDatabasePage *self = BIPE_DATABASE_PAGE (object);

  self->is_loading = TRUE;
  self->applies_after = FALSE;
  if (self->setup != NULL)
    bipe_station_setup_end_probe (self->setup);
  gtk_widget_dispose_template (GTK_WIDGET (self), BIPE_TYPE_DATABASE_PAGE);
  self->setup = NULL;
  G_OBJECT_CLASS (bipe_database_page_parent_class)->dispose (object);
}

static void
bipe_database_page_finalize (GObject *object)
{
  g_free (BIPE_DATABASE_PAGE (object)->loaded);
  G_OBJECT_CLASS (bipe_database_page_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  static const struct
  {
    const char *name;
    GCallback callback;
  } callbacks[] = {
    { "changed_cb", G_CALLBACK (changed_cb) },
    { "choose_test_classes", G_CALLBACK (choose_test_classes) },
    { "choose_test_icon", G_CALLBACK (choose_test_icon) },
    { "describe_consequences", G_CALLBACK (describe_consequences) },
    { "describe_store", G_CALLBACK (describe_store) },
    { "describe_test", G_CALLBACK (describe_test) },
    { "describe_tls", G_CALLBACK (describe_tls) },
    { "escape_store", G_CALLBACK (escape_store) },
    { "is_by_fields", G_CALLBACK (is_by_fields) },
    { "is_by_url", G_CALLBACK (is_by_url) },
    { "is_on_server", G_CALLBACK (is_on_server) },
    { "place_cb", G_CALLBACK (place_cb) },
  };

  g_type_ensure (BIPE_TYPE_CHOICE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/database-page.ui");
  for (guint i = 0; i < N_PLACES; i++)
    gtk_widget_class_bind_template_child_full (
        widget_class, place_names[i], FALSE,
        (gssize)(G_STRUCT_OFFSET (BipeDatabasePage, places) + i * sizeof (GtkCheckButton *)));
  gtk_widget_class_bind_template_child (widget_class, BipeDatabasePage, host);
  gtk_widget_class_bind_template_child (widget_class, BipeDatabasePage, port);
  gtk_widget_class_bind_template_child (widget_class, BipeDatabasePage, database);
  gtk_widget_class_bind_template_child (widget_class, BipeDatabasePage, user);
  gtk_widget_class_bind_template_child (widget_class, BipeDatabasePage, url);
  gtk_widget_class_bind_template_child (widget_class, BipeDatabasePage, password);
  gtk_widget_class_bind_template_child (widget_class, BipeDatabasePage, tls);
  for (guint i = 0; i < G_N_ELEMENTS (callbacks); i++)
    gtk_widget_class_bind_template_callback_full (widget_class, callbacks[i].name,
                                                  callbacks[i].callback);
  bipe_format_bind (widget_class);
  bipe_setup_page_bind (widget_class);
}

static void
bipe_database_page_class_init (BipeDatabasePageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_database_page_get_property;
  object_class->dispose = bipe_database_page_dispose;
  object_class->finalize = bipe_database_page_finalize;
  BIPE_SETUP_PAGE_CLASS (class)->attach = bipe_database_page_attach;

  properties[PROP_PLACE]
      = g_param_spec_int ("place", NULL, NULL, 0, N_PLACES - 1, PLACE_HERE, readable);
  properties[PROP_HAS_CHANGED] = g_param_spec_boolean ("has-changed", NULL, NULL, FALSE, readable);
  properties[PROP_WAS_WANTED] = g_param_spec_boolean ("was-wanted", NULL, NULL, FALSE, readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "database.apply", NULL, apply_action_cb);
  gtk_widget_class_install_action (widget_class, "database.apply-anyway", NULL,
                                   apply_anyway_action_cb);
  gtk_widget_class_install_action (widget_class, "database.cancel", NULL, cancel_action_cb);
  gtk_widget_class_install_action (widget_class, "database.test", NULL, test_action_cb);
}

static void
bipe_database_page_init (BipeDatabasePage *self)
{
  self->is_loading = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->is_loading = FALSE;
}

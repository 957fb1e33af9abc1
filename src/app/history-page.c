/* history-page.c: the verbs on a scan are the window's actions (scan.…, with the uuid); those of
 * this page (history.…) are the same for the selected row. */
#include "config.h"

#include "app/history-page.h"

#include <string.h>

#include "app/format.h"
#include "app/scan-item.h"
#include "app/template.h"
#include "app/top-keeper.h"

struct _BipeHistoryPage
{
  GtkWidget parent_instance;

  BipeHistoryModel *history;
  gboolean is_narrow;

  GtkEditable *search;
  GtkDropDown *filter;
  GtkWidget *view;
  GtkSingleSelection *selection;
  GtkPopover *menu;
};

enum
{
  PROP_0,
  PROP_HISTORY,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeHistoryPage, bipe_history_page, GTK_TYPE_WIDGET)

/* A page further down did not come; without any rows the whole view says so instead. */
static gboolean
has_stuck_page (GObject *object, const char *problem, const char *status)
{
  return problem != NULL && g_strcmp0 (status, "rows") == 0;
}

static const BipeScan *
get_selected (BipeHistoryPage *self)
{
  BipeScanItem *item = gtk_single_selection_get_selected_item (self->selection);

  return item != NULL ? bipe_scan_item_get_scan (item) : NULL;
}

static void
update_actions (BipeHistoryPage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const BipeScan *scan = get_selected (self);

  gtk_widget_action_set_enabled (widget, "history.copy", scan != NULL && scan->code != NULL);
  gtk_widget_action_set_enabled (widget, "history.void",
                                 scan != NULL && scan->state == BIPE_SCAN_STORED);
  gtk_widget_action_set_enabled (widget, "history.restore",
                                 scan != NULL && scan->state == BIPE_SCAN_VOIDED);
}

static void
selected_cb (BipeHistoryPage *self)
{
  update_actions (self);
}

static void
search_changed_cb (BipeHistoryPage *self)
{
  if (self->history != NULL)
    g_object_set (self->history, "text", gtk_editable_get_text (self->search), NULL);
}

static void
stop_search_cb (BipeHistoryPage *self)
{
  gtk_editable_set_text (self->search, "");
  gtk_root_set_focus (gtk_widget_get_root (GTK_WIDGET (self)), NULL);
}

static void
filter_changed_cb (BipeHistoryPage *self)
{
  if (self->history != NULL)
    g_object_set (self->history, "filter", gtk_drop_down_get_selected (self->filter), NULL);
}

static void
pop_up_at (BipeHistoryPage *self, GtkWidget *widget, double x, double y)
{
  double menu_x, menu_y;

  gtk_widget_translate_coordinates (widget, GTK_WIDGET (self), x, y, &menu_x, &menu_y);
  update_actions (self);
  gtk_popover_set_pointing_to (self->menu, &(const GdkRectangle){ (int)menu_x, (int)menu_y, 1, 1 });
  gtk_popover_popup (self->menu);
}

/* GTK would look for the first widget of the window that takes the focus; but it is the selected
 * row that the next key is meant for. */
static void
menu_closed_cb (BipeHistoryPage *self)
{
  gtk_widget_child_focus (gtk_widget_get_last_child (self->view), GTK_DIR_TAB_FORWARD);
}

static void
cell_pressed_cb (GtkGesture *gesture, int n_press, double x, double y, gpointer user_data)
{
  GtkWidget *cell = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  GtkWidget *page = gtk_widget_get_ancestor (cell, BIPE_TYPE_HISTORY_PAGE);
  BipeHistoryPage *self = BIPE_HISTORY_PAGE (page);

  gtk_single_selection_set_selected (self->selection,
                                     gtk_list_item_get_position (GTK_LIST_ITEM (user_data)));
  pop_up_at (self, cell, x, y);
}

static void
copy_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  const BipeScan *scan = get_selected (BIPE_HISTORY_PAGE (widget));

  if (scan != NULL && scan->code != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), scan->code);
}

/* history.void → scan.void of the selected row. */
static void
verb_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeScanItem *item
      = gtk_single_selection_get_selected_item (BIPE_HISTORY_PAGE (widget)->selection);
  g_autofree char *verb = g_strdup_printf ("scan.%s", strchr (action, '.') + 1);
  g_autoptr(GVariant) target = NULL;

  if (item == NULL)
    return;
  g_object_get (item, "target", &target, NULL);
  gtk_widget_activate_action_variant (widget, verb, target);
}

static void
menu_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  BipeHistoryPage *self = BIPE_HISTORY_PAGE (widget);

  if (get_selected (self) != NULL)
    pop_up_at (self, self->view, gtk_widget_get_width (self->view) / 2.0, 0);
}

static void
retry_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  bipe_history_model_retry (BIPE_HISTORY_PAGE (widget)->history);
}

static void
bipe_history_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeHistoryPage *self = BIPE_HISTORY_PAGE (object);

  switch (id)
    {
    case PROP_HISTORY:
      g_value_set_object (value, self->history);
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->is_narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_history_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeHistoryPage *self = BIPE_HISTORY_PAGE (object);

  switch (id)
    {
    case PROP_HISTORY:
      if (g_set_object (&self->history, g_value_get_object (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
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
bipe_history_page_dispose (GObject *object)
{
  bipe_template_dispose (GTK_WIDGET (object), BIPE_TYPE_HISTORY_PAGE);
  g_clear_object (&BIPE_HISTORY_PAGE (object)->history);
  G_OBJECT_CLASS (bipe_history_page_parent_class)->dispose (object);
}

static void
bipe_history_page_class_init (BipeHistoryPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_history_page_get_property;
  object_class->set_property = bipe_history_page_set_property;
  object_class->dispose = bipe_history_page_dispose;

  properties[PROP_HISTORY]
      = g_param_spec_object ("history", NULL, NULL, BIPE_TYPE_HISTORY_MODEL, flags);
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, BipeHistoryPage, search);
  gtk_widget_class_bind_template_child (widget_class, BipeHistoryPage, filter);
  gtk_widget_class_bind_template_child (widget_class, BipeHistoryPage, view);
  gtk_widget_class_bind_template_child (widget_class, BipeHistoryPage, selection);
  gtk_widget_class_bind_template_child (widget_class, BipeHistoryPage, menu);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, has_stuck_page);
  gtk_widget_class_bind_template_callback (widget_class, menu_closed_cb);
  gtk_widget_class_bind_template_callback (widget_class, cell_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  bipe_format_bind (widget_class);

  gtk_widget_class_install_action (widget_class, "history.copy", NULL, copy_action_cb);
  gtk_widget_class_install_action (widget_class, "history.void", NULL, verb_action_cb);
  gtk_widget_class_install_action (widget_class, "history.restore", NULL, verb_action_cb);
  gtk_widget_class_install_action (widget_class, "history.menu", NULL, menu_action_cb);
  gtk_widget_class_install_action (widget_class, "history.retry", NULL, retry_action_cb);
}

static void
bipe_history_page_init (BipeHistoryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  bipe_top_keeper_attach (self->view);
  update_actions (self);
}

void
bipe_history_page_search (BipeHistoryPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

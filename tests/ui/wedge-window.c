/* wedge-window.c: a window with whatever a scan could disturb, around the real wedge controller,
 * for test-wedge.py. Prints what happens to it, one event a line, texts with C escapes:
 *
 *   ready, scanned TEXT, unread TEXT, clicked, shortcut, entered TEXT (Enter in a field)
 *
 * The argument names what has the focus. When its standard input is closed it waits until nothing
 * can be held any more, prints `left TEXT` for each field, and ends. */
#include "config.h"

#include <glib-unix.h>
#include <gtk/gtk.h>
#include <stdio.h>

#include "app/wedge-controller.h"

typedef struct
{
  GMainLoop *loop;
  GtkWidget *window;
  GtkWidget *active; /* the one that gets the keys */
  GtkWidget *fields[4];
  guint n_fields;
} Lab;

static void
say (const char *what, const char *text)
{
  g_autofree char *escaped = g_strescape (text, NULL);

  printf ("%s %s\n", what, escaped);
  fflush (stdout);
}

static void
scanned_cb (BipeWedgeController *wedge, const char *code, gpointer user_data)
{
  say ("scanned", code);
}

static void
unread_cb (BipeWedgeController *wedge, const char *text, const char *trace, gpointer user_data)
{
  say ("unread", text);
  g_printerr ("%s\n", trace);
}

static void
clicked_cb (GtkButton *button, gpointer user_data)
{
  say ("clicked", "");
}

static void
entered_cb (GtkEditable *field, gpointer user_data)
{
  say ("entered", gtk_editable_get_text (field));
  gtk_editable_set_text (field, "");
}

static gboolean
shortcut_cb (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  say ("shortcut", "");
  return TRUE;
}

static gboolean
quit_cb (gpointer user_data)
{
  Lab *lab = user_data;

  for (guint i = 0; i < lab->n_fields; i++)
    say ("left", gtk_editable_get_text (GTK_EDITABLE (lab->fields[i])));
  g_main_loop_quit (lab->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
input_cb (int fd, GIOCondition condition, gpointer user_data)
{
  g_timeout_add (600, quit_cb, user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
ready_cb (gpointer user_data)
{
  Lab *lab = user_data;

  if (!gtk_window_is_active (GTK_WINDOW (lab->active)))
    return G_SOURCE_CONTINUE;
  say ("ready", "");
  return G_SOURCE_REMOVE;
}

static GtkWidget *
add_field (Lab *lab, GtkWidget *field)
{
  g_signal_connect (field, "activate", G_CALLBACK (entered_cb), NULL);
  lab->fields[lab->n_fields++] = field;
  return field;
}

static GtkWidget *
make_button (const char *label)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  g_signal_connect (button, "clicked", G_CALLBACK (clicked_cb), NULL);
  return button;
}

static void
add_popover (GtkWidget *box, GtkWidget *child)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *menu = gtk_menu_button_new ();

  gtk_popover_set_child (GTK_POPOVER (popover), child);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (menu), popover);
  gtk_box_append (GTK_BOX (box), menu);
  gtk_widget_grab_focus (menu);
  gtk_menu_button_popup (GTK_MENU_BUTTON (menu));
}

static void
add_dialog (Lab *lab)
{
  GtkWidget *dialog = gtk_window_new ();

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (lab->window));
  gtk_window_set_destroy_with_parent (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_child (GTK_WINDOW (dialog), make_button ("_Agree"));
  gtk_window_present (GTK_WINDOW (dialog));
  lab->active = dialog;
}

static void
build (Lab *lab, const char *focus)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *button = make_button ("_Press");
  GtkWidget *search = add_field (lab, gtk_search_entry_new ());
  GtkWidget *entry = add_field (lab, gtk_entry_new ());
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (shortcuts),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_f, GDK_CONTROL_MASK),
                        gtk_callback_action_new (shortcut_cb, NULL, NULL)));
  gtk_widget_add_controller (lab->window, shortcuts);

  gtk_box_append (GTK_BOX (box), button);
  gtk_box_append (GTK_BOX (box), search);
  gtk_box_append (GTK_BOX (box), entry);
  gtk_window_set_child (GTK_WINDOW (lab->window), box);
  gtk_window_present (GTK_WINDOW (lab->window));

  if (g_str_equal (focus, "button"))
    gtk_widget_grab_focus (button);
  else if (g_str_equal (focus, "search"))
    gtk_widget_grab_focus (search);
  else if (g_str_equal (focus, "entry"))
    gtk_widget_grab_focus (entry);
  else if (g_str_equal (focus, "popover-button"))
    add_popover (box, make_button ("_Delete"));
  else if (g_str_equal (focus, "popover-entry"))
    add_popover (box, add_field (lab, gtk_entry_new ()));
  else if (g_str_equal (focus, "popover-label"))
    add_popover (box, gtk_label_new ("Nothing to focus"));
  else if (g_str_equal (focus, "dialog"))
    add_dialog (lab);
}

int
main (int argc, char *argv[])
{
  g_autoptr(BipeWedgeController) wedge = NULL;
  Lab lab = { 0 };

  gtk_init ();
  wedge = bipe_wedge_controller_new ();
  g_signal_connect (wedge, "scanned", G_CALLBACK (scanned_cb), NULL);
  g_signal_connect (wedge, "unread", G_CALLBACK (unread_cb), NULL);
  if (argc > 2)
    g_object_set (wedge, "layout", argv[2], NULL);

  lab.loop = g_main_loop_new (NULL, FALSE);
  lab.window = gtk_window_new ();
  lab.active = lab.window;
  build (&lab, argc > 1 ? argv[1] : "button");
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, input_cb, &lab);
  g_timeout_add (50, ready_cb, &lab);
  g_main_loop_run (lab.loop);

  gtk_window_destroy (GTK_WINDOW (lab.window));
  g_main_loop_unref (lab.loop);
  g_assert_finalize_object (g_steal_pointer (&wedge));
  return 0;
}

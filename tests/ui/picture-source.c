/* picture-source.c: a window from which a file can be dragged, and whose clipboard has what the
 * tests need, for test-window.py.
 *
 *   picture-source FILE…          lets FILE… be dragged from anywhere in its window
 *   picture-source --copy FILE    puts the picture in FILE into the clipboard, as pixels
 *   picture-source --copy-files FILE…
 *
 * Prints `ready` when it is, `begun` and `ended` when a drag has. Ends when its standard
 * input is closed. */
#include "config.h"

#include <glib-unix.h>
#include <gtk/gtk.h>
#include <stdio.h>

static void
say (const char *what)
{
  puts (what);
  fflush (stdout);
}

static GSList *
list_files (char **paths)
{
  GSList *files = NULL;

  for (; *paths != NULL; paths++)
    files = g_slist_append (files, g_file_new_for_path (*paths));
  return files;
}

static GdkContentProvider *
create_content (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = NULL;

  if (argc == 3 && g_str_equal (argv[1], "--copy"))
    {
      texture = gdk_texture_new_from_filename (argv[2], &error);
      if (texture == NULL)
        g_error ("%s", error->message);
      return gdk_content_provider_new_typed (GDK_TYPE_TEXTURE, texture);
    }
  return gdk_content_provider_new_typed (
      GDK_TYPE_FILE_LIST, list_files (argv + (g_str_equal (argv[1], "--copy-files") ? 2 : 1)));
}

static void
drag_begun_cb (GtkDragSource *source, GdkDrag *drag, gpointer user_data)
{
  say ("begun");
}

static void
drag_ended_cb (GtkDragSource *source, GdkDrag *drag, gboolean deletes, gpointer user_data)
{
  say ("ended");
}

static void
map_cb (GtkWidget *window, gpointer user_data)
{
  say ("ready");
}

static gboolean
closed_cb (int descriptor, GIOCondition condition, gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GdkContentProvider) content = NULL;
  GtkDragSource *source;
  GtkWidget *window;

  if (argc < 2)
    return 2;
  gtk_init ();
  content = create_content (argc, argv);
  window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), 100, 100);
  g_signal_connect_after (window, "map", G_CALLBACK (map_cb), NULL);
  source = gtk_drag_source_new ();
  gtk_drag_source_set_content (source, content);
  g_signal_connect (source, "drag-begin", G_CALLBACK (drag_begun_cb), NULL);
  g_signal_connect (source, "drag-end", G_CALLBACK (drag_ended_cb), NULL);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  g_unix_fd_add (0, G_IO_HUP | G_IO_IN, closed_cb, loop);
  if (g_str_has_prefix (argv[1], "--copy"))
    gdk_clipboard_set_content (gtk_widget_get_clipboard (window), content);
  gtk_window_present (GTK_WINDOW (window));
  g_main_loop_run (loop);
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}

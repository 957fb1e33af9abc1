#include "config.h"

#include "app/image-inlet.h"

#include <glib/gi18n.h>

#include "app/format.h"
#include "app/image-queue.h"
#include "base/error.h"

/* Characters of a name in a sentence. */
#define SHOWN_NAME_MAX 40

/* What the pictures of one go have given. */
typedef struct
{
  guint n_codes;
  guint n_with;
  guint n_without;
  char *name;    /* of the last one with a code */
  char *problem; /* why the first one without has none */
  gboolean is_cut;
} Sum;

struct _BipeImageInlet
{
  GObject parent_instance;

  GtkWidget *target; /* borrowed */
  GtkDropTarget *drop;
  BipeImageQueue *queue;
  GCancellable *cancellable;
  GtkFileChooserNative *chooser; /* while it is open */
  Sum sum;
};

enum
{
  READ,
  TOLD,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BipeImageInlet, bipe_image_inlet, G_TYPE_OBJECT)

static void
tell (BipeImageInlet *self, const char *text)
{
  g_signal_emit (self, signals[TOLD], 0, text);
}

static void
clear_sum (Sum *sum)
{
  g_free (sum->name);
  g_free (sum->problem);
  *sum = (Sum){ 0 };
}

static void
tell_found (BipeImageInlet *self, const Sum *sum)
{
  g_autofree char *text = NULL;

  if (sum->n_with == 1)
    text = g_strdup_printf (ngettext ("%u code from %s", "%u codes from %s", sum->n_codes),
                            sum->n_codes, sum->name);
  else
    text = g_strdup_printf (
        ngettext ("%u code from %u pictures", "%u codes from %u pictures", sum->n_codes),
        sum->n_codes, sum->n_with);
  tell (self, text);
}

static void
tell_missed (BipeImageInlet *self, const Sum *sum)
{
  guint n_more = sum->n_without - 1;
  g_autofree char *text = NULL;

  if (n_more == 0)
    text = g_strdup (sum->problem);
  else
    text = g_strdup_printf (ngettext ("%s; %u more picture without a code",
                                      "%s; %u more pictures without a code", n_more),
                            sum->problem, n_more);
  tell (self, text);
}

static void
emptied_cb (BipeImageInlet *self)
{
  if (self->sum.n_with > 0)
    tell_found (self, &self->sum);
  if (self->sum.n_without > 0)
    tell_missed (self, &self->sum);
  if (self->sum.is_cut)
    {
      g_autofree char *text = g_strdup_printf (
          _ ("Only %d pictures are read at once; the others were left out"), BIPE_IMAGE_QUEUE_MAX);

      tell (self, text);
    }
  clear_sum (&self->sum);
}

static void
read_cb (BipeImageInlet *self, const char *name, BipeSight *sight, const char *problem)
{
  Sum *sum = &self->sum;
  g_autofree char *shown = name != NULL ? bipe_format_code (name, SHOWN_NAME_MAX)
                                        : g_strdup (_ ("the pasted picture"));

  if (sight != NULL && sight->readings->len > 0)
    {
      sum->n_codes += sight->readings->len;
      sum->n_with++;
      g_free (sum->name);
      sum->name = g_steal_pointer (&shown);
      g_signal_emit (self, signals[READ], 0, name, sight);
      return;
    }
  if (sum->n_without++ > 0)
    return;
  if (sight != NULL)
    sum->problem = g_strdup_printf (_ ("No code found in %s"), shown);
  else
    {
      g_autofree char *cause = bipe_error_translate (problem);

      sum->problem = g_strdup_printf (_ ("Cannot read %s: %s"), shown, cause);
    }
}

static void
add_file (BipeImageInlet *self, GFile *file)
{
  if (!bipe_image_queue_add_file (self->queue, file))
    self->sum.is_cut = TRUE;
}

static void
add_texture (BipeImageInlet *self, GdkTexture *texture)
{
  if (!bipe_image_queue_add_texture (self->queue, texture))
    self->sum.is_cut = TRUE;
}

static gboolean
add_value (BipeImageInlet *self, const GValue *value)
{
  if (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE))
    add_texture (self, g_value_get_object (value));
  else if (G_VALUE_HOLDS (value, G_TYPE_FILE))
    add_file (self, g_value_get_object (value));
  else if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    {
      g_autoptr(GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

      for (GSList *link = files; link != NULL; link = link->next)
        add_file (self, link->data);
    }
  else
    return FALSE;
  return TRUE;
}

static gboolean
drop_cb (GtkDropTarget *drop, const GValue *value, double x, double y, BipeImageInlet *self)
{
  return add_value (self, value);
}

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeImageInlet) self = user_data;
  g_autoptr(GError) error = NULL;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (value == NULL)
    {
      g_autofree char *text = g_strdup_printf (_ ("Cannot paste: %s"), error->message);

      tell (self, text);
      return;
    }
  add_value (self, value);
}

void
bipe_image_inlet_paste (BipeImageInlet *self)
{
  GType kinds[] = { GDK_TYPE_TEXTURE, GDK_TYPE_FILE_LIST };
  GdkClipboard *clipboard = gtk_widget_get_clipboard (self->target);
  g_autoptr(GdkContentFormats) formats = gdk_content_formats_union_deserialize_gtypes (
      gdk_content_formats_ref (gdk_clipboard_get_formats (clipboard)));

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (gdk_content_formats_contain_gtype (formats, kinds[i]))
      {
        gdk_clipboard_read_value_async (clipboard, kinds[i], G_PRIORITY_DEFAULT, self->cancellable,
                                        pasted_cb, g_object_ref (self));
        return;
      }
  tell (self, _ ("There is no picture in the clipboard"));
}

static void
chosen_cb (BipeImageInlet *self, int response)
{
  g_autoptr(GtkFileChooserNative) chooser = g_steal_pointer (&self->chooser);
  g_autoptr(GListModel) files = NULL;

  if (response != GTK_RESPONSE_ACCEPT)
    return;
  files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (chooser));
  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr(GFile) file = g_list_model_get_item (files, i);

      add_file (self, file);
    }
}

void
bipe_image_inlet_choose (BipeImageInlet *self)
{
  g_autoptr(GtkFileFilter) filter = gtk_file_filter_new ();

  if (self->chooser == NULL)
    {
      self->chooser = gtk_file_chooser_native_new (_ ("Read Codes in Pictures"),
                                                   GTK_WINDOW (gtk_widget_get_root (self->target)),
                                                   GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Read"), NULL);
      gtk_file_filter_set_name (filter, _ ("Pictures (PNG, JPEG)"));
      gtk_file_filter_add_mime_type (filter, "image/png");
      gtk_file_filter_add_mime_type (filter, "image/jpeg");
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
      gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
      gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
      g_signal_connect_object (self->chooser, "response", G_CALLBACK (chosen_cb), self,
                               G_CONNECT_SWAPPED);
    }
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

void
bipe_image_inlet_open (BipeImageInlet *self, GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    add_file (self, files->pdata[i]);
}

void
bipe_image_inlet_close (BipeImageInlet *self)
{
  g_cancellable_cancel (self->cancellable);
  bipe_image_queue_cancel (self->queue);
  if (self->drop != NULL)
    gtk_widget_remove_controller (self->target, GTK_EVENT_CONTROLLER (self->drop));
  self->drop = NULL;
  g_clear_object (&self->chooser);
}

static void
bipe_image_inlet_finalize (GObject *object)
{
  BipeImageInlet *self = BIPE_IMAGE_INLET (object);

  g_clear_object (&self->queue);
  g_clear_object (&self->cancellable);
  clear_sum (&self->sum);
  G_OBJECT_CLASS (bipe_image_inlet_parent_class)->finalize (object);
}

static void
bipe_image_inlet_class_init (BipeImageInletClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bipe_image_inlet_finalize;

  signals[READ] = g_signal_new ("read", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_POINTER);
  signals[TOLD] = g_signal_new ("told", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bipe_image_inlet_init (BipeImageInlet *self)
{
  self->cancellable = g_cancellable_new ();
}

BipeImageInlet *
bipe_image_inlet_new (GtkWidget *target)
{
  /* Where a picture comes with its address in the web, it is the picture that is wanted. */
  GType types[] = { GDK_TYPE_TEXTURE, GDK_TYPE_FILE_LIST, G_TYPE_FILE };
  BipeImageInlet *self = g_object_new (BIPE_TYPE_IMAGE_INLET, NULL);

  self->target = target;
  self->queue = bipe_image_queue_new ();
  g_signal_connect_object (self->queue, "read", G_CALLBACK (read_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "emptied", G_CALLBACK (emptied_cb), self,
                           G_CONNECT_SWAPPED);
  self->drop = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);
  gtk_drop_target_set_gtypes (self->drop, types, G_N_ELEMENTS (types));
  g_signal_connect_object (self->drop, "drop", G_CALLBACK (drop_cb), self, 0);
  gtk_widget_add_controller (target, GTK_EVENT_CONTROLLER (self->drop));
  return self;
}

void
bipe_image_inlet_set_symbologies (BipeImageInlet *self, BipeSymbologies symbologies)
{
  bipe_image_queue_set_symbologies (self->queue, symbologies);
}

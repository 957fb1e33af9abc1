/* image-queue.c: one picture at a time is loaded, or encoded where it came without a file, in a
 * thread of GLib's pool, and then given to the decoder: so many pictures never take more memory
 * than one. */
#include "config.h"

#include "app/image-queue.h"

#include "base/error.h"
#include "decoder/decoder.h"

typedef struct
{
  GFile *file; /* either this */
  GdkTexture *texture;
  char *name; /* for the eye; NULL: none */
} Image;

struct _BipeImageQueue
{
  GObject parent_instance;

  BipeSymbologies symbologies;
  BipeDecoder *decoder;
  GQueue waiting; /* Image; the first one is being read */
  GCancellable *cancellable;
};

enum
{
  READ,
  EMPTIED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BipeImageQueue, bipe_image_queue, G_TYPE_OBJECT)

static void
image_free (Image *image)
{
  g_free (image->name);
  g_clear_object (&image->texture);
  g_clear_object (&image->file);
  g_free (image);
}

/* A pipe, for one, could keep us waiting for ever. */
static gboolean
check_file (GFile *file, goffset *size, GCancellable *cancellable, GError **error)
{
  g_autoptr(GFileInfo) info = g_file_query_info (
      file, G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE,
      G_FILE_QUERY_INFO_NONE, cancellable, error);

  if (info == NULL)
    return FALSE;
  *size = g_file_info_get_size (info);
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, "it is not a file");
  else if (*size > BIPE_DECODER_FILE_MAX)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "it is larger than %d MiB",
                 BIPE_DECODER_FILE_MAX >> 20);
  else
    return TRUE;
  return FALSE;
}

static GBytes *
load_file (GFile *file, GCancellable *cancellable, GError **error)
{
  g_autoptr(GFileInputStream) stream = NULL;
  g_autofree guint8 *data = NULL;
  goffset size;
  gsize n_read;

  if (!check_file (file, &size, cancellable, error))
    return NULL;
  stream = g_file_read (file, cancellable, error);
  if (stream == NULL)
    return NULL;
  data = g_malloc ((gsize)size + 1);
  if (!g_input_stream_read_all (G_INPUT_STREAM (stream), data, (gsize)size, &n_read, cancellable,
                                error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&data), n_read);
}

static GBytes *
encode (GdkTexture *texture, GError **error)
{
  gint64 pixels = (gint64)gdk_texture_get_width (texture) * gdk_texture_get_height (texture);

  if (pixels <= BIPE_DECODER_PIXELS_MAX)
    return gdk_texture_save_to_png_bytes (texture);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "it has more than %d megapixels",
               BIPE_DECODER_PIXELS_MAX / 1000000);
  return NULL;
}

static void
load_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Image *image = task_data;
  g_autoptr(GError) error = NULL;
  GBytes *bytes = image->file != NULL ? load_file (image->file, cancellable, &error)
                                      : encode (image->texture, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify)g_bytes_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void start (BipeImageQueue *self);

/* The one forward prototype: a picture's end starts the next one. */
static void
settle (BipeImageQueue *self, BipeSight *sight, const GError *error)
{
  Image *image = g_queue_pop_head (&self->waiting);

  g_signal_emit (self, signals[READ], 0, image->name, sight, error != NULL ? error->message : NULL);
  image_free (image);
  if (g_queue_is_empty (&self->waiting))
    g_signal_emit (self, signals[EMPTIED], 0);
  else
    start (self);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeImageQueue) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSight) sight = bipe_decoder_read_finish (BIPE_DECODER (source), result, &error);

  if (!g_cancellable_is_cancelled (self->cancellable))
    settle (self, sight, error);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeImageQueue *self = BIPE_IMAGE_QUEUE (source);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (bytes == NULL)
    settle (self, NULL, error);
  else
    bipe_decoder_read_async (self->decoder, bytes, self->symbologies, self->cancellable, read_cb,
                             g_object_ref (self));
}

static void
start (BipeImageQueue *self)
{
  g_autoptr(GTask) task = g_task_new (self, self->cancellable, loaded_cb, NULL);
  const Image *first = g_queue_peek_head (&self->waiting);
  Image *image = g_new0 (Image, 1);

  image->file = first->file != NULL ? g_object_ref (first->file) : NULL;
  image->texture = first->texture != NULL ? g_object_ref (first->texture) : NULL;
  g_task_set_source_tag (task, start);
  g_task_set_task_data (task, image, (GDestroyNotify)image_free);
  g_task_run_in_thread (task, load_thread);
}

static void
bipe_image_queue_dispose (GObject *object)
{
  BipeImageQueue *self = BIPE_IMAGE_QUEUE (object);

  g_queue_clear_full (&self->waiting, (GDestroyNotify)image_free);
  g_clear_object (&self->decoder);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (bipe_image_queue_parent_class)->dispose (object);
}

static void
bipe_image_queue_class_init (BipeImageQueueClass *class)
{
  G_OBJECT_CLASS (class)->dispose = bipe_image_queue_dispose;

  signals[READ] = g_signal_new ("read", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_POINTER, G_TYPE_STRING);
  signals[EMPTIED] = g_signal_new ("emptied", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
bipe_image_queue_init (BipeImageQueue *self)
{
  self->symbologies = BIPE_SYMBOLOGIES_DEFAULT;
  self->cancellable = g_cancellable_new ();
  self->decoder = bipe_decoder_new ();
}

BipeImageQueue *
bipe_image_queue_new (void)
{
  return g_object_new (BIPE_TYPE_IMAGE_QUEUE, NULL);
}

void
bipe_image_queue_set_symbologies (BipeImageQueue *self, BipeSymbologies symbologies)
{
  self->symbologies = symbologies;
}

/* Takes @image. */
static gboolean
add (BipeImageQueue *self, Image *image)
{
  if (g_queue_get_length (&self->waiting) == BIPE_IMAGE_QUEUE_MAX)
    {
      image_free (image);
      return FALSE;
    }
  g_queue_push_tail (&self->waiting, image);
  if (g_queue_get_length (&self->waiting) == 1)
    start (self);
  return TRUE;
}

gboolean
bipe_image_queue_add_file (BipeImageQueue *self, GFile *file)
{
  g_autofree char *path = g_file_get_basename (file);
  Image *image = g_new0 (Image, 1);

  image->file = g_object_ref (file);
  image->name = path != NULL ? g_filename_display_name (path) : NULL;
  return add (self, image);
}

gboolean
bipe_image_queue_add_texture (BipeImageQueue *self, GdkTexture *texture)
{
  Image *image = g_new0 (Image, 1);

  image->texture = g_object_ref (texture);
  return add (self, image);
}

void
bipe_image_queue_cancel (BipeImageQueue *self)
{
  g_cancellable_cancel (self->cancellable);
}

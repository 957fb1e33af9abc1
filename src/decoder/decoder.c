/* decoder.c: two lanes, one for frames and one for files, with a queue before the latter. A task
 * keeps its decoder, so none is left when that goes. */
#include "config.h"

#include "decoder/decoder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "decoder/decoder-lane.h"

struct _BipeDecoder
{
  GObject parent_instance;

  GMainContext *context;
  BipeDecoderLane *frames;
  BipeDecoderLane *files;
  GQueue queue; /* of GTask */
};

G_DEFINE_FINAL_TYPE (BipeDecoder, bipe_decoder, G_TYPE_OBJECT)

/* A task's. */
typedef struct
{
  GBytes *file; /* NULL: a frame, long copied */
  BipeSymbologies symbologies;
  GSource *cancelled; /* nullable */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  if (request->cancelled != NULL)
    g_source_destroy (request->cancelled);
  g_clear_pointer (&request->cancelled, g_source_unref);
  g_clear_pointer (&request->file, g_bytes_unref);
  g_free (request);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  BipeDecoder *self = g_task_get_source_object (task);

  if (!bipe_decoder_lane_drop (self->frames, task) && !bipe_decoder_lane_drop (self->files, task)
      && g_queue_remove (&self->queue, task))
    {
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
    }
  return G_SOURCE_REMOVE;
}

/* The source borrows @task and goes with it. */
static GTask *
request_new (BipeDecoder *self,
             GBytes *file,
             BipeSymbologies symbologies,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->file = file != NULL ? g_bytes_ref (file) : NULL;
  request->symbologies = symbologies;
  g_task_set_task_data (task, request, request_free);
  if (cancellable != NULL)
    {
      request->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (request->cancelled, G_SOURCE_FUNC (cancelled_cb), task, NULL);
      g_source_attach (request->cancelled, self->context);
    }
  return task;
}

static void
start_file (BipeDecoder *self)
{
  while (!bipe_decoder_lane_is_busy (self->files) && !g_queue_is_empty (&self->queue))
    {
      GTask *task = g_queue_pop_head (&self->queue);
      Request *request = g_task_get_task_data (task);
      gsize size;
      const guint8 *bytes = g_bytes_get_data (request->file, &size);
      GError *error = NULL;
      guint8 *memory = bipe_decoder_lane_open (self->files, &error);

      if (memory == NULL)
        {
          g_task_return_error (task, error);
          g_object_unref (task);
          continue;
        }
      memcpy (memory, bytes, size);
      bipe_decoder_lane_ask (
          self->files, &(BipeRequest){ .symbologies = request->symbologies, .size = (guint32)size },
          task);
    }
}

static void
file_freed_cb (gpointer user_data)
{
  BipeDecoder *self = user_data;

  start_file (self);
}

static void
bipe_decoder_dispose (GObject *object)
{
  BipeDecoder *self = BIPE_DECODER (object);

  g_clear_pointer (&self->files, bipe_decoder_lane_free);
  g_clear_pointer (&self->frames, bipe_decoder_lane_free);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (bipe_decoder_parent_class)->dispose (object);
}

static void
bipe_decoder_class_init (BipeDecoderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bipe_decoder_dispose;
}

static void
bipe_decoder_init (BipeDecoder *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->frames = bipe_decoder_lane_new (self->context, BIPE_DECODER_SECONDS * 1000,
                                        BIPE_DECODER_IDLE_SECONDS * 1000, NULL, NULL);
  self->files = bipe_decoder_lane_new (self->context, BIPE_DECODER_FILE_SECONDS * 1000,
                                       BIPE_DECODER_IDLE_SECONDS * 1000, file_freed_cb, self);
  g_queue_init (&self->queue);
}

BipeDecoder *
bipe_decoder_new (void)
{
  return g_object_new (BIPE_TYPE_DECODER, NULL);
}

gboolean
bipe_decoder_is_busy (BipeDecoder *self)
{
  return bipe_decoder_lane_is_busy (self->frames);
}

guint
bipe_decoder_get_n_deaths (BipeDecoder *self)
{
  return bipe_decoder_lane_get_n_deaths (self->frames)
         + bipe_decoder_lane_get_n_deaths (self->files);
}

/* NULL: it can't be looked at. */
static const char *
find_fault (const BipePicture *picture)
{
  if (picture->width == 0 || picture->height == 0 || picture->stride < picture->width)
    return N_ ("the picture has no pixels");
  if (picture->height > BIPE_PROTOCOL_MEMORY / picture->width)
    return N_ ("the picture is too large");
  return NULL;
}

static void
copy (guint8 *memory, const BipePicture *picture)
{
  if (picture->stride == picture->width)
    memcpy (memory, picture->luma, (gsize)picture->width * picture->height);
  else
    for (guint y = 0; y < picture->height; y++)
      memcpy (memory + (gsize)y * picture->width, picture->luma + y * picture->stride,
              picture->width);
}

void
bipe_decoder_look_async (BipeDecoder *self,
                         const BipePicture *picture,
                         BipeLooks looks,
                         const BipeArea *guide,
                         BipeSymbologies symbologies,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr(GTask) task = request_new (self, NULL, symbologies, cancellable, callback, user_data);
  const char *fault = find_fault (picture);
  g_autoptr(GError) error = NULL;
  guint8 *memory;

  g_task_set_source_tag (task, bipe_decoder_look_async);
  if (fault != NULL)
    g_set_error_literal (&error, BIPE_ERROR, BIPE_ERROR_INVALID, fault);
  else if (bipe_decoder_lane_is_busy (self->frames))
    g_set_error_literal (&error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "another frame is looked at");
  memory = error == NULL ? bipe_decoder_lane_open (self->frames, &error) : NULL;
  if (memory == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  copy (memory, picture);
  bipe_decoder_lane_ask (self->frames,
                         &(BipeRequest){
                             .looks = looks,
                             .symbologies = symbologies,
                             .width = picture->width,
                             .height = picture->height,
                             .stride = picture->width,
                             .guide = *guide,
                         },
                         g_steal_pointer (&task));
}

BipeSight *
bipe_decoder_look_finish (BipeDecoder *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bipe_decoder_read_async (BipeDecoder *self,
                         GBytes *file,
                         BipeSymbologies symbologies,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  gboolean is_default = (symbologies & BIPE_SYMBOLOGIES_DEFAULT) == BIPE_SYMBOLOGIES_DEFAULT;
  g_autoptr(GTask) task
             = request_new (self, file, symbologies | (is_default ? BIPE_SYMBOLOGY_UPC_E : 0),
                            cancellable, callback, user_data);
  gsize size = g_bytes_get_size (file);
  g_autoptr(GError) error = NULL;

  g_task_set_source_tag (task, bipe_decoder_read_async);
  if (size == 0)
    g_set_error_literal (&error, BIPE_ERROR, BIPE_ERROR_INVALID, N_ ("the file is empty"));
  else if (size > BIPE_DECODER_FILE_MAX)
    g_set_error (&error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s: > %u MiB",
                 N_ ("the file is too large for a picture"), BIPE_DECODER_FILE_MAX / (1024 * 1024));
  else if (g_queue_get_length (&self->queue) >= BIPE_DECODER_FILES_MAX)
    g_set_error_literal (&error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                         N_ ("too many pictures are waiting, try again later"));
  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_queue_push_tail (&self->queue, g_steal_pointer (&task));
  start_file (self);
}

BipeSight *
bipe_decoder_read_finish (BipeDecoder *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

#include "config.h"

#include "speech/speaker.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "base/error.h"
#include "base/worker.h"
#include "speech/recording.h"
#include "speech/voice-process.h"

/* For the process to leave off; then it is ended. */
#define STOP_MS 500

struct _BipeSpeaker
{
  BipeWorker *worker;
  guint limit_ms;
  GCancellable *closing; /* cancelled at the end */

  struct
  {
    BipeHelperProcess *process; /* NULL: none is there */
    guint8 message[BIPE_SPEECH_MESSAGE_MAX];
  } voice; /* the worker's thread only */
};

/* The task's data; without an utterance the process is let go. */
typedef struct
{
  BipeUtterance *utterance;
  BipeSpeechForm form;
  int sink;
  BipeSpeakerProgress progress;
  gpointer user_data;
  gsize n_bytes;
  gboolean has_answered;
} Order;

static void
order_free (gpointer data)
{
  Order *order = data;

  if (order->sink >= 0)
    close (order->sink);
  g_clear_pointer (&order->utterance, bipe_utterance_unref);
  g_free (order);
}

static gboolean
fail (BipeError code, const char *why, GError **error)
{
  g_set_error_literal (error, BIPE_ERROR, (int)code, why);
  return FALSE;
}

static gboolean
fail_sink (GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_FULL, "%s: %s", N_ ("cannot keep the speech"),
               g_strerror (errno));
  return FALSE;
}

static gboolean
write_all (Order *order, const guint8 *bytes, gsize length, GError **error)
{
  while (length > 0)
    {
      ssize_t n = write (order->sink, bytes, length);

      if (n < 0 && errno != EINTR)
        return fail_sink (error);
      bytes += MAX (n, 0);
      length -= (gsize)MAX (n, 0);
    }
  return TRUE;
}

static gboolean
take_audio (Order *order, const guint8 *bytes, gsize length, GError **error)
{
  order->n_bytes += length;
  if (order->n_bytes > BIPE_RECORDING_BYTES_MAX)
    return fail (BIPE_ERROR_INVALID, N_ ("the text takes too long to say"), error);
  return write_all (order, bytes, length, error);
}

/* What is known is on disk, in a file. */
static gboolean
settle (Order *order, GError **error)
{
  if (fdatasync (order->sink) < 0 && errno != EINVAL && errno != EROFS)
    return fail_sink (error);
  return TRUE;
}

static gboolean
fail_as_told (BipeError code, const guint8 *bytes, gsize length, GError **error)
{
  g_autofree char *why = g_utf8_make_valid ((const char *)bytes, (gssize)length);

  return fail (code, why, error);
}

/* *is_over: the process waits for the next order. FALSE without it: it can't be used any more. */
static gboolean
take_message (Order *order, const guint8 *message, gsize length, gboolean *is_over, GError **error)
{
  const guint8 *rest = message + 1;

  *is_over = FALSE;
  length--;
  switch ((int)message[0])
    {
    case BIPE_SPEECH_AUDIO:
      return take_audio (order, rest, length, error);
    case BIPE_SPEECH_PROGRESS:
      if (length == 1 && order->progress != NULL)
        order->progress (MIN (rest[0], 100), order->user_data);
      return TRUE;
    case BIPE_SPEECH_DONE:
      *is_over = TRUE;
      return settle (order, error);
    case BIPE_SPEECH_REFUSED:
      *is_over = TRUE;
      return fail_as_told (BIPE_ERROR_INVALID, rest, length, error);
    case BIPE_SPEECH_FAILED:
      *is_over = TRUE;
      return fail_as_told (BIPE_ERROR_UNAVAILABLE, rest, length, error);
    default:
      return fail (BIPE_ERROR_UNAVAILABLE, N_ ("the voice has said what is none of its words"),
                   error);
    }
}

/* Lets the process leave off what it says, and keeps it for the next, if it does so soon. */
static void
stop (BipeSpeaker *self)
{
  gint64 deadline = g_get_monotonic_time () + STOP_MS * 1000;
  const guint8 word = BIPE_SPEECH_CANCEL;
  guint8 kind = BIPE_SPEECH_AUDIO;
  gsize length;

  if (!bipe_helper_process_send (self->voice.process, &word, 1))
    kind = 0;
  while (kind == BIPE_SPEECH_AUDIO || kind == BIPE_SPEECH_PROGRESS)
    kind = bipe_voice_process_receive (self->voice.process, deadline, NULL, self->voice.message,
                                       &length)
                   == BIPE_VOICE_SAYS
               ? self->voice.message[0]
               : 0;
  if (kind == 0)
    g_clear_pointer (&self->voice.process, bipe_helper_process_free_and_wait);
}

static gboolean
receive_all (BipeSpeaker *self, Order *order, GCancellable *cancellable, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)self->limit_ms * 1000;
  gboolean is_over = FALSE, is_well = TRUE;
  BipeVoiceEvent event = BIPE_VOICE_SAYS;
  gsize length;

  while (is_well && !is_over && event == BIPE_VOICE_SAYS)
    {
      event = bipe_voice_process_receive (self->voice.process, deadline, cancellable,
                                          self->voice.message, &length);
      order->has_answered |= event != BIPE_VOICE_DEAD;
      if (event != BIPE_VOICE_SAYS)
        break;
      is_well = take_message (order, self->voice.message, length, &is_over, error);
    }
  if (is_over)
    return is_well;
  if (event == BIPE_VOICE_STOPPED || !is_well)
    stop (self);
  else
    g_clear_pointer (&self->voice.process, bipe_helper_process_free_and_wait);
  if (event == BIPE_VOICE_STOPPED)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  else if (is_well)
    fail (BIPE_ERROR_UNAVAILABLE,
          event == BIPE_VOICE_SLOW ? N_ ("the voice takes too long")
                                   : N_ ("the voice has died of this text"),
          error);
  return FALSE;
}

/* A process that has died since the last utterance is found out only now, and replaced once. */
static gboolean
say (BipeSpeaker *self, Order *order, GCancellable *cancellable, GError **error)
{
  g_autoptr(GBytes) message = bipe_speech_order_write (order->utterance, order->form);
  gboolean was_there = self->voice.process != NULL;
  g_autoptr(GError) problem = NULL;
  gboolean is_said = FALSE;

  if (!was_there)
    self->voice.process = bipe_voice_process_new (error);
  if (self->voice.process == NULL)
    return FALSE;
  if (bipe_helper_process_send (self->voice.process, g_bytes_get_data (message, NULL),
                                g_bytes_get_size (message)))
    is_said = receive_all (self, order, cancellable, &problem);
  else
    g_clear_pointer (&self->voice.process, bipe_helper_process_free_and_wait);
  if (is_said)
    return TRUE;
  if (was_there && self->voice.process == NULL && !order->has_answered
      && !g_cancellable_is_cancelled (cancellable))
    return say (self, order, cancellable, error);
  if (problem == NULL)
    return fail (BIPE_ERROR_UNAVAILABLE, N_ ("the voice does not listen"), error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static void
cancel_cb (GCancellable *closing, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
work (GPtrArray *tasks, gpointer user_data)
{
  BipeSpeaker *self = user_data;
  GTask *task = tasks->pdata[0];
  Order *order = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr(GError) error = NULL;
  gulong closing;

  if (order->utterance == NULL)
    {
      g_clear_pointer (&self->voice.process, bipe_helper_process_free_and_wait);
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (g_cancellable_is_cancelled (self->closing))
    g_cancellable_cancel (cancellable);
  if (g_task_return_error_if_cancelled (task))
    return;
  closing = g_cancellable_connect (self->closing, G_CALLBACK (cancel_cb),
                                   g_object_ref (cancellable), g_object_unref);
  if (say (self, order, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
  g_cancellable_disconnect (self->closing, closing);
}

BipeSpeaker *
bipe_speaker_new (guint limit_ms)
{
  BipeSpeaker *self = g_new0 (BipeSpeaker, 1);

  self->limit_ms = limit_ms;
  self->closing = g_cancellable_new ();
  self->worker = bipe_worker_new ("speech", BIPE_SPEAKER_QUEUE_MAX, 1, work, self);
  return self;
}

void
bipe_speaker_free (BipeSpeaker *self)
{
  g_cancellable_cancel (self->closing);
  bipe_worker_free (self->worker);
  g_clear_pointer (&self->voice.process, bipe_helper_process_free_and_wait);
  g_object_unref (self->closing);
  g_free (self);
}

void
bipe_speaker_say_async (BipeSpeaker *self,
                        const BipeSpeakerOrder *order,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr(GCancellable) own
             = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  GTask *task = g_task_new (NULL, own, callback, user_data);
  Order *copy = g_new0 (Order, 1);

  copy->utterance = bipe_utterance_ref (order->utterance);
  copy->form = order->form;
  copy->sink = order->sink;
  copy->progress = order->progress;
  copy->user_data = order->user_data;
  g_task_set_source_tag (task, bipe_speaker_say_async);
  g_task_set_task_data (task, copy, order_free);
  bipe_worker_push (self->worker, task);
}

gboolean
bipe_speaker_say_finish (BipeSpeaker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bipe_speaker_say_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bipe_speaker_rest (BipeSpeaker *self)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  Order *order = g_new0 (Order, 1);

  order->sink = -1;
  g_task_set_task_data (task, order, order_free);
  bipe_worker_push (self->worker, task);
}

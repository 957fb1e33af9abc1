/* decoder-lane.c: a task's return may run its callback at once, and that may ask anew or free the
 * lane: so it is always the last thing that a function here does. */
#include "config.h"

#include "decoder/decoder-lane.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "decoder/decoder-process.h"

struct _BipeDecoderLane
{
  GMainContext *context;
  guint limit_ms;
  guint idle_ms;
  BipeDecoderLaneFunc freed;
  gpointer user_data;

  BipeDecoderProcess *process; /* nullable */
  GTask *task;                 /* in hand; nullable */
  GSource *timer;              /* of the answer, or of an idle process */

  guint n_deaths;
  gint64 failures[BIPE_DECODER_LANE_DEATHS]; /* deaths and failed starts: the newest, in a ring */
  guint n_failures;
  gint64 rests_until;
};

/* Behind an answer that came in time but could not be read before now. */
#define TIMER_PRIORITY (G_PRIORITY_DEFAULT + 1)

static void
stop_timer (BipeDecoderLane *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
start_timer (BipeDecoderLane *self, guint milliseconds, GSourceFunc func)
{
  stop_timer (self);
  self->timer = g_timeout_source_new (milliseconds);
  g_source_set_priority (self->timer, TIMER_PRIORITY);
  g_source_set_callback (self->timer, func, self, NULL);
  g_source_attach (self->timer, self->context);
}

static gboolean
idle_cb (gpointer data)
{
  BipeDecoderLane *self = data;

  stop_timer (self);
  g_clear_pointer (&self->process, bipe_decoder_process_free);
  return G_SOURCE_REMOVE;
}

static void
count_failure (BipeDecoderLane *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 *oldest = &self->failures[self->n_failures % BIPE_DECODER_LANE_DEATHS];

  if (self->n_failures >= BIPE_DECODER_LANE_DEATHS && now - *oldest < G_USEC_PER_SEC)
    {
      self->rests_until = now + BIPE_DECODER_LANE_REST_MS * 1000;
      g_info ("the decoder dies too often: it rests for a second");
    }
  *oldest = now;
  self->n_failures++;
}

/* The task in hand, whose place is free from now on. */
static GTask *
release (BipeDecoderLane *self)
{
  GTask *task = g_steal_pointer (&self->task);

  stop_timer (self);
  if (self->process != NULL)
    start_timer (self, self->idle_ms, idle_cb);
  if (task != NULL && self->freed != NULL)
    self->freed (self->user_data);
  return task;
}

/* Its process is no good any more. Takes @error over. */
static void
bury (BipeDecoderLane *self, GError *error)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(GError) cause = error;

  g_info ("decoder process %d: %s", bipe_decoder_process_get_number (self->process),
          cause->message);
  g_clear_pointer (&self->process, bipe_decoder_process_free);
  self->n_deaths++;
  count_failure (self);
  task = release (self);
  if (task != NULL)
    g_task_return_error (task, g_steal_pointer (&cause));
}

static gboolean
late_cb (gpointer data)
{
  BipeDecoderLane *self = data;

  bury (self, g_error_new (BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "%s: %u ms",
                           N_ ("the decoder has given no answer"), self->limit_ms));
  return G_SOURCE_REMOVE;
}

static void
message_cb (const guint8 *message, gsize size, gpointer user_data)
{
  BipeDecoderLane *self = user_data;
  g_autoptr(BipeSight) sight = NULL;
  g_autoptr(GTask) task = NULL;
  g_autoptr(GError) error = NULL;

  if (message == NULL)
    g_set_error_literal (&error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, N_ ("the decoder has died"));
  else if (self->task == NULL)
    g_set_error_literal (&error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                         N_ ("the decoder answers what nobody has asked"));
  else
    sight = bipe_sight_read (message, size, &error);
  if (g_error_matches (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE))
    {
      bury (self, g_steal_pointer (&error));
      return;
    }
  task = release (self);
  if (sight != NULL)
    g_task_return_pointer (task, g_steal_pointer (&sight), (GDestroyNotify)bipe_sight_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

guint8 *
bipe_decoder_lane_open (BipeDecoderLane *self, GError **error)
{
  g_assert (self->task == NULL);

  if (self->process == NULL && g_get_monotonic_time () < self->rests_until)
    {
      g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                           N_ ("the decoder can't be kept running; it is tried again in a second"));
      return NULL;
    }
  if (self->process == NULL)
    {
      self->process = bipe_decoder_process_new (self->context, message_cb, self, error);
      if (self->process == NULL)
        {
          count_failure (self);
          return NULL;
        }
    }
  return bipe_decoder_process_get_memory (self->process);
}

void
bipe_decoder_lane_ask (BipeDecoderLane *self, const BipeRequest *request, GTask *task)
{
  guint8 message[BIPE_PROTOCOL_REQUEST_SIZE];

  g_assert (self->task == NULL && self->process != NULL);

  bipe_request_write (request, message);
  self->task = task;
  start_timer (self, self->limit_ms, late_cb);
  if (!bipe_decoder_process_send (self->process, message))
    bury (self,
          g_error_new_literal (BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, N_ ("the decoder has died")));
}

gboolean
bipe_decoder_lane_drop (BipeDecoderLane *self, GTask *task)
{
  g_autoptr(GTask) dropped = NULL;

  if (self->task != task)
    return FALSE;
  g_clear_pointer (&self->process, bipe_decoder_process_free);
  dropped = release (self);
  g_task_return_new_error (dropped, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                           "nobody waits for it any more");
  return TRUE;
}

BipeDecoderLane *
bipe_decoder_lane_new (GMainContext *context,
                       guint limit_ms,
                       guint idle_ms,
                       BipeDecoderLaneFunc freed,
                       gpointer user_data)
{
  BipeDecoderLane *self = g_new0 (BipeDecoderLane, 1);

  self->context = g_main_context_ref (context);
  self->limit_ms = limit_ms;
  self->idle_ms = idle_ms;
  self->freed = freed;
  self->user_data = user_data;
  return self;
}

void
bipe_decoder_lane_free (BipeDecoderLane *self)
{
  g_assert (self->task == NULL);

  stop_timer (self);
  g_clear_pointer (&self->process, bipe_decoder_process_free);
  g_main_context_unref (self->context);
  g_free (self);
}

gboolean
bipe_decoder_lane_is_busy (BipeDecoderLane *self)
{
  return self->task != NULL;
}

guint
bipe_decoder_lane_get_n_deaths (BipeDecoderLane *self)
{
  return self->n_deaths;
}

int
bipe_decoder_lane_get_number (BipeDecoderLane *self)
{
  return self->process != NULL ? bipe_decoder_process_get_number (self->process) : 0;
}

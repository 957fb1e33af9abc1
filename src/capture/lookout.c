/* lookout.c: two lanes. The first decoder gets the newest frame whenever it is free; the second,
 * slow, now and then the same frame. Each look carries its frame's time, since the second's answers
 * come later than newer ones of the first. */
#include "config.h"

#include "capture/lookout.h"

#include "capture/look-schedule.h"
#include "capture/scene-watch.h"
#include "capture/sightings.h"
#include "decoder/decoder.h"

/* Microseconds that a flaw must last to be told, and that it must be gone to be so no more. */
#define FLAW_LASTS G_USEC_PER_SEC
#define FLAW_GONE 500000

/* Frames come no more for a while, then they do again: what is wrong with them shows anew. */
#define PAUSE G_USEC_PER_SEC

struct _BipeLookout
{
  const BipeLookoutFuncs *funcs;
  gpointer user_data;

  BipeSymbologies symbologies;
  BipeDecoder *first;
  BipeDecoder *second;
  GCancellable *cancellable;
  guint n_pending; /* looks under way */
  guint n_looks;
  guint n_second;

  BipeFrame *newest; /* nullable: nobody has had it yet */
  BipeSceneWatch scene;
  BipeLookSchedule schedule;
  BipeSightings *sightings;
  gboolean has_changed; /* the scene, since a frame was last given to the schedule */
  gint64 changed_at;
  gint64 frame_at; /* the newest frame's time */
  guint occasion;  /* the newest frame's */

  BipeFlaw flaw;      /* told */
  BipeFlaw candidate; /* to be told if it lasts */
  gint64 candidate_since;
};

/* A look under way. */
typedef struct
{
  BipeLookout *lookout;
  BipeLooks looks;
  gint64 taken_at;
  guint occasion;
} Look;

static void
tell_flaw (BipeLookout *self, BipeFlaw flaw)
{
  if (self->flaw == flaw)
    return;
  self->flaw = flaw;
  self->funcs->flawed (flaw, self->user_data);
}

/* Thorough looks alone judge the picture: a quick one that finds nothing shows nothing. */
static void
judge (BipeLookout *self, BipeLooks looks, const BipeSight *sight, gint64 now)
{
  if (sight->readings->len > 0)
    {
      self->candidate = BIPE_FLAW_NONE;
      self->candidate_since = now;
      tell_flaw (self, BIPE_FLAW_NONE);
      return;
    }
  if ((looks & BIPE_LOOK_FULL) == 0)
    return;
  if (sight->flaw != self->candidate)
    {
      self->candidate = sight->flaw;
      self->candidate_since = now;
    }
  if (now - self->candidate_since >= (sight->flaw == BIPE_FLAW_NONE ? FLAW_GONE : FLAW_LASTS))
    tell_flaw (self, sight->flaw);
}

static void
take_sight (BipeLookout *self, const Look *look, BipeSight *sight)
{
  g_autoptr(GPtrArray) scans
             = bipe_sightings_feed (self->sightings, sight->readings, look->taken_at);

  bipe_look_schedule_report (&self->schedule, look->looks, sight,
                             bipe_sightings_has_doubt (self->sightings, look->taken_at),
                             look->taken_at);
  if (look->looks != BIPE_LOOK_SECOND || sight->readings->len > 0)
    judge (self, look->looks, sight, look->taken_at);
  for (guint i = 0; i < scans->len; i++)
    self->funcs->scanned (scans->pdata[i], sight, self->user_data);
}

static void start_looks (BipeLookout *self); /* the loop closes here */

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Look *look = user_data;
  BipeLookout *self = look->lookout;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSight) sight = bipe_decoder_look_finish (BIPE_DECODER (source), result, &error);

  self->n_pending--;
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (sight != NULL && look->occasion == self->occasion)
    take_sight (self, look, sight);
  else if (sight == NULL)
    g_debug ("a frame is lost: %s", error->message);
  start_looks (self);
}

static void
start_look (BipeLookout *self, BipeDecoder *decoder, BipeLooks looks, const BipeFrame *frame)
{
  Look *look = g_new0 (Look, 1);
  BipeArea guide;

  look->lookout = self;
  look->looks = looks;
  look->taken_at = frame->taken_at;
  look->occasion = frame->occasion;
  self->n_pending++;
  bipe_lookout_get_guide (frame->picture.width, frame->picture.height, &guide);
  bipe_decoder_look_async (decoder, &frame->picture, looks, &guide, self->symbologies,
                           self->cancellable, looked_cb, look);
}

/* Gives the newest frame to the decoders that are free. */
static void
start_looks (BipeLookout *self)
{
  g_autoptr(BipeFrame) frame = NULL;
  BipeLooks looks;

  if (self->newest == NULL || bipe_decoder_is_busy (self->first))
    return;
  frame = g_steal_pointer (&self->newest);
  looks = bipe_look_schedule_next (&self->schedule, self->has_changed, frame->taken_at);
  self->has_changed = FALSE;
  if (looks != 0)
    {
      self->n_looks++;
      start_look (self, self->first, looks, frame);
    }
  if (!bipe_decoder_is_busy (self->second)
      && bipe_look_schedule_take_second (&self->schedule, frame->taken_at))
    {
      self->n_second++;
      start_look (self, self->second, BIPE_LOOK_SECOND, frame);
    }
}

void
bipe_lookout_feed (BipeLookout *self, BipeFrame *frame)
{
  gboolean is_new = bipe_scene_watch_feed (&self->scene, &frame->picture);

  g_clear_pointer (&self->newest, bipe_frame_free);
  self->newest = frame;
  if (frame->occasion != self->occasion)
    {
      self->occasion = frame->occasion;
      bipe_sightings_clear (self->sightings);
      is_new = TRUE;
    }
  if (frame->taken_at - self->frame_at > PAUSE)
    {
      self->has_changed = TRUE;
      self->candidate = BIPE_FLAW_NONE;
      self->candidate_since = frame->taken_at;
      tell_flaw (self, BIPE_FLAW_NONE);
    }
  if (is_new)
    self->changed_at = frame->taken_at;
  else
    bipe_sightings_hold (self->sightings, self->changed_at, frame->taken_at);
  self->has_changed = self->has_changed || is_new;
  self->frame_at = frame->taken_at;
  start_looks (self);
}

void
bipe_lookout_set_rules (BipeLookout *self, BipeSymbologies symbologies, gint64 absence)
{
  self->symbologies = symbologies;
  bipe_sightings_set_absence (self->sightings, MAX (absence, BIPE_LOOKOUT_ABSENCE_MIN));
}

void
bipe_lookout_get_guide (guint width, guint height, BipeArea *guide)
{
  guide->width = width * 3 / 5;
  guide->height = height * 3 / 5;
  guide->x = (width - guide->width) / 2;
  guide->y = (height - guide->height) / 2;
}

BipeLookout *
bipe_lookout_new (const BipeLookoutFuncs *funcs, gpointer user_data)
{
  BipeLookout *self = g_new0 (BipeLookout, 1);

  self->funcs = funcs;
  self->user_data = user_data;
  self->symbologies = BIPE_SYMBOLOGIES_DEFAULT;
  self->first = bipe_decoder_new ();
  self->second = bipe_decoder_new ();
  self->cancellable = g_cancellable_new ();
  self->sightings = bipe_sightings_new (G_USEC_PER_SEC);
  return self;
}

void
bipe_lookout_free (BipeLookout *self)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();

  g_cancellable_cancel (self->cancellable);
  while (self->n_pending > 0)
    g_main_context_iteration (context, TRUE);
  g_clear_pointer (&self->newest, bipe_frame_free);
  g_clear_pointer (&self->sightings, bipe_sightings_free);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->second);
  g_clear_object (&self->first);
  g_free (self);
}

guint
bipe_lookout_get_n_looks (BipeLookout *self)
{
  return self->n_looks;
}

guint
bipe_lookout_get_n_second (BipeLookout *self)
{
  return self->n_second;
}

guint
bipe_lookout_get_n_deaths (BipeLookout *self)
{
  return bipe_decoder_get_n_deaths (self->first) + bipe_decoder_get_n_deaths (self->second);
}

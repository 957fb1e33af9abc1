/* announcement-player.c: goes through a round for each announcement: its earcon sounds while its
 * words are made, then they are heard. */
#define _GNU_SOURCE /* memfd_create */
#include "config.h"

#include "app/announcement-player.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/announcement-queue.h"
#include "app/earcon.h"
#include "app/player.h"
#include "app/saved.h"
#include "base/error.h"
#include "speech/speaker.h"

/* After a device or a voice has failed, the news of so long are not heard. */
#define PAUSE_US (5 * G_TIME_SPAN_SECOND)

/* For the words of one announcement to be made. */
#define SPEAKER_LIMIT_MS 5000

/* Without words for so long, the voice's process is let go. */
#define REST_S 300

/* Of words; what is longer is cut off. */
#define SPEECH_BYTES_MAX (30 * BIPE_SPEECH_RATE * 2)

G_STATIC_ASSERT (BIPE_SPEECH_RATE == BIPE_PLAYER_RATE && BIPE_EARCON_RATE == BIPE_PLAYER_RATE);

/* One announcement on its way; those who wait for a part of it each have a reference. */
typedef struct
{
  BipeAnnouncementPlayer *player;
  GCancellable *hushing; /* of its earcon */
  GCancellable *cutting; /* of its words */
  int sink;              /* a file in memory for the samples of its words; −1: none */
  GBytes *samples;
  gboolean is_earcon_over;
  gboolean is_made;  /* samples are there, or won't be */
  gboolean is_heard; /* the words are */
  gboolean is_over;
} Round;

struct _BipeAnnouncementPlayer
{
  GObject parent_instance;

  GSettings *saved; /* NULL: nothing is saved */
  char *sound_problem;
  char *speech_problem;

  BipeAnnouncementQueue *queue;
  Round *round;         /* of the queue's current one */
  BipePlayer *sound;    /* NULL: not yet needed */
  BipeSpeaker *speaker; /* likewise */
  guint rest_timer;
  gint64 next_sound; /* of the monotonic clock: not before */
  gint64 next_speech;
};

enum
{
  PROP_0,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeAnnouncementPlayer, bipe_announcement_player, G_TYPE_OBJECT)

/* --- A round ------------------------------------------------------------------------------- */

/* @place: one of the two. @problem: (nullable) */
static void
set_problem (BipeAnnouncementPlayer *self, char **place, const char *problem)
{
  if (g_strcmp0 (*place, problem) == 0)
    return;
  g_free (*place);
  *place = g_strdup (problem);
  if (problem != NULL)
    g_message ("%s", problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static Round *
round_ref (Round *round)
{
  return g_rc_box_acquire (round);
}

static void
round_clear (gpointer data)
{
  Round *round = data;

  if (round->sink >= 0)
    close (round->sink);
  g_clear_pointer (&round->samples, g_bytes_unref);
  g_object_unref (round->cutting);
  g_object_unref (round->hushing);
  g_object_unref (round->player);
}

static void
round_unref (Round *round)
{
  g_rc_box_release_full (round, round_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Round, round_unref)

static BipePlayer *
get_sound (BipeAnnouncementPlayer *self)
{
  if (self->sound == NULL)
    self->sound = bipe_player_new ();
  return self->sound;
}

static BipeSpeaker *
get_speaker (BipeAnnouncementPlayer *self)
{
  if (self->speaker == NULL)
    self->speaker = bipe_speaker_new (SPEAKER_LIMIT_MS);
  return self->speaker;
}

static gboolean
rest_cb (gpointer user_data)
{
  BipeAnnouncementPlayer *self = user_data;

  self->rest_timer = 0;
  bipe_speaker_rest (self->speaker);
  return G_SOURCE_REMOVE;
}

static gboolean
is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
tell_no_sound (BipeAnnouncementPlayer *self, const GError *error)
{
  g_autofree char *cause = NULL;
  g_autofree char *problem = NULL;

  if (is_cancelled (error))
    return;
  cause = bipe_error_translate (error->message);
  problem = g_strdup_printf (_ ("No sound: %s"), cause);
  self->next_sound = g_get_monotonic_time () + PAUSE_US;
  set_problem (self, &self->sound_problem, problem);
}

static void
tell_no_speech (BipeAnnouncementPlayer *self, const GError *error)
{
  g_autofree char *cause = NULL;
  g_autofree char *problem = NULL;

  if (is_cancelled (error) || !bipe_saved_get_switch (self->saved, "speak", FALSE))
    return;
  cause = bipe_error_translate (error->message);
  problem = g_strdup_printf (_ ("No speech: %s"), cause);
  self->next_speech = g_get_monotonic_time () + PAUSE_US;
  set_problem (self, &self->speech_problem, problem);
}

/* The one forward prototype: a part's end starts the next one. */
static void go_on (Round *round);

static gboolean
finish_playing (BipeAnnouncementPlayer *self, GObject *sound, GAsyncResult *result)
{
  g_autoptr(GError) error = NULL;

  if (bipe_player_play_finish (BIPE_PLAYER (sound), result, &error))
    {
      set_problem (self, &self->sound_problem, NULL);
      return TRUE;
    }
  tell_no_sound (self, error);
  return is_cancelled (error);
}

static void
words_heard_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Round) round = user_data;

  finish_playing (round->player, source, result);
  round->is_over = TRUE;
  go_on (round);
}

static void
earcon_heard_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Round) round = user_data;

  round->is_earcon_over = TRUE;
  if (!finish_playing (round->player, source, result))
    round->is_over = TRUE;
  go_on (round);
}

/* What has come of the words; NULL: nothing. */
static GBytes *
read_samples (int file)
{
  off_t size = MIN (lseek (file, 0, SEEK_END), SPEECH_BYTES_MAX);
  g_autofree guint8 *samples = size > 0 ? g_malloc ((gsize)size) : NULL;
  ssize_t n = samples != NULL ? pread (file, samples, (gsize)size, 0) : 0;

  return n > 1 ? g_bytes_new_take (g_steal_pointer (&samples), (gsize)n & ~(gsize)1) : NULL;
}

static void
words_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Round) round = user_data;
  BipeAnnouncementPlayer *self = round->player;
  g_autoptr(GError) error = NULL;

  if (bipe_speaker_say_finish (self->speaker, result, &error))
    {
      round->samples = read_samples (round->sink);
      set_problem (self, &self->speech_problem, NULL);
    }
  else
    tell_no_speech (self, error);
  round->is_made = TRUE;
  go_on (round);
}

static void
play (Round *round, GBytes *samples, GCancellable *cancellable, GAsyncReadyCallback callback)
{
  g_autofree char *output = bipe_saved_get_text (round->player->saved, "sound-output");

  bipe_player_play_async (get_sound (round->player), samples, output, cancellable, callback,
                          round_ref (round));
}

static BipeUtterance *
word (BipeAnnouncementPlayer *self, const BipeAnnouncement *announcement, GError **error)
{
  g_autofree char *voice = bipe_saved_get_text (self->saved, "speak-voice");
  BipeManner manner = BIPE_MANNER_DEFAULT;

  manner.language = announcement->language;
  manner.voice = voice[0] != '\0' ? voice : NULL;
  manner.speed = bipe_saved_get_number (self->saved, "speak-speed", manner.speed);
  manner.volume = bipe_saved_get_number (self->saved, "speak-volume", manner.volume);
  return bipe_utterance_new (announcement->text, &manner, error);
}

static gboolean
open_sink (Round *round, int *sink, GError **error)
{
  round->sink = memfd_create ("bipe-speech", MFD_CLOEXEC);
  *sink = round->sink >= 0 ? dup (round->sink) : -1;
  if (*sink >= 0)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "%s: %s", N_ ("cannot keep the speech"),
               g_strerror (errno));
  return FALSE;
}

/* FALSE: it has no words, or none can be had. */
static gboolean
make_words (Round *round, const BipeAnnouncement *announcement)
{
  BipeAnnouncementPlayer *self = round->player;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeUtterance) utterance = NULL;
  BipeSpeakerOrder order = { .form = BIPE_SPEECH_PCM };

  if (announcement->text == NULL || g_get_monotonic_time () < self->next_speech)
    return FALSE;
  utterance = word (self, announcement, &error);
  if (utterance == NULL || !open_sink (round, &order.sink, &error))
    {
      tell_no_speech (self, error);
      return FALSE;
    }
  order.utterance = utterance;
  g_clear_handle_id (&self->rest_timer, g_source_remove);
  bipe_speaker_say_async (get_speaker (self), &order, round->cutting, words_made_cb,
                          round_ref (round));
  return TRUE;
}

static void
start_round (BipeAnnouncementPlayer *self)
{
  const BipeAnnouncement *announcement = bipe_announcement_queue_get_current (self->queue);
  Round *round = g_rc_box_new0 (Round);

  round->player = g_object_ref (self);
  round->hushing = g_cancellable_new ();
  round->cutting = g_cancellable_new ();
  round->sink = -1;
  self->round = round;
  round->is_made = !make_words (round, announcement);
  if (announcement->has_earcon)
    {
      g_autoptr(GBytes) earcon = bipe_earcon_create (announcement->kind);

      play (round, earcon, round->hushing, earcon_heard_cb);
      return;
    }
  round->is_earcon_over = TRUE;
  go_on (round);
}

static void
end_round (BipeAnnouncementPlayer *self)
{
  g_cancellable_cancel (self->round->cutting);
  g_clear_pointer (&self->round, round_unref);
  bipe_announcement_queue_advance (self->queue);
  if (bipe_announcement_queue_get_current (self->queue) != NULL)
    start_round (self);
  else if (self->speaker != NULL && self->rest_timer == 0)
    self->rest_timer = g_timeout_add_seconds (REST_S, rest_cb, self);
}

static void
go_on (Round *round)
{
  BipeAnnouncementPlayer *self = round->player;

  if (self->round != round)
    return; /* it is over; this were words that came too late */
  if (!round->is_over && round->is_earcon_over && !round->is_heard)
    {
      if (g_cancellable_is_cancelled (round->cutting)
          || bipe_announcement_queue_is_current_stale (self->queue)
          || (round->is_made && round->samples == NULL))
        round->is_over = TRUE;
      else if (round->is_made)
        {
          round->is_heard = TRUE;
          play (round, round->samples, round->cutting, words_heard_cb);
        }
    }
  if (round->is_over)
    end_round (self);
}

/* --- The object ---------------------------------------------------------------------------- */

void
bipe_announcement_player_push (BipeAnnouncementPlayer *self, BipeAnnouncement *announcement)
{
  if (g_get_monotonic_time () < self->next_sound)
    {
      bipe_announcement_free (announcement);
      return;
    }
  switch (bipe_announcement_queue_push (self->queue, announcement))
    {
    case BIPE_ANNOUNCE_NOW:
      start_round (self);
      break;
    case BIPE_ANNOUNCE_CUT:
      g_cancellable_cancel (self->round->cutting);
      go_on (self->round);
      break;
    case BIPE_ANNOUNCE_LATER:
    default:
      break;
    }
}

void
bipe_announcement_player_hush (BipeAnnouncementPlayer *self)
{
  bipe_announcement_queue_drop_waiting (self->queue);
  if (self->round == NULL)
    return;
  g_cancellable_cancel (self->round->hushing);
  g_cancellable_cancel (self->round->cutting);
  go_on (self->round);
}

void
bipe_announcement_player_retry (BipeAnnouncementPlayer *self)
{
  self->next_sound = 0;
  self->next_speech = 0;
}

const char *
bipe_announcement_player_get_problem (BipeAnnouncementPlayer *self)
{
  return self->sound_problem != NULL ? self->sound_problem : self->speech_problem;
}

/* Another voice may be there, or none is wanted any more. */
static void
voice_cb (BipeAnnouncementPlayer *self)
{
  self->next_speech = 0;
  set_problem (self, &self->speech_problem, NULL);
}

static void
bipe_announcement_player_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_PROBLEM)
    g_value_set_string (value,
                        bipe_announcement_player_get_problem (BIPE_ANNOUNCEMENT_PLAYER (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* A round holds a reference: there is none. */
static void
bipe_announcement_player_finalize (GObject *object)
{
  BipeAnnouncementPlayer *self = BIPE_ANNOUNCEMENT_PLAYER (object);

  g_clear_handle_id (&self->rest_timer, g_source_remove);
  g_clear_pointer (&self->speaker, bipe_speaker_free);
  g_clear_object (&self->sound);
  bipe_announcement_queue_free (self->queue);
  g_free (self->speech_problem);
  g_free (self->sound_problem);
  g_clear_object (&self->saved);
  G_OBJECT_CLASS (bipe_announcement_player_parent_class)->finalize (object);
}

static void
bipe_announcement_player_class_init (BipeAnnouncementPlayerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = bipe_announcement_player_get_property;
  object_class->finalize = bipe_announcement_player_finalize;

  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_announcement_player_init (BipeAnnouncementPlayer *self)
{
  self->queue = bipe_announcement_queue_new ();
}

BipeAnnouncementPlayer *
bipe_announcement_player_new (GSettings *saved)
{
  static const char *const changes[]
      = { "changed::speak", "changed::speak-language", "changed::speak-voice" };
  BipeAnnouncementPlayer *self = g_object_new (BIPE_TYPE_ANNOUNCEMENT_PLAYER, NULL);

  g_set_object (&self->saved, saved);
  for (guint i = 0; saved != NULL && i < G_N_ELEMENTS (changes); i++)
    g_signal_connect_object (saved, changes[i], G_CALLBACK (voice_cb), self, G_CONNECT_SWAPPED);
  return self;
}

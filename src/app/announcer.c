/* announcer.c: takes the news, has the queue say whether they are heard, and then goes through a
 * round for each announcement: its earcon sounds while its words are made, then they are heard. An
 * earcon is never cut off but by silence; words are, by the next scan. */
#define _GNU_SOURCE /* memfd_create */
#include "config.h"

#include "app/announcer.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/announcement-queue.h"
#include "app/earcon.h"
#include "app/player.h"
#include "app/recent-codes.h"
#include "app/store-watch.h"
#include "base/error.h"
#include "speech/speaker.h"

/* After a device or a voice has failed, the news of so long are not heard. */
#define PAUSE_US (30 * G_TIME_SPAN_SECOND)

/* For the words of one announcement to be made. */
#define SPEAKER_LIMIT_MS 5000

/* Without words for so long, the voice's process is let go. */
#define REST_S 300

/* For what has waited to be delivered to a database that is back. */
#define RETURN_MS 4000

/* Of words; what is longer is cut off. */
#define SPEECH_BYTES_MAX (30 * BIPE_SPEECH_RATE * 2)

G_STATIC_ASSERT (BIPE_SPEECH_RATE == BIPE_PLAYER_RATE && BIPE_EARCON_RATE == BIPE_PLAYER_RATE);

#define EXAMPLE "4006381333931"

/* One announcement on its way; those who wait for a part of it each have a reference. */
typedef struct
{
  BipeAnnouncer *announcer;
  GCancellable *hushing; /* of its earcon */
  GCancellable *cutting; /* of its words */
  int sink;              /* a file in memory for the samples of its words; −1: none */
  GBytes *samples;
  gboolean is_earcon_over;
  gboolean is_made;  /* samples are there, or won't be */
  gboolean is_heard; /* the words are */
  gboolean is_over;
} Round;

struct _BipeAnnouncer
{
  GObject parent_instance;

  GSettings *saved; /* NULL: nothing is saved */
  gboolean is_silent;
  char *sound_problem;
  char *speech_problem;

  BipeSpeakRules *rules;
  BipeRecentCodes *recent;
  BipeStoreWatch watch;
  guint return_timer;

  BipeAnnouncementQueue *queue;
  Round *round;         /* of the queue's current one */
  BipePlayer *player;   /* NULL: not yet needed */
  BipeSpeaker *speaker; /* likewise */
  guint rest_timer;
  gint64 next_sound; /* of the monotonic clock: not before */
  gint64 next_speech;
};

enum
{
  PROP_0,
  PROP_SILENT,
  PROP_AUDIBLE,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipeAnnouncer, bipe_announcer, G_TYPE_OBJECT)

/* --- Settings ------------------------------------------------------------------------------ */

static gboolean
get_switch (BipeAnnouncer *self, const char *key, gboolean otherwise)
{
  return self->saved != NULL ? g_settings_get_boolean (self->saved, key) : otherwise;
}

static int
get_number (BipeAnnouncer *self, const char *key, int otherwise)
{
  return self->saved != NULL ? g_settings_get_int (self->saved, key) : otherwise;
}

static char *
get_text (BipeAnnouncer *self, const char *key)
{
  return self->saved != NULL ? g_settings_get_string (self->saved, key) : g_strdup ("");
}

static gboolean
is_audible (BipeAnnouncer *self)
{
  return get_switch (self, "sounds", TRUE) || get_switch (self, "speak", FALSE);
}

/* @place: one of the two. @problem: (nullable) */
static void
set_problem (BipeAnnouncer *self, char **place, const char *problem)
{
  if (g_strcmp0 (*place, problem) == 0)
    return;
  g_free (*place);
  *place = g_strdup (problem);
  if (problem != NULL)
    g_message ("%s", problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

/* --- A round ------------------------------------------------------------------------------- */

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
  g_object_unref (round->announcer);
}

static void
round_unref (Round *round)
{
  g_rc_box_release_full (round, round_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Round, round_unref)

static BipePlayer *
get_player (BipeAnnouncer *self)
{
  if (self->player == NULL)
    self->player = bipe_player_new ();
  return self->player;
}

static BipeSpeaker *
get_speaker (BipeAnnouncer *self)
{
  if (self->speaker == NULL)
    self->speaker = bipe_speaker_new (SPEAKER_LIMIT_MS);
  return self->speaker;
}

static gboolean
rest_cb (gpointer user_data)
{
  BipeAnnouncer *self = user_data;

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
tell_no_sound (BipeAnnouncer *self, const GError *error)
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
tell_no_speech (BipeAnnouncer *self, const GError *error)
{
  g_autofree char *cause = NULL;
  g_autofree char *problem = NULL;

  if (is_cancelled (error) || !get_switch (self, "speak", FALSE))
    return;
  cause = bipe_error_translate (error->message);
  problem = g_strdup_printf (_ ("No speech: %s"), cause);
  self->next_speech = g_get_monotonic_time () + PAUSE_US;
  set_problem (self, &self->speech_problem, problem);
}

/* The one forward prototype: a part's end starts the next one. */
static void go_on (Round *round);

static gboolean
finish_playing (BipeAnnouncer *self, GObject *player, GAsyncResult *result)
{
  g_autoptr(GError) error = NULL;

  if (bipe_player_play_finish (BIPE_PLAYER (player), result, &error))
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

  finish_playing (round->announcer, source, result);
  round->is_over = TRUE;
  go_on (round);
}

static void
earcon_heard_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Round) round = user_data;

  round->is_earcon_over = TRUE;
  if (!finish_playing (round->announcer, source, result))
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
  BipeAnnouncer *self = round->announcer;
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
  g_autofree char *output = get_text (round->announcer, "sound-output");

  bipe_player_play_async (get_player (round->announcer), samples, output, cancellable, callback,
                          round_ref (round));
}

static BipeUtterance *
word (BipeAnnouncer *self, const BipeAnnouncement *announcement, GError **error)
{
  g_autofree char *voice = get_text (self, "speak-voice");
  BipeManner manner = BIPE_MANNER_DEFAULT;

  manner.language = announcement->language;
  manner.voice = voice[0] != '\0' ? voice : NULL;
  manner.speed = get_number (self, "speak-speed", manner.speed);
  manner.volume = get_number (self, "speak-volume", manner.volume);
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
  BipeAnnouncer *self = round->announcer;
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
start_round (BipeAnnouncer *self)
{
  const BipeAnnouncement *announcement = bipe_announcement_queue_get_current (self->queue);
  Round *round = g_rc_box_new0 (Round);

  round->announcer = g_object_ref (self);
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
end_round (BipeAnnouncer *self)
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
  BipeAnnouncer *self = round->announcer;

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

/* --- News ---------------------------------------------------------------------------------- */

static void
push (BipeAnnouncer *self, const BipeNews *news, const BipeDiction *diction)
{
  BipeAnnouncement *announcement;

  if (self->is_silent || g_get_monotonic_time () < self->next_sound)
    return;
  announcement = bipe_announcement_new (news, diction);
  if (announcement == NULL)
    return;
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

/* @speaks: with words, where they are wanted at all */
static void
announce (BipeAnnouncer *self, const BipeNews *news, gboolean speaks)
{
  g_autofree char *language = get_text (self, "speak-language");
  BipeDiction diction = {
    .has_earcons = get_switch (self, "sounds", TRUE),
    .speaks = speaks && get_switch (self, "speak", FALSE),
    .speaks_scans = get_switch (self, "speak-scans", TRUE),
    .n_last = (guint)get_number (self, "speak-digits", 4),
    .language = language,
    .rules = self->rules,
  };

  push (self, news, &diction);
}

/* Whether it has come just before. */
static gboolean
note_code (BipeAnnouncer *self, const char *code)
{
  gint64 window = get_number (self, "speak-duplicates", 10) * G_TIME_SPAN_SECOND;

  return bipe_recent_codes_add (self->recent, code, g_get_monotonic_time (), window);
}

static void
tell_returned (BipeAnnouncer *self)
{
  BipeNews news = { BIPE_NEWS_ONLINE, .n_delivered = self->watch.n_delivered };

  g_clear_handle_id (&self->return_timer, g_source_remove);
  announce (self, &news, TRUE);
}

static gboolean
return_cb (gpointer user_data)
{
  BipeAnnouncer *self = user_data;

  self->return_timer = 0;
  if (bipe_store_watch_settle (&self->watch))
    tell_returned (self);
  return G_SOURCE_REMOVE;
}

static void
tell_store (BipeAnnouncer *self, BipeStoreWatchNews store_news)
{
  BipeNews news = { BIPE_NEWS_OFFLINE };

  switch (store_news)
    {
    case BIPE_STORE_WATCH_GONE:
      g_clear_handle_id (&self->return_timer, g_source_remove);
      announce (self, &news, TRUE);
      break;
    case BIPE_STORE_WATCH_RETURNING:
      g_clear_handle_id (&self->return_timer, g_source_remove);
      self->return_timer = g_timeout_add (RETURN_MS, return_cb, self);
      break;
    case BIPE_STORE_WATCH_RETURNED:
      tell_returned (self);
      break;
    case BIPE_STORE_WATCH_NOTHING:
    default:
      break;
    }
}

/* What many events tell at once is told once. */
typedef struct
{
  BipeNews kept; /* without a code: none */
  gboolean is_refused;
  gboolean is_refused_aloud; /* with words */
} Gathered;

static void
take_event (BipeAnnouncer *self, const BipeEvent *event, Gathered *gathered)
{
  gboolean is_remote = event->scan != NULL && event->scan->source == BIPE_SOURCE_REMOTE;
  gboolean counts = !is_remote || get_switch (self, "speak-remote", FALSE);

  tell_store (self, bipe_store_watch_take (&self->watch, event));
  if (event->kind == BIPE_EVENT_REJECTED)
    {
      gathered->is_refused = TRUE;
      gathered->is_refused_aloud |= counts;
    }
  else if (event->kind == BIPE_EVENT_QUEUED && is_remote && counts)
    {
      gathered->kept.code = event->scan->code;
      gathered->kept.kind
          = note_code (self, event->scan->code) ? BIPE_NEWS_DUPLICATE : BIPE_NEWS_KEPT;
    }
}

static void
arrived_cb (BipeAnnouncer *self, GPtrArray *events, gboolean has_gap)
{
  BipeNews refused = { BIPE_NEWS_REFUSED };
  Gathered gathered = { 0 };

  if (has_gap)
    bipe_store_watch_lose (&self->watch);
  for (guint i = 0; i < events->len; i++)
    take_event (self, events->pdata[i], &gathered);
  if (gathered.kept.code != NULL)
    announce (self, &gathered.kept, TRUE);
  if (gathered.is_refused)
    announce (self, &refused, gathered.is_refused_aloud);
}

/* --- The object ---------------------------------------------------------------------------- */

static void
hush (BipeAnnouncer *self)
{
  bipe_announcement_queue_drop_waiting (self->queue);
  if (self->round == NULL)
    return;
  g_cancellable_cancel (self->round->hushing);
  g_cancellable_cancel (self->round->cutting);
  go_on (self->round);
}

static void
rules_cb (BipeAnnouncer *self)
{
  g_autoptr(GVariant) rules
             = self->saved != NULL ? g_settings_get_value (self->saved, "speak-rules") : NULL;

  g_clear_pointer (&self->rules, bipe_speak_rules_free);
  self->rules = bipe_speak_rules_new (rules);
}

static void
switch_cb (BipeAnnouncer *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AUDIBLE]);
}

/* Another voice may be there, or none is wanted any more. */
static void
voice_cb (BipeAnnouncer *self)
{
  self->next_speech = 0;
  set_problem (self, &self->speech_problem, NULL);
}

static void
speak_cb (BipeAnnouncer *self)
{
  voice_cb (self);
  switch_cb (self);
}

static void
bipe_announcer_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipeAnnouncer *self = BIPE_ANNOUNCER (object);

  switch (id)
    {
    case PROP_SILENT:
      g_value_set_boolean (value, self->is_silent);
      break;
    case PROP_AUDIBLE:
      g_value_set_boolean (value, is_audible (self));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value,
                          self->sound_problem != NULL ? self->sound_problem : self->speech_problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_announcer_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BipeAnnouncer *self = BIPE_ANNOUNCER (object);

  switch (id)
    {
    case PROP_SILENT:
      if (self->is_silent == g_value_get_boolean (value))
        return;
      self->is_silent = g_value_get_boolean (value);
      if (self->is_silent)
        hush (self);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* A round holds a reference: there is none. */
static void
bipe_announcer_finalize (GObject *object)
{
  BipeAnnouncer *self = BIPE_ANNOUNCER (object);

  g_clear_handle_id (&self->rest_timer, g_source_remove);
  g_clear_handle_id (&self->return_timer, g_source_remove);
  g_clear_pointer (&self->speaker, bipe_speaker_free);
  g_clear_object (&self->player);
  bipe_announcement_queue_free (self->queue);
  bipe_recent_codes_free (self->recent);
  bipe_speak_rules_free (self->rules);
  g_free (self->speech_problem);
  g_free (self->sound_problem);
  g_clear_object (&self->saved);
  G_OBJECT_CLASS (bipe_announcer_parent_class)->finalize (object);
}

static void
bipe_announcer_class_init (BipeAnnouncerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = bipe_announcer_get_property;
  object_class->set_property = bipe_announcer_set_property;
  object_class->finalize = bipe_announcer_finalize;

  properties[PROP_SILENT]
      = g_param_spec_boolean ("silent", NULL, NULL, FALSE, G_PARAM_READWRITE | flags);
  properties[PROP_AUDIBLE]
      = g_param_spec_boolean ("audible", NULL, NULL, TRUE, G_PARAM_READABLE | flags);
  properties[PROP_PROBLEM]
      = g_param_spec_string ("problem", NULL, NULL, NULL, G_PARAM_READABLE | flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_announcer_init (BipeAnnouncer *self)
{
  self->queue = bipe_announcement_queue_new ();
  self->recent = bipe_recent_codes_new ();
}

BipeAnnouncer *
bipe_announcer_new (GSettings *saved)
{
  static const struct
  {
    const char *signal;
    void (*callback) (BipeAnnouncer *self);
  } changes[] = {
    { "changed::sounds", switch_cb },     { "changed::speak", speak_cb },
    { "changed::speak-rules", rules_cb }, { "changed::speak-language", voice_cb },
    { "changed::speak-voice", voice_cb },
  };
  BipeAnnouncer *self = g_object_new (BIPE_TYPE_ANNOUNCER, NULL);

  g_set_object (&self->saved, saved);
  rules_cb (self);
  if (saved == NULL)
    return self;
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    g_signal_connect_object (saved, changes[i].signal, G_CALLBACK (changes[i].callback), self,
                             G_CONNECT_SWAPPED);
  g_settings_bind (saved, "silence", self, "silent", G_SETTINGS_BIND_DEFAULT);
  return self;
}

void
bipe_announcer_watch (BipeAnnouncer *self, BipeFeed *feed)
{
  self->watch = (BipeStoreWatch){ 0 };
  g_signal_connect_object (feed, "arrived", G_CALLBACK (arrived_cb), self, G_CONNECT_SWAPPED);
}

void
bipe_announcer_tell_kept (BipeAnnouncer *self, const BipeScan *scan, gboolean is_known)
{
  gboolean is_again = note_code (self, scan->code);
  BipeNews news
      = { is_known || is_again ? BIPE_NEWS_DUPLICATE : BIPE_NEWS_KEPT, .code = scan->code };

  announce (self, &news, TRUE);
}

void
bipe_announcer_tell_refused (BipeAnnouncer *self)
{
  BipeNews news = { BIPE_NEWS_REFUSED };

  announce (self, &news, TRUE);
}

void
bipe_announcer_try (BipeAnnouncer *self)
{
  BipeNews news = { BIPE_NEWS_KEPT, .code = EXAMPLE };

  self->next_sound = 0;
  self->next_speech = 0;
  announce (self, &news, TRUE);
}

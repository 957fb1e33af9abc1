/* announcer.c: makes an announcement of each piece of news, as the operator wants to hear it. */
#include "config.h"

#include "app/announcer.h"

#include "app/announcement-player.h"
#include "app/recent-codes.h"
#include "app/saved.h"
#include "app/store-watch.h"

/* For what has waited to be delivered to a database that is back. */
#define RETURN_MS 4000

#define EXAMPLE "4006381333931"

struct _BipeAnnouncer
{
  GObject parent_instance;

  GSettings *saved; /* NULL: nothing is saved */
  gboolean is_silent;

  BipeSpeakRules *rules;
  BipeRecentCodes *recent;
  BipeStoreWatch watch;
  guint return_timer;

  BipeAnnouncementPlayer *player;
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

static gboolean
is_audible (BipeAnnouncer *self)
{
  return bipe_saved_get_switch (self->saved, "sounds", TRUE)
         || bipe_saved_get_switch (self->saved, "speak", FALSE);
}

/* --- News ---------------------------------------------------------------------------------- */

/* @speaks: with words, where they are wanted at all */
static void
announce (BipeAnnouncer *self, const BipeNews *news, gboolean speaks)
{
  g_autofree char *language = bipe_saved_get_text (self->saved, "speak-language");
  BipeDiction diction = {
    .has_earcons = bipe_saved_get_switch (self->saved, "sounds", TRUE),
    .speaks = speaks && bipe_saved_get_switch (self->saved, "speak", FALSE),
    .speaks_scans = bipe_saved_get_switch (self->saved, "speak-scans", TRUE),
    .n_last = (guint)bipe_saved_get_number (self->saved, "speak-digits", 4),
    .language = language,
    .rules = self->rules,
  };
  BipeAnnouncement *announcement = self->is_silent ? NULL : bipe_announcement_new (news, &diction);

  if (announcement != NULL)
    bipe_announcement_player_push (self->player, announcement);
}

/* Whether it has come just before. */
static gboolean
note_code (BipeAnnouncer *self, const char *code)
{
  gint64 window = bipe_saved_get_number (self->saved, "speak-duplicates", 10) * G_TIME_SPAN_SECOND;

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
  gboolean counts = !is_remote || bipe_saved_get_switch (self->saved, "speak-remote", FALSE);

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

static void
problem_cb (BipeAnnouncer *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
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
      g_value_set_string (value, bipe_announcement_player_get_problem (self->player));
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
        bipe_announcement_player_hush (self->player);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_announcer_finalize (GObject *object)
{
  BipeAnnouncer *self = BIPE_ANNOUNCER (object);

  g_clear_handle_id (&self->return_timer, g_source_remove);
  g_clear_object (&self->player);
  bipe_recent_codes_free (self->recent);
  bipe_speak_rules_free (self->rules);
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
    { "changed::sounds", switch_cb },
    { "changed::speak", switch_cb },
    { "changed::speak-rules", rules_cb },
  };
  BipeAnnouncer *self = g_object_new (BIPE_TYPE_ANNOUNCER, NULL);

  g_set_object (&self->saved, saved);
  self->player = bipe_announcement_player_new (saved);
  g_signal_connect_object (self->player, "notify::problem", G_CALLBACK (problem_cb), self,
                           G_CONNECT_SWAPPED);
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

  bipe_announcement_player_retry (self->player);
  announce (self, &news, TRUE);
}

#include "config.h"

#include "station/status-board.h"

#include "base/clock.h"

/* A commit may come a thousand times a second; people and dashboards need no more than this. */
#define ANNOUNCE_MS 50

/* A refusal this old says nothing about the next scan. */
#define REFUSAL_SECONDS 10

/* What the wall clock may be corrected by between two ticks without a word. */
#define JUMP_SECONDS 60

struct _BipeStatusBoard
{
  GObject parent_instance;

  BipeJournal *journal;
  BipeEvents *events;
  BipeClock *clock;

  char *station;
  char *store;
  char *store_problem;
  char *problem;
  BipeStatus now;      /* its strings are the four above */
  gboolean has_review; /* there was review mode in this run: what is held stays so */
  gint64 n_held;       /* of the journal's */
  gint64 refused_at;
  gint64 lead;       /* of the wall clock, before the monotonic one */
  gint64 midnight;   /* the end of the day that n_today counts; 0: to be counted again */
  guint n_meanwhile; /* accepted while the journal counted: in its number, or not */

  GSource *announcement;
  GMutex lock;         /* for what any thread may ask for */
  BipeStatus *current; /* a copy of @now */
};

G_DEFINE_FINAL_TYPE (BipeStatusBoard, bipe_status_board, G_TYPE_OBJECT)

static void
cancel_announcement (BipeStatusBoard *self)
{
  if (self->announcement != NULL)
    g_source_destroy (self->announcement);
  g_clear_pointer (&self->announcement, g_source_unref);
}

static gboolean
announce_cb (gpointer data)
{
  BipeStatusBoard *self = data;
  g_autoptr(GPtrArray) events = bipe_event_array_new ();

  cancel_announcement (self);
  g_ptr_array_add (events, bipe_event_new_status (bipe_clock_real (self->clock), self->current));
  bipe_events_publish (self->events, events);
  return G_SOURCE_REMOVE;
}

/* Whoever asks is told at once, whoever listens soon. */
static void
announce (BipeStatusBoard *self)
{
  BipeStatus *status = bipe_status_new (&self->now);

  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->current, bipe_status_unref);
  self->current = status;
  g_mutex_unlock (&self->lock);

  if (self->announcement != NULL)
    return;
  self->announcement = g_timeout_source_new (ANNOUNCE_MS);
  g_source_set_callback (self->announcement, announce_cb, self, NULL);
  g_source_attach (self->announcement, g_main_context_get_thread_default ());
}

/* What the operator has changed: whoever listens is told before the next scan. */
static void
announce_now (BipeStatusBoard *self)
{
  announce (self);
  announce_cb (self);
}

/* Local midnight before and after @real, in microseconds. */
static void
find_day (gint64 real, gint64 *start, gint64 *end)
{
  g_autoptr(GDateTime) now = g_date_time_new_from_unix_local (real / G_USEC_PER_SEC);
  int year, month, day;
  g_autoptr(GDateTime) midnight = NULL, next = NULL;

  g_date_time_get_ymd (now, &year, &month, &day);
  midnight = g_date_time_new_local (year, month, day, 0, 0, 0);
  next = g_date_time_add_days (midnight, 1);
  *start = g_date_time_to_unix (midnight) * G_USEC_PER_SEC;
  *end = g_date_time_to_unix (next) * G_USEC_PER_SEC;
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeStatusBoard) self = user_data;
  g_autoptr(GError) error = NULL;
  gint64 count = bipe_journal_count_since_finish (BIPE_JOURNAL (source), result, &error);

  if (count < 0)
    g_warning ("Cannot count today's scans: %s", error->message);
  else
    self->now.n_today = count;
  if (self->n_meanwhile > 0)
    self->midnight = 0;
  announce (self);
}

static void
begin_day (BipeStatusBoard *self)
{
  gint64 start;

  find_day (bipe_clock_real (self->clock), &start, &self->midnight);
  self->n_meanwhile = 0;
  bipe_journal_count_since_async (self->journal, start, counted_cb, g_object_ref (self));
}

void
bipe_status_board_note_commit (BipeStatusBoard *self,
                               GPtrArray *events,
                               const BipeJournalCounts *counts)
{
  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];

      if (event->kind == BIPE_EVENT_QUEUED)
        {
          self->now.n_today++;
          self->n_meanwhile++;
          g_clear_pointer (&self->problem, g_free);
          self->now.problem = NULL;
        }
    }
  self->now.n_queued = counts->n_queued;
  self->n_held = counts->n_held;
  self->now.n_held = self->has_review ? self->n_held : 0;
  self->now.n_rejected = counts->n_rejected;
  announce (self);
}

void
bipe_status_board_note_store (BipeStatusBoard *self, const GError *error)
{
  BipeStoreState state = error == NULL ? BIPE_STORE_ONLINE : BIPE_STORE_OFFLINE;
  const char *problem = error != NULL ? error->message : NULL;

  if (state == self->now.store_state && g_strcmp0 (problem, self->store_problem) == 0)
    return;
  if (state != self->now.store_state)
    {
      if (state == BIPE_STORE_OFFLINE)
        g_warning ("The store (%s) can't be used: %s. Scans are kept in the queue until it can",
                   self->store, problem);
      else
        g_message ("The store (%s) is ready", self->store);
      self->now.store_since = bipe_clock_real (self->clock);
    }
  self->now.store_state = state;
  g_free (self->store_problem);
  self->now.store_problem = self->store_problem = g_strdup (problem);
  announce (self);
}

void
bipe_status_board_note_move (BipeStatusBoard *self, const char *store)
{
  g_free (self->store);
  self->now.store = self->store = g_strdup (store);
  self->now.store_number++;
  self->now.store_state = BIPE_STORE_CONNECTING;
  self->now.store_since = bipe_clock_real (self->clock);
  g_clear_pointer (&self->store_problem, g_free);
  self->now.store_problem = NULL;
  announce_now (self);
}

void
bipe_status_board_set_station (BipeStatusBoard *self, const char *station)
{
  g_free (self->station);
  self->now.station = self->station = g_strdup (station);
  announce_now (self);
}

void
bipe_status_board_set_review (BipeStatusBoard *self, gboolean is_review)
{
  self->now.is_review = is_review;
  self->has_review |= is_review;
  self->now.n_held = self->has_review ? self->n_held : 0;
  announce_now (self);
}

void
bipe_status_board_note_refusal (BipeStatusBoard *self, const GError *error)
{
  self->refused_at = bipe_clock_monotonic (self->clock);
  if (g_strcmp0 (self->problem, error->message) == 0)
    return;
  g_warning ("A scan was refused: %s", error->message);
  g_free (self->problem);
  self->now.problem = self->problem = g_strdup (error->message);
  announce (self);
}

gboolean
bipe_status_board_has_waiting (BipeStatusBoard *self)
{
  return self->now.n_queued > self->now.n_held;
}

/* Times in the history leap with it: the log says why. */
static void
check_clock (BipeStatusBoard *self)
{
  gint64 before = self->lead;

  self->lead = bipe_clock_real (self->clock) - bipe_clock_monotonic (self->clock);
  if (ABS (self->lead - before) > JUMP_SECONDS * G_USEC_PER_SEC)
    g_warning ("The clock has jumped by %+" G_GINT64_FORMAT
               " s: it was set, or this computer slept",
               (self->lead - before) / G_USEC_PER_SEC);
}

void
bipe_status_board_tick (BipeStatusBoard *self)
{
  gint64 age = bipe_clock_monotonic (self->clock) - self->refused_at;

  if (self->problem != NULL && age > REFUSAL_SECONDS * G_USEC_PER_SEC)
    {
      g_clear_pointer (&self->problem, g_free);
      self->now.problem = NULL;
      announce (self);
    }
  if (bipe_clock_real (self->clock) >= self->midnight)
    begin_day (self);
  check_clock (self);
}

BipeStatus *
bipe_status_board_dup (BipeStatusBoard *self)
{
  BipeStatus *status;

  g_mutex_lock (&self->lock);
  status = bipe_status_ref (self->current);
  g_mutex_unlock (&self->lock);
  return status;
}

static void
bipe_status_board_dispose (GObject *object)
{
  BipeStatusBoard *self = BIPE_STATUS_BOARD (object);

  cancel_announcement (self);
  g_clear_object (&self->events);
  g_clear_object (&self->journal);
  G_OBJECT_CLASS (bipe_status_board_parent_class)->dispose (object);
}

static void
bipe_status_board_finalize (GObject *object)
{
  BipeStatusBoard *self = BIPE_STATUS_BOARD (object);

  bipe_status_unref (self->current);
  g_mutex_clear (&self->lock);
  g_free (self->problem);
  g_free (self->store_problem);
  g_free (self->store);
  g_free (self->station);
  G_OBJECT_CLASS (bipe_status_board_parent_class)->finalize (object);
}

static void
bipe_status_board_class_init (BipeStatusBoardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bipe_status_board_dispose;
  G_OBJECT_CLASS (klass)->finalize = bipe_status_board_finalize;
}

static void
bipe_status_board_init (BipeStatusBoard *self)
{
  g_mutex_init (&self->lock);
}

BipeStatusBoard *
bipe_status_board_new (const char *station,
                       const char *store,
                       gboolean is_review,
                       BipeJournal *journal,
                       BipeEvents *events,
                       BipeClock *clock)
{
  BipeStatusBoard *self = g_object_new (BIPE_TYPE_STATUS_BOARD, NULL);
  BipeJournalCounts counts = bipe_journal_get_counts (journal);

  self->journal = g_object_ref (journal);
  self->events = g_object_ref (events);
  self->clock = clock;
  self->lead = bipe_clock_real (clock) - bipe_clock_monotonic (clock);
  self->station = g_strdup (station);
  self->store = g_strdup (store);
  self->has_review = is_review;
  self->n_held = counts.n_held;
  self->now = (BipeStatus){ .station = self->station,
                            .store_number = 1,
                            .store = self->store,
                            .store_state = BIPE_STORE_CONNECTING,
                            .store_since = bipe_clock_real (clock),
                            .n_queued = counts.n_queued,
                            .n_held = is_review ? counts.n_held : 0,
                            .n_rejected = counts.n_rejected,
                            .is_review = is_review };
  self->current = bipe_status_new (&self->now);
  begin_day (self);
  return self;
}

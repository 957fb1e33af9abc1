/* forwarder.c: a loop of asynchronous steps, one at a time:
 *
 *   run ─ claim ─┬─ scans: write ─ settle ──────────────────┬─ pause ─ run
 *                └─ none: collected ─┬─ scans: mark ─ forget ─┤
 *                                    └─ none: ping ───────────┘
 *
 * The pause is short after a part batch, so that the next one gathers; long when idle, until
 * somebody wakes it; growing after failures. */
#include "config.h"

#include "station/forwarder.h"

#include "base/backoff.h"
#include "base/clock.h"

/* Scans in one write: PostgreSQL's cost a row hardly falls beyond. */
#define BATCH 1000

/* Milliseconds. A part batch waits this long for the next one to gather: a commit for each scan
 * would cost the database more than the scan. */
#define GATHER 10
/* How often an idle link is tried, so that what the window says of the database is true. */
#define IDLE 10000
#define RETRY_FIRST 200
#define RETRY_MOST 5000
/* A failure this fresh answers for the next try. */
#define FRESH 500

struct _BipeForwarder
{
  GObject parent_instance;

  BipeJournal *journal;
  BipeStore *store;
  BipeClock *clock;
  gboolean with_held;

  GCancellable *cancellable;
  BipeBackoff backoff;
  GSource *pause;
  gboolean is_running;
  gboolean is_woken;      /* while it was running */
  gboolean is_gathering;  /* the pause is the short one */
  gint64 last_start;      /* monotonic microseconds */
  gboolean has_collected; /* scans may wait to be marked */
  gint64 last_failure;    /* monotonic microseconds, 0: the last try went well */
  gboolean is_resting;
  GTask *rest; /* waits for the end of what is under way */
};

enum
{
  TRIED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BipeForwarder, bipe_forwarder, G_TYPE_OBJECT)

static void run (BipeForwarder *self); /* the loop closes here */

static gboolean
is_stopped (BipeForwarder *self)
{
  return g_cancellable_is_cancelled (self->cancellable);
}

static void
clear_pause (BipeForwarder *self)
{
  self->is_gathering = FALSE;
  if (self->pause == NULL)
    return;
  g_source_destroy (self->pause);
  g_clear_pointer (&self->pause, g_source_unref);
}

static gboolean
pause_over_cb (gpointer data)
{
  BipeForwarder *self = data;

  clear_pause (self);
  run (self);
  return G_SOURCE_REMOVE;
}

static void
pause_for (BipeForwarder *self, guint milliseconds)
{
  clear_pause (self);
  if (is_stopped (self))
    return;
  self->pause = g_timeout_source_new (milliseconds);
  g_source_set_callback (self->pause, pause_over_cb, self, NULL);
  g_source_attach (self->pause, g_main_context_get_thread_default ());
}

/* Goes on with what is there now, but not sooner than a part batch may gather. */
static void
gather (BipeForwarder *self)
{
  gint64 gone = (bipe_clock_monotonic (self->clock) - self->last_start) / 1000;

  pause_for (self, gone < GATHER ? (guint)(GATHER - gone) : 0);
  self->is_gathering = TRUE;
}

static void
end_run (BipeForwarder *self)
{
  g_autoptr(GTask) rest = g_steal_pointer (&self->rest);

  self->is_running = FALSE;
  self->is_woken = FALSE;
  if (rest != NULL)
    g_task_return_boolean (rest, TRUE);
}

static void
succeed (BipeForwarder *self, gboolean is_part)
{
  gboolean goes_on = self->is_woken;

  end_run (self);
  self->last_failure = 0;
  bipe_backoff_reset (&self->backoff);
  if (!is_stopped (self))
    g_signal_emit (self, signals[TRIED], 0, NULL);
  if (!is_part)
    pause_for (self, 0);
  else if (goes_on)
    gather (self);
  else
    pause_for (self, IDLE);
}

static void
fail (BipeForwarder *self, const GError *error)
{
  end_run (self);
  if (is_stopped (self))
    return;
  self->last_failure = bipe_clock_monotonic (self->clock);
  g_debug ("Store: %s", error->message);
  g_signal_emit (self, signals[TRIED], 0, error);
  pause_for (self, bipe_backoff_next (&self->backoff));
}

static void
pinged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeForwarder) self = user_data;
  g_autoptr(GError) error = NULL;

  if (bipe_store_ping_finish (BIPE_STORE (source), result, &error))
    succeed (self, TRUE);
  else
    fail (self, error);
}

static void
forgotten_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeForwarder) self = user_data;
  g_autoptr(GError) error = NULL;

  if (bipe_journal_done_finish (BIPE_JOURNAL (source), result, &error))
    succeed (self, FALSE);
  else
    fail (self, error);
}

typedef struct
{
  BipeForwarder *forwarder;
  GPtrArray *scans;
} Batch;

static Batch *
batch_new (BipeForwarder *self, GPtrArray *scans)
{
  Batch *batch = g_new (Batch, 1);

  batch->forwarder = g_object_ref (self);
  batch->scans = g_ptr_array_ref (scans);
  return batch;
}

static void
batch_free (Batch *batch)
{
  g_ptr_array_unref (batch->scans);
  g_object_unref (batch->forwarder);
  g_free (batch);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Batch, batch_free)

static void
marked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Batch) batch = user_data;
  BipeForwarder *self = batch->forwarder;
  g_autoptr(GError) error = NULL;

  if (bipe_store_mark_collected_finish (BIPE_STORE (source), result, &error))
    bipe_journal_forget_collected_async (self->journal, batch->scans, forgotten_cb,
                                         g_object_ref (self));
  else
    fail (self, error);
}

static void
collected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeForwarder) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans
             = bipe_journal_collected_finish (BIPE_JOURNAL (source), result, &error);

  /* More may be behind these; and those that could not be read or marked come again. */
  self->has_collected |= scans == NULL || scans->len > 0;
  if (scans == NULL)
    fail (self, error);
  else if (scans->len > 0)
    bipe_store_mark_collected_async (self->store, scans, self->cancellable, marked_cb,
                                     batch_new (self, scans));
  else
    bipe_store_ping_async (self->store, self->cancellable, pinged_cb, g_object_ref (self));
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Batch) batch = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans = bipe_journal_change_finish (BIPE_JOURNAL (source), result, &error);

  if (scans != NULL)
    succeed (batch->forwarder, batch->scans->len < BATCH);
  else
    fail (batch->forwarder, error);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Batch) batch = user_data;
  BipeForwarder *self = batch->forwarder;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) written = bipe_store_write_finish (BIPE_STORE (source), result, &error);
  g_autofree BipeChange *changes = NULL;

  if (written == NULL)
    {
      fail (self, error);
      return;
    }

  changes = g_new0 (BipeChange, written->len);
  for (guint i = 0; i < written->len; i++)
    {
      const BipeScan *scan = written->pdata[i];
      gboolean is_stored = scan->state == BIPE_SCAN_STORED;

      changes[i].kind = is_stored ? BIPE_EVENT_STORED : BIPE_EVENT_REJECTED;
      changes[i].uuid = scan->uuid;
      changes[i].id = scan->id;
      changes[i].at = is_stored ? scan->stored_at : bipe_clock_real (self->clock);
      changes[i].reason = scan->reason;
    }
  bipe_journal_change_async (self->journal, changes, written->len, settled_cb,
                             g_steal_pointer (&batch));
}

static void
claimed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeForwarder) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans = bipe_journal_claim_finish (BIPE_JOURNAL (source), result, &error);

  if (scans == NULL)
    fail (self, error);
  else if (scans->len > 0)
    bipe_store_write_async (self->store, scans, self->cancellable, written_cb,
                            batch_new (self, scans));
  else if (self->has_collected)
    {
      self->has_collected = FALSE; /* before the look: what comes later sets it again */
      bipe_journal_collected_async (self->journal, BATCH, collected_cb, g_object_ref (self));
    }
  else
    bipe_store_ping_async (self->store, self->cancellable, pinged_cb, g_object_ref (self));
}

static void
run (BipeForwarder *self)
{
  if (self->is_running || self->is_resting || is_stopped (self))
    return;
  clear_pause (self);
  self->is_running = TRUE;
  self->last_start = bipe_clock_monotonic (self->clock);
  bipe_journal_claim_async (self->journal, BATCH, self->with_held, claimed_cb, g_object_ref (self));
}

static void
bipe_forwarder_dispose (GObject *object)
{
  BipeForwarder *self = BIPE_FORWARDER (object);

  clear_pause (self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->store);
  g_clear_object (&self->journal);
  G_OBJECT_CLASS (bipe_forwarder_parent_class)->dispose (object);
}

static void
bipe_forwarder_class_init (BipeForwarderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bipe_forwarder_dispose;

  signals[TRIED] = g_signal_new ("tried", BIPE_TYPE_FORWARDER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
bipe_forwarder_init (BipeForwarder *self)
{
  self->cancellable = g_cancellable_new ();
  self->backoff = (BipeBackoff){ .first_ms = RETRY_FIRST, .most_ms = RETRY_MOST };
}

BipeForwarder *
bipe_forwarder_new (BipeJournal *journal, BipeStore *store, gboolean with_held, BipeClock *clock)
{
  BipeForwarder *self = g_object_new (BIPE_TYPE_FORWARDER, NULL);

  self->journal = g_object_ref (journal);
  self->store = g_object_ref (store);
  self->with_held = with_held;
  self->clock = clock;
  self->has_collected = TRUE;
  run (self);
  return self;
}

void
bipe_forwarder_wake (BipeForwarder *self)
{
  if (self->is_running)
    self->is_woken = TRUE;
  else if (self->last_failure == 0 && !self->is_gathering)
    gather (self);
}

gboolean
bipe_forwarder_hurry (BipeForwarder *self)
{
  gint64 age = bipe_clock_monotonic (self->clock) - self->last_failure;

  if (is_stopped (self))
    return FALSE;
  if (!self->is_running && self->last_failure != 0 && age < FRESH * 1000)
    return FALSE;
  self->is_woken = self->is_running;
  run (self);
  return TRUE;
}

gboolean
bipe_forwarder_spares_held (BipeForwarder *self)
{
  if (self->with_held || self->last_failure == 0)
    return FALSE;
  bipe_forwarder_hurry (self);
  return TRUE;
}

void
bipe_forwarder_respect_held (BipeForwarder *self)
{
  self->with_held = FALSE;
}

void
bipe_forwarder_rest_async (BipeForwarder *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (!self->is_resting);

  self->is_resting = TRUE;
  self->rest = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->rest, bipe_forwarder_rest_async);
  if (!self->is_running)
    end_run (self);
}

gboolean
bipe_forwarder_rest_finish (BipeForwarder *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
bipe_forwarder_begin_anew (BipeForwarder *self)
{
  self->is_resting = FALSE;
  self->last_failure = 0;
  bipe_backoff_reset (&self->backoff);
  bipe_forwarder_hurry (self);
}

void
bipe_forwarder_wake_collected (BipeForwarder *self)
{
  self->has_collected = TRUE;
  bipe_forwarder_wake (self);
}

void
bipe_forwarder_stop (BipeForwarder *self)
{
  g_cancellable_cancel (self->cancellable);
  clear_pause (self);
}

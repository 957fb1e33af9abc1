#include "config.h"

#include "station/station.h"

#include "base/aim.h"
#include "base/clock.h"
#include "base/error.h"
#include "station/collector.h"
#include "station/forwarder.h"
#include "station/status-board.h"

/* Between two rounds of housekeeping. */
#define TICK_SECONDS 5

struct _BipeStation
{
  GObject parent_instance;

  const char *name; /* atomic, interned: drafts come in on any thread */
  int is_review;    /* atomic */
  BipeClock *clock;
  BipeUuidSource *uuids;
  BipeJournal *journal;
  BipeStore *store;
  BipeEvents *events;
  BipeRecords *records;
  GMainContext *engine;

  /* The engine's thread only. */
  BipeStatusBoard *board;
  BipeFigures figures;
  BipeForwarder *forwarder;
  BipeCollector *collector;
  BipeStoreTarget *target; /* on the way to it */
  GSource *tick;
  gboolean is_pruning;
  GTask *drain;
  GSource *drain_limit;
};

G_DEFINE_FINAL_TYPE (BipeStation, bipe_station, G_TYPE_OBJECT)

/* --- What the engine hears ---------------------------------------------------------------------
 */

static void
end_drain (BipeStation *self, gboolean is_empty)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->drain);

  if (task == NULL)
    return;
  g_source_destroy (self->drain_limit);
  g_clear_pointer (&self->drain_limit, g_source_unref);
  g_task_return_boolean (task, is_empty);
}

static void
committed_cb (BipeJournal *journal,
              GPtrArray *events,
              const BipeJournalCounts *counts,
              BipeStation *self)
{
  gboolean has_work = FALSE, has_collected = FALSE;

  for (guint i = 0; i < events->len; i++)
    {
      BipeEventKind kind = ((BipeEvent *)events->pdata[i])->kind;

      has_work |= kind == BIPE_EVENT_QUEUED || kind == BIPE_EVENT_RELEASED
                  || kind == BIPE_EVENT_RESTORED;
      has_collected |= kind == BIPE_EVENT_COLLECTED;
    }
  bipe_status_board_note_commit (self->board, events, counts);
  bipe_figures_note_commit (&self->figures, events, counts);
  bipe_events_publish (self->events, events);
  bipe_collector_note_commit (self->collector, events);
  if (has_collected)
    bipe_forwarder_wake_collected (self->forwarder);
  if (has_work)
    bipe_forwarder_wake (self->forwarder);
  if (!bipe_status_board_has_waiting (self->board))
    end_drain (self, TRUE);
}

static void
tried_cb (BipeForwarder *forwarder, const GError *error, BipeStation *self)
{
  bipe_status_board_note_store (self->board, error);
  if (error != NULL)
    {
      bipe_collector_note_failure (self->collector, error);
      end_drain (self, FALSE);
    }
}

static void
pruned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeStation) self = user_data;
  g_autoptr(GError) error = NULL;

  self->is_pruning = FALSE;
  if (!bipe_journal_done_finish (BIPE_JOURNAL (source), result, &error))
    g_warning ("Cannot tidy the journal: %s", error->message);
}

static gboolean
tick_cb (gpointer data)
{
  BipeStation *self = data;

  bipe_status_board_tick (self->board);
  if (!self->is_pruning)
    {
      self->is_pruning = TRUE;
      bipe_journal_prune_async (self->journal, pruned_cb, g_object_ref (self));
    }
  return G_SOURCE_CONTINUE;
}

typedef struct
{
  BipeStation *station;
  GError *error;
  guint n_scans;
} Refusal;

static void
refusal_free (gpointer data)
{
  Refusal *refusal = data;

  g_error_free (refusal->error);
  g_object_unref (refusal->station);
  g_free (refusal);
}

static gboolean
refused_cb (gpointer data)
{
  Refusal *refusal = data;

  refusal->station->figures.n_refused += refusal->n_scans;
  bipe_status_board_note_refusal (refusal->station->board, refusal->error);
  return G_SOURCE_REMOVE;
}

/* Scans could not be kept; any thread. */
static void
note_refusal (BipeStation *self, guint n_scans, const GError *error)
{
  Refusal *refusal = g_new (Refusal, 1);

  refusal->station = g_object_ref (self);
  refusal->error = g_error_copy (error);
  refusal->n_scans = n_scans;
  g_main_context_invoke_full (self->engine, G_PRIORITY_DEFAULT, refused_cb, refusal, refusal_free);
}

/* --- The way in --------------------------------------------------------------------------------
 */

const char *
bipe_station_get_name (BipeStation *self)
{
  g_return_val_if_fail (BIPE_IS_STATION (self), NULL);

  return g_atomic_pointer_get (&self->name);
}

static gboolean
check_key (const char *key, GError **error)
{
  if (key == NULL)
    return TRUE;
  if (key[0] != '\0' && g_utf8_validate (key, -1, NULL)
      && g_utf8_strlen (key, -1) <= BIPE_SCAN_KEY_MAX)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "key must have 1 to %d characters of UTF-8",
               BIPE_SCAN_KEY_MAX);
  return FALSE;
}

/* What the station accepts of @draft, or NULL with BIPE_ERROR_INVALID. */
static BipeScan *
complete_draft (BipeStation *self, const BipeScan *draft, GError **error)
{
  gboolean is_refused = draft->state == BIPE_SCAN_REJECTED;
  BipeScan fields = { .code = draft->code,
                      .key = draft->key,
                      .aim = draft->aim,
                      .symbology = draft->symbology,
                      .device = draft->device,
                      .operator= draft->operator,
                      .source = draft->source,
                      .state = is_refused ? BIPE_SCAN_REJECTED : BIPE_SCAN_QUEUED,
                      .reason = is_refused ? draft->reason : NULL,
                      .scanned_at = draft->scanned_at,
                      .station = bipe_station_get_name (self) };
  char aim[4];

  if (fields.aim == NULL && fields.symbology == NULL && !is_refused
      && bipe_aim_parse (draft->code, aim, &fields.code, &fields.symbology))
    fields.aim = aim;
  if (!bipe_scan_check_code (fields.code, error) || !check_key (fields.key, error))
    return NULL;
  if (fields.scanned_at == 0)
    fields.scanned_at = bipe_clock_real (self->clock);
  fields.uuid = bipe_uuid_source_next (self->uuids);
  return bipe_scan_new (&fields);
}

static void
appended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  BipeAppend *append = bipe_journal_append_finish (BIPE_JOURNAL (source), result, &error);

  if (append != NULL)
    {
      g_task_return_pointer (task, append, (GDestroyNotify)bipe_append_free);
      return;
    }
  if (g_error_matches (error, BIPE_ERROR, BIPE_ERROR_FULL))
    note_refusal (g_task_get_source_object (task), GPOINTER_TO_UINT (g_task_get_task_data (task)),
                  error);
  g_task_return_error (task, error);
}

void
bipe_station_accept_async (BipeStation *self,
                           GPtrArray *drafts,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr(GPtrArray) scans = bipe_scan_array_new ();

  g_return_if_fail (drafts->len > 0 && drafts->len <= BIPE_STATION_ACCEPT_MAX);
  g_task_set_source_tag (task, bipe_station_accept_async);
  g_task_set_task_data (task, GUINT_TO_POINTER (drafts->len), NULL);

  for (guint i = 0; i < drafts->len; i++)
    {
      GError *error = NULL;
      BipeScan *scan = complete_draft (self, drafts->pdata[i], &error);

      if (scan == NULL)
        {
          if (drafts->len > 1)
            g_prefix_error (&error, "scan %u: ", i + 1);
          g_task_return_error (task, error);
          return;
        }
      g_ptr_array_add (scans, scan);
    }
  bipe_journal_append_async (self->journal, scans, g_atomic_int_get (&self->is_review), appended_cb,
                             g_steal_pointer (&task));
}

BipeAppend *
bipe_station_accept_finish (BipeStation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Collecting and draining -------------------------------------------------------------------
 */

static gboolean
collect_cb (gpointer data)
{
  GTask *task = data;
  BipeStation *self = g_task_get_source_object (task);

  bipe_collector_collect (self->collector, g_object_ref (task));
  return G_SOURCE_REMOVE;
}

void
bipe_station_collect_async (BipeStation *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bipe_station_collect_async);
  g_task_set_check_cancellable (task,
                                FALSE); /* a scan that was handed out is not lost on the way */
  g_main_context_invoke_full (self->engine, G_PRIORITY_DEFAULT, collect_cb, task, g_object_unref);
}

BipeScan *
bipe_station_collect_finish (BipeStation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
drain_over_cb (gpointer data)
{
  end_drain (data, FALSE);
  return G_SOURCE_REMOVE;
}

void
bipe_station_drain_async (BipeStation *self,
                          guint timeout_ms,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (self->drain == NULL);
  self->drain = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->drain, bipe_station_drain_async);
  self->drain_limit = g_timeout_source_new (timeout_ms);
  g_source_set_callback (self->drain_limit, drain_over_cb, self, NULL);
  g_source_attach (self->drain_limit, self->engine);

  if (!bipe_status_board_has_waiting (self->board))
    end_drain (self, TRUE);
  else if (!bipe_forwarder_hurry (self->forwarder))
    end_drain (self, FALSE);
}

gboolean
bipe_station_drain_finish (BipeStation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Changes while it runs ---------------------------------------------------------------------
 */

void
bipe_station_set_name (BipeStation *self, const char *name)
{
  if (g_str_equal (name, self->name))
    return;
  g_atomic_pointer_set (&self->name, g_intern_string (name));
  bipe_status_board_set_station (self->board, name);
}

void
bipe_station_set_review (BipeStation *self, gboolean is_review)
{
  if (is_review == self->is_review)
    return;
  if (is_review)
    bipe_forwarder_respect_held (self->forwarder);
  bipe_status_board_set_review (self->board, is_review);
  g_atomic_int_set (&self->is_review, is_review);
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  BipeStation *self = g_task_get_source_object (task);
  GError *error = NULL;

  bipe_store_move_finish (BIPE_STORE (source), result, &error);
  bipe_status_board_note_move (self->board, bipe_store_get_name (self->store));
  bipe_forwarder_begin_anew (self->forwarder);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* What was stored is announced with the numbers of the store that was, before that is another. */
static void
rested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  BipeStation *self = g_task_get_source_object (task);

  bipe_forwarder_rest_finish (BIPE_FORWARDER (source), result, NULL);
  bipe_store_move_async (self->store, g_steal_pointer (&self->target), moved_cb,
                         g_steal_pointer (&task));
}

void
bipe_station_move_async (BipeStation *self,
                         BipeStoreTarget *target,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bipe_station_move_async);
  self->target = target;
  bipe_forwarder_rest_async (self->forwarder, rested_cb, task);
}

gboolean
bipe_station_move_finish (BipeStation *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- The object --------------------------------------------------------------------------------
 */

BipeRecords *
bipe_station_get_records (BipeStation *self)
{
  return self->records;
}

BipeEvents *
bipe_station_get_events (BipeStation *self)
{
  return self->events;
}

const BipeFigures *
bipe_station_get_figures (BipeStation *self)
{
  return &self->figures;
}

BipeStatus *
bipe_station_dup_status (BipeStation *self)
{
  return bipe_status_board_dup (self->board);
}

void
bipe_station_stop (BipeStation *self)
{
  g_autoptr(GError) stopped = g_error_new (BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                                            "the station stops; the scan stays in the queue");

  end_drain (self, FALSE);
  if (self->tick != NULL)
    g_source_destroy (self->tick);
  g_clear_pointer (&self->tick, g_source_unref);
  bipe_forwarder_stop (self->forwarder);
  bipe_collector_note_failure (self->collector, stopped);
}

static void
bipe_station_dispose (GObject *object)
{
  BipeStation *self = BIPE_STATION (object);

  if (self->forwarder != NULL)
    bipe_station_stop (self);
  g_clear_pointer (&self->target, bipe_store_target_free);
  g_clear_object (&self->collector);
  g_clear_object (&self->forwarder);
  g_clear_object (&self->board);
  g_clear_object (&self->records);
  g_clear_object (&self->events);
  g_clear_object (&self->store);
  g_clear_object (&self->journal);
  G_OBJECT_CLASS (bipe_station_parent_class)->dispose (object);
}

static void
bipe_station_finalize (GObject *object)
{
  BipeStation *self = BIPE_STATION (object);

  g_clear_pointer (&self->engine, g_main_context_unref);
  g_clear_pointer (&self->uuids, bipe_uuid_source_free);
  G_OBJECT_CLASS (bipe_station_parent_class)->finalize (object);
}

static void
bipe_station_class_init (BipeStationClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bipe_station_dispose;
  G_OBJECT_CLASS (klass)->finalize = bipe_station_finalize;
}

static void
bipe_station_init (BipeStation *self)
{
  self->engine = g_main_context_ref_thread_default ();
}

BipeStation *
bipe_station_new (const char *name,
                  gboolean is_review,
                  BipeJournal *journal,
                  BipeStore *store,
                  BipeEvents *events,
                  BipeClock *clock)
{
  BipeStation *self = g_object_new (BIPE_TYPE_STATION, NULL);
  BipeUuid last;

  self->name = g_intern_string (name);
  self->is_review = is_review;
  self->clock = clock;
  self->journal = g_object_ref (journal);
  self->store = g_object_ref (store);
  self->events = g_object_ref (events);
  self->uuids = bipe_uuid_source_new (clock);
  if (bipe_journal_get_last_uuid (journal, &last))
    bipe_uuid_source_raise (self->uuids, &last);

  self->records = bipe_records_new (journal, store, clock);
  self->board = bipe_status_board_new (name, bipe_store_get_name (store), is_review, journal,
                                       events, clock);
  self->forwarder = bipe_forwarder_new (journal, store, !is_review, clock);
  self->collector = bipe_collector_new (journal, self->forwarder, clock);
  g_signal_connect_object (journal, "committed", G_CALLBACK (committed_cb), self, 0);
  g_signal_connect_object (self->forwarder, "tried", G_CALLBACK (tried_cb), self, 0);

  self->tick = g_timeout_source_new_seconds (TICK_SECONDS);
  g_source_set_callback (self->tick, tick_cb, self, NULL);
  g_source_attach (self->tick, self->engine);
  return self;
}

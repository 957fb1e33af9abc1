#include "config.h"

#include "journal/ledger.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/error.h"
#include "journal/pruner.h"
#include "journal/replay.h"
#include "journal/row.h"
#include "journal/tables.h"

#define DAY (24 * G_TIME_SPAN_HOUR)

typedef struct
{
  gint64 seq; /* the last one given */
  BipeJournalCounts counts;
} Tally;

struct _BipeLedger
{
  BipeTables *tables;
  BipePruner *pruner;
  BipeReplay *replay;
  BipeClock *clock;
  BipeJournalLimits limits;

  Tally now;
  Tally durable;     /* as of the last commit */
  GPtrArray *events; /* of BipeEvent, since the begin */
  GHashTable *taken; /* of BipeUuid: handed out, not yet collected */
  GPtrArray *picked; /* of BipeUuid, in taken: since the begin */
};

static gpointer
not_found (const BipeUuid *uuid, GError **error)
{
  char text[BIPE_UUID_STRING_SIZE];

  bipe_uuid_format (uuid, text);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND, "the journal has no scan with the uuid %s",
               text);
  return NULL;
}

static void
count (BipeLedger *self, BipePlace place, gint64 delta)
{
  BipeJournalCounts *counts = &self->now.counts;

  counts->n_queued += place == BIPE_PLACE_FREE || place == BIPE_PLACE_HELD ? delta : 0;
  counts->n_held += place == BIPE_PLACE_HELD ? delta : 0;
  counts->n_rejected += place == BIPE_PLACE_REJECTED ? delta : 0;
}

static gboolean
insert_row (BipeLedger *self, const BipeRow *row, gint64 at, GError **error)
{
  if (!bipe_tables_insert (self->tables, row, at, error))
    return FALSE;
  count (self, row->place, 1);
  return TRUE;
}

static gboolean
insert_event (BipeLedger *self, const BipeChange *change, const BipeRow *row, GError **error)
{
  gint64 seq = ++self->now.seq;

  if (!bipe_tables_insert_event (self->tables, seq, change, row, error))
    return FALSE;
  g_ptr_array_add (self->events, bipe_event_new (seq, change->at, change->kind, row->scan));
  return TRUE;
}

/* A scan that the journal has let go: the store has changed it, here it only carries the event. */
static BipeScan *
adopt (BipeLedger *self, const BipeChange *change, GError **error)
{
  g_auto(BipeRow) row
      = { .seq = ++self->now.seq, .place = BIPE_PLACE_NONE, .scan = bipe_scan_ref (change->scan) };

  if (!insert_row (self, &row, change->at, error) || !insert_event (self, change, &row, error))
    return NULL;
  return g_steal_pointer (&row.scan);
}

static BipePlace
place_after (const BipeScan *after, BipeEventKind kind, BipePlace before)
{
  if (after->state == BIPE_SCAN_REJECTED)
    return BIPE_PLACE_REJECTED;
  if (after->state == BIPE_SCAN_VOIDED && after->id == 0)
    return BIPE_PLACE_REMOVED;
  if (after->state != BIPE_SCAN_QUEUED)
    return BIPE_PLACE_NONE;
  if (kind == BIPE_EVENT_RESTORED)
    return BIPE_PLACE_HELD;
  return kind == BIPE_EVENT_RELEASED ? BIPE_PLACE_FREE : before;
}

static int
collecting_after (const BipeScan *after, BipeEventKind kind, const BipeRow *before)
{
  if (after->collected_at != 0)
    return kind == BIPE_EVENT_COLLECTED ? BIPE_COLLECTING_UNTOLD : before->collecting;
  if (after->state != BIPE_SCAN_QUEUED && after->state != BIPE_SCAN_STORED)
    return 0;
  return before->accepted_at != 0 ? BIPE_COLLECTING_WAITS : 0;
}

static BipeScan *
change_row (BipeLedger *self, const BipeChange *change, const BipeRow *before, GError **error)
{
  g_auto(BipeRow) after = { .seq = before->seq, .accepted_at = before->accepted_at };

  after.scan = bipe_change_apply (change, before->scan, before->place == BIPE_PLACE_HELD, error);
  if (after.scan == NULL)
    return NULL;
  after.place = place_after (after.scan, change->kind, before->place);
  after.collecting = collecting_after (after.scan, change->kind, before);
  if (!bipe_tables_update (self->tables, before, &after, change->at, error)
      || !insert_event (self, change, &after, error))
    return NULL;
  count (self, before->place, -1);
  count (self, after.place, 1);
  return g_steal_pointer (&after.scan);
}

/* The scan that came with this key: as it is now, or as it was if the journal has let it go. */
static BipeScan *
recall (BipeLedger *self, const BipeScan *scan, gboolean *is_known, GError **error)
{
  g_autoptr(BipeScan) first = NULL;
  g_auto(BipeRow) row = { 0 };
  int has_row = bipe_tables_find_key (self->tables, scan->key, &first, error);

  *is_known = has_row != 0;
  if (has_row <= 0)
    return NULL;
  if (!g_str_equal (first->code, scan->code))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT,
                   "the key \"%s\" was used before, for another code", scan->key);
      return NULL;
    }
  has_row = bipe_tables_find (self->tables, &first->uuid, &row, error);
  if (has_row < 0)
    return NULL;
  return has_row > 0 ? g_steal_pointer (&row.scan) : g_steal_pointer (&first);
}

static gboolean
check_room (BipeLedger *self, GError **error)
{
  const BipeJournalCounts *counts = &self->now.counts;

  if (counts->n_queued + counts->n_rejected < self->limits.queue_limit)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_FULL, "%s: %s: %" G_GINT64_FORMAT,
               N_ ("cannot keep the scan"),
               N_ ("the queue is full; bring the database back, release what is held, or raise "
                   "queue-limit"),
               counts->n_queued + counts->n_rejected);
  return FALSE;
}

/* Returns the new scan, or the known one. */
static BipeScan *
append_one (BipeLedger *self,
            const BipeScan *scan,
            gboolean is_held,
            gboolean *is_known,
            GError **error)
{
  gboolean is_rejected = scan->state == BIPE_SCAN_REJECTED;
  BipeRow row = { .scan = (BipeScan *)scan };

  *is_known = FALSE;
  if (scan->key != NULL)
    {
      BipeScan *known = recall (self, scan, is_known, error);

      if (*is_known)
        return known;
    }
  if (!check_room (self, error))
    return NULL;

  row.seq = ++self->now.seq;
  row.accepted_at = bipe_clock_real (self->clock);
  row.place = is_rejected ? BIPE_PLACE_REJECTED : is_held ? BIPE_PLACE_HELD : BIPE_PLACE_FREE;
  row.collecting = is_rejected ? 0 : BIPE_COLLECTING_WAITS;
  if (!insert_row (self, &row, row.accepted_at, error)
      || (scan->key != NULL && !bipe_tables_insert_key (self->tables, &row, error)))
    return NULL;
  g_ptr_array_add (self->events,
                   bipe_event_new (row.seq, row.accepted_at, BIPE_EVENT_QUEUED, scan));
  return bipe_scan_ref (scan);
}

/* What is kept in memory: the newest number, and what waits. */
static gboolean
load_tally (BipeLedger *self, GError **error)
{
  gint64 n_scans[BIPE_PLACE_NONE] = { 0 };

  if (!bipe_tables_load_newest (self->tables, &self->now.seq, error)
      || !bipe_tables_load_places (self->tables, n_scans, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (n_scans); i++)
    count (self, i, n_scans[i]);
  self->durable = self->now;
  return TRUE;
}

BipeLedger *
bipe_ledger_open (const char *path,
                  const BipeJournalLimits *limits,
                  BipeClock *clock,
                  GError **error)
{
  g_autoptr(BipeTables) tables = bipe_tables_open (path, error);
  g_autoptr(BipeLedger) self = NULL;

  if (tables == NULL)
    return NULL;
  self = g_new0 (BipeLedger, 1);
  self->tables = g_steal_pointer (&tables);
  self->clock = clock;
  self->limits = *limits;
  self->events = bipe_event_array_new ();
  self->taken = g_hash_table_new_full (bipe_uuid_hash, bipe_uuid_equal, g_free, NULL);
  self->picked = g_ptr_array_new_with_free_func (g_free);
  self->pruner = bipe_pruner_new (bipe_tables_get_database (self->tables), limits);
  self->replay = bipe_replay_new (bipe_tables_get_database (self->tables));
  return load_tally (self, error) ? g_steal_pointer (&self) : NULL;
}

void
bipe_ledger_free (BipeLedger *self)
{
  bipe_replay_free (self->replay);
  bipe_pruner_free (self->pruner);
  bipe_tables_free (self->tables);
  g_ptr_array_unref (self->picked);
  g_hash_table_unref (self->taken);
  g_ptr_array_unref (self->events);
  g_free (self);
}

BipeJournalCounts
bipe_ledger_get_counts (BipeLedger *self)
{
  return self->durable.counts;
}

gboolean
bipe_ledger_get_last_uuid (BipeLedger *self, BipeUuid *uuid)
{
  return bipe_tables_get_last_uuid (self->tables, uuid);
}

gboolean
bipe_ledger_begin (BipeLedger *self, GError **error)
{
  return bipe_tables_begin (self->tables, error);
}

gboolean
bipe_ledger_is_lost (BipeLedger *self)
{
  return bipe_tables_is_lost (self->tables);
}

/* A scan that has been collected, or never will be, is held by nobody. */
static void
forget_taken (BipeLedger *self)
{
  for (guint i = 0; i < self->events->len; i++)
    {
      const BipeEvent *event = self->events->pdata[i];

      if (event->kind == BIPE_EVENT_COLLECTED || event->kind == BIPE_EVENT_REJECTED
          || event->kind == BIPE_EVENT_REMOVED || event->kind == BIPE_EVENT_VOIDED)
        g_hash_table_remove (self->taken, &event->scan->uuid);
    }
}

static void
forget_changes (BipeLedger *self)
{
  self->now = self->durable;
  g_ptr_array_set_size (self->events, 0);
  for (guint i = 0; i < self->picked->len; i++)
    g_hash_table_remove (self->taken, self->picked->pdata[i]);
  g_ptr_array_set_size (self->picked, 0);
}

GPtrArray *
bipe_ledger_commit (BipeLedger *self, GError **error)
{
  GPtrArray *events;

  if (!bipe_tables_commit (self->tables, error))
    {
      forget_changes (self);
      return NULL;
    }

  self->durable = self->now;
  forget_taken (self);
  g_ptr_array_set_size (self->picked, 0);
  events = g_steal_pointer (&self->events);
  self->events = bipe_event_array_new ();
  return events;
}

BipeAppend *
bipe_ledger_append (BipeLedger *self, GPtrArray *scans, gboolean is_held, GError **error)
{
  g_autoptr(BipeAppend) append = g_new0 (BipeAppend, 1);
  gboolean is_array = scans->len > 1;
  Tally before = self->now;
  guint n_events = self->events->len;

  append->scans = bipe_scan_array_new ();
  if (is_array && !bipe_tables_save (self->tables, error))
    return NULL;
  for (guint i = 0; i < scans->len; i++)
    {
      gboolean is_known;
      BipeScan *scan = append_one (self, scans->pdata[i], is_held, &is_known, error);

      if (scan == NULL)
        {
          self->now = before;
          g_ptr_array_set_size (self->events, (int)n_events);
          if (is_array)
            bipe_tables_undo (self->tables);
          return NULL;
        }
      g_ptr_array_add (append->scans, scan);
      append->n_new += is_known ? 0 : 1;
    }
  if (is_array && !bipe_tables_release (self->tables, error))
    return NULL;
  return g_steal_pointer (&append);
}

BipeScan *
bipe_ledger_change (BipeLedger *self, const BipeChange *change, GError **error)
{
  g_auto(BipeRow) row = { 0 };
  int has_row = bipe_tables_find (self->tables, &change->uuid, &row, error);
  gboolean is_store_s = change->kind == BIPE_EVENT_VOIDED || change->kind == BIPE_EVENT_RESTORED;

  if (has_row < 0)
    return NULL;
  if (has_row > 0)
    return change_row (self, change, &row, error);
  if (change->scan != NULL && is_store_s)
    return adopt (self, change, error);
  return not_found (&change->uuid, error);
}

BipeScan *
bipe_ledger_find (BipeLedger *self, const BipeUuid *uuid, GError **error)
{
  BipeRow row = { 0 };
  int has_row = bipe_tables_find (self->tables, uuid, &row, error);

  return has_row == 0 ? not_found (uuid, error) : row.scan;
}

GPtrArray *
bipe_ledger_list (BipeLedger *self,
                  guint places,
                  const BipeUuid *after,
                  guint limit,
                  GError **error)
{
  return bipe_tables_list (self->tables, places, after, limit, error);
}

BipeEventPage *
bipe_ledger_list_events (BipeLedger *self, gint64 after, guint limit, GError **error)
{
  return bipe_replay_read (self->replay, after, self->durable.seq, limit, error);
}

BipeScan *
bipe_ledger_take (BipeLedger *self, GError **error)
{
  g_auto(BipeRow) row = { 0 };
  BipeChange collected = { .kind = BIPE_EVENT_COLLECTED, .at = bipe_clock_real (self->clock) };
  gint64 since = collected.at - self->limits.collect_days * DAY;

  /* Those that somebody holds are few, and the first ones. */
  if (bipe_tables_find_waiting (self->tables, since, self->taken, &row, error) <= 0)
    return NULL;
  if (row.scan->state == BIPE_SCAN_STORED)
    return change_row (self, &collected, &row, error);
  g_hash_table_add (self->taken, g_memdup2 (&row.scan->uuid, sizeof (BipeUuid)));
  g_ptr_array_add (self->picked, g_memdup2 (&row.scan->uuid, sizeof (BipeUuid)));
  return g_steal_pointer (&row.scan);
}

void
bipe_ledger_give_back (BipeLedger *self, const BipeUuid *uuid)
{
  g_hash_table_remove (self->taken, uuid);
}

GPtrArray *
bipe_ledger_collected (BipeLedger *self, guint limit, GError **error)
{
  return bipe_tables_collected (self->tables, limit, error);
}

gboolean
bipe_ledger_forget_collected (BipeLedger *self, GPtrArray *scans, GError **error)
{
  return bipe_tables_forget_collected (self->tables, scans, error);
}

gint64
bipe_ledger_count_since (BipeLedger *self, gint64 since, GError **error)
{
  return bipe_tables_count_since (self->tables, since, error);
}

gboolean
bipe_ledger_prune (BipeLedger *self, gint64 *cursor, gboolean *is_done, GError **error)
{
  GError *cause = NULL;

  bipe_tables_forget_fresh (self->tables);
  if (bipe_pruner_step (self->pruner, bipe_clock_real (self->clock), cursor, is_done, &cause))
    return TRUE;
  bipe_tables_set_lost (self->tables, cause);
  g_propagate_error (error, cause);
  return FALSE;
}
